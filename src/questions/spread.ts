import { type Sql, sql, trusted } from '../sql/sql.js';
import type { Condition } from './conditions.js';
import { countOnce, type Match } from './count-once.js';
import { Records, type Scope, selected } from './scope.js';

/** AWS writes no record of more than ten minutes. What lasts longer than this (seconds) stays where it starts. */
const LONGEST = 86_400;

/** Parts of records, each within a minute. */
export interface Spread {
  /** Their `packets` and `bytes` are the part's share. */
  readonly records: Records;
  /** What these fulfil already, for what engines make of it. */
  readonly match: readonly Condition[];
  /** The first second of the minute. */
  readonly minute: Sql;
  /** Whether the part is the first one of its record. */
  readonly first: Sql;
}

/**
 * The records that match, each byte once, split by minute. Each part gets packets and bytes by its number of seconds; all are whole
 * numbers, and the parts of a record add up to its own packets and bytes.
 */
export function spread(scope: Scope, all: Records, match: Match): Spread {
  const once = countOnce(scope, all, match);
  const { source, question, repeats } = once.records;
  const { dialect } = source;
  const [start, end] = [once.records.value('start'), once.records.value('end')];
  const minuteOf = (epoch: Sql) => sql`(${epoch} - ${epoch} % 60)`;
  const address = once.records.optional('srcaddr') ?? sql`NULL`;
  const last = sql`CASE WHEN ${address} IS NOT NULL AND ${end} - ${start} BETWEEN 0 AND ${trusted(String(LONGEST))} THEN ${end} ELSE ${start} END`;
  const parts = ['packets', 'bytes'].map((name) => {
    const value = all.value(name);
    /** The part of the value that belongs to this number of seconds of the record. */
    const share = (seconds: string) => {
      const [time, length] = [trusted(seconds), trusted('spread_length')];
      return sql`(${dialect.quotient(value, length)} * ${time} + ${dialect.quotient(sql`${value} % ${length} * ${time}`, length)})`;
    };
    return sql`${share('spread_to')} - ${share('spread_from')} AS ${trusted(`spread_${name}`)}`;
  });
  const from = sql`(
SELECT spread_timed.*, ${parts[0]!}, ${parts[1]!}
FROM (
SELECT spread_flow.*, spread_minute, spread_last - ${start} + 1 AS spread_length,
  greatest(spread_minute - ${start}, 0) AS spread_from, least(spread_minute + 60, spread_last + 1) - ${start} AS spread_to
FROM (
SELECT *, ${last} AS spread_last
${selected(scope, once.records, once.match)}
) AS spread_flow
CROSS JOIN UNNEST(${dialect.series(minuteOf(start), minuteOf(trusted('spread_last')), 60)}) AS spread_minutes (spread_minute)
) AS spread_timed
) AS flow`;
  const value: typeof dialect.value = (field) =>
    field.column === 'packets' || field.column === 'bytes'
      ? trusted(`spread_${field.column}`)
      : dialect.value(field);
  return {
    records: new Records({ ...source, from, where: [], dialect: { ...dialect, value } }, question, repeats),
    match: once.match.map(({ narrowing }) => ({ sql: sql`true`, narrowing })),
    minute: trusted('spread_minute'),
    first: trusted('spread_from = 0'),
  };
}
