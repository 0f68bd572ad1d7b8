import { type Field, TRANSIT_GATEWAY_FIELDS } from './fields.js';

/** Whose records flow logs are: of interfaces in VPCs, or of transit gateways (version 6). */
export const LOG_KINDS = ['vpc', 'tgw'] as const;
export type LogKindName = (typeof LOG_KINDS)[number];

/** The version of their records, which no record of a VPC has (Transit Gateway Guide). */
export const TRANSIT_GATEWAY_VERSION = 6;

/** Packets that routing stopped, by why. */
export const LOST_PACKETS: readonly string[] = TRANSIT_GATEWAY_FIELDS.map(({ column }) => column).filter(
  (column) => column.startsWith('packets_lost_'),
);

/** Fields that only records of transit gateways have (Transit Gateway Guide, "Transit Gateway Flow Logs records"). */
const ONLY_THERE = /^(?:resource_type|tgw_.+|packets_lost_.+)$/;

/** Whether these are the fields of transit gateway flow logs, which AWS delivers to the same folders as those of VPCs. */
export function isTransitGateway(fields: Iterable<Field>): boolean {
  return [...fields].some(({ column }) => ONLY_THERE.test(column));
}

export const kindOf = (fields: Iterable<Field>): LogKindName => (isTransitGateway(fields) ? 'tgw' : 'vpc');
