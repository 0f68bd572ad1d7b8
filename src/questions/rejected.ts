import type { Cidr } from '../net/cidr.js';
import type { Query, Source } from '../sql/query.js';
import { Records, type Scope, touching } from './scope.js';
import { descending, fieldKeys, grouped, sums } from './shapes.js';

/** Who was refused, at which port? */
export interface RejectedRequest extends Scope {
  /** Either end lies in one of them; empty for all. */
  readonly subnets: readonly Cidr[];
  /** Columns to add up by; empty for source, destination, port and protocol, and the reason where it is recorded. */
  readonly by: readonly string[];
}

const BY = ['srcaddr', 'dstaddr', 'dstport', 'protocol'];

/** Most refused first. */
export function rejected(request: RejectedRequest, source: Source): Query {
  const records = new Records(source, 'rejected');
  const usual = source.fields.has('reject_reason') ? [...BY, 'reject_reason'] : BY;
  return grouped(request, records, {
    match: [records.action('REJECT'), ...touching(records, request.subnets)],
    keys: request.by.length > 0 ? fieldKeys(request.by, records) : fieldKeys(usual, records, 'rejected'),
    measures: sums(request, records),
    order: [descending('flows')],
  });
}
