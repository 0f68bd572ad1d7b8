import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

export interface OpenDuckDb {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
}

/** A file of its own, so that DuckDB is loaded when this is, and not before. */
export async function openDuckDb(settings: Record<string, string>): Promise<OpenDuckDb> {
  const instance = await DuckDBInstance.create(':memory:', settings);
  return { instance, connection: await instance.connect() };
}
