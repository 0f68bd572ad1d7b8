import type { Cidr } from '../net/cidr.js';
import { parseBlocks } from '../net/networks.js';
import { sql } from '../sql/sql.js';
import { filterOptions, scopeOf, subnetOption, type TypedFilters } from './filters.js';
import type { Question } from './question.js';
import { Records, type Scope, touching } from './scope.js';
import { descending, fieldKeys, grouped, sums, type Valued } from './shapes.js';
import { shares } from './shares.js';

/** How much of the traffic is IPv4 and IPv6, TCP, UDP, ICMP and others? */
export interface ProtocolsRequest extends Scope {
  /** Either end lies in one of them; empty for all. */
  readonly subnets: readonly Cidr[];
}

export const protocols: Question<ProtocolsRequest, TypedFilters> = {
  name: 'protocols',
  summary: 'How much is IPv4 and IPv6, TCP, UDP, ICMP and others',
  options: [subnetOption('either end', false), ...filterOptions()],
  fields: {
    required: ['protocol'],
    spare: ['srcaddr', 'packets', 'bytes', 'start', 'end'],
    optional: ['dstaddr', 'log_status', 'resource_id', 'interface_id'],
  },
  examples: [
    {
      about: 'All traffic',
      line: 'flowlog protocols --logs ./my-logs',
    },
    {
      about: 'One subnet, on one day',
      line: 'flowlog protocols --subnet 10.10.24.0/24 --since 2026-06-01 --until 2026-06-02 --logs ./my-logs',
    },
  ],

  async request(options, asking) {
    return {
      ...(await scopeOf(options, asking)),
      subnets: parseBlocks(options.subnet ?? [], options.networks),
    };
  },

  query(request, source) {
    const records = new Records(source, 'protocols');
    const address = records.value('srcaddr');
    const family: Valued = {
      column: { name: 'family', type: 'text' },
      value: sql`CASE WHEN strpos(${address}, ':') > 0 THEN 'IPv6' WHEN ${address} IS NOT NULL THEN 'IPv4' END`,
    };
    const keys = [family, ...fieldKeys(['protocol'], records, 'protocols')];
    return grouped(request, records, {
      match: (records) => touching(records, request.subnets),
      keys,
      measures: [...sums(request, records), ...shares(request, records, keys)],
      order: [descending('bytes')],
    });
  },
};
