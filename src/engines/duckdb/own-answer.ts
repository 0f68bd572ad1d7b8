import type { DuckDBValue } from '@duckdb/node-api';
import type { Connection } from '../../duckdb/connection.js';
import { FlowlogError, UsageError } from '../../errors.js';
import type { Column, Result } from '../../result.js';
import type { OwnColumn, OwnStatement } from '../../sql/query.js';
import { quotedName } from '../../sql/sql.js';
import { readAnswer, type StoredAnswer } from './answer.js';

/** Runs a statement of the user's own, and keeps what it yields, if it yields anything. */
export async function ownAnswer(
  answer: StoredAnswer & { readonly connection: Connection },
  { text, parameters, column, writes = false }: OwnStatement,
): Promise<Result> {
  const { connection, table } = answer;
  const values = [...parameters] as DuckDBValue[];
  await check(connection, text, values, writes);
  if (!/^\s*(?:\(\s*)*(?:SELECT|WITH|VALUES|TABLE|FROM)\b/i.test(text.replace(LEADING_COMMENTS, ''))) {
    return statementRows(connection, text, values, column);
  }
  // As the statement gave it, before values that have no type of ours are made text.
  const raw = `${table}_raw`;
  await connection.query(`CREATE TABLE ${raw} AS ${text}`, values);
  const described = (await connection.query(`DESCRIBE ${raw}`)) as string[][];
  const columns = described.map(([name = '', type = '']) => column(name, kindOf(type)));
  const cast = columns.map((each, i) => value(each, described[i]![1]!));
  await connection.query(`CREATE TABLE ${table} AS SELECT ${cast.join(', ')} FROM ${raw}`);
  await connection.query(`DROP TABLE ${raw}`);
  const { csv, ...result } = await readAnswer(answer, { columns, asides: false });
  // What JavaScript makes of a number is what Athena's numbers become too.
  return csv && columns.every(({ type }) => type !== 'number') ? { ...result, csv } : result;
}

/** Functions that a SELECT can call and that change what DuckDB does. */
const ACTING = new Set([
  ...['ENABLE_LOGGING', 'DISABLE_LOGGING', 'TRUNCATE_DUCKDB_LOGS', 'CHECKPOINT', 'FORCE_CHECKPOINT'],
  ...['ENABLE_CHECKPOINT_ON_SHUTDOWN', 'DISABLE_CHECKPOINT_ON_SHUTDOWN', 'COPY_DATABASE'],
]);

/**
 * By DuckDB's own reading of the text: it knows best where its comments and quotes end.
 *
 * @throws UsageError for several statements, and for one that does more than read, unless the user lets it
 */
async function check(
  connection: Connection,
  text: string,
  values: DuckDBValue[],
  writes: boolean,
): Promise<void> {
  const { count, kind } = await connection.kindOf(text);
  if (count !== 1) throw new UsageError(`There are ${count} statements.`, 'Ask one at a time.');
  if (writes) return;
  const hint = 'Add --allow-write to run it anyway.';
  // EXPLAIN ANALYZE runs what it explains.
  const explains = kind === 'EXPLAIN' && !/analy[sz]e/i.test(text);
  if (kind !== 'SELECT' && !explains) {
    throw new UsageError(`Only SELECT statements run by default; got ${kind}.`, hint);
  }
  if (explains) return;
  const acting = (await connection.functions(text, values)).find((name) => ACTING.has(name));
  if (acting)
    throw new UsageError(`Only SELECT statements that read run by default; this calls ${acting}.`, hint);
}

const LEADING_COMMENTS = /^(?:\s*(?:--[^\n\r]*[\n\r]|\/\*[\s\S]*?\*\/))*/;

/** Of a statement that is no query: EXPLAIN, DESCRIBE, COPY, … */
async function statementRows(
  connection: Connection,
  text: string,
  values: DuckDBValue[],
  column: OwnColumn,
): Promise<Result> {
  const { names, rows } = await connection.statement(text, values);
  const columns = names.map((name) => column(name, 'text'));
  return {
    columns,
    async *rows(limit) {
      if (rows.length > 0)
        yield rows.slice(0, limit).map((row) => row.map((each) => (each === null ? null : String(each))));
    },
    totals: async () => ({ rows: rows.length, cut: false, bytes: undefined, asides: new Map() }),
  };
}

function kindOf(type: string): 'text' | 'integer' | 'number' {
  if (/^U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?$/.test(type)) return 'integer';
  return type === 'DOUBLE' || type === 'FLOAT' ? 'number' : 'text';
}

function value({ name, type }: Column, stored: string): string {
  const quoted = quotedName(name);
  return type !== 'text' || stored === 'VARCHAR' ? quoted : `CAST(${quoted} AS VARCHAR) AS ${quoted}`;
}

/** DuckDB's errors about a statement, which the user can fix. */
export function refusedStatement(error: unknown): unknown {
  const message = error instanceof Error ? error.message : '';
  const known =
    /(Parser|Binder|Catalog|Conversion|Invalid Input|Out of Range|Constraint|Permission|Not implemented) Error: ([^\n]+)/.exec(
      message,
    );
  if (!known) return error;
  if (known[1] === 'Permission') {
    return new UsageError(
      `The statement may read the logs only: ${known[2]!.replace(/ - file system operations.*/, '')}.`,
      'Name the logs as {{logs}}; --allow-write lets a statement use other files.',
    );
  }
  return new FlowlogError(
    `SQL error: ${known[2]}`,
    "It is SQL as DuckDB speaks it; 'flowlog query --sql' shows it as it is run, 'flowlog fields' the columns of {{logs}}.",
    1,
    { cause: error },
  );
}
