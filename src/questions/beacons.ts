import type { Cidr } from '../net/cidr.js';
import { identifier, join, type Sql, sql, trusted } from '../sql/sql.js';
import { parseBytes } from '../terminal/units.js';
import { aliased, fieldColumn, requireField } from './columns.js';
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
import { mayOpen, openers } from './opener.js';
import { parsed, UnfitValue, wholeNumber } from './option.js';
import type { Question } from './question.js';
import { Records, type Scope, select } from './scope.js';
import type { Valued } from './shapes.js';

/** Who calls somebody outside again and again, regularly and with little? */
export interface BeaconsRequest extends Scope {
  readonly subnets: readonly Cidr[];
  /** The blocks that are inside. */
  readonly vpc: readonly Cidr[];
  /** Destinations that are outside but not asked for. */
  readonly exclude: readonly Cidr[];
  /** Whether the VPC was assumed rather than given. */
  readonly assumedVpc?: boolean;
  /** Contacts, at least. */
  readonly minContacts: number;
  /** Jitter in percent of the period, at most. */
  readonly maxJitter: number;
  /** Bytes per contact, at most. */
  readonly maxBytes: number;
}

/** What follows within this is the same contact (seconds). */
const SAME_CONTACT = 60;

const KEYS = ['srcaddr', 'dstaddr', 'dstport', 'protocol'];

interface BeaconsOptions extends TypedFilters {
  readonly minContacts: number;
  readonly maxJitter: number;
  readonly maxBytes: number;
}

/**
 * A contact is a run of records between two addresses to one port with no pause of a minute. The period is the median of the
 * times between contacts, the jitter the median of how far they are from it: both are whole seconds, the lower of the two
 * middle ones where there are two, so that engines agree. Most regular first.
 */
export const beacons: Question<BeaconsRequest, BeaconsOptions> = {
  name: 'beacons',
  summary: 'Who makes regular, small contacts with one destination outside: period, jitter, count',
  options: [
    subnetOption('source addresses', true),
    ...insideOptions('destinations'),
    ...filterOptions(),
    {
      flags: '--min-contacts <n>',
      description: 'minimum number of contacts',
      parse: parseMinContacts,
      default: { value: 10 },
    },
    {
      flags: '--max-jitter <percent>',
      description: 'maximum jitter, in percent of the period',
      parse: wholeNumber,
      default: { value: 20 },
    },
    {
      flags: '--max-bytes <size>',
      description: 'maximum average size of a contact',
      parse: parsed(wholeBytes, 'It must be a size, such as 10kB or 1MB.'),
      default: { value: 10_000, text: '10kB' },
    },
  ],
  fields: {
    required: ['srcaddr', 'dstaddr', 'start', 'end'],
    spare: ['srcport', 'dstport', 'protocol', 'packets', 'bytes'],
    optional: ['tcp_flags', 'log_status', 'resource_id', 'interface_id'],
  },
  examples: [
    {
      about: 'Who calls somebody outside regularly',
      line: 'flowlog beacons --subnet 10.10.24.0/24 --logs ./my-logs',
    },
    {
      about: 'With larger contacts and less regular ones too',
      line: 'flowlog beacons --subnet 10.10.24.0/24 --max-bytes 1MB --max-jitter 50 --min-contacts 5 --logs ./my-logs',
    },
  ],
  notes: (request) => [
    ...vpcNote(request),
    'Contacts up to a minute apart, or within one aggregation interval (60 or 600 s), count as one: shorter periods are invisible.',
  ],

  async request(options, asking) {
    const scope = await scopeOf(options, asking);
    const locations = locationsOf(options);
    checkInside(locations.subnets, locations.vpc);
    const { minContacts, maxJitter, maxBytes } = options;
    return { ...scope, ...locations, minContacts, maxJitter, maxBytes };
  },

  query(request, source) {
    const { subnets, vpc, exclude, zone } = request;
    checkInside(subnets, vpc);
    const all = new Records(source, 'beacons');
    const opened = openers(request, all, [
      all.within('srcaddr', subnets),
      all.beyond('dstaddr', [...vpc, ...exclude]),
    ]);
    const { records } = opened;
    const selection = select(request, records, [...opened.match, mayOpen(opened)]);
    const among: Sql = join([...KEYS.map(identifier), sql`aside`], ', ');
    const number = (value: number) => trusted(String(value));
    /** The value in the middle of those of a column, for each row. */
    const middle = (of: string, place: string, all: string) =>
      sql`max(CASE WHEN ${identifier(place)} * 2 BETWEEN ${identifier(all)} AND ${identifier(all)} + 1 THEN ${identifier(of)} END) OVER (PARTITION BY ${among})`;
    const before = sql`PARTITION BY ${among} ORDER BY "start", "end" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING`;
    const time = (name: string, epoch: Sql): Valued => ({
      column: { name, type: 'time', zone },
      value: source.dialect.localTime(epoch, zone),
    });
    const columns: Valued[] = [
      ...KEYS.map((name) => ({
        column: fieldColumn(requireField(name, source, 'beacons')),
        value: identifier(name),
      })),
      { column: { name: 'contacts', type: 'integer' }, value: sql`count(opened)` },
      { column: { name: 'period_s', type: 'integer' }, value: sql`max(period)` },
      { column: { name: 'jitter_s', type: 'integer' }, value: sql`max(jitter)` },
      { column: { name: 'flows', type: 'integer' }, value: sql`count(*)` },
      { column: { name: 'packets', type: 'integer' }, value: sql`CAST(sum(packets) AS BIGINT)` },
      { column: { name: 'bytes', type: 'bytes' }, value: sql`CAST(sum(bytes) AS BIGINT)` },
      ...[time('first_seen', sql`min("start")`), time('last_seen', sql`max("end")`)],
    ];
    const read = [...KEYS, 'start', 'end', 'packets', 'bytes'].map((name) =>
      aliased(records.value(name), name),
    );
    const shown = [...columns.map(({ value, column }) => aliased(value, column.name)), sql`aside`];
    return {
      name: 'beacons',
      sql: sql`WITH seen AS (
SELECT
  ${join([...read, sql`${selection.aside ?? sql`CAST(NULL AS VARCHAR)`} AS aside`], ',\n  ')}
${selection.from}
), runs AS (
SELECT *, max("end") OVER (${before}) AS until
FROM seen
), contacts AS (
SELECT *, CASE WHEN until IS NULL OR "start" - until > ${number(SAME_CONTACT)} THEN "start" END AS opened
FROM runs
), pauses AS (
SELECT *, CASE WHEN opened IS NOT NULL THEN opened - max(opened) OVER (${before}) END AS pause
FROM contacts
), placed AS (
SELECT *,
  row_number() OVER (PARTITION BY ${among} ORDER BY pause NULLS LAST) AS place,
  count(pause) OVER (PARTITION BY ${among}) AS pauses
FROM pauses
), regular AS (
SELECT *, ${middle('pause', 'place', 'pauses')} AS period
FROM placed
), strayed AS (
SELECT *, abs(pause - period) AS stray
FROM regular
), ranked AS (
SELECT *, row_number() OVER (PARTITION BY ${among} ORDER BY stray NULLS LAST) AS stray_place
FROM strayed
), jittered AS (
SELECT *, ${middle('stray', 'stray_place', 'pauses')} AS jitter
FROM ranked
)
SELECT
  ${join(shown, ',\n  ')}
FROM jittered
GROUP BY ${among}
HAVING aside IS NOT NULL OR count(opened) >= ${number(request.minContacts)}
  AND max(jitter) * 100 <= max(period) * ${number(request.maxJitter)}
  AND coalesce(sum(bytes), 0) <= count(opened) * ${number(request.maxBytes)}
ORDER BY aside NULLS FIRST, jitter_s, contacts DESC, ${join(KEYS.map(identifier), ', ')}`,
      columns: columns.map(({ column }) => column),
      asides: true,
      narrowing: selection.narrowing,
      weight: 'flows',
      limit: request.limit,
    };
  },
};

/** Two contacts have one pause between them, which shows no regularity. */
function parseMinContacts(text: string): number {
  const number = wholeNumber(text);
  if (number < 3) throw new UnfitValue('It must be 3 or more.');
  return number;
}

function wholeBytes(text: string): number | undefined {
  const bytes = parseBytes(text);
  return bytes !== undefined && Number.isSafeInteger(bytes) ? bytes : undefined;
}
