import type { Cidr } from '../net/cidr.js';
import type { Query, Source } from '../sql/query.js';
import { identifier, join, sql } from '../sql/sql.js';
import { aliased, fieldColumn, requireField } from './columns.js';
import { holds } from './conditions.js';
import { conversations, sided } from './conversations.js';
import { Records, type Scope, select } from './scope.js';
import type { Valued } from './shapes.js';

/** Who speaks to whom through a NAT gateway, a load balancer or another appliance? */
export interface NatRequest extends Scope {
  /** Addresses behind it; empty for all. */
  readonly subnets: readonly Cidr[];
  /** Addresses of the gateways; empty for all. */
  readonly via: readonly Cidr[];
}

/**
 * The records in which an address of the packet differs from that of the record are those of the gateway's own side towards the
 * inside: `srcaddr` to the gateway and on to `pkt-dstaddr`, and back (Amazon VPC User Guide, "Flow log record examples"). So
 * each byte counts once, between the two that speak. Largest first.
 */
export function nat(request: NatRequest, source: Source): Query {
  const records = new Records(source, 'nat');
  const [src, dst] = [records.value('srcaddr'), records.value('dstaddr')];
  const [pktSrc, pktDst] = [records.value('pkt_srcaddr'), records.value('pkt_dstaddr')];
  const out = sql`${dst} <> ${pktDst}`;
  const end = sided(records, out);
  const keys = [
    end('via', 'dstaddr', 'srcaddr'),
    end('address', 'pkt_srcaddr', 'pkt_dstaddr'),
    end('peer', 'pkt_dstaddr', 'pkt_srcaddr'),
    end('peer_port', 'dstport', 'srcport'),
    { column: fieldColumn(requireField('protocol', source.fields, 'nat')), value: records.value('protocol') },
  ];
  const within = (value: Valued, blocks: readonly Cidr[]) =>
    blocks.length > 0 ? [holds(records.inside(value.value, blocks))] : [];
  const selection = select(request, records, [
    holds(sql`(${out} OR ${src} <> ${pktSrc})`),
    ...within(keys[0]!, request.via),
    ...within(keys[1]!, request.subnets),
  ]);
  const parts = conversations(request, records, selection, { keys, sent: sql`coalesce(${out}, false)` });
  const named = keys.map(({ column }) => ({ column, value: identifier(column.name) }));
  const columns = [...named, ...parts.measures];
  const shown = [...columns.map(({ value, column }) => aliased(value, column.name)), sql`aside`];
  return {
    name: 'nat',
    sql: sql`${parts.with}
SELECT
  ${join(shown, ',\n  ')}
FROM conversations
GROUP BY ${parts.group}
ORDER BY aside NULLS FIRST, sent_bytes DESC NULLS LAST, received_bytes DESC NULLS LAST, ${join(
      named.map(({ value }) => value),
      ', ',
    )}`,
    columns: columns.map(({ column }) => column),
    asides: true,
    narrowing: selection.narrowing,
    weight: 'flows',
    limit: request.limit,
  };
}
