import type { Cidr } from '../net/cidr.js';
import { parseBlocks } from '../net/networks.js';
import { sql } from '../sql/sql.js';
import { fieldColumn, requireField } from './columns.js';
import { holds } from './conditions.js';
import { conversations, sided } from './conversations.js';
import { packetsOf } from './count-once.js';
import { blocks, filterOptions, scopeOf, subnetOption, type TypedFilters } from './filters.js';
import type { Question } from './question.js';
import { Records, type Scope, select } from './scope.js';
import { descending, type Valued } from './shapes.js';

/** Who speaks to whom through a NAT gateway, a load balancer or another appliance? */
export interface NatRequest extends Scope {
  /** Addresses behind it; empty for all. */
  readonly subnets: readonly Cidr[];
  /** Addresses of the gateways; empty for all. */
  readonly via: readonly Cidr[];
}

interface NatOptions extends TypedFilters {
  readonly via?: readonly string[];
}

/**
 * The records in which an address of the packet differs from that of the record are those of the gateway's own side towards the
 * inside: `srcaddr` to the gateway and on to `pkt-dstaddr`, and back (Amazon VPC User Guide, "Flow log record examples"). So
 * each byte counts once, between the two that speak. Largest first.
 */
export const nat: Question<NatRequest, NatOptions> = {
  name: 'nat',
  summary: 'Who speaks to whom through a NAT gateway or load balancer, each byte counted once',
  options: [
    subnetOption('addresses behind it', false),
    blocks('--via <cidr>', 'addresses of the gateway (repeatable; default: any)'),
    ...filterOptions(),
  ],
  fields: {
    required: ['srcaddr', 'dstaddr', 'pkt_srcaddr', 'pkt_dstaddr'],
    spare: ['srcport', 'dstport', 'protocol', 'action', 'packets', 'bytes', 'start', 'end'],
    optional: ['log_status', 'resource_id', 'interface_id'],
  },
  bothLevels: true,
  examples: [
    {
      about: 'Who speaks to whom through NAT gateways and load balancers, each byte counted once',
      line: 'flowlog nat --table network.vpc_flow_logs --since yesterday',
    },
    {
      about: 'The WorkSpaces, through one gateway',
      line: 'flowlog nat --subnet 10.10.2.0/23 --via 10.10.0.220 --logs ./my-logs',
    },
  ],

  async request(options, asking) {
    const { subnet = [], via = [], networks } = options;
    return {
      ...(await scopeOf(options, asking)),
      subnets: parseBlocks(subnet, networks),
      via: parseBlocks(via, networks),
    };
  },

  query(request, source) {
    const records = new Records(source, 'nat');
    for (const name of ['pkt_srcaddr', 'pkt_dstaddr']) records.needed(name);
    const { srcHidden, dstHidden, passedOn } = packetsOf(source)!;
    // What is hidden is the peer beyond a gateway, or itself behind an interface: a pod, or another address of it.
    const sent = sql`CASE WHEN ${passedOn} THEN ${dstHidden} ELSE ${srcHidden} END`;
    const end = sided(records, sent);
    const via = sided(records, dstHidden);
    const keys = [
      via('via', 'dstaddr', 'srcaddr'),
      end('address', 'pkt_srcaddr', 'pkt_dstaddr'),
      end('peer', 'pkt_dstaddr', 'pkt_srcaddr'),
      end('peer_port', 'dstport', 'srcport'),
      {
        column: fieldColumn(requireField('protocol', source, 'nat')),
        value: records.value('protocol'),
      },
    ];
    const within = (value: Valued, blocks: readonly Cidr[]) =>
      blocks.length > 0 ? [holds(records.inside(value.value, blocks))] : [];
    const selection = select(request, records, [
      holds(sql`(${srcHidden} OR ${dstHidden})`),
      ...within(keys[0]!, request.via),
      ...within(keys[1]!, request.subnets),
    ]);
    return conversations(request, records, selection, {
      keys,
      sent,
      order: [descending('sent_bytes'), descending('received_bytes')],
    });
  },
};
