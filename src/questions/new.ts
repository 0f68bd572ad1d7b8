import { UsageError } from '../errors.js';
import type { Cidr } from '../net/cidr.js';
import { parsed } from '../option.js';
import type { Column } from '../result.js';
import { identifier, join, type Sql, sql, trusted } from '../sql/sql.js';
import { parseDuration } from '../terminal/units.js';
import { aliased } from './columns.js';
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
import { openedOnce } from './opened-once.js';
import type { Question } from './question.js';
import { inHours, Records, type Scope, select } from './scope.js';
import { fieldKeys, sums } from './shapes.js';

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

/** The time before is only partly known when its first record is later than this part of it, and than an hour. */
const PARTLY = 0.1;

/**
 * What was reached was accepted, and opened from inside as far as flags and ports tell. What was refused only is a kind of its
 * own: it does not make a destination known. In the order in which they came.
 */
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
    spare: ['srcport', 'dstport', 'protocol', 'action', 'packets', 'bytes', 'end'],
    optional: ['tcp_flags', 'log_status', 'resource_id', 'interface_id'],
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

  caveats(asides) {
    if (asides.has('known')) return [];
    if (asides.has('partly-known')) {
      return [
        {
          summary: 'records of a part of the time before only',
          note: 'The records of these subnets begin only some time after the time before --since does: destinations may look new that are not. A shorter --before, or earlier logs, would tell.',
        },
      ];
    }
    return [
      {
        summary: 'no record of the time before',
        note: 'No record of these subnets in the time before --since: everything looks new. A longer --before, or earlier logs, would tell.',
      },
    ];
  },

  query(request, source) {
    const { from, by, hours, action, zone } = request;
    checkInside(request.subnets, request.vpc);
    const all = new Records(source, 'new');
    const start = all.needed('start');
    const scope = { ...request, hours: undefined, action: undefined };
    const opened = openedOnce(scope, all, leaving(request), { initiated: true });
    const { records } = opened;
    const since = trusted(String(from));
    const inRange = (condition: Sql) => ({ sql: sql`(${start} < ${since} OR ${condition})` });
    const selection = select(scope, records, [
      ...opened.match,
      ...(hours ? [inRange(inHours(hours, zone, records))] : []),
      ...(action ? [inRange(records.action(action, '--action').sql)] : []),
    ]);
    const keys = by.length > 0 ? fieldKeys(by, records) : fieldKeys(['dstaddr'], records, 'new');
    const refused = sql`CASE WHEN ${records.value('action')} = 'REJECT' THEN 'refused' ELSE 'reached' END`;
    const measures = sums(request, records);
    const aside = selection.aside ?? sql`CAST(NULL AS VARCHAR)`;
    const columns = [...keys.map(({ column }) => column), KIND, ...measures.map(({ column }) => column)];
    const names = keys.map(({ column }) => identifier(column.name));
    const margin = Math.max(3600, Math.floor((from - (request.range.since ?? from)) * PARTLY));
    const late = trusted(String((request.range.since ?? from) + margin));
    return {
      name: 'new',
      sql: sql`WITH seen AS (
SELECT
  ${join([...keys.map(({ value, column }) => aliased(value, column.name)), sql`${refused} AS kind`, ...measures.map(({ value, column }) => aliased(value, column.name)), sql`${aside} AS reason`, sql`min(${start}) AS first_start`], ',\n  ')}
${selection.from}
GROUP BY ${join([...keys.map(({ value }) => value), refused, ...(selection.aside ? [aside] : [])], ', ')}
), compared AS (
SELECT *,
  min(CASE WHEN reason IS NULL THEN first_start END) OVER () AS known_since,
  min(CASE WHEN kind = 'reached' THEN first_start END) OVER (PARTITION BY ${join([...names, sql`reason`], ', ')}) AS reached
FROM seen
), told AS (
SELECT *, CASE
  WHEN reason IS NOT NULL THEN reason
  WHEN first_start >= ${since} AND (kind = 'reached' OR coalesce(reached, ${since}) >= ${since}) THEN NULL
  WHEN known_since > ${late} THEN 'partly-known'
  ELSE 'known'
END AS aside
FROM compared
)
SELECT ${join([...columns.map(({ name }) => identifier(name)), sql`aside`], ', ')}
FROM told
ORDER BY aside NULLS FIRST, first_start, ${join([...names, sql`kind`], ', ')}`,
      columns,
      asides: true,
      narrowing: selection.narrowing,
      weight: 'flows',
      limit: request.limit,
    };
  },
};

const KIND: Column = { name: 'kind', type: 'text' };

function wholeSeconds(text: string): number | undefined {
  const seconds = parseDuration(text);
  return seconds === undefined || seconds < 1 ? undefined : Math.floor(seconds);
}
