/**
 * Where a store keeps records: Parquet files in a folder for each UTC day on which records start, named as Hive names
 * partitions, so that any reader of Parquet finds its way.
 */

const DAY = 86_400;
/** Hive's name for the partition of rows that have no value: records without a start. */
const NO_DAY = '__HIVE_DEFAULT_PARTITION__';
const PARQUET = '.parquet';
const PART = /(?:^|\/)day=(\d{4}-\d{2}-\d{2}|__HIVE_DEFAULT_PARTITION__)\/flowlog-[0-9a-f]{16}\.parquet$/;

const PART_PATH = /^day=(?:\d{4}-\d{2}-\d{2}|__HIVE_DEFAULT_PARTITION__)\/flowlog-[0-9a-f]{16}\.parquet$/;

/** Whether this is the path of a store's file below the store's folder. */
export const isPartPath = (path: unknown): path is string => typeof path === 'string' && PART_PATH.test(path);

/** What only the store itself looks at; readers skip hidden names. */
export const STORE_FOLDER = '.flowlog';

/** Whether this is the path, below the store's folder, of a file that an import has not moved to its place yet. */
export const isStagedPath = (path: unknown): path is string =>
  typeof path === 'string' && /^\.flowlog\/staging\/[0-9a-f]{16}\.parquet$/.test(path);

/** The file in that folder that lists the log files a store has taken in, a DuckDB database. */
export const LEDGER_FILE = 'ledger.duckdb';

/** The column with the number of the log file a record is from, by which a store can take its records out again. */
export const SOURCE_COLUMN = 'flowlog_source';

/**
 * A new file's place in a store.
 *
 * @param day days since 1970 in UTC; undefined for records without a start
 * @param id sixteen hexadecimal digits
 */
export function partPath(day: number | undefined, id: string): string {
  const name = day === undefined ? NO_DAY : new Date(day * DAY * 1000).toISOString().slice(0, 10);
  return `day=${name}/flowlog-${id}.parquet`;
}

/** The UTC day of a store's file: `YYYY-MM-DD`, or null for records without a start; undefined when it is no such file. */
export function parsePart(path: string): { readonly day: string | null } | undefined {
  // A folder of logs may have very many that are none.
  if (!path.endsWith(PARQUET)) return undefined;
  const day = PART.exec(path.replaceAll('\\', '/'))?.[1];
  if (day === undefined) return undefined;
  return { day: day === NO_DAY ? null : day };
}

/** Whether a store's file can hold records whose start lies in [since, until) (Unix seconds). */
export function partMayHold(
  { day }: { readonly day: string | null },
  range: { since?: number | undefined; until?: number | undefined },
): boolean {
  if (day === null) return true;
  const from = Date.parse(`${day}T00:00:00Z`) / 1000;
  if (range.since !== undefined && from + DAY <= range.since) return false;
  return range.until === undefined || from < range.until;
}
