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
import { checkInside, type FlowsRequest, flows, leaving } from './flows.js';
import { openedOnce } from './opened-once.js';
import { mayOpen, openers } from './opener.js';
import type { Question } from './question.js';
import { Records } from './scope.js';

/** What left these subnets for somewhere outside the VPC? */
export interface EgressRequest extends FlowsRequest {
  readonly subnets: readonly Cidr[];
  /** The blocks that are inside. */
  readonly vpc: readonly Cidr[];
  /** Destinations that are outside but not asked for. */
  readonly exclude: readonly Cidr[];
  /** Whether the VPC was assumed rather than given. */
  readonly assumedVpc?: boolean;
  /** Only what was opened from inside, as far as flags and ports tell: no replies to what came in. */
  readonly initiated: boolean;
}

interface EgressOptions extends TypedFilters {
  readonly initiated?: boolean;
}

/** The query for a request on a source. */
export const egress: Question<EgressRequest, EgressOptions> = {
  name: 'egress',
  summary: 'What left a subnet for somewhere outside the VPC, when, and to where',
  options: [
    subnetOption('source addresses', true),
    ...insideOptions('destinations'),
    ...filterOptions(),
    {
      flags: '--initiated',
      description: 'only flows opened from inside, by TCP flags where recorded',
    },
    ...flowColumnOptions('dstaddr,dstport'),
  ],
  ownColumns: true,
  fields: {
    required: ['srcaddr', 'dstaddr'],
    spare: ['start', 'end', 'srcport', 'dstport', 'protocol', 'packets', 'bytes', 'action'],
    optional: ['tcp_flags', 'log_status', 'resource_id', 'interface_id'],
  },
  examples: [
    {
      about: 'What left the subnet for somewhere outside its VPC',
      line: 'flowlog egress --subnet 10.10.24.0/24 --logs ./my-logs',
    },
    {
      about: 'On one day of Tokyo time, as CSV for a spreadsheet',
      line: 'flowlog egress --subnet 10.10.24.0/24 --logs ./my-logs --since 2026-06-01 --until 2026-06-02 --excel -o egress.csv',
    },
    {
      about: 'Where to, largest first',
      line: 'flowlog egress --subnet 10.10.24.0/24 --logs ./my-logs --by dstaddr,dstport',
    },
    {
      about: 'Only what got through, to anywhere but the peered network',
      line: "flowlog egress --subnet 10.10.24.0/24 --exclude 10.20.0.0/16 --action accept --logs './my-logs/**/*.log.gz'",
    },
    {
      about: 'Only what was opened from inside, without replies to what came in',
      line: 'flowlog egress --subnet 10.10.24.0/24 --initiated --logs ./my-logs',
    },
    {
      about: 'Logs straight from S3, only the files of yesterday, at most 5 GB',
      line: 'flowlog egress --subnet 10.10.24.0/24 --logs s3://my-logs/ --since yesterday --until today --max-download 5GB',
    },
    {
      about: 'The same question to Athena, on the table that create-table created',
      line: 'flowlog egress --subnet 10.10.24.0/24 --table network.vpc_flow_logs --since yesterday --max-scan 10GB',
    },
  ],
  notes: vpcNote,

  async request(options, asking) {
    const scope = await scopeOf(options, asking);
    const locations = locationsOf(options);
    checkInside(locations.subnets, locations.vpc);
    return { ...scope, ...locations, ...flowColumns(options), initiated: options.initiated === true };
  },

  query(request, source) {
    checkInside(request.subnets, request.vpc);
    const records = new Records(source, 'egress');
    const match = leaving(request);
    if (!request.initiated) return flows(request, records, match);
    for (const port of ['srcport', 'dstport']) records.needed(port, '--initiated');
    if (request.by.length > 0) {
      const opened = openedOnce(request, records, match, { initiated: true });
      return flows(request, opened.records, opened.match);
    }
    const opened = openers(request, records, match(records));
    return flows(request, opened.records, [...opened.match, mayOpen(opened)]);
  },
};
