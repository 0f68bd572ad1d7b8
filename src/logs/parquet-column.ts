import type { Field } from '../flowlog/fields.js';

/** Where a Parquet file holds a field. */
export interface ParquetColumn {
  readonly field: Field;
  /** The column's name in the file; undefined where the folder's name has the value. */
  readonly name: string | undefined;
  /** The type as DuckDB calls it, `NESTED` for groups and lists; or the value of all records of the file. */
  readonly type: string;
}

/** The type of groups and lists. */
export const NESTED = 'NESTED';
