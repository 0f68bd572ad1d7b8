import type { Field } from './fields.js';

/** Fields that only records of transit gateways have (Transit Gateway Guide, "Transit Gateway Flow Logs records"). */
const ONLY_THERE = /^(?:resource_type|tgw_.+|packets_lost_.+)$/;

/** Whether these are the fields of transit gateway flow logs, which AWS delivers to the same folders as those of VPCs. */
export function isTransitGateway(fields: Iterable<Field>): boolean {
  return [...fields].some(({ column }) => ONLY_THERE.test(column));
}
