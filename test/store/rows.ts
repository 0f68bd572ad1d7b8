import type { RunSummary } from '../../src/engines/engine.js';
import type * as library from '../../src/index.js';
import type { Row } from '../../src/result.js';
import { identifier, join, sql, trusted } from '../../src/sql/sql.js';

/** The threads that go over much text are there in what is built. */
const LIBRARY = new URL('../../dist/index.js', import.meta.url).href;

const EVER = { since: undefined, until: undefined };

/** Every record of logs with every field, as the embedded engine reads them, in an order that does not depend on files. */
export async function recordsOf(
  logs: readonly string[],
): Promise<{ fields: string[]; rows: Row[]; summary: RunSummary }> {
  const { signal } = new AbortController();
  const { openLocalEngine } = (await import(LIBRARY)) as typeof library;
  const session = await (await openLocalEngine({ logs })).open(EVER, signal);
  try {
    const { source } = session;
    const fields = [...source.fields.keys()].sort();
    const names = fields.map((name) => identifier(name));
    const { result, summary } = await session.run(
      {
        name: 'all',
        sql: sql`SELECT ${join(names)} FROM ${trusted(source.from.sql)} ORDER BY ALL`,
        columns: fields.map((name) => ({ name, type: 'text' })),
        asides: false,
        narrowing: [],
        limit: undefined,
      },
      { onProgress: () => {}, onNote: () => {} },
    );
    const rows: Row[] = [];
    for await (const batch of result.rows()) rows.push(...batch);
    return { fields, rows, summary: await summary() };
  } finally {
    await session.close();
  }
}
