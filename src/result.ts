/** What an engine gives back and a renderer draws: typed columns, and rows in order. */

/**
 * - `text`: a string
 * - `integer`: a whole number
 * - `bytes`: a whole number of bytes, which people like to read as kB or GB
 * - `number`: any number
 * - `percent`: a whole number of hundredths of a percent, written as `12.34`
 * - `time`: ISO 8601 with offset, `2026-06-01T09:00:00+09:00`
 */
export type ColumnType = 'text' | 'integer' | 'bytes' | 'number' | 'percent' | 'time';

/** A value of a row; null where the record has none. Whole numbers beyond 2^53 come as bigint. */
export type Value = string | number | bigint | null;
export type Row = readonly Value[];

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Of a `time`: the IANA zone it is shown in. */
  readonly zone?: string;
  /** What a person reads for a value (`TCP` for 6); files for programs keep the value itself. */
  readonly label?: (value: Exclude<Value, null>) => string;
  /** Of a `text`: its values are addresses, beside which the names of networks are shown. */
  readonly address?: boolean;
}

export interface Totals {
  readonly rows: number;
  /** Whether the query itself ended at its limit: there are more rows, uncounted, and asides are not known. */
  readonly cut: boolean;
  /** The sum of the columns of type `bytes`, where there are any. */
  readonly bytes: bigint | undefined;
  /** Records in range that are no part of the answer but qualify it, by reason: `skipdata` → 12. */
  readonly asides: ReadonlyMap<string, number>;
}

export interface Result {
  readonly columns: readonly Column[];
  /**
   * The rows, in order, at most `limit` of them. May be read once. Batches, here and of `csv`, may be kept: nothing writes to
   * them any more.
   */
  rows(limit?: number): AsyncIterable<readonly Row[]>;
  /** Totals over the whole answer, also of rows beyond a limit. Asked after the rows are read. */
  totals(): Promise<Totals>;
  /**
   * The rows as RFC 4180 records, `\n` after each, no header; present where the engine writes them faster than
   * they can be written row by row. Same bytes as the CSV renderer's.
   */
  csv?(limit?: number): AsyncIterable<string | Uint8Array>;
}

/** A result whose rows are there already. */
export function givenRows(columns: readonly Column[], rows: readonly Row[]): Result {
  return {
    columns,
    async *rows(limit) {
      if (rows.length > 0) yield rows.slice(0, limit);
    },
    totals: async () => ({ rows: rows.length, cut: false, bytes: undefined, asides: new Map() }),
  };
}
