import { readFile, rm } from 'node:fs/promises';
import type { DuckDBValue } from '@duckdb/node-api';
import type { Database } from '../../duckdb/database.js';
import type { Column, Result, Row, Totals, Value } from '../../result.js';
import { isoText, plainTimeText } from '../../sql/duckdb.js';
import type { Query } from '../../sql/query.js';
import { quotedName, quotedText } from '../../sql/sql.js';

/** An answer that has been computed: it stands in a table whose row order is its own, asides after its rows. */
export interface StoredAnswer {
  readonly database: Database;
  readonly table: string;
  /** Gives a path for what DuckDB writes for us to pass on. */
  readonly newFile: () => string;
}

/** Rows asked for at a time: enough that the asking does not show, few enough to stay small in memory. */
const PAGE = 20_480;
/** Rows written at a time by the engine itself: as many of its row groups as there are pages under way. */
const COPIED = 245_760;

/** Pages asked for at a time, so that the engine works while the last one is written; and a short answer is shared by two. */
const AHEAD = 2;

export async function readAnswer(
  answer: StoredAnswer,
  query: Pick<Query, 'columns' | 'asides' | 'weight'>,
): Promise<Result> {
  const { database, table, newFile } = answer;
  const { columns } = query;
  const totals = await countAnswer(answer, query);
  // DuckDB keeps the order of a table's rows.
  const pages = <T>(
    limit: number | undefined,
    size: number,
    read: (where: string, query: (sql: string) => Promise<DuckDBValue[][]>) => Promise<T>,
  ) => {
    const end = Math.min(totals.rows, limit ?? Number.POSITIVE_INFINITY);
    return inTurn(Math.ceil(end / size), (number) => {
      const from = number * size;
      const where = `FROM ${table} WHERE rowid >= ${from} AND rowid < ${Math.min(from + size, end)}`;
      return read(where, (sql) => database.queryBeside(number % AHEAD, sql));
    });
  };
  const values = columns.map(columnValue).join(', ');
  const fields = columns.map(csvField).join(', ');
  return {
    columns,
    rows: (limit) =>
      pages(limit, PAGE, async (where, query) => {
        const rows = await query(`SELECT ${values} ${where}`);
        return rows.map((row) => row.map((value) => plain(value as Value)) satisfies Row);
      }),
    totals: async () => totals,
    csv: (limit) =>
      pages(limit, copied(Math.min(totals.rows, limit ?? totals.rows)), async (where, query) => {
        const path = newFile();
        await query(`COPY (SELECT ${fields} ${where}) TO ${quotedText(path)} (FORMAT csv, HEADER false)`);
        const text = await readFile(path);
        await rm(path);
        return text;
      }),
  };
}

const copied = (rows: number) => Math.min(Math.max(Math.ceil(rows / AHEAD), PAGE), COPIED);

/** What the results are, in order, while the next ones are under way. */
async function* inTurn<T>(count: number, work: (number: number) => Promise<T>): AsyncGenerator<T> {
  const underway: Promise<T>[] = [];
  for (let number = 0; number < count || underway.length > 0; ) {
    while (number < count && underway.length < AHEAD) {
      const begun = work(number++);
      // Who stops reading does not hear of what was under way.
      begun.catch(() => {});
      underway.push(begun);
    }
    yield await underway.shift()!;
  }
}

/** A column's value as the result has it. */
function columnValue({ name, type, zone }: Column): string {
  const value = quotedName(name);
  return type === 'time' ? isoText(value, zone!) : value;
}

/** What DuckDB writes as the field of a CSV record that the CSV renderer writes. */
function csvField({ name, type, zone }: Column): string {
  const value = quotedName(name);
  if (type === 'time') return plainTimeText(value, zone!);
  return type === 'percent' ? `printf('%.2f', ${value} / 100.0)` : value;
}

async function countAnswer(
  { database, table }: StoredAnswer,
  query: Pick<Query, 'columns' | 'asides' | 'weight'>,
): Promise<Totals> {
  const aside = query.asides ? 'aside' : 'CAST(NULL AS VARCHAR)';
  const records = query.weight === undefined ? 'count(*)' : `sum(${quotedName(query.weight)})`;
  const bytes = query.columns.filter(({ type }) => type === 'bytes');
  const sum = bytes.map(({ name }) => `coalesce(sum(${quotedName(name)}), 0)`).join(' + ') || 'NULL';
  const counted = await database.query(
    `SELECT ${aside} AS aside, count(*), ${records}, ${sum} FROM ${table} GROUP BY ALL`,
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
  return { rows, cut: false, bytes: bytes.length > 0 ? total : undefined, asides };
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

function plain(value: Value): Value {
  return typeof value === 'bigint' && value <= SAFE && value >= -SAFE ? Number(value) : value;
}
