import type { DuckDBValue } from '@duckdb/node-api';
import { quotedText } from '../sql/sql.js';

/** The columns of each Parquet file, in their order. */
export async function parquetColumns(
  paths: readonly string[],
  query: (sql: string) => Promise<DuckDBValue[][]>,
): Promise<Map<string, string[]>> {
  const columns = new Map<string, string[]>();
  if (paths.length === 0) return columns;
  const rows = await query(
    // The first entry of a file is the schema itself, which has children.
    `SELECT file_name, name FROM parquet_schema([${paths.map(quotedText).join(', ')}]) WHERE num_children IS NULL`,
  );
  for (const [path, name] of rows as Array<[string, string]>) {
    const of = columns.get(path);
    if (of) of.push(name);
    else columns.set(path, [name]);
  }
  return columns;
}
