import type { Cidr } from '../net/cidr.js';
import { parsed, UnfitValue, wholeNumber } from '../option.js';
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
import { checkInside, leaving } from './flows.js';
import { openedOnce } from './opened-once.js';
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
  /** Bytes of the median contact, at most. */
  readonly maxBytes: number;
  /** Of 100, at least. */
  readonly minScore: number;
}

/** Records of one connection with no longer pause between them are of one contact (seconds). */
const PAUSE = 10;
/** What starts so soon after another is opened with it: several connections at once are one contact (seconds). */
const AT_ONCE = 2;
/** Parts of the time that the logs cover, whose contacts are compared. */
const BINS = 24;
const DAY = 86_400;

const KEYS = ['srcaddr', 'dstaddr', 'dstport', 'protocol'];

interface BeaconsOptions extends TypedFilters {
  readonly minContacts: number;
  readonly maxJitter: number;
  readonly maxBytes: number;
  readonly minScore: number;
}

/**
 * A contact is a connection. Where one pair of ports says something as often as is asked for, its contacts are what it says, and
 * are a series of their own where most of it is said within connections. Period and size are medians, the jitter the median of how far pauses are from the period: one
 * large upload or a break changes none of them. All are whole numbers, the lower of the two middle ones where there are two, so
 * that engines agree.
 *
 * The score is RITA's (activecm/rita, analysis/beacons.go), a quarter each: regular pauses and regular sizes (Bowley skew and
 * median absolute deviation), duration (part of the time covered, or hours in a row of 12), and even spread over 24 parts of the
 * time (coefficient of variation). Best first.
 */
export const beacons: Question<BeaconsRequest, BeaconsOptions> = {
  name: 'beacons',
  summary: 'Who makes regular, small contacts with one destination outside: period, jitter, score',
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
      default: { value: 50 },
    },
    {
      flags: '--min-score <n>',
      description: 'minimum score, of 100',
      parse: wholeNumber,
      default: { value: 0 },
    },
    {
      flags: '--max-bytes <size>',
      description: 'maximum median size of a contact',
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
      line: 'flowlog beacons --subnet 10.10.24.0/24 --max-bytes 1MB --max-jitter 80 --min-contacts 5 --logs ./my-logs',
    },
  ],
  notes: (request) => [
    ...vpcNote(request),
    'Several contacts over one connection (the same ports) within one aggregation interval (60 or 600 s) count as one: only their interval is recorded.',
  ],

  async request(options, asking) {
    const scope = await scopeOf(options, asking);
    const locations = locationsOf(options);
    checkInside(locations.subnets, locations.vpc);
    const { minContacts, maxJitter, maxBytes, minScore } = options;
    return { ...scope, ...locations, minContacts, maxJitter, maxBytes, minScore };
  },

  picture: () => ({
    title: 'Score of 100',
    labels: ['srcaddr', 'dstaddr', 'dstport'],
    value: 'score',
    whole: 100,
  }),

  query(request, source) {
    const { zone } = request;
    checkInside(request.subnets, request.vpc);
    const all = new Records(source, 'beacons');
    const opened = openedOnce(request, all, leaving(request), { numbered: true, initiated: true });
    const { records } = opened;
    const selection = select(request, records, opened.match);
    const aside = selection.aside ?? sql`CAST(NULL AS VARCHAR)`;
    const number = (value: number) => trusted(String(value));
    const names = KEYS.map(identifier);
    const series = join([...names, sql`own_port`, sql`aside`], ', ');
    const ports = join([...names, sql`srcport`, sql`aside`], ', ');
    const connection = sql`${ports}, connection`;
    const field = (name: string): Valued => ({
      column: fieldColumn(requireField(name, source, 'beacons')),
      value: identifier(name),
    });
    const integer = (name: string, value: Sql): Valued => ({ column: { name, type: 'integer' }, value });
    const time = (name: string, epoch: Sql): Valued => ({
      column: { name, type: 'time', zone },
      value: source.dialect.localTime(epoch, zone),
    });
    const { column: port } = field('srcport');
    const columns: Valued[] = [
      ...KEYS.map(field),
      integer('contacts', sql`contacts`),
      integer('period_s', sql`period`),
      integer('jitter_s', sql`jitter`),
      { column: { name: 'median_bytes', type: 'integer' }, value: sql`size` },
      integer('score', sql`score`),
      integer('hosts', sql`hosts`),
      { column: { ...port, name: 'own_srcport' }, value: sql`own_port` },
      integer('flows', sql`flows`),
      integer('packets', sql`packets`),
      { column: { name: 'bytes', type: 'bytes' }, value: sql`bytes` },
      ...[time('first_seen', sql`first_start`), time('last_seen', sql`last_end`)],
    ];
    const read = [...KEYS, 'srcport', 'start', 'end', 'packets', 'bytes'].map((name) =>
      aliased(records.value(name), name),
    );
    /** The value at a quarter of those of a column, for each row: of four values the first, second, third. */
    const quarter = (of: string, quarters: number, name: string) => {
      const [place, count] = [trusted(`${of}_place * 4`), trusted(`${of}s * ${quarters}`)];
      return sql`max(CASE WHEN ${place} BETWEEN ${count} AND ${count} + 3 THEN ${identifier(of)} END) OVER (PARTITION BY ${series}) AS ${identifier(name)}`;
    };
    const placed = (of: string) =>
      sql`row_number() OVER (PARTITION BY ${series} ORDER BY ${identifier(of)} NULLS LAST) AS ${identifier(`${of}_place`)}`;
    const middle = (of: string, place: string, count: string) =>
      sql`max(CASE WHEN ${trusted(place)} * 2 BETWEEN ${trusted(count)} AND ${trusted(count)} + 1 THEN ${trusted(of)} END)`;
    const shown = columns.map(({ value, column }) => aliased(value, column.name));
    const least = number(request.minContacts);
    return {
      name: 'beacons',
      sql: sql`WITH seen AS ${source.dialect.kept} (
SELECT
  ${join([...read, sql`${aside} AS aside`, sql`CASE WHEN ${aside} IS NULL THEN ${opened.connection} END AS connection`], ',\n  ')}
${selection.from}
), followed AS (
SELECT *, max("end") OVER (PARTITION BY ${connection} ORDER BY "start", "end" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS until
FROM seen
), spoken AS (
SELECT *, CASE WHEN until IS NULL OR "start" - until > ${number(PAUSE)} THEN 1 ELSE 0 END AS begins
FROM followed
), parted AS (
SELECT *,
  sum(begins) OVER (PARTITION BY ${connection} ORDER BY "start", "end", begins DESC ROWS UNBOUNDED PRECEDING) AS part,
  sum(begins) OVER (PARTITION BY ${ports}) AS parts,
  count(CASE WHEN begins = 1 AND until IS NOT NULL THEN 1 END) OVER (PARTITION BY ${ports}) AS continued
FROM spoken
), told AS (
SELECT *, CASE WHEN continued >= ${least} - 1 THEN srcport END AS own_port, CASE WHEN parts >= ${least} THEN part ELSE 0 END AS own_part
FROM parted
), connections AS (
SELECT ${series}, min("start") AS "start", max("end") AS "end", count(*) AS flows, CAST(sum(packets) AS BIGINT) AS packets, CAST(sum(bytes) AS BIGINT) AS bytes,
  max("end" - "start") AS longest
FROM told
GROUP BY ${series}, srcport, connection, own_part
), after AS (
SELECT *, lag("start") OVER (PARTITION BY ${series} ORDER BY "start", "end", bytes) AS before
FROM connections
), numbered AS (
SELECT *, sum(CASE WHEN "start" - before <= ${number(AT_ONCE)} THEN 0 ELSE 1 END) OVER (PARTITION BY ${series} ORDER BY "start", "end", bytes, before NULLS FIRST ROWS UNBOUNDED PRECEDING) AS number
FROM after
), contacted AS (
SELECT ${series}, min("start") AS "start", max("end") AS "end", sum(flows) AS flows, sum(packets) AS packets, CAST(sum(bytes) AS BIGINT) AS size,
  max(longest) AS longest
FROM numbered
GROUP BY ${series}, number
), met AS (
SELECT *,
  "start" - lag("start") OVER (PARTITION BY ${series} ORDER BY "start") AS pause,
  count(*) OVER (PARTITION BY ${series}) AS contacts,
  CASE WHEN aside IS NULL THEN row_number() OVER (PARTITION BY dstaddr, srcaddr, aside ORDER BY "start") END AS of_host,
  CASE WHEN aside IS NULL THEN row_number() OVER (PARTITION BY srcaddr, aside ORDER BY "start") END AS of_all,
  min("start") OVER (PARTITION BY dstaddr, aside) AS known_since,
  min(CASE WHEN aside IS NULL THEN "start" END) OVER () AS begin,
  max(CASE WHEN aside IS NULL THEN "end" END) OVER () AS finish
FROM contacted
), hosted AS (
SELECT *,
  count(CASE WHEN of_host = 1 THEN 1 END) OVER (PARTITION BY dstaddr, aside) AS hosts,
  count(CASE WHEN of_all = 1 THEN 1 END) OVER () AS all_hosts
FROM met
), placed AS (
SELECT *,
  ${placed('pause')}, count(pause) OVER (PARTITION BY ${series}) AS pauses,
  ${placed('size')}, count(size) OVER (PARTITION BY ${series}) AS sizes,
  CAST(floor(CAST("start" - begin AS DOUBLE) * ${number(BINS)} / CAST(finish - begin + 1 AS DOUBLE)) AS BIGINT) AS bin,
  CAST(floor(CAST("start" AS DOUBLE) / 3600) AS BIGINT) AS hour
FROM hosted
WHERE aside IS NOT NULL OR contacts >= ${least}
), quartered AS (
SELECT *,
  ${join(
    [1, 2, 3].flatMap((n) => [quarter('pause', n, `pause_${n}`), quarter('size', n, `size_${n}`)]),
    ',\n  ',
  )},
  count(*) OVER (PARTITION BY ${series}, bin) AS in_bin,
  hour - dense_rank() OVER (PARTITION BY ${series} ORDER BY hour) AS stretch,
  row_number() OVER (PARTITION BY ${series}, hour ORDER BY "start") AS of_hour
FROM placed
), strayed AS (
SELECT *, abs(pause - pause_2) AS stray, abs(size - size_2) AS size_stray,
  count(CASE WHEN of_hour = 1 THEN 1 END) OVER (PARTITION BY ${series}, stretch) AS in_a_row
FROM quartered
), ranked AS (
SELECT *, ${placed('stray')}, ${placed('size_stray')}
FROM strayed
), regular AS (
SELECT ${series}, count(*) AS contacts, max(pause_1) AS pause_1, max(pause_2) AS period, max(pause_3) AS pause_3,
  max(size_1) AS size_1, max(size_2) AS size, max(size_3) AS size_3,
  ${middle('stray', 'stray_place', 'pauses')} AS jitter, ${middle('size_stray', 'size_stray_place', 'sizes')} AS size_mad,
  CAST(sum(in_bin) AS DOUBLE) AS squares, CAST(max(in_a_row) AS DOUBLE) AS in_a_row, count(CASE WHEN of_hour = 1 THEN 1 END) AS hours,
  max(longest) AS longest, max(hosts) AS hosts, max(all_hosts) AS all_hosts, min(known_since) AS known_since, min(begin) AS begin, max(finish) AS finish,
  CAST(sum(flows) AS BIGINT) AS flows, CAST(sum(packets) AS BIGINT) AS packets, CAST(sum(size) AS BIGINT) AS bytes,
  min("start") AS first_start, max("end") AS last_end
FROM ranked
GROUP BY ${series}
), scored AS (
SELECT *, ${score()} AS score
FROM regular
WHERE aside IS NOT NULL OR jitter * 100 <= period * ${number(request.maxJitter)} AND coalesce(size, 0) <= ${number(request.maxBytes)}
)
SELECT
  ${join([...shown, sql`aside`], ',\n  ')}
FROM scored
WHERE aside IS NOT NULL OR score >= ${number(request.minScore)}
ORDER BY aside NULLS FIRST, scored.score DESC, scored.contacts DESC, ${join([...names, sql`own_port NULLS FIRST`], ', ')}`,
      columns: columns.map(({ column }) => column),
      asides: true,
      narrowing: selection.narrowing,
      weight: 'flows',
      limit: request.limit,
    };
  },
};

/**
 * Of 100, from the columns of a series. Pauses within one connection are multiples of the aggregation interval: a skew within
 * it is none. As in RITA, a destination that few hosts know, or that is new, scores 15 more, and one that half of the hosts know
 * (of ten at least), or that is known for a month, 15 less.
 */
function score(): Sql {
  const tolerance = `CASE WHEN own_port IS NULL THEN 10 WHEN longest > 60 THEN 600 ELSE 60 END`;
  const real = (text: string) => `CAST(${text} AS DOUBLE)`;
  const regular = (
    first: string,
    median: string,
    third: string,
    deviation: string,
    least: string,
    none: number,
  ) =>
    `(1 - CASE WHEN ${third} - ${first} >= ${least} AND ${median} <> ${first} AND ${median} <> ${third} THEN abs(${real(`${first} + ${third} - 2 * ${median}`)} / ${real(`${third} - ${first}`)}) ELSE 0 END
    + CASE WHEN ${median} >= 1 THEN greatest(0, ${real(`${median} - ${deviation}`)} / ${real(median)}) ELSE ${none} END) / 2`;
  const pauses = regular('pause_1', 'period', 'pause_3', 'jitter', tolerance, 1);
  const sizes = regular('size_1', 'size', 'size_3', 'size_mad', '10', 0);
  const covered = `${real('last_end - first_start')} / ${real('greatest(finish - begin, 1)')}`;
  const duration = `CASE WHEN hours >= 6 THEN least(1, greatest(${covered}, in_a_row / 12)) ELSE 0 END`;
  const spread = `greatest(0, 1 - sqrt(greatest(0, ${BINS} * squares - ${real('contacts * contacts')})) / ${real('contacts')})`;
  const prevalence = `CASE WHEN hosts * 50 <= all_hosts THEN 15 WHEN all_hosts >= 10 AND hosts * 2 >= all_hosts THEN -15 ELSE 0 END`;
  const age = `CASE WHEN finish - known_since >= ${30 * DAY} THEN -15 WHEN finish - known_since <= ${7 * DAY} AND known_since - begin >= ${7 * DAY} THEN 15 ELSE 0 END`;
  return trusted(
    `least(100, greatest(0, CAST(round(25 * (${pauses} + coalesce(${sizes}, 0) + ${duration} + ${spread})) AS BIGINT) + ${prevalence} + ${age}))`,
  );
}

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
