import { UsageError } from '../errors.js';
import type { Cidr } from '../net/cidr.js';
import { sql, trusted } from '../sql/sql.js';
import { parseDuration } from '../terminal/units.js';
import {
  filterOptions,
  insideOptions,
  locationsOf,
  scopeOf,
  subnetOption,
  type TypedFilters,
  vpcNote,
} from './filters.js';
import { checkInside } from './flows.js';
import { parsed } from './option.js';
import type { Question } from './question.js';
import { Records, type Scope } from './scope.js';
import { fieldKeys, grouped, sums } from './shapes.js';

/**
 * Which destinations were reached in this range, and never in the one before? Its range is both: what is asked about begins
 * at `from`.
 */
export interface NewRequest extends Scope {
  readonly subnets: readonly Cidr[];
  /** The blocks that are inside. */
  readonly vpc: readonly Cidr[];
  /** Destinations that are outside but not asked for. */
  readonly exclude: readonly Cidr[];
  /** Whether the VPC was assumed rather than given. */
  readonly assumedVpc?: boolean;
  /** Unix seconds. */
  readonly from: number;
  /** What is new when it was not there before: `dstaddr`, or with it the port, the source. */
  readonly by: readonly string[];
}

interface NewOptions extends TypedFilters {
  readonly before?: number;
}

/** In the order in which they came. */
export const newDestinations: Question<NewRequest, NewOptions> = {
  name: 'new',
  summary: 'Destinations outside that were reached in this range and never in the one before',
  options: [
    subnetOption('source addresses', true),
    ...insideOptions('destinations'),
    ...filterOptions(),
    {
      flags: '--before <time>',
      description: 'how long before --since to look: 7d (default: as long as the range)',
      parse: parsed(wholeSeconds, 'It must be a duration, such as 12h or 7d.'),
    },
    {
      flags: '--by <columns>',
      description: 'what is new when it was not seen before: dstaddr,dstport (default: dstaddr)',
      many: 'list',
    },
  ],
  fields: {
    required: ['srcaddr', 'dstaddr', 'start'],
    spare: ['dstport', 'protocol', 'action', 'packets', 'bytes', 'end'],
    optional: ['log_status', 'resource_id', 'interface_id'],
  },
  examples: [
    {
      about: 'Destinations of a day that the day before had not seen',
      line: 'flowlog new --subnet 10.10.24.0/24 --since 2026-06-02 --until 2026-06-03 --logs ./my-logs',
    },
    {
      about: 'Of the last day, against the thirty before, by source, destination and port',
      line: 'flowlog new --subnet 10.10.24.0/24 --since 24h --before 30d --by srcaddr,dstaddr,dstport --table network.vpc_flow_logs',
    },
  ],
  notes: vpcNote,

  async request(options, asking) {
    const scope = await scopeOf(options, asking);
    const { since, until = asking.now() } = scope.range;
    if (since === undefined) {
      throw new UsageError(
        '--since is required.',
        'Give --since, such as 24h or 2026-06-02: what came before it is known.',
      );
    }
    const locations = locationsOf(options);
    checkInside(locations.subnets, locations.vpc);
    const before = options.before ?? until - since;
    const range = { since: since - before, until: scope.range.until };
    return { ...scope, ...locations, range, from: since, by: options.by ?? [] };
  },

  query(request, source) {
    const { subnets, vpc, exclude, from, by } = request;
    checkInside(subnets, vpc);
    const records = new Records(source, 'new');
    return grouped(request, records, {
      match: [records.within('srcaddr', subnets), records.beyond('dstaddr', [...vpc, ...exclude])],
      keys: by.length > 0 ? fieldKeys(by, records) : fieldKeys(['dstaddr'], records, 'new'),
      measures: sums(request, records),
      having: sql`min(${records.value('start')}) >= ${trusted(String(from))}`,
      // By the moment itself: clocks show some hours twice.
      order: [sql`min(${records.value('start')})`],
    });
  },
};

function wholeSeconds(text: string): number | undefined {
  const seconds = parseDuration(text);
  return seconds === undefined || seconds < 1 ? undefined : Math.floor(seconds);
}
