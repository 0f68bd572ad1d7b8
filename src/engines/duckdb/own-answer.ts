import type { DuckDBValue } from '@duckdb/node-api';
import type { Database } from '../../duckdb/database.js';
import { FlowlogError, UsageError } from '../../errors.js';
import type { Column, Result } from '../../result.js';
import type { OwnColumn } from '../../sql/query.js';
import { quotedName } from '../../sql/sql.js';
import { ANSWER, readAnswer } from './answer.js';

/** As the statement gave it, before values that have no type of ours are made text. */
const RAW = 'own_answer';

/** Runs a statement of the user's own, and keeps what it yields, if it yields anything. */
export async function ownAnswer(
  database: Database,
  text: string,
  values: DuckDBValue[],
  column: OwnColumn,
  newFile: () => string,
): Promise<Result> {
  // By DuckDB's own reading: what follows a semicolon that nobody saw would run too.
  const { count } = await (await database.connection()).extractStatements(text);
  if (count !== 1) throw new UsageError(`There are ${count} statements.`, 'Ask one at a time.');
  if (!/^\s*(?:\(\s*)*(?:SELECT|WITH|VALUES|TABLE|FROM)\b/i.test(text.replace(LEADING_COMMENTS, ''))) {
    return statementRows(database, text, values, column);
  }
  await database.query(`CREATE OR REPLACE TABLE ${RAW} AS ${text}`, values);
  const described = (await database.query(`DESCRIBE ${RAW}`)) as string[][];
  const columns = described.map(([name = '', type = '']) => column(name, kindOf(type)));
  const cast = columns.map((each, i) => value(each, described[i]![1]!));
  await database.query(`CREATE OR REPLACE TABLE ${ANSWER} AS SELECT ${cast.join(', ')} FROM ${RAW}`);
  const query = { columns, asides: false };
  const { csv, ...result } = await readAnswer(database, query, newFile);
  // What JavaScript makes of a number is what Athena's numbers become too.
  return csv && columns.every(({ type }) => type !== 'number') ? { ...result, csv } : result;
}

const LEADING_COMMENTS = /^(?:\s*(?:--[^\n\r]*[\n\r]|\/\*[\s\S]*?\*\/))*/;

/** Of a statement that is no query: EXPLAIN, DESCRIBE, COPY, … */
async function statementRows(
  database: Database,
  text: string,
  values: DuckDBValue[],
  column: OwnColumn,
): Promise<Result> {
  const { names, rows } = await database.statement(text, values);
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
