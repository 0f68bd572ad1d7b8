import type { Cidr } from '../net/cidr.js';
import { parseBlocks } from '../net/networks.js';
import {
  blocks,
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

/** What went from these subnets to others of the VPC? */
export interface InternalRequest extends FlowsRequest {
  readonly subnets: readonly Cidr[];
  readonly vpc: readonly Cidr[];
  /** Whether the VPC was assumed rather than given. */
  readonly assumedVpc?: boolean;
  /** Destinations; empty for all of the VPC outside the subnet. */
  readonly to: readonly Cidr[];
  /** Destinations that are not asked for. */
  readonly exclude: readonly Cidr[];
}

interface InternalOptions extends TypedFilters {
  readonly to?: readonly string[];
}

export const internal: Question<InternalRequest, InternalOptions> = {
  name: 'internal',
  summary: 'What went from a subnet to others of the same VPC',
  options: [
    subnetOption('source addresses', true),
    blocks('--to <cidr>', 'destinations (repeatable; default: the rest of the VPC)'),
    ...insideOptions('destinations'),
    ...filterOptions(),
    ...flowColumnOptions('dstaddr,dstport'),
  ],
  ownColumns: true,
  fields: {
    required: ['srcaddr', 'dstaddr'],
    spare: ['start', 'end', 'srcport', 'dstport', 'protocol', 'packets', 'bytes', 'action'],
    optional: ['log_status', 'resource_id', 'interface_id'],
  },
  examples: [
    {
      about: 'What went from the subnet to others of its VPC, by port',
      line: 'flowlog internal --subnet 10.10.24.0/24 --by dstaddr,dstport --logs ./my-logs',
    },
    {
      about: 'From one subnet to another',
      line: 'flowlog internal --subnet 10.10.2.0/24 --to 10.10.24.0/24 --dst-port 22 --logs ./my-logs',
    },
  ],
  notes: (request) => (request.to.length > 0 ? [] : vpcNote(request)),

  async request(options, asking) {
    const scope = await scopeOf(options, asking);
    const locations = locationsOf(options);
    checkInside(locations.subnets, locations.vpc);
    const to = parseBlocks(options.to ?? [], options.networks);
    return { ...scope, ...locations, ...flowColumns(options), to };
  },

  query(request, source) {
    const { subnets, vpc, to, exclude } = request;
    checkInside(subnets, vpc);
    const records = new Records(source, 'internal');
    const other = to.length > 0 ? exclude : [...subnets, ...exclude];
    return flows(request, records, (records) => [
      records.within('srcaddr', subnets),
      records.within('dstaddr', to.length > 0 ? to : vpc),
      ...(other.length > 0 ? [records.beyond('dstaddr', other)] : []),
    ]);
  },
};
