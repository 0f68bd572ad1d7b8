import { Readable } from 'node:stream';
import { openLocalEngine } from '../../src/engines/duckdb/engine.js';
import type { RunSummary } from '../../src/engines/engine.js';
import type { EgressRequest } from '../../src/investigations/egress.js';
import { egress } from '../../src/investigations/egress.js';
import type { Row, Totals } from '../../src/result.js';

export const ANYTHING: Omit<EgressRequest, 'subnets' | 'vpc'> = {
  exclude: [],
  range: { since: undefined, until: undefined },
  action: undefined,
  protocols: [],
  dstPorts: [],
  keepRepeats: false,
  initiated: false,
  by: [],
  columns: [],
  zone: 'Asia/Tokyo',
  limit: undefined,
};

export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly csv: string;
  readonly totals: Totals;
  readonly summary: RunSummary;
}

/** Asks the embedded engine, and closes it. */
export async function askLocally(
  logs: readonly string[],
  request: EgressRequest,
  stdin = Readable.from([]),
): Promise<Answer> {
  const { signal } = new AbortController();
  const engine = await openLocalEngine({ logs, stdin, signal });
  try {
    const query = egress(request, await engine.source(request.range));
    const result = await engine.run(query, { signal, onProgress: () => {}, onNote: () => {} });
    const rows: Row[] = [];
    for await (const batch of result.rows()) rows.push(...batch);
    let csv = '';
    for await (const text of result.csv!()) csv += text;
    const columns = result.columns.map(({ name }) => name);
    return { columns, rows, csv, totals: await result.totals(), summary: await engine.summary() };
  } finally {
    await engine.close();
  }
}
