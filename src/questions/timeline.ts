import { UsageError } from '../errors.js';
import type { Cidr } from '../net/cidr.js';
import { bucketStart } from '../sql/buckets.js';
import { type Sql, sql } from '../sql/sql.js';
import type { BucketUnit } from '../time/buckets.js';
import {
  filterOptions,
  insideOptions,
  locationsOf,
  scopeOf,
  subnetOption,
  type TypedFilters,
  vpcNote,
} from './filters.js';
import { checkInside, leaving } from './flows.js';
import type { Question } from './question.js';
import { Records, type Scope, touching } from './scope.js';
import { grouped, sums, type Valued } from './shapes.js';
import { spread } from './spread.js';
import { filledTimeline, TIMELINE_MEASURES, type TimelineMeasure } from './timeline-shape.js';

/** How much, when? */
export interface TimelineRequest extends Scope {
  /** Sources where `vpc` is given, else either end; empty for all. */
  readonly subnets: readonly Cidr[];
  /** Given, only what left it counts. */
  readonly vpc: readonly Cidr[];
  /** The part of `vpc` that was assumed rather than given. */
  readonly assumed?: readonly Cidr[] | undefined;
  readonly every: BucketUnit;
  /** Packets and bytes of a record in each row that it lies in, rather than where it starts. */
  readonly spread?: boolean;
  /** What the chart shows; bytes unless given. */
  readonly chart?: TimelineMeasure;
}

interface TimelineOptions extends TypedFilters {
  readonly every: BucketUnit;
  readonly egress?: boolean;
  readonly spread?: boolean;
  readonly chart: TimelineMeasure;
}

/** A row for each minute, hour or day of the zone in which a record starts. */
export const timeline: Question<TimelineRequest, TimelineOptions> = {
  name: 'timeline',
  summary: 'Flows, packets and bytes per minute, hour or day of the zone',
  options: [
    {
      flags: '--every <unit>',
      description: 'length of a row, by the clock of the zone',
      choices: ['minute', 'hour', 'day'],
      default: { value: 'hour' },
    },
    subnetOption('either end; with --egress the source', false),
    { flags: '--egress', description: 'only what left the VPC' },
    { flags: '--spread', description: 'share records out over all rows that they last for' },
    ...insideOptions('destinations'),
    ...filterOptions(),
    {
      flags: '--chart <what>',
      description: 'what the chart shows',
      choices: TIMELINE_MEASURES,
      default: { value: 'bytes' },
    },
  ],
  fields: {
    required: ['start'],
    spare: ['packets', 'bytes', 'end'],
    optional: ['srcaddr', 'dstaddr', 'log_status', 'resource_id', 'interface_id'],
  },
  examples: [
    {
      about: 'Traffic of a subnet per hour of Tokyo; on a terminal as a chart',
      line: 'flowlog timeline --subnet 10.10.24.0/24 --logs ./my-logs',
    },
    {
      about: 'What left it, per day, as numbers',
      line: 'flowlog timeline --subnet 10.10.24.0/24 --egress --every day --format csv --logs ./my-logs',
    },
    {
      about: 'Per minute, where records last for ten: each shared out over its minutes',
      line: 'flowlog timeline --subnet 10.10.24.0/24 --every minute --spread --logs ./my-logs',
    },
  ],
  notes: ({ assumed }) => (assumed ? vpcNote({ vpc: assumed, assumedVpc: true }) : []),

  finish: (result, { every, zone, range }) => filledTimeline(result, every, zone, range),
  picture({ every, chart = 'bytes' }) {
    const title = `${chart[0]!.toUpperCase()}${chart.slice(1)} per ${every}`;
    return { title, labels: ['time'], value: chart, overTime: true, everywhere: true };
  },

  async request(options, asking) {
    const scope = await scopeOf(options, asking);
    const { every, egress = false, spread = false, chart } = options;
    const { subnets, vpc, exclude, assumedVpc } = locationsOf(options);
    if (!egress) return { ...scope, subnets, vpc: [], every, spread, chart };
    if (subnets.length === 0) {
      throw new UsageError(
        '--egress requires --subnet.',
        'Give --subnet the addresses that traffic left from.',
      );
    }
    checkInside(subnets, vpc);
    const assumed = assumedVpc ? vpc : undefined;
    return { ...scope, subnets, vpc: [...vpc, ...exclude], assumed, every, spread, chart };
  },

  query(request, source) {
    const { subnets, vpc, every, zone } = request;
    const records = new Records(source, 'timeline');
    const { dialect } = source;
    const match = vpc.length > 0 ? leaving(request) : (each: Records) => touching(each, subnets);
    const bucketOf = (moment: Sql) => bucketStart(moment, zone, every, request.range);
    const rows = (moment: Sql, measures: readonly Valued[]) => ({
      keys: [
        {
          column: { name: 'time', type: 'time', zone },
          value: dialect.localTime(bucketOf(moment), zone),
        } as const,
      ],
      measures: measures.filter(({ column }) => column.type !== 'time'),
      // By the moment itself: clocks show some hours twice.
      order: [sql`min(${moment})`],
    });
    if (!request.spread) {
      return grouped(request, records, { match, ...rows(records.value('start'), sums(request, records)) });
    }
    const parts = spread(request, records, match);
    const { minute, first } = parts;
    const flows: Valued = {
      column: { name: 'flows', type: 'integer' },
      value: sql`count(CASE WHEN ${first} OR ${minute} = ${bucketOf(minute)} THEN 1 END)`,
    };
    const [, ...others] = sums(request, parts.records);
    // The filters are of records, not of parts.
    const unfiltered = {
      ...request,
      ...{ action: undefined, protocols: [], dstPorts: [], hours: undefined, where: [] },
    };
    return grouped(unfiltered, parts.records, { match: parts.match, ...rows(minute, [flows, ...others]) });
  },
};
