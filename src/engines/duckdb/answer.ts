import type { Column, Result, Row, Totals, Value } from '../../result.js';
import type { Query } from '../../sql/query.js';
import { quotedName, quotedText } from '../../sql/sql.js';
import type { Database } from './database.js';

/** The table an answer is kept in while it is read: its row order is the answer's. */
export const ANSWER = 'temp.answer';

/** Rows asked for at a time: enough that the asking does not show, few enough to stay small in memory. */
const PAGE = 20_480;

/** An answer that has been computed and stands in the table, asides after its rows. */
export async function readAnswer(database: Database, query: Query): Promise<Result> {
  const { columns } = query;
  const totals = await countAnswer(database, query);
  const pages = async function* <T>(limit: number | undefined, read: (where: string) => Promise<T>) {
    const end = Math.min(totals.rows, limit ?? Number.POSITIVE_INFINITY);
    for (let from = 0; from < end; from += PAGE) {
      yield await read(`rowid >= ${from} AND rowid < ${Math.min(from + PAGE, end)}`);
    }
  };
  return {
    columns,
    rows: (limit) =>
      pages(limit, async (where) => {
        const names = columns.map(({ name }) => quotedName(name)).join(', ');
        const page = await database.query(`SELECT ${names} FROM ${ANSWER} WHERE ${where} ORDER BY rowid`);
        return page.map((row) => row.map((value) => plain(value as Value)) satisfies Row);
      }),
    totals: async () => totals,
    csv: (limit) => csvPages(database, columns, (read) => pages(limit, read)),
  };
}

async function* csvPages(
  database: Database,
  columns: readonly Column[],
  pages: (read: (where: string) => Promise<string>) => AsyncIterable<string>,
): AsyncGenerator<string> {
  // A page is less than a row group, which one thread reads from its start to its end: the aggregate keeps the order.
  const line = `concat_ws(',', ${columns.map(csvField).join(', ')})`;
  yield* pages(async (where) => {
    const page = await database.query(`SELECT string_agg(${line}, chr(10)) FROM ${ANSWER} WHERE ${where}`);
    return `${page[0]![0] as string}\n`;
  });
}

/** A column's field of a CSV record, as the CSV renderer writes it. */
function csvField(column: Column): string {
  const value = quotedName(column.name);
  if (column.type === 'time') return `coalesce(replace(left(${value}, 19), 'T', ' '), '')`;
  if (column.type !== 'text') return `coalesce(CAST(${value} AS VARCHAR), '')`;
  const special = [',', '"', '\n', '\r'].map((c) => `contains(${value}, ${quotedText(c)})`).join(' OR ');
  const escaped = `'"' || replace(${value}, '"', '""') || '"'`;
  return `CASE WHEN ${value} IS NULL THEN '' WHEN ${value} = '' OR ${special} THEN ${escaped} ELSE ${value} END`;
}

async function countAnswer(database: Database, query: Query): Promise<Totals> {
  const aside = query.asides ? 'aside' : 'CAST(NULL AS VARCHAR)';
  const records = query.weight === undefined ? 'count(*)' : `sum(${quotedName(query.weight)})`;
  const bytes = query.columns.find(({ type }) => type === 'bytes');
  const sum = bytes ? `sum(${quotedName(bytes.name)})` : 'NULL';
  const counted = await database.query(
    `SELECT ${aside} AS aside, count(*), ${records}, ${sum} FROM ${ANSWER} GROUP BY ALL`,
  );
  let rows = 0;
  let total = 0n;
  const asides = new Map<string, number>();
  for (const [reason, count, recordCount, byteCount] of counted) {
    if (reason === null) {
      rows = Number(count);
      total = BigInt((byteCount as bigint | null) ?? 0);
    } else {
      asides.set(String(reason), Number(recordCount));
    }
  }
  return { rows, bytes: bytes ? total : undefined, asides };
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

function plain(value: Value): Value {
  return typeof value === 'bigint' && value <= SAFE && value >= -SAFE ? Number(value) : value;
}
