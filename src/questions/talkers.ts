import type { Cidr } from '../net/cidr.js';
import type { Query, Source } from '../sql/query.js';
import { identifier } from '../sql/sql.js';
import { Records, type Scope, touching } from './scope.js';
import { descending, fieldKeys, grouped, sums } from './shapes.js';
import { shares } from './shares.js';

/** What traffic is added up by. */
export const TALKERS = ['source', 'destination', 'pair', 'interface', 'instance', 'subnet'] as const;
export type Talker = (typeof TALKERS)[number];

/** Who sends the most? */
export interface TalkersRequest extends Scope {
  /** Either end lies in one of them; empty for all. */
  readonly subnets: readonly Cidr[];
  readonly by: Talker;
  /** By the addresses in the packets, which stay the same through NAT gateways and load balancers. */
  readonly packetLevel: boolean;
  /** Smallest first. */
  readonly rare: boolean;
}

function keyNames({ by, packetLevel }: TalkersRequest): string[] {
  const [src, dst] = packetLevel ? ['pkt_srcaddr', 'pkt_dstaddr'] : ['srcaddr', 'dstaddr'];
  switch (by) {
    case 'source':
      return [src!];
    case 'destination':
      return [dst!];
    case 'pair':
      return [src!, dst!];
    default:
      return [`${by}_id`];
  }
}

export function talkers(request: TalkersRequest, source: Source): Query {
  const records = new Records(source, 'talkers');
  const names = keyNames(request);
  const asked = names[0]!.startsWith('pkt_') ? '--packet-level' : `--by ${request.by}`;
  const keys = fieldKeys(names, records, `talkers ${asked}`);
  return grouped(request, records, {
    match: touching(records, request.subnets),
    keys,
    measures: [...sums(request, records), ...shares(request, records, keys, request.rare)],
    order: [request.rare ? identifier('bytes') : descending('bytes')],
  });
}
