import type { Cidr } from '../net/cidr.js';
import type { Query, Source } from '../sql/query.js';
import { sql } from '../sql/sql.js';
import { Records, type Scope, touching } from './scope.js';
import { descending, fieldKeys, grouped, sums, type Valued } from './shapes.js';
import { shares } from './shares.js';

/** How much of the traffic is IPv4 and IPv6, TCP, UDP, ICMP and others? */
export interface ProtocolsRequest extends Scope {
  /** Either end lies in one of them; empty for all. */
  readonly subnets: readonly Cidr[];
}

export function protocols(request: ProtocolsRequest, source: Source): Query {
  const records = new Records(source, 'protocols');
  const address = records.value('srcaddr');
  const family: Valued = {
    column: { name: 'family', type: 'text' },
    value: sql`CASE WHEN strpos(${address}, ':') > 0 THEN 'IPv6' WHEN ${address} IS NOT NULL THEN 'IPv4' END`,
  };
  const keys = [family, ...fieldKeys(['protocol'], records, 'protocols')];
  return grouped(request, records, {
    match: touching(records, request.subnets),
    keys,
    measures: [...sums(request, records), ...shares(request, records, keys)],
    order: [descending('bytes')],
  });
}
