import type { Cidr } from '../net/cidr.js';
import type { Query, Source } from '../sql/query.js';
import { checkInside, type FlowsRequest, flows } from './flows.js';
import { Records } from './scope.js';

/** What came into these subnets from somewhere outside the VPC? */
export interface IngressRequest extends FlowsRequest {
  readonly subnets: readonly Cidr[];
  /** The blocks that are inside. */
  readonly vpc: readonly Cidr[];
  /** Sources that are outside but not asked for. */
  readonly exclude: readonly Cidr[];
}

export function ingress(request: IngressRequest, source: Source): Query {
  const { subnets, vpc, exclude } = request;
  checkInside(subnets, vpc);
  const records = new Records(source, 'ingress');
  return flows(request, records, [
    records.within('dstaddr', subnets),
    records.beyond('srcaddr', [...vpc, ...exclude]),
  ]);
}
