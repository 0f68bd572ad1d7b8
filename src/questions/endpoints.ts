import type { Cidr } from '../net/cidr.js';
import { parseBlocks } from '../net/networks.js';
import { sql } from '../sql/sql.js';
import { type Condition, holds } from './conditions.js';
import { columnsMeant, filterOptions, scopeOf, subnetOption, type TypedFilters } from './filters.js';
import { type FlowsRequest, flows } from './flows.js';
import type { Question } from './question.js';
import { Records } from './scope.js';

/** What went to the VPC endpoints? */
export interface EndpointsRequest extends FlowsRequest {
  /** Sources; empty for all. */
  readonly subnets: readonly Cidr[];
}

const BY = ['endpoint', 'service', 'kind', 'srcaddr'];

/**
 * Endpoints are known by the way of a flow, which is told when the rows are here. What was refused went nowhere: it counts only
 * where it is asked for.
 */
export const endpoints: Question<EndpointsRequest, TypedFilters> = {
  name: 'endpoints',
  summary: 'What went to each VPC endpoint, interface or gateway, and from where',
  options: [
    subnetOption('source addresses', false),
    { flags: '--action <action>', description: 'accept or reject (default: all but rejected)' },
    ...filterOptions({ action: false }),
    {
      flags: '--by <columns>',
      description: `aggregate by these columns instead of ${BY.join(',')}`,
      many: 'list',
    },
  ],
  fields: {
    required: ['srcaddr', 'dstaddr'],
    spare: ['packets', 'bytes', 'start', 'end'],
    optional: ['action', 'log_status', 'resource_id', 'interface_id'],
  },
  examples: [
    {
      about: 'What went to each endpoint, and from where, largest first',
      line: 'flowlog endpoints --logs ./my-logs --inventory ./my-names/inventory',
    },
    {
      about: 'Of one subnet, by service',
      line: 'flowlog endpoints --subnet 10.10.24.0/24 --by service,kind --logs ./my-logs',
    },
    {
      about: 'What the gateway endpoint for S3 carried, by source',
      line: 'flowlog endpoints --where kind=gateway --where service=s3 --by srcaddr --table network.vpc_flow_logs --since 7d',
    },
  ],

  async request(options, asking) {
    const scope = await scopeOf(options, asking);
    return {
      ...scope,
      where: [...(scope.where ?? []), { field: 'kind', not: true, none: true }],
      subnets: parseBlocks(options.subnet ?? [], options.networks),
      by: columnsMeant(options.by ?? BY),
      columns: [],
    };
  },

  query(request, source) {
    const records = new Records(source, 'endpoints');
    return flows(request, records, (each) => [
      ...(request.subnets.length > 0 ? [each.within('srcaddr', request.subnets)] : []),
      ...reached(each, request),
    ]);
  },
};

function reached(records: Records, { action }: EndpointsRequest): Condition[] {
  const somewhere = holds(sql`${records.needed('dstaddr')} IS NOT NULL`);
  return action === undefined ? [somewhere, ...records.notRefused()] : [somewhere];
}
