import type { Cidr } from '../net/cidr.js';
import type { Query, Source } from '../sql/query.js';
import { Records, type Scope, touching } from './scope.js';
import { descending, fieldKeys, grouped, sums } from './shapes.js';

/** What was let through, to which port? */
export interface AcceptedRequest extends Scope {
  /** Either end lies in one of them; empty for all. */
  readonly subnets: readonly Cidr[];
  /** Columns to add up by; empty for source, destination, port and protocol. */
  readonly by: readonly string[];
}

const BY = ['srcaddr', 'dstaddr', 'dstport', 'protocol'];

/** Largest first. */
export function accepted(request: AcceptedRequest, source: Source): Query {
  const records = new Records(source, 'accepted');
  return grouped(request, records, {
    match: [records.action('ACCEPT'), ...touching(records, request.subnets)],
    keys: request.by.length > 0 ? fieldKeys(request.by, records) : fieldKeys(BY, records, 'accepted'),
    measures: sums(request, records),
    order: [descending('bytes')],
  });
}
