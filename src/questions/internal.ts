import type { Cidr } from '../net/cidr.js';
import type { Query, Source } from '../sql/query.js';
import { checkInside, type FlowsRequest, flows } from './flows.js';
import { Records } from './scope.js';

/** What went from these subnets to others of the VPC? */
export interface InternalRequest extends FlowsRequest {
  readonly subnets: readonly Cidr[];
  readonly vpc: readonly Cidr[];
  /** Destinations; empty for all of the VPC outside the subnet. */
  readonly to: readonly Cidr[];
  /** Destinations that are not asked for. */
  readonly exclude: readonly Cidr[];
}

export function internal(request: InternalRequest, source: Source): Query {
  const { subnets, vpc, to, exclude } = request;
  checkInside(subnets, vpc);
  const records = new Records(source, 'internal');
  const other = to.length > 0 ? exclude : [...subnets, ...exclude];
  return flows(request, records, [
    records.within('srcaddr', subnets),
    records.within('dstaddr', to.length > 0 ? to : vpc),
    ...(other.length > 0 ? [records.beyond('dstaddr', other)] : []),
  ]);
}
