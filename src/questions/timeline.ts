import type { Cidr } from '../net/cidr.js';
import type { TimeUnit } from '../sql/dialect.js';
import type { Query, Source } from '../sql/query.js';
import { sql } from '../sql/sql.js';
import { Records, type Scope, touching } from './scope.js';
import { grouped, sums } from './shapes.js';

/** What a chart of it may show. */
export const TIMELINE_MEASURES = ['flows', 'packets', 'bytes'] as const;
export type TimelineMeasure = (typeof TIMELINE_MEASURES)[number];

/** How much, when? */
export interface TimelineRequest extends Scope {
  /** Sources where `vpc` is given, else either end; empty for all. */
  readonly subnets: readonly Cidr[];
  /** Given, only what left it counts. */
  readonly vpc: readonly Cidr[];
  readonly every: TimeUnit;
}

/** A row for each minute, hour or day of the zone in which a record starts. */
export function timeline(request: TimelineRequest, source: Source): Query {
  const { subnets, vpc, every, zone } = request;
  const records = new Records(source, 'timeline');
  const { dialect } = source;
  const bucket = dialect.bucketStart(records.value('start'), zone, every);
  const leaving = vpc.length > 0;
  const match = leaving
    ? [records.within('srcaddr', subnets), records.beyond('dstaddr', vpc)]
    : touching(records, subnets);
  return grouped(request, records, {
    match,
    keys: [{ column: { name: 'time', type: 'time', zone }, value: dialect.localTime(bucket, zone) }],
    measures: sums(request, records).slice(0, 3),
    // By the moment itself: clocks show some hours twice.
    order: [sql`min(${records.value('start')})`],
  });
}
