import type { Cidr } from '../net/cidr.js';
import type { Query, Source } from '../sql/query.js';
import { sql } from '../sql/sql.js';
import { holds } from './conditions.js';
import { checkInside, type FlowsRequest, flows } from './flows.js';
import { openerOf } from './opener.js';
import { Records } from './scope.js';

/** What left these subnets for somewhere outside the VPC? */
export interface EgressRequest extends FlowsRequest {
  readonly subnets: readonly Cidr[];
  /** The blocks that are inside. */
  readonly vpc: readonly Cidr[];
  /** Destinations that are outside but not asked for. */
  readonly exclude: readonly Cidr[];
  /** Only what was opened from inside, as far as flags and ports tell: no replies to what came in. */
  readonly initiated: boolean;
}

/** The query for a request on a source. */
export function egress(request: EgressRequest, source: Source): Query {
  const { subnets, vpc, exclude } = request;
  checkInside(subnets, vpc);
  const records = new Records(source, 'egress');
  return flows(request, records, [
    records.within('srcaddr', subnets),
    records.beyond('dstaddr', [...vpc, ...exclude]),
    // What nothing tells of (ICMP) stays: an investigation would rather see too much.
    ...(request.initiated ? [holds(sql`coalesce(${openerOf(records).bySource}, true)`)] : []),
  ]);
}
