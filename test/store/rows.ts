import { Readable } from 'node:stream';
import { openLocalEngine } from '../../src/engines/duckdb/engine.js';
import type { RunSummary } from '../../src/engines/engine.js';
import type { Row } from '../../src/result.js';
import { identifier, join, sql } from '../../src/sql/sql.js';

const EVER = { since: undefined, until: undefined };

/** Every record of logs with every field, as the embedded engine reads them, in an order that does not depend on files. */
export async function recordsOf(
  logs: readonly string[],
): Promise<{ fields: string[]; rows: Row[]; summary: RunSummary }> {
  const { signal } = new AbortController();
  const engine = openLocalEngine({ logs, stdin: Readable.from([]), signal });
  try {
    const source = await engine.source(EVER);
    const fields = [...source.fields.keys()].sort();
    const names = fields.map((name) => identifier(name));
    const result = await engine.run(
      {
        name: 'all',
        sql: sql`SELECT ${join(names)} FROM ${source.from} ORDER BY ALL`,
        columns: fields.map((name) => ({ name, type: 'text' })),
        asides: false,
        narrowing: [],
        limit: undefined,
      },
      { signal, onProgress: () => {}, onNote: () => {} },
    );
    const rows: Row[] = [];
    for await (const batch of result.rows()) rows.push(...batch);
    return { fields, rows, summary: await engine.summary() };
  } finally {
    await engine.close();
  }
}
