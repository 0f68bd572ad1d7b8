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
  { text, parameters, column }: OwnStatement,
): Promise<Result> {
  const { connection, table } = answer;
  const values = [...parameters] as DuckDBValue[];
  // By DuckDB's own reading: what follows a semicolon that nobody saw would run too.
  const count = await connection.countStatements(text);
  if (count !== 1) throw new UsageError(`There are ${count} statements.`, 'Ask one at a time.');
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

/** What DuckDB says of a statement that it does not take, which is the user's to mend. */
export function refusedStatement(error: unknown): unknown {
  const message = error instanceof Error ? error.message : '';
  const known =
    /(Parser|Binder|Catalog|Conversion|Invalid Input|Out of Range|Constraint|Permission|Not implemented) Error: ([^\n]+)/.exec(
      message,
    );
  if (!known) return error;
  return new FlowlogError(
    `DuckDB does not take the statement: ${known[2]}`,
    "It is SQL as DuckDB speaks it; 'flowlog query --sql' shows it as it is run, 'flowlog fields' the columns of {{logs}}.",
    1,
    { cause: error },
  );
}
