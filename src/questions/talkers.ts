import { isTransitGateway } from '../flowlog/transit-gateway.js';
import type { Cidr } from '../net/cidr.js';
import { parseBlocks } from '../net/networks.js';
import type { Source } from '../sql/query.js';
import { identifier, type Sql, sql } from '../sql/sql.js';
import { sentByInterface } from './count-once.js';
import { filterOptions, scopeOf, subnetOption, type TypedFilters } from './filters.js';
import type { Question } from './question.js';
import { Records, type Scope, touching } from './scope.js';
import { descending, fieldKeys, grouped, sums, total, type Valued } from './shapes.js';
import { shares } from './shares.js';

/** What traffic is added up by. */
export const TALKERS = ['source', 'destination', 'pair', 'interface', 'instance', 'subnet'] as const;
export type Talker = (typeof TALKERS)[number];

/** Who sends the most? */
export interface TalkersRequest extends Scope {
  /** Either end lies in one of them; empty for all. */
  readonly subnets: readonly Cidr[];
  readonly by: Talker;
  /** Smallest first. */
  readonly rare: boolean;
}

function keyNames({ by, packetLevel }: TalkersRequest, { fields }: Source): string[] {
  const [src, dst] = packetLevel ? ['pkt_srcaddr', 'pkt_dstaddr'] : ['srcaddr', 'dstaddr'];
  switch (by) {
    case 'source':
      return [src!];
    case 'destination':
      return [dst!];
    case 'pair':
      return [src!, dst!];
    case 'interface':
      return [isTransitGateway(fields.values()) ? 'tgw_attachment_id' : 'interface_id'];
    default:
      return [`${by}_id`];
  }
}

interface TalkersOptions extends Omit<TypedFilters, 'by'> {
  readonly by: Talker;
  readonly rare?: boolean;
}

export const talkers: Question<TalkersRequest, TalkersOptions> = {
  name: 'talkers',
  summary: 'Who sends the most: sources, destinations, pairs, interfaces, instances or subnets',
  options: [
    {
      flags: '--by <what>',
      description: 'what to aggregate by',
      choices: TALKERS,
      aliases: {
        src: 'source',
        srcaddr: 'source',
        dst: 'destination',
        dstaddr: 'destination',
        eni: 'interface',
        interface_id: 'interface',
        instance_id: 'instance',
        subnet_id: 'subnet',
      },
      default: { value: 'source' },
    },
    subnetOption('either end', false),
    ...filterOptions(),
    { flags: '--rare', description: 'smallest first' },
  ],
  fields: {
    required: [],
    spare: ['packets', 'bytes', 'start', 'end'],
    optional: [
      'srcaddr',
      'dstaddr',
      'pkt_srcaddr',
      'pkt_dstaddr',
      'instance_id',
      'subnet_id',
      'log_status',
      'resource_id',
      'interface_id',
    ],
  },
  examples: [
    {
      about: 'The fifty that send the most, each with its share',
      line: 'flowlog talkers --limit 50 --logs ./my-logs',
    },
    {
      about: 'The pairs of one subnet, by the addresses in the packets, which NAT gateways do not hide',
      line: 'flowlog talkers --by pair --packet-level --subnet 10.10.2.0/24 --table network.vpc_flow_logs --since 7d',
    },
    {
      about: 'The interfaces that say the least',
      line: 'flowlog talkers --by interface --rare --limit 20 --logs ./my-logs',
    },
  ],

  async request(options, asking) {
    const { by, rare = false } = options;
    return {
      ...(await scopeOf(options, asking)),
      subnets: parseBlocks(options.subnet ?? [], options.networks),
      by,
      rare,
    };
  },

  picture: () => ({
    title: 'Bytes sent',
    labels: [
      ...['srcaddr', 'pkt_srcaddr', 'dstaddr', 'pkt_dstaddr', 'interface_id', 'tgw_attachment_id'],
      ...['instance_id', 'subnet_id'],
    ],
    value: 'bytes',
  }),

  query(request, source) {
    const records = new Records(source, 'talkers');
    const names = keyNames(request, source);
    const asked = names[0]!.startsWith('pkt_') ? '--packet-level' : `--by ${request.by}`;
    const keys = fieldKeys(names, records, `talkers ${asked}`);
    const order = [request.rare ? identifier('bytes') : descending('bytes')];
    const match = (each: Records) => touching(each, request.subnets);
    if (['source', 'destination', 'pair'].includes(request.by) || source.fields.has('tgw_id')) {
      const measures = [...sums(request, records), ...shares(request, records, keys, request.rare)];
      return grouped(request, records, { match, keys, measures, order });
    }
    // What one interface sends another receives: each has its own.
    const sided = sentByInterface(request, records, match);
    const of = (name: string, sent: Sql) => sql`CASE WHEN ${sent} THEN ${records.value(name)} END`;
    const side = sided.sent ?? sql`CAST(NULL AS BOOLEAN)`;
    const own = (name: string) => of(name, side);
    const measures = sums(request, records, own);
    const received = ['packets', 'bytes'].map(
      (name): Valued => ({
        column: { name: `received_${name}`, type: name === 'bytes' ? 'bytes' : 'integer' },
        value: total(of(name, sql`NOT ${side}`)),
      }),
    );
    return grouped(request, sided.records, {
      match: sided.match,
      keys,
      measures: [
        ...measures.slice(0, 3),
        ...received,
        ...measures.slice(3),
        ...shares(request, sided.records, keys, request.rare, own('bytes')),
      ],
      order,
    });
  },
};
