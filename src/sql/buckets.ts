import { BUCKET_SECONDS, type BucketStretch, type BucketUnit, bucketStretches } from '../time/buckets.js';
import type { TimeRange } from '../time/range.js';
import { type Sql, sql, trusted } from './sql.js';

/**
 * The Unix second at which the minute, hour or day of the zone began that a moment is in: arithmetic that every engine does
 * alike, by the zone's rules as this program knows them.
 *
 * @param range in which moments lie; of an open one, the changes of clocks of all years of flow logs are written out
 */
export function bucketStart(epoch: Sql, zone: string, unit: BucketUnit, range: TimeRange): Sql {
  return choose(bucketStretches(zone, unit, range), epoch, BUCKET_SECONDS[unit]);
}

/** Halves the stretches until one is left, so that few comparisons are made for a record. */
function choose(stretches: readonly BucketStretch[], epoch: Sql, seconds: number): Sql {
  const [first] = stretches;
  if (stretches.length === 1) {
    return first!.start === undefined
      ? sql`(${epoch} - (${epoch} + ${number(first!.offset)}) % ${number(seconds)})`
      : number(first!.start);
  }
  const half = Math.floor(stretches.length / 2);
  const earlier = choose(stretches.slice(0, half), epoch, seconds);
  const later = choose(stretches.slice(half), epoch, seconds);
  return sql`CASE WHEN ${epoch} < ${number(stretches[half]!.from)} THEN ${earlier} ELSE ${later} END`;
}

const number = (value: number) => trusted(String(value));
