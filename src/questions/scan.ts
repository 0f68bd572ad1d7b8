import type { Cidr } from '../net/cidr.js';
import { parseBlocks } from '../net/networks.js';
import { parsed, wholeNumber } from '../option.js';
import type { Column } from '../result.js';
import { identifier, inlined, join, type Sql, sql, trusted } from '../sql/sql.js';
import { parseDuration } from '../terminal/units.js';
import { aliased, fieldColumn, requireField } from './columns.js';
import { holds } from './conditions.js';
import { filterOptions, scopeOf, subnetOption, type TypedFilters } from './filters.js';
import { openers } from './opener.js';
import type { Question } from './question.js';
import { Records, type Scope, select, touching } from './scope.js';
import type { Valued } from './shapes.js';

/** Who tries many ports of a host, one port of many hosts, or many ports of many hosts, within a short time? */
export interface ScanRequest extends Scope {
  /** Either end lies in one of them; empty for all. */
  readonly subnets: readonly Cidr[];
  /** This number of ports of one host is a scan. */
  readonly minPorts: number;
  /** This number of hosts with one port is a scan. */
  readonly minHosts: number;
  /** Within this time (seconds). */
  readonly within: number;
}

interface ScanOptions extends TypedFilters {
  readonly minPorts: number;
  readonly minHosts: number;
  readonly within: number;
}

/** More packets than those of a SYN with all its repetitions, or more bytes than headers have (IPv6 and TCP with options). */
const MOST_TRIES = 7;
const HEADERS = 80;

/**
 * An attempt is a record that its source opened, or that was refused: a server answers many ports of its clients, and nobody
 * answers with what is refused. Where nothing tells who opened, it is one without data. That targets were tried within a time
 * is seen by the first attempt at each. A host that data was exchanged with is no target of a sweep: that is browsing.
 * Most targets first.
 */
export const scan: Question<ScanRequest, ScanOptions> = {
  name: 'scan',
  summary: 'Who tries many ports or many hosts within a short time',
  options: [
    subnetOption('either end', false),
    ...filterOptions(),
    {
      flags: '--min-ports <n>',
      description: 'ports of one host that make a scan',
      parse: wholeNumber,
      default: { value: 20 },
    },
    {
      flags: '--min-hosts <n>',
      description: 'hosts with one port that make a scan',
      parse: wholeNumber,
      default: { value: 20 },
    },
    {
      flags: '--within <time>',
      description: 'time in which a scan tries that many: 10m',
      parse: parsed(wholeSeconds, 'It must be a duration, such as 10m or 1d.'),
      default: { value: 1800, text: '30m' },
    },
  ],
  fields: {
    required: ['srcaddr', 'dstaddr', 'dstport', 'start'],
    spare: ['srcport', 'protocol', 'action', 'packets', 'bytes', 'end'],
    optional: ['tcp_flags', 'log_status', 'resource_id', 'interface_id'],
  },
  examples: [
    {
      about: 'Who walks ports or hosts',
      line: 'flowlog scan --logs ./my-logs',
    },
    {
      about: 'Only slow or small ones that others would miss, among what was refused',
      line: 'flowlog scan --min-ports 5 --min-hosts 5 --within 1d --action reject --logs ./my-logs',
    },
  ],

  async request(options, asking) {
    const { minPorts, minHosts, within } = options;
    return {
      ...(await scopeOf(options, asking)),
      subnets: parseBlocks(options.subnet ?? [], options.networks),
      minPorts,
      minHosts,
      within,
    };
  },

  query(request, source) {
    const { zone } = request;
    const all = new Records(source, 'scan');
    const opened = openers(request, all, touching(all, request.subnets));
    const { records, bySource } = opened;
    const value = (name: string) => records.value(name);
    const refused = sql`${value('action')} = 'REJECT'`;
    const many = sql`(${value('packets')} > ${literal(MOST_TRIES)} OR ${value('bytes')} > ${value('packets')} * ${literal(HEADERS)})`;
    const data = sql`coalesce(${value('protocol')} IN (6, 17) AND NOT ${refused} AND ${many}, false)`;
    const attempt = holds(inlined(sql`(coalesce(${refused}, false) OR coalesce(${bySource}, NOT ${data}))`));
    const selection = select(request, records, [...opened.match, attempt]);
    const keys = ['srcaddr', 'dstaddr', 'dstport', 'protocol'];
    const names = keys.map(identifier);
    const aside: Sql = selection.aside ?? sql`CAST(NULL AS VARCHAR)`;
    const time = (name: string, epoch: Sql): Valued => ({
      column: { name, type: 'time', zone },
      value: source.dialect.localTime(epoch, zone),
    });
    const field = (name: string): Valued => ({
      column: fieldColumn(requireField(name, source, 'scan')),
      value: identifier(name),
    });
    const vertical = sql`grouping(dstport) = 1 AND grouping(dstaddr) = 0`;
    const horizontal = sql`grouping(dstaddr) = 1 AND grouping(dstport) = 0`;
    const ofCounted = (aggregate: string, name: string) => {
      const [of, what] = [trusted(aggregate), identifier(name)];
      return sql`CASE WHEN ${vertical} THEN ${of}(${what}) ELSE ${of}(CASE WHEN bare = 1 THEN ${what} END) END`;
    };
    const added = (name: string, type: Column['type'] = 'integer'): Valued => ({
      column: { name, type },
      value: sql`CAST(${ofCounted('sum', name)} AS BIGINT)`,
    });
    const hosts = sql`count(DISTINCT CASE WHEN bare = 1 THEN dstaddr END)`;
    const ports = sql`count(DISTINCT CASE WHEN bare = 1 THEN dstport END)`;
    const columns: Valued[] = [
      {
        column: { name: 'kind', type: 'text' },
        value: sql`CASE WHEN ${vertical} THEN 'ports of a host' WHEN ${horizontal} THEN 'hosts with a port' ELSE 'ports of hosts' END`,
      },
      ...keys.map(field),
      {
        column: { name: 'targets', type: 'integer' },
        value: sql`CASE WHEN ${vertical} THEN count(DISTINCT dstport) WHEN ${horizontal} THEN ${hosts} ELSE sum(bare) END`,
      },
      ...[added('flows'), added('rejected'), added('packets'), added('bytes', 'bytes')],
      ...[
        time('first_seen', ofCounted('min', 'first_start')),
        time('last_seen', ofCounted('max', 'last_end')),
      ],
    ];
    const { minPorts, minHosts } = request;
    const pairs = Math.max(minPorts, minHosts);
    const within = literal(request.within);
    /** Seconds in which that number of targets was tried, this one included. */
    const span = (name: string, count: number, among: string[], bare: boolean) => {
      const first = bare ? sql`CASE WHEN bare = 1 THEN first_start END` : sql`first_start`;
      return sql`first_start - lag(${first}, ${literal(Math.max(count - 1, 0))}) OVER (PARTITION BY ${join([...among, 'protocol', 'aside', ...(bare ? ['bare'] : [])].map(identifier))} ORDER BY first_start, dstaddr, dstport) AS ${identifier(name)}`;
    };
    const shown = [...columns.map((each) => aliased(each.value, each.column.name)), sql`aside`];
    const answer = [...columns.map(({ column }) => identifier(column.name)), sql`aside`];
    return {
      name: 'scan',
      sql: sql`WITH attempts AS (
SELECT
  ${join(
    [
      ...keys.map((name) => aliased(value(name), name)),
      sql`count(*) AS flows`,
      sql`count(CASE WHEN ${refused} THEN 1 END) AS rejected`,
      sql`sum(${value('packets')}) AS packets`,
      sql`sum(${value('bytes')}) AS bytes`,
      sql`min(${value('start')}) AS first_start`,
      sql`max(${value('end')}) AS last_end`,
      sql`min(CASE WHEN ${data} THEN 0 ELSE 1 END) AS bare`,
      sql`${aside} AS aside`,
    ],
    ',\n  ',
  )}
${selection.from}
GROUP BY ${join([...keys.map((name) => value(name)), ...(selection.aside ? [aside] : [])], ', ')}
), timed AS (
SELECT *,
  ${span('ports_s', minPorts, ['srcaddr', 'dstaddr'], false)},
  ${span('hosts_s', minHosts, ['srcaddr', 'dstport'], true)},
  ${span('pairs_s', pairs, ['srcaddr'], true)}
FROM attempts${source.dialect.rereads ? candidates(request) : sql``}
), found AS (
SELECT
  ${join(shown, ',\n  ')}
FROM timed
GROUP BY GROUPING SETS ((srcaddr, dstaddr, protocol, aside), (srcaddr, dstport, protocol, aside), (srcaddr, protocol, aside))
HAVING CASE
  WHEN aside IS NOT NULL THEN ${vertical}
  WHEN ${vertical} THEN count(DISTINCT dstport) >= ${literal(minPorts)} AND min(ports_s) <= ${within}
  WHEN ${horizontal} THEN ${hosts} >= ${literal(minHosts)} AND min(CASE WHEN bare = 1 THEN hosts_s END) <= ${within}
  ELSE ${ports} >= ${literal(minPorts)} AND ${hosts} >= ${literal(minHosts)} AND min(CASE WHEN bare = 1 THEN pairs_s END) <= ${within}
END
), ranked AS (
SELECT *, count(CASE WHEN kind <> 'ports of hosts' THEN 1 END) OVER (PARTITION BY srcaddr, protocol, aside) AS others
FROM found
)
SELECT ${join(answer, ', ')}
FROM ranked
WHERE kind <> 'ports of hosts' OR others = 0
ORDER BY aside NULLS FIRST, targets DESC, ${join([identifier('kind'), ...names], ', ')}`,
      columns: columns.map(({ column }) => column),
      asides: true,
      narrowing: selection.narrowing,
      weight: 'flows',
      limit: request.limit,
    };
  },
};

/** Only attempts that are enough for a scan are put in the order of time. */
function candidates({ minPorts, minHosts }: ScanRequest): Sql {
  const among = (keys: string, having: string) =>
    `(${keys}) IN (SELECT ${keys} FROM attempts GROUP BY ${keys} HAVING ${having})`;
  return trusted(`
WHERE aside IS NOT NULL
  OR ${among('srcaddr, dstaddr, protocol', `count(*) >= ${minPorts}`)}
  OR ${among('srcaddr, dstport, protocol', `sum(bare) >= ${minHosts}`)}
  OR ${among('srcaddr, protocol', `count(DISTINCT CASE WHEN bare = 1 THEN dstport END) >= ${minPorts} AND count(DISTINCT CASE WHEN bare = 1 THEN dstaddr END) >= ${minHosts}`)}`);
}

const literal = (number: number): Sql => trusted(String(number));

function wholeSeconds(text: string): number | undefined {
  const seconds = parseDuration(text);
  return seconds === undefined || seconds < 1 ? undefined : Math.floor(seconds);
}
