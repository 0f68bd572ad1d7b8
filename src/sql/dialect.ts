import type { Field } from '../flowlog/fields.js';
import type { Cidr } from '../net/cidr.js';
import { type Sql, sql } from './sql.js';

/** Where two engines say the same thing differently. A dialect per engine, each a file beside this one. */
export interface Dialect {
  readonly name: 'duckdb' | 'athena';
  /** Whether the logs may be read several times: Athena bills each time. */
  readonly rereads: boolean;
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
  /** How often a whole number goes into another, of which neither is negative. */
  quotient(value: Sql, divisor: Sql): Sql;
  /** The whole numbers from one to another, by steps, as an array. */
  series(from: Sql, to: Sql, step: number): Sql;
  /** What stands behind AS of a common table expression that is to be read again rather than kept in memory. */
  readonly readAgain: Sql;
  /** That of one that is to be kept: a plan of all that follows, as one statement, takes longer to make than to run. */
  readonly kept: Sql;
  /** The path of the file that a record comes from. A query that looks at it says so (`paths`). */
  readonly path: Sql;
  /** A number that tells paths apart, which takes less memory to keep for many records. */
  readonly pathKey: Sql;
  /** The Unix second at which the file at a path was delivered, by its name (`…_20180620T1620Z_…`); NULL where it says none. */
  delivered(path: Sql): Sql;
}

/** The time in the name of a log file (Amazon VPC User Guide, "Flow log files"); NULL where there is none. */
export const stampIn = (path: Sql): Sql =>
  sql`nullif(regexp_extract(${path}, '_([0-9]{8}T[0-9]{4}Z)_[^/]*$', 1), '')`;
