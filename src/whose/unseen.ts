import type { Names } from '../names/names.js';
import { type Derivation, isOfEndpoint } from './derivation.js';

/** What cannot be told from other traffic, by what is recorded and what is known. */
export interface Unseen {
  /** What is missing and what would help, a sentence each; empty where all can be told. */
  readonly notes: readonly string[];
  /** Why there is no answer at all. */
  readonly refusal?: string | undefined;
}

const NOTHING_UNSEEN: Unseen = { notes: [] };

/** Whether the logs record a column. */
export type Has = (column: string) => boolean;

export function unseen(derivation: Derivation | undefined, names: Names, has: Has): Unseen {
  if (derivation?.prices) return unseenCosts(names, has);
  return unseenEndpoints(derivation, names, has);
}

function unseenEndpoints(derivation: Derivation | undefined, names: Names, has: Has): Unseen {
  const of = derivation && [...derivation.columns, ...derivation.where.map(({ field }) => field)];
  if (!of?.some(isOfEndpoint)) return NOTHING_UNSEEN;
  const byType = ['interface_type', 'next_hop_interface_type'].some((column) => has(column));
  const interfaces = names.inventory.hasEndpointInterfaces || byType;
  const path = has('traffic_path');
  const services = names.knowsServices || has('pkt_dst_aws_service');
  const notes: string[] = [];
  if (!interfaces) {
    notes.push(
      "Interface endpoints are missing: the inventory has no interface of one. 'flowlog inventory update' or 'flowlog inventory import' adds them (interfaces and VPC endpoints).",
    );
  }
  if (!path) {
    notes.push(
      services
        ? 'These logs do not record traffic-path (version 5): what went to S3 or DynamoDB has kind unknown, through a gateway endpoint or not.'
        : "Gateway endpoints are missing: these logs do not record traffic-path and pkt-dst-aws-service (version 5). 'flowlog inventory ranges' would tell what went to S3 and DynamoDB, though not by which way.",
    );
  }
  const none =
    !interfaces && !path && !services && derivation!.where.some(({ field }) => isOfEndpoint(field));
  return { notes, refusal: none ? 'These logs do not tell what went to an endpoint.' : undefined };
}

function unseenCosts(names: Names, has: Has): Unseen {
  const zones = has('az_id') && has('flow_direction');
  const services = names.knowsServices || has('pkt_dst_aws_service');
  const gateways = names.inventory.hasNatGateways || has('interface_type');
  const packets = has('pkt_srcaddr') && has('pkt_dstaddr');
  const nat = services && (gateways || packets);
  const notes: string[] = [];
  if (!zones)
    notes.push(
      'Traffic between zones is missing: these logs do not record az-id and flow-direction (version 5).',
    );
  if (!services)
    notes.push(
      "NAT gateways are missing: nothing tells the addresses of S3 and DynamoDB. 'flowlog inventory ranges' adds them.",
    );
  if (!gateways)
    notes.push(
      packets
        ? "NAT gateways are known by the addresses in packets alone: their records without these are missing. 'flowlog inventory update' adds the gateways."
        : "NAT gateways are missing: nothing tells which interfaces are theirs. 'flowlog inventory update' adds them.",
    );
  if (nat && !has('region'))
    notes.push(
      'These logs do not record region (version 4): S3 and DynamoDB of another region count too, which a gateway endpoint cannot reach.',
    );
  return {
    notes,
    refusal:
      nat || zones ? undefined : 'These logs do not tell what NAT gateways carried, nor what crossed zones.',
  };
}
