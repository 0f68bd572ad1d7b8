import type { Cidr } from '../net/cidr.js';
import { parseBlocks } from '../net/networks.js';
import { filterOptions, scopeOf, subnetOption, type TypedFilters } from './filters.js';
import type { Question } from './question.js';
import { Records, type Scope, touching } from './scope.js';
import { descending, fieldKeys, grouped, sums } from './shapes.js';

/** What was let through, to which port? */
export interface AcceptedRequest extends Scope {
  /** Either end lies in one of them; empty for all. */
  readonly subnets: readonly Cidr[];
  /** Columns to add up by; empty for source, destination, port and protocol. */
  readonly by: readonly string[];
}

const BY = ['srcaddr', 'dstaddr', 'dstport', 'protocol'];

/** Largest first. */
export const accepted: Question<AcceptedRequest, TypedFilters> = {
  name: 'accepted',
  summary: 'What was let through, to which port',
  options: [
    subnetOption('either end', false),
    ...filterOptions({ action: false }),
    {
      flags: '--by <columns>',
      description: 'aggregate by these columns instead of srcaddr,dstaddr,dstport,protocol',
      many: 'list',
    },
  ],
  fields: {
    required: ['action'],
    spare: ['packets', 'bytes', 'start', 'end', 'srcaddr', 'dstaddr', 'dstport', 'protocol'],
    optional: ['log_status', 'resource_id', 'interface_id'],
  },
  examples: [
    {
      about: 'What was let through to and from a subnet, largest first',
      line: 'flowlog accepted --subnet 10.10.24.0/24 --logs ./my-logs',
    },
    {
      about: 'TCP by destination port',
      line: 'flowlog accepted --protocol tcp --by dstport --logs ./my-logs',
    },
  ],

  async request(options, asking) {
    return {
      ...(await scopeOf(options, asking)),
      subnets: parseBlocks(options.subnet ?? [], options.networks),
      by: options.by ?? [],
    };
  },

  query(request, source) {
    const records = new Records(source, 'accepted');
    return grouped(request, records, {
      match: (records) => [records.action('ACCEPT'), ...touching(records, request.subnets)],
      keys: request.by.length > 0 ? fieldKeys(request.by, records) : fieldKeys(BY, records, 'accepted'),
      measures: sums(request, records),
      order: [descending('bytes')],
    });
  },
};
