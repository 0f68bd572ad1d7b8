import { DuckDBInstance, StatementType } from '@duckdb/node-api';

/** A file of its own, so that DuckDB is loaded when this is, and not before. */
export const openDuckDb = (settings: Record<string, string>): Promise<DuckDBInstance> =>
  DuckDBInstance.create(':memory:', settings);

/** What DuckDB calls a kind of statement. */
export const statementKind = (type: StatementType): string => StatementType[type] ?? 'UNKNOWN';
