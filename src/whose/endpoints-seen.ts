import type { Names } from '../names/names.js';
import { type Derivation, isOfEndpoint } from './derivation.js';

/** Which traffic to endpoints cannot be told from other traffic, by what is recorded and what is known. */
export interface Unseen {
  /** What is missing and what would help, a sentence each; empty where all can be told. */
  readonly notes: readonly string[];
  /** Whether no traffic to any endpoint can be told. */
  readonly all: boolean;
}

const NOTHING_UNSEEN: Unseen = { notes: [], all: false };

/** @param has whether the logs record a column; undefined where only the answer is at hand */
export function unseenEndpoints(
  derivation: Derivation | undefined,
  names: Names,
  has: ((column: string) => boolean) | undefined,
): Unseen {
  const of = derivation && [...derivation.columns, ...derivation.where.map(({ field }) => field)];
  if (!of?.some(isOfEndpoint)) return NOTHING_UNSEEN;
  const byType = ['interface_type', 'next_hop_interface_type'].some((column) => has?.(column));
  const interfaces = names.inventory.hasEndpointInterfaces || byType;
  const path = has?.('traffic_path') ?? true;
  const services = names.knowsServices || has?.('pkt_dst_aws_service') === true;
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
  return { notes, all: !interfaces && !path && !services };
}

/** Whether only rows with an endpoint are asked for. */
export const asksEndpoints = ({ where }: Derivation): boolean =>
  where.some(({ field }) => isOfEndpoint(field));
