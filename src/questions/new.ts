import type { Cidr } from '../net/cidr.js';
import type { Query, Source } from '../sql/query.js';
import { sql, trusted } from '../sql/sql.js';
import { checkInside } from './flows.js';
import { Records, type Scope } from './scope.js';
import { fieldKeys, grouped, sums } from './shapes.js';

/**
 * Which destinations were reached in this range, and never in the one before? Its range is both: what is asked about begins
 * at `from`.
 */
export interface NewRequest extends Scope {
  readonly subnets: readonly Cidr[];
  /** The blocks that are inside. */
  readonly vpc: readonly Cidr[];
  /** Destinations that are outside but not asked for. */
  readonly exclude: readonly Cidr[];
  /** Unix seconds. */
  readonly from: number;
  /** What is new when it was not there before: `dstaddr`, or with it the port, the source. */
  readonly by: readonly string[];
}

/** In the order in which they came. */
export function newDestinations(request: NewRequest, source: Source): Query {
  const { subnets, vpc, exclude, from, by } = request;
  checkInside(subnets, vpc);
  const records = new Records(source, 'new');
  return grouped(request, records, {
    match: [records.within('srcaddr', subnets), records.beyond('dstaddr', [...vpc, ...exclude])],
    keys: by.length > 0 ? fieldKeys(by, records) : fieldKeys(['dstaddr'], records, 'new'),
    measures: sums(request, records),
    having: sql`min(${records.value('start')}) >= ${trusted(String(from))}`,
    // By the moment itself: clocks show some hours twice.
    order: [sql`min(${records.value('start')})`],
  });
}
