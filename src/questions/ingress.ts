import type { Cidr } from '../net/cidr.js';
import {
  filterOptions,
  flowColumnOptions,
  flowColumns,
  insideOptions,
  locationsOf,
  scopeOf,
  subnetOption,
  type TypedFilters,
  vpcNote,
} from './filters.js';
import { checkInside, type FlowsRequest, flows } from './flows.js';
import type { Question } from './question.js';
import { Records } from './scope.js';

/** What came into these subnets from somewhere outside the VPC? */
export interface IngressRequest extends FlowsRequest {
  readonly subnets: readonly Cidr[];
  /** The blocks that are inside. */
  readonly vpc: readonly Cidr[];
  /** Sources that are outside but not asked for. */
  readonly exclude: readonly Cidr[];
  /** Whether the VPC was assumed rather than given. */
  readonly assumedVpc?: boolean;
}

export const ingress: Question<IngressRequest, TypedFilters> = {
  name: 'ingress',
  summary: 'What came into a subnet from somewhere outside the VPC',
  options: [
    subnetOption('destination addresses', true),
    ...insideOptions('sources'),
    ...filterOptions(),
    ...flowColumnOptions('srcaddr,dstport'),
  ],
  ownColumns: true,
  fields: {
    required: ['srcaddr', 'dstaddr'],
    spare: ['start', 'end', 'srcport', 'dstport', 'protocol', 'packets', 'bytes', 'action'],
    optional: ['log_status', 'resource_id', 'interface_id'],
  },
  examples: [
    {
      about: 'What came into the subnet from outside its VPC',
      line: 'flowlog ingress --subnet 10.10.2.0/24 --logs ./my-logs',
    },
    {
      about: 'Who was let in, and where',
      line: 'flowlog ingress --subnet 10.10.2.0/24 --action accept --by srcaddr,dstaddr,dstport --logs ./my-logs',
    },
  ],
  notes: vpcNote,

  async request(options, asking) {
    const scope = await scopeOf(options, asking);
    const locations = locationsOf(options);
    checkInside(locations.subnets, locations.vpc);
    return { ...scope, ...locations, ...flowColumns(options) };
  },

  query(request, source) {
    const { subnets, vpc, exclude } = request;
    checkInside(subnets, vpc);
    const records = new Records(source, 'ingress');
    return flows(request, records, (records) => [
      records.within('dstaddr', subnets),
      records.beyond('srcaddr', [...vpc, ...exclude]),
    ]);
  },
};
