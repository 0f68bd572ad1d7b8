import { join } from 'node:path';
import type { Database } from '../duckdb/database.js';
import { parquetColumns } from '../logs/parquet-columns.js';
import type { DuckDbParts } from './duckdb-parts.js';
import type { Store } from './store.js';

/** A file below this (bytes) is small, and this number of small ones of a day become one. */
const SMALL = 4 << 20;
const MANY = 8;

/**
 * Makes one file of the many small ones that a day has after many small imports.
 *
 * @param days folders of days to look at
 */
export async function compact(
  store: Store,
  database: Database,
  parts: DuckDbParts,
  days: ReadonlySet<string>,
): Promise<void> {
  const small = (await store.parts()).filter(
    ({ path, size }) => size < SMALL && days.has(path.split('/')[0]!),
  );
  const byDay = new Map<string, string[]>();
  for (const { path } of small) push(byDay, path.split('/')[0]!, path);
  for (const paths of byDay.values()) {
    if (paths.length < MANY) continue;
    const columns = await parquetColumns(
      paths.map((path) => join(store.folder, path)),
      (sql) => database.query(sql),
    );
    const alike = new Map<string, string[]>();
    for (const path of paths) push(alike, JSON.stringify(columns.get(join(store.folder, path)) ?? []), path);
    for (const [names, some] of alike) {
      if (some.length < MANY) continue;
      const whole = await parts.together(store.folder, some, JSON.parse(names) as string[]);
      await store.commit({ added: [whole], removed: some, forgotten: [], entries: [] });
    }
  }
}

function push(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
