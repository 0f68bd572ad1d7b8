import { WAY_COLUMNS } from '../names/ways.js';
import type { Cidr } from '../net/cidr.js';
import { leaving } from '../questions/flows.js';
import { openedOnce } from '../questions/opened-once.js';
import type { Question } from '../questions/question.js';
import { Records, type Scope } from '../questions/scope.js';
import { grouped, type Valued } from '../questions/shapes.js';
import type { Column, ColumnType, Row } from '../result.js';
import { bucketStart } from '../sql/buckets.js';
import type { Source } from '../sql/query.js';
import { any, type Sql, sql, trusted } from '../sql/sql.js';

/** Whose traffic over the edge of the VPC is asked for. */
export interface TrafficRequest extends Scope {
  readonly subnets: readonly Cidr[];
  /** The blocks that are inside. */
  readonly vpc: readonly Cidr[];
  /** Destinations that are not audited. */
  readonly exclude: readonly Cidr[];
}

/** TCP flags of a record that holds nothing but requests to open (Amazon VPC User Guide, tcp-flags). */
const SYN = 2;
const RST = 4;
const TCP = 6;

const number = (value: number): Sql => trusted(String(value));

function column(name: string, type: ColumnType, value: Sql): Valued {
  return { column: { name, type }, value };
}

const yes = (condition: Sql): Sql => sql`CASE WHEN ${condition} THEN 1 ELSE 0 END`;

/** What the logs lack is NULL, and said by the verdict. */
const spare = [
  'srcport',
  'dstport',
  'protocol',
  'packets',
  'bytes',
  'action',
  'log_status',
  'tcp_flags',
  ...WAY_COLUMNS,
];

type Audited = Pick<Question<TrafficRequest>, 'fields' | 'query'>;

/**
 * What left, in groups: both ends, the port of the side that was opened to, day, action, who opened, and what tells the way.
 * Each byte counts once.
 */
export const outward: Audited = {
  fields: { required: ['srcaddr', 'dstaddr', 'start', 'end'], spare, optional: [] },
  query(request, source) {
    const { zone, range } = request;
    const opened = openedOnce(request, new Records(source, 'audit'), leaving(request));
    const { records, match, bySource, byFlags } = opened;
    const value = (name: string) => records.value(name);
    const answers = sql`NOT coalesce(${bySource}, true)`;
    const flags = records.optional('tcp_flags');
    const ways = WAY_COLUMNS.filter((name) => !source.lacking?.has(name));
    return grouped(request, records, {
      match,
      keys: [
        column('srcaddr', 'text', value('srcaddr')),
        column('dstaddr', 'text', value('dstaddr')),
        column('protocol', 'integer', value('protocol')),
        column(
          'port',
          'integer',
          sql`CASE WHEN ${answers} THEN ${value('srcport')} ELSE ${value('dstport')} END`,
        ),
        column('action', 'text', value('action')),
        column(
          'opened',
          'text',
          sql`CASE WHEN ${bySource} THEN 'inside' WHEN NOT ${bySource} THEN 'outside' ELSE 'unknown' END`,
        ),
        column('by_flags', 'integer', yes(sql`coalesce(${byFlags}, false)`)),
        column('day', 'integer', bucketStart(value('start'), zone, 'day', range)),
        ...ways.map((name) => column(name, name === 'traffic_path' ? 'integer' : 'text', value(name))),
      ],
      measures: [
        column('flows', 'integer', sql`count(*)`),
        column('packets', 'integer', sql`CAST(sum(${value('packets')}) AS BIGINT)`),
        column('bytes', 'bytes', sql`CAST(sum(${value('bytes')}) AS BIGINT)`),
        column('first', 'integer', sql`min(${value('start')})`),
        column('last', 'integer', sql`max(${value('end')})`),
        column(
          'only_syn',
          'integer',
          flags ? sql`min(${yes(sql`coalesce(${flags} = ${number(SYN)}, false)`)})` : sql`0`,
        ),
        column(
          'only_reset',
          'integer',
          flags
            ? sql`min(${yes(sql`coalesce(${value('protocol')} = ${number(TCP)} AND ${flags} = ${number(RST)}, false)`)})`
            : sql`0`,
        ),
      ],
      order: [sql`"first"`],
    });
  },
};

/** What came back, or in, from outside: whether what left was answered. */
export const inward: Audited = {
  fields: { required: ['srcaddr', 'dstaddr', 'start', 'end'], spare, optional: [] },
  query(request, source) {
    const { subnets, vpc, exclude } = request;
    const records = new Records(source, 'audit');
    const value = (name: string) => records.value(name);
    const flags = records.optional('tcp_flags');
    const refused = flags
      ? sql`coalesce(${value('protocol')} = ${number(TCP)} AND ${flags} = ${number(RST)}, false)`
      : sql`false`;
    return grouped({ ...request, countAll: true }, records, {
      match: [
        records.within('dstaddr', subnets),
        records.beyond('srcaddr', [...vpc, ...exclude]),
        { sql: any([sql`${value('action')} = 'ACCEPT'`, sql`${value('action')} IS NULL`]) },
      ],
      keys: [
        column('outside', 'text', value('srcaddr')),
        column('inside', 'text', value('dstaddr')),
        column('protocol', 'integer', value('protocol')),
        column('port', 'integer', value('srcport')),
      ],
      measures: [
        column('flows', 'integer', sql`count(*)`),
        column('only_reset', 'integer', sql`min(${yes(refused)})`),
      ],
      order: [],
    });
  },
};

/**
 * The records of each interface in each hour of the range, so that silence shows, and how many of them have an audited
 * address or, of the same family, another: an interface of a subnet has addresses of both families.
 */
export const hourly: Audited = {
  fields: {
    required: ['start', 'end'],
    spare: ['interface_id', 'log_status', 'srcaddr', 'dstaddr'],
    optional: [],
  },
  query(request, source) {
    const records = new Records(source, 'audit');
    const value = (name: string) => records.value(name);
    const [sends, receives] = [value('srcaddr'), value('dstaddr')].map((end) =>
      records.inside(end, request.subnets),
    ) as [Sql, Sql];
    const direction = records.optional('flow_direction');
    const either = any([sends, receives]);
    const families = new Set(request.subnets.map(({ family }) => family));
    const sameFamily =
      families.size > 1
        ? sql`true`
        : sql`${value('srcaddr')} ${trusted(families.has(4) ? 'NOT LIKE' : 'LIKE')} '%:%'`;
    // Its own address is the source of what an interface sent. Where that is not recorded, either end will do.
    const ofScope = direction
      ? sql`CASE ${direction} WHEN 'egress' THEN ${sends} WHEN 'ingress' THEN ${receives} ELSE ${either} END`
      : either;
    const count = (condition: Sql) => sql`CAST(sum(${yes(sql`coalesce(${condition}, false)`)}) AS BIGINT)`;
    const status = value('log_status');
    // SKIPDATA is counted here, not set aside.
    const all: Source = { ...source, lacking: new Set([...(source.lacking ?? []), 'log_status']) };
    return grouped({ ...request, countAll: true, keepRepeats: true }, new Records(all, 'audit'), {
      match: [{ sql: sql`true` }],
      keys: [
        column('interface_id', 'text', value('interface_id')),
        column('hour', 'integer', sql`${value('start')} - ${value('start')} % 3600`),
      ],
      measures: [
        column('flows', 'integer', sql`count(*)`),
        column('skipped', 'integer', count(sql`${status} = 'SKIPDATA'`)),
        column('in_scope', 'integer', count(ofScope)),
        column('other', 'integer', count(sql`${sameFamily} AND NOT ${ofScope}`)),
      ],
      order: [],
    });
  },
};

/** A row by the names of its columns. */
export type Named = Readonly<Record<string, string | number | null>>;

/** Rows as objects. Whole numbers beyond 2^53 lose their last digits: they are sums of bytes. */
export async function* namedRows(
  columns: readonly Column[],
  batches: AsyncIterable<readonly Row[]>,
): AsyncGenerator<Named> {
  for await (const batch of batches) {
    for (const row of batch) {
      yield Object.fromEntries(
        columns.map(({ name }, i) => {
          const value = row[i] ?? null;
          return [name, typeof value === 'bigint' ? Number(value) : value];
        }),
      );
    }
  }
}
