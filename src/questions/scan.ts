import type { Cidr } from '../net/cidr.js';
import { parseBlocks } from '../net/networks.js';
import type { Column } from '../result.js';
import { identifier, join, type Sql, sql, trusted } from '../sql/sql.js';
import { aliased, fieldColumn, requireField } from './columns.js';
import { holds } from './conditions.js';
import { filterOptions, scopeOf, subnetOption, type TypedFilters } from './filters.js';
import { openerOf } from './opener.js';
import { wholeNumber } from './option.js';
import type { Question } from './question.js';
import { Records, type Scope, select, touching } from './scope.js';
import type { Valued } from './shapes.js';

/** Who tries many ports of a host, or one port of many hosts? */
export interface ScanRequest extends Scope {
  /** Either end lies in one of them; empty for all. */
  readonly subnets: readonly Cidr[];
  /** So many ports of one host are a scan. */
  readonly minPorts: number;
  /** So many hosts with one port are a scan. */
  readonly minHosts: number;
}

interface ScanOptions extends TypedFilters {
  readonly minPorts: number;
  readonly minHosts: number;
}

/** Only what its source opened counts: a server answers many ports of its clients. Most targets first. */
export const scan: Question<ScanRequest, ScanOptions> = {
  name: 'scan',
  summary: 'Who tries many ports of a host, or one port of many hosts',
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
  ],
  fields: {
    required: ['srcaddr', 'dstaddr', 'dstport'],
    spare: ['srcport', 'protocol', 'action', 'packets', 'bytes', 'start', 'end'],
    optional: ['tcp_flags', 'log_status', 'resource_id', 'interface_id'],
  },
  examples: [
    {
      about: 'Who walks ports or hosts',
      line: 'flowlog scan --logs ./my-logs',
    },
    {
      about: 'Only slow or small ones that others would miss, among what was refused',
      line: 'flowlog scan --min-ports 5 --min-hosts 5 --action reject --logs ./my-logs',
    },
  ],

  async request(options, asking) {
    const { minPorts, minHosts } = options;
    return {
      ...(await scopeOf(options, asking)),
      subnets: parseBlocks(options.subnet ?? [], options.networks),
      minPorts,
      minHosts,
    };
  },

  query(request, source) {
    const { zone } = request;
    const records = new Records(source, 'scan');
    const value = (name: string) => aliased(records.value(name), name);
    const selection = select(request, records, [
      holds(sql`coalesce(${openerOf(records).bySource}, true)`),
      ...touching(records, request.subnets),
    ]);
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
    const added = (name: string, type: Column['type'] = 'integer'): Valued => ({
      column: { name, type },
      value: sql`CAST(sum(${identifier(name)}) AS BIGINT)`,
    });
    const vertical = sql`grouping(dstport) = 1`;
    const columns: Valued[] = [
      {
        column: { name: 'kind', type: 'text' },
        value: sql`CASE WHEN ${vertical} THEN 'ports of a host' ELSE 'hosts with a port' END`,
      },
      ...keys.map(field),
      {
        column: { name: 'targets', type: 'integer' },
        value: sql`CASE WHEN ${vertical} THEN count(DISTINCT dstport) ELSE count(DISTINCT dstaddr) END`,
      },
      ...[added('flows'), added('rejected'), added('packets'), added('bytes', 'bytes')],
      ...[time('first_seen', sql`min(first_start)`), time('last_seen', sql`max(last_end)`)],
    ];
    const least = (count: number) => trusted(String(count));
    const shown = [...columns.map((each) => aliased(each.value, each.column.name)), sql`aside`];
    return {
      name: 'scan',
      sql: sql`WITH attempts AS (
SELECT
  ${join(
    [
      ...keys.map(value),
      sql`count(*) AS flows`,
      sql`count(CASE WHEN ${records.value('action')} = 'REJECT' THEN 1 END) AS rejected`,
      sql`sum(${records.value('packets')}) AS packets`,
      sql`sum(${records.value('bytes')}) AS bytes`,
      sql`min(${records.value('start')}) AS first_start`,
      sql`max(${records.value('end')}) AS last_end`,
      sql`${aside} AS aside`,
    ],
    ',\n  ',
  )}
${selection.from}
GROUP BY ${join([...keys.map((name) => records.value(name)), ...(selection.aside ? [aside] : [])], ', ')}
)
SELECT
  ${join(shown, ',\n  ')}
FROM attempts
GROUP BY GROUPING SETS ((srcaddr, dstaddr, protocol, aside), (srcaddr, dstport, protocol, aside))
HAVING CASE
  WHEN aside IS NOT NULL THEN ${vertical}
  WHEN ${vertical} THEN count(DISTINCT dstport) >= ${least(request.minPorts)}
  ELSE count(DISTINCT dstaddr) >= ${least(request.minHosts)}
END
ORDER BY aside NULLS FIRST, targets DESC, ${join([identifier('kind'), ...names], ', ')}`,
      columns: columns.map(({ column }) => column),
      asides: true,
      narrowing: selection.narrowing,
      weight: 'flows',
      limit: request.limit,
    };
  },
};
