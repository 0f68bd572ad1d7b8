import { Readable } from 'node:stream';
import { localEngine } from '../../src/engines/duckdb/engine.js';
import type { RunSummary } from '../../src/engines/engine.js';
import { type Field, fieldSet } from '../../src/flowlog/fields.js';
import { loadRenderer } from '../../src/output/formats.js';
import type { EgressRequest } from '../../src/questions/egress.js';
import { egress } from '../../src/questions/egress.js';
import type { Scope } from '../../src/questions/scope.js';
import { givenRows, type Result, type Row, type Totals } from '../../src/result.js';
import { duckdbDialect } from '../../src/sql/duckdb.js';
import type { Query, Source } from '../../src/sql/query.js';
import { identifier } from '../../src/sql/sql.js';
import type { TimeRange } from '../../src/time/range.js';

/** Limits nothing; times in UTC. */
export const ALL: Scope = {
  range: { since: undefined, until: undefined },
  zone: 'UTC',
  action: undefined,
  protocols: [],
  dstPorts: [],
  keepRepeats: false,
  limit: undefined,
};

export const ANYTHING: Omit<EgressRequest, 'subnets' | 'vpc'> = {
  ...ALL,
  exclude: [],
  initiated: false,
  by: [],
  columns: [],
  zone: 'Asia/Tokyo',
};

/** What can be asked of files with these fields, where nothing looks at files. */
export const sourceOf = (fields: readonly Field[]): Source => ({
  dialect: duckdbDialect,
  fields: fieldSet(fields),
  from: identifier('flow_logs'),
  where: [],
});

export async function rowsOf(result: Result): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of result.rows()) rows.push(...batch);
  return rows;
}

export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** The engine's own CSV, or the renderer's where the engine has none. */
  readonly csv: string;
  readonly totals: Totals;
  readonly summary: RunSummary;
  /** Only these columns of the rows. */
  pick(...names: string[]): Row[];
  /** As people see it on a terminal of that width, without colour. */
  table(width: number): Promise<string>;
}

export interface Asking {
  readonly range?: TimeRange;
  readonly stdin?: Readable;
  /** What is made of the answer before it is written. */
  readonly shape?: (result: Result) => Result;
}

/** Asks the embedded engine any question, and closes it. */
export async function ask(
  logs: readonly string[],
  queryOf: (source: Source) => Query,
  { range = ALL.range, stdin = Readable.from([]), shape = (result) => result }: Asking = {},
): Promise<Answer> {
  const { signal } = new AbortController();
  const session = await localEngine({ logs, stdin }).open(range, signal);
  try {
    const query = queryOf(session.source);
    const run = await session.run(query, { onProgress: () => {}, onNote: () => {} });
    const result = shape(run.result);
    const rows = await rowsOf(result);
    let csv = '';
    if (result.csv)
      for await (const text of result.csv())
        csv += typeof text === 'string' ? text : Buffer.from(text).toString();
    else csv = (await rendered('csv', result, rows)).replace(/^.*\n/, '');
    const columns = result.columns.map(({ name }) => name);
    return {
      columns,
      rows,
      csv,
      totals: await result.totals(),
      summary: await run.summary(),
      pick: (...names) => {
        const places = names.map((name) => columns.indexOf(name));
        return rows.map((row) => places.map((place) => row[place]!));
      },
      table: (width) => rendered('table', result, rows, width),
    };
  } finally {
    await session.close();
  }
}

async function rendered(
  format: 'table' | 'csv',
  { columns }: Result,
  rows: readonly Row[],
  width = 80,
): Promise<string> {
  let text = '';
  const write = async (part: string | Uint8Array) => {
    text += part;
  };
  const plain = { width, color: false, terminal: false, limit: undefined, excel: false };
  await (await loadRenderer(format))(givenRows(columns, rows), write, plain);
  return text;
}

/** Asks what left. */
export const askLocally = (
  logs: readonly string[],
  request: EgressRequest,
  stdin = Readable.from([]),
): Promise<Answer> => ask(logs, (source) => egress.query(request, source), { range: request.range, stdin });
