import type { Cidr } from '../net/cidr.js';
import type { Query, Source } from '../sql/query.js';
import { checkInside, type FlowsRequest, flows } from './flows.js';
import { narrowFrom, narrowTo, Records } from './scope.js';

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
  const inside = [...vpc, ...exclude];
  return flows(request, records, {
    match: [
      records.inside(records.value('dstaddr'), subnets),
      records.outside(records.value('srcaddr'), inside),
    ],
    narrowing: [...narrowTo('dstaddr', subnets), ...narrowFrom('srcaddr', inside)],
  });
}
