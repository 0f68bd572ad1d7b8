import { UsageError } from '../errors.js';
import { LOST_PACKETS } from '../flowlog/transit-gateway.js';
import { type Cidr, containsBlock } from '../net/cidr.js';
import type { Query, Source } from '../sql/query.js';
import { join, sql, trusted } from '../sql/sql.js';
import type { Condition } from './conditions.js';
import type { Match } from './count-once.js';
import type { Records, Scope } from './scope.js';
import { descending, fieldKeys, grouped, perRecord, sums, type Valued } from './shapes.js';

/** A question whose answer is records, or sums of them. */
export interface FlowsRequest extends Scope {
  /** Group by these columns; empty for a row per record. */
  readonly by: readonly string[];
  /** Columns of a row per record; empty for the usual ones. */
  readonly columns: readonly string[];
  /** Unix seconds, in order: what is before one is not grouped with what is after it. */
  readonly epochs?: readonly number[];
}

export const FLOW_COLUMNS = [
  'start_time',
  'end_time',
  'srcaddr',
  'srcport',
  'dstaddr',
  'dstport',
  'protocol',
  'packets',
  'bytes',
  'action',
] as const;

/** Records of transit gateways have no action; what routing stopped shows in the packets lost. */
export function usualColumns({ kind, fields }: Pick<Source, 'kind' | 'fields'>): readonly string[] {
  if (kind !== 'tgw') return FLOW_COLUMNS;
  const lost = LOST_PACKETS.filter((name) => fields.has(name));
  return [...FLOW_COLUMNS.filter((name) => name !== 'action'), ...lost];
}

/** The records that match, or their sums by `by`, largest first. */
export function flows(request: FlowsRequest, records: Records, match: Match | readonly Condition[]): Query {
  if (request.by.length === 0) {
    const columns = request.columns.length > 0 ? request.columns : usualColumns(records.source);
    return perRecord(request, records, {
      match: typeof match === 'function' ? match(records) : match,
      columns,
    });
  }
  return grouped(request, records, {
    match,
    keys: [...fieldKeys(request.by, records), ...epochKey(request, records)],
    measures: sums(request, records),
    order: [descending('bytes')],
  });
}

/** The number of epochs that are over when a record starts. */
export function epochKey(
  { epochs = [], range }: Pick<FlowsRequest, 'epochs' | 'range'>,
  records: Records,
): Valued[] {
  const { since = 0, until = Number.POSITIVE_INFINITY } = range;
  const within = epochs.filter((at) => at > since && at < until);
  if (within.length === 0) return [];
  const start = records.value('start');
  const cases = within.map((at, i) => sql`WHEN ${start} < ${trusted(`${at} THEN ${i}`)}`);
  return [
    {
      column: { name: 'epoch', type: 'integer' },
      value: sql`CASE ${join(cases, ' ')} ELSE ${trusted(String(within.length))} END`,
    },
  ];
}

/** From the subnets to somewhere that is neither in the VPC nor excluded. */
export const leaving =
  ({ subnets, vpc, exclude = [] }: Leaving): Match =>
  (records) => [records.within('srcaddr', subnets), records.beyond('dstaddr', [...vpc, ...exclude])];

interface Leaving {
  readonly subnets: readonly Cidr[];
  readonly vpc: readonly Cidr[];
  readonly exclude?: readonly Cidr[];
}

/** @throws UsageError when a subnet is not inside the VPC: the answer would hold traffic that never left it */
export function checkInside(subnets: readonly Cidr[], vpc: readonly Cidr[]): void {
  for (const subnet of subnets) {
    if (!vpc.some((block) => containsBlock(block, subnet))) {
      throw new UsageError(
        `Subnet ${subnet.text} is not inside the VPC ${vpc.map((block) => block.text).join(', ')}.`,
        'Give --vpc all blocks of the VPC that the subnet belongs to.',
      );
    }
  }
}
