import type { Cidr } from '../net/cidr.js';
import { parseBlocks } from '../net/networks.js';
import { filterOptions, scopeOf, subnetOption, type TypedFilters } from './filters.js';
import type { Question } from './question.js';
import { Records, type Scope, touching } from './scope.js';
import { descending, fieldKeys, grouped, sums } from './shapes.js';

/** Who was refused, at which port? */
export interface RejectedRequest extends Scope {
  /** Either end lies in one of them; empty for all. */
  readonly subnets: readonly Cidr[];
  /** Columns to add up by; empty for source, destination, port and protocol, and the reason where it is recorded. */
  readonly by: readonly string[];
}

const BY = ['srcaddr', 'dstaddr', 'dstport', 'protocol'];

/** Most refused first. */
export const rejected: Question<RejectedRequest, TypedFilters> = {
  name: 'rejected',
  summary: 'Who was refused, at which port, when first and last',
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
    optional: ['reject_reason', 'log_status', 'resource_id', 'interface_id'],
  },
  examples: [
    {
      about: 'Who was refused, most often first',
      line: 'flowlog rejected --logs ./my-logs',
    },
    {
      about: 'Which ports of the WorkSpaces were tried in vain',
      line: 'flowlog rejected --subnet 10.10.2.0/23 --by dstport,protocol --logs ./my-logs',
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
    const records = new Records(source, 'rejected');
    records.needed('action');
    const usual = source.fields.has('reject_reason') ? [...BY, 'reject_reason'] : BY;
    return grouped(request, records, {
      match: (records) => [records.action('REJECT'), ...touching(records, request.subnets)],
      keys: request.by.length > 0 ? fieldKeys(request.by, records) : fieldKeys(usual, records, 'rejected'),
      measures: sums(request, records),
      order: [descending('flows')],
    });
  },
};
