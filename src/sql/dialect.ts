import type { Field } from '../flowlog/fields.js';
import type { Cidr } from '../net/cidr.js';
import type { Sql } from './sql.js';

/** Where two engines say the same thing differently. A dialect per engine, each a file beside this one. */
export interface Dialect {
  readonly name: 'duckdb' | 'athena';
  /** Whether a part (WITH) that is named twice is computed once. Athena reads the logs again, and bills for it. */
  readonly materializes: boolean;
  /** The record's value, or NULL where the record says `-`. */
  value(field: Field): Sql;
  /**
   * Whether an address lies in the block, exactly, for any prefix length. False for an address of the other family;
   * NULL for no address.
   */
  inside(address: Sql, block: Cidr): Sql;
  /**
   * Unix seconds as the time of the zone, in whatever form the engine keeps it until it yields it as ISO 8601 text,
   * `2026-06-01T09:00:00+09:00`.
   */
  localTime(epoch: Sql, zone: string): Sql;
  /** The hour of the zone's clock at a moment, 0 to 23. */
  hour(epoch: Sql, zone: string): Sql;
  /** The path of the file that a record comes from. A query that looks at it says so (`paths`). */
  readonly path: Sql;
  /** The Unix second of a UTC time as names of log files have it, `20180620T1620Z`. */
  delivered(stamp: Sql): Sql;
}
