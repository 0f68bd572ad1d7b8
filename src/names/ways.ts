import type { SeenInterface } from './inventory.js';
import type { Names } from './names.js';
import { shortService } from './owner.js';
import type { EndpointItem } from './snapshot.js';
import { classOf } from './special.js';

export const LEAVES = ['yes', 'no', 'unknown'] as const;
/** Whether a flow left its VPC: to the internet, or to another network. */
export type Leaves = (typeof LEAVES)[number];

export interface Way {
  /** `internet gateway`, `gateway endpoint S3`, `unknown` … */
  readonly way: string;
  readonly leaves: Leaves;
  /** The VPC endpoint that the flow went to, or may have gone through. */
  readonly endpoint?: ReachedEndpoint;
}

export const ENDPOINT_KINDS = [
  ...(['interface', 'gateway', 'gateway load balancer', 'resource', 'service network', 'unknown'] as const),
];
/** `unknown`: a service with gateway endpoints was reached through one of them, or otherwise. */
export type EndpointKind = (typeof ENDPOINT_KINDS)[number];

export interface ReachedEndpoint {
  /** `vpce-…`; the address of an interface endpoint whose id is not known. */
  readonly id?: string | undefined;
  /** `sagemaker.api`, `s3`; another customer's service by its whole name. */
  readonly service?: string | undefined;
  readonly kind: EndpointKind;
}

/** What a record says of the way. A field that the log does not have is undefined; null and `-` are a recorded `-`. */
export interface WayFields {
  readonly dstaddr?: string | null | undefined;
  readonly pktDstaddr?: string | null | undefined;
  readonly action?: string | null | undefined;
  readonly flowDirection?: string | null | undefined;
  readonly trafficPath?: number | string | null | undefined;
  readonly pktDstAwsService?: string | null | undefined;
  readonly interfaceId?: string | null | undefined;
  readonly interfaceType?: string | null | undefined;
  readonly nextHopInterfaceType?: string | null | undefined;
  readonly nextHopInterfaceId?: string | null | undefined;
  readonly resourceId?: string | null | undefined;
  readonly vpcId?: string | null | undefined;
  readonly nextHopVpcId?: string | null | undefined;
}

/** The columns of records that tell the way. */
const COLUMN_OF: Readonly<Record<keyof WayFields, string>> = {
  dstaddr: 'dstaddr',
  action: 'action',
  flowDirection: 'flow_direction',
  trafficPath: 'traffic_path',
  pktDstAwsService: 'pkt_dst_aws_service',
  pktDstaddr: 'pkt_dstaddr',
  interfaceId: 'interface_id',
  interfaceType: 'interface_type',
  vpcId: 'vpc_id',
  resourceId: 'resource_id',
  nextHopInterfaceType: 'next_hop_interface_type',
  nextHopInterfaceId: 'next_hop_interface_id',
  nextHopVpcId: 'next_hop_vpc_id',
};

/** Those of them that say nothing else. */
export const WAY_COLUMNS: readonly string[] = Object.values(COLUMN_OF).filter(
  (name) => name !== 'dstaddr' && name !== 'action',
);

/** @param value of a column; undefined where the logs do not have it */
export const wayFieldsOf = (value: (column: string) => string | number | null | undefined): WayFields =>
  Object.fromEntries(Object.entries(COLUMN_OF).map(([field, column]) => [field, value(column)]));

/** What a way can be called, without the service of an endpoint. */
export const WAYS = [
  ...['same VPC', 'peering', 'transit gateway', 'virtual private gateway', 'internet gateway', 'NAT gateway'],
  ...['gateway endpoint', 'interface endpoint', 'Gateway Load Balancer endpoint', 'local zone', 'incoming'],
  'unknown',
];

/** `gateway endpoint` stands for those of every service. */
export const isWay = (way: string, wanted: string): boolean => way === wanted || way.startsWith(`${wanted} `);

/** Fields that tell the way, by the column's name, and since which version of the format. */
export const WAY_FIELDS = ['traffic_path', 'flow_direction', 'pkt_dst_aws_service', 'pkt_dstaddr'] as const;

/** What to record, for logs without the fields that tell the way; undefined where they have them. */
export function wayAdvice(has: (column: string) => boolean): string | undefined {
  const absent = WAY_FIELDS.filter((column) => !has(column)).map((column) => column.replaceAll('_', '-'));
  if (absent.length === 0) return undefined;
  return `These logs do not record ${absent.join(', ')} (version 5), so the way is mostly unknown. A flow log with these fields tells it.`;
}

const SAME_VPC: Way = { way: 'same VPC', leaves: 'no' };
const PEERING: Way = { way: 'peering', leaves: 'yes' };
const TRANSIT: Way = { way: 'transit gateway', leaves: 'yes' };
const PRIVATE_GATEWAY: Way = { way: 'virtual private gateway', leaves: 'yes' };
const INTERNET: Way = { way: 'internet gateway', leaves: 'yes' };
const NAT: Way = { way: 'NAT gateway', leaves: 'yes' };
const LOCAL_ZONE: Way = { way: 'local zone', leaves: 'unknown' };
/** The record is of the receiving side. */
const INCOMING: Way = { way: 'incoming', leaves: 'no' };
const UNKNOWN: Way = { way: 'unknown', leaves: 'unknown' };

/**
 * By which way a flow went. Says only what the record, or the record and the inventory together, decide: the rest is
 * unknown. A gateway or interface endpoint does not leave the network of the VPC, but the service behind it serves every
 * AWS customer: only the endpoint's policy limits whose buckets or tables can be reached.
 *
 * Values of traffic-path, interface-type and next-hop-interface-type: Amazon VPC User Guide, "Flow log records".
 *
 * @param at Unix seconds of the record
 */
export function wayOf(fields: WayFields, names: Names, at?: number): Way {
  const { pktDstAwsService: service } = fields;
  const record = said(fields);
  const noService = service === null || service === '-';
  const route = routeOf(record, noService, names, at);
  const way = route === UNKNOWN && mayBeEndpoint(fields) ? throughEndpointOrNot(record, names, at) : route;
  // What was refused went nowhere.
  return fields.action === 'REJECT' ? { ...way, leaves: 'no' } : way;
}

/** Whether nothing that is recorded rules out a gateway endpoint. */
const mayBeEndpoint = ({ trafficPath, flowDirection }: WayFields) =>
  flowDirection !== 'ingress' && (trafficPath === undefined || String(trafficPath) === '2');

const HAS_GATEWAY_ENDPOINTS = /^(?:s3|s3express|dynamodb)$/;

function throughEndpointOrNot(record: Said, names: Names, at: number | undefined): Way {
  const service = gatewayService(record, names, at);
  const has = HAS_GATEWAY_ENDPOINTS.test(service ?? '');
  return has ? { ...UNKNOWN, endpoint: { service, kind: 'unknown' } } : UNKNOWN;
}

type Said = { readonly [K in keyof WayFields]: string | undefined };

const said = (fields: WayFields): Said =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value === undefined || value === null || value === '-' || value === '' ? undefined : String(value),
    ]),
  );

/** @param noService whether the record says that the destination is of no AWS service */
function routeOf(record: Said, noService: boolean, names: Names, at: number | undefined): Way {
  const { dstaddr, flowDirection, trafficPath } = record;
  const through = recordedAt(record, names, at);
  if (flowDirection === 'ingress') return arrivedAt(record, through, names, at);
  switch (trafficPath) {
    case '1':
      return withinVpc(record, names, at);
    case '2':
      return internetOrEndpoint(record, noService, through, names, at);
    case '3':
      return PRIVATE_GATEWAY;
    case '4':
    case '5':
      return PEERING;
    case '6':
      return LOCAL_ZONE;
    case '7':
      return gatewayEndpoint(record, names, at);
    case '8':
      return through === 'nat' ? NAT : INTERNET;
  }
  // No path, or one that is not known yet. What is left is where it went to.
  const next = nextHop(record, names, at);
  if (next) return next;
  if (dstaddr === undefined) return UNKNOWN;
  return toInterface(record, names, at) ?? UNKNOWN;
}

/** What recorded the flow, where that is a part of the network rather than a host. */
function recordedAt({ interfaceType, resourceId, interfaceId }: Said, names: Names, at: number | undefined) {
  if (/^(?:regional_)?nat_gateway$/.test(interfaceType ?? '') || resourceId?.startsWith('nat-')) return 'nat';
  if (interfaceType === 'transit_gateway') return 'transit';
  if (interfaceType === 'vpc_endpoint') return 'endpoint';
  if (interfaceType !== undefined || interfaceId === undefined) return undefined;
  return partOf(interfaceId, names, at);
}

/** The same of an interface that the inventory knows. Its type and lists are believed, descriptions are not. */
function partOf(
  interfaceId: string,
  names: Names,
  at: number | undefined,
): 'nat' | 'transit' | 'endpoint' | undefined {
  const { inventory } = names;
  if (inventory.natGatewayOf(interfaceId, at)) return 'nat';
  if (inventory.endpointOf(interfaceId, at)) return 'endpoint';
  const type = inventory.interface(interfaceId, at)?.seen.item.type;
  if (type === 'nat_gateway' || type === 'natGateway') return 'nat';
  if (type === 'transit_gateway') return 'transit';
  return type === 'vpc_endpoint' ? 'endpoint' : undefined;
}

/** Arrived at a host, or at a part of the network that passes it on. */
function arrivedAt(
  record: Said,
  through: ReturnType<typeof recordedAt>,
  names: Names,
  at: number | undefined,
): Way {
  const { dstaddr, pktDstaddr } = record;
  const passedOn = pktDstaddr !== undefined && pktDstaddr !== dstaddr;
  // Answers from outside arrive there too, and their packet ends there or at the host.
  if (through === 'nat') return passedOn && outside(pktDstaddr, record, names, at) ? NAT : INCOMING;
  if (through === 'transit') return passedOn && outside(pktDstaddr, record, names, at) ? TRANSIT : INCOMING;
  const reached = toInterface(record, names, at);
  if (reached?.endpoint) return reached;
  return through === 'endpoint' ? (reached ?? endpoint(undefined, dstaddr)) : INCOMING;
}

/** Whether an address is certainly not of the VPC. */
function outside(address: string, { vpcId }: Said, names: Names, at: number | undefined): boolean {
  const within = vpcId === undefined ? undefined : names.inventory.inVpc(address, vpcId, at);
  return within === undefined ? isPublic(address) : !within;
}

/** Documentation addresses count: logs of examples and samples have them. */
const isPublic = (address: string) => /^(?:public|documentation)$/.test(classOf(address) ?? '');

/** Path 1: another resource of the VPC, or an interface that AWS manages in it, which may pass the flow on. */
function withinVpc(record: Said, names: Names, at: number | undefined): Way {
  return nextHop(record, names, at) ?? toInterface(record, names, at) ?? UNKNOWN;
}

/** What the next hop decides: a part of the network, or a host of a VPC. */
function nextHop(record: Said, names: Names, at: number | undefined): Way | undefined {
  const { nextHopInterfaceType, nextHopInterfaceId, nextHopVpcId, vpcId } = record;
  const destination = record.pktDstaddr ?? record.dstaddr;
  // An appliance, or a Gateway Load Balancer endpoint, passes on what is for elsewhere.
  const elsewhere = destination === undefined || outside(destination, record, names, at);
  switch (nextHopInterfaceType) {
    case 'nat_gateway':
    case 'regional_nat_gateway':
      return NAT;
    case 'transit_gateway':
      return TRANSIT;
    case 'vpc_endpoint':
      return elsewhere ? UNKNOWN : (toInterface(record, names, at) ?? endpoint(undefined, record.dstaddr));
    case 'network_load_balancer':
      return elsewhere ? UNKNOWN : SAME_VPC;
  }
  if (nextHopInterfaceId === undefined || vpcId === undefined || nextHopVpcId === undefined) return undefined;
  if (nextHopVpcId !== vpcId) return PEERING;
  return elsewhere ? UNKNOWN : (toInterface(record, names, at) ?? SAME_VPC);
}

/** What the inventory says of the destination, where it is an address of the VPC. */
function toInterface(record: Said, names: Names, at: number | undefined): Way | undefined {
  const { dstaddr, pktDstaddr, vpcId } = record;
  if (dstaddr === undefined) return undefined;
  const { inventory } = names;
  const host = inventory.host(dstaddr, at, vpcId);
  const ofVpc = host && (vpcId === undefined || host.seen.vpc === vpcId);
  // A public address of an interface is reached through the internet gateway.
  if (ofVpc && host.seen.item.addresses.includes(dstaddr)) {
    const { id } = host.seen.item;
    const known = inventory.endpointOf(id, at);
    if (known) return endpoint(known, dstaddr);
    const part = partOf(id, names, at);
    if (part === 'endpoint') return endpoint(undefined, describedEndpoint(host.seen) ?? dstaddr);
    const passedOn =
      pktDstaddr !== undefined && pktDstaddr !== dstaddr && outside(pktDstaddr, record, names, at);
    if (passedOn && part === 'nat') return NAT;
    if (passedOn && part === 'transit') return TRANSIT;
    if (passedOn) return UNKNOWN;
    // Without the VPC of the record, the same address may be of another VPC.
    return vpcId === undefined ? undefined : SAME_VPC;
  }
  if (vpcId === undefined || inventory.inVpc(dstaddr, vpcId, at) !== true) return undefined;
  return pktDstaddr !== undefined && outside(pktDstaddr, record, names, at) ? UNKNOWN : SAME_VPC;
}

/** Services that gateway endpoints exist for, and codes that a range of theirs may be listed under instead. */
const MAY_BE_GATEWAY_SERVICE = /^(?:S3|DYNAMODB|AMAZON|EC2)$/;

/**
 * Path 2: an internet gateway or a gateway endpoint. Where the record says that the destination is of a service without
 * gateway endpoints, or of none, it is the former.
 */
function internetOrEndpoint(
  record: Said,
  isNone: boolean,
  through: ReturnType<typeof recordedAt>,
  names: Names,
  at: number | undefined,
): Way {
  const out = through === 'nat' ? NAT : INTERNET;
  const { pktDstAwsService: service } = record;
  if (service !== undefined) return MAY_BE_GATEWAY_SERVICE.test(service) ? UNKNOWN : out;
  const destination = record.pktDstaddr ?? record.dstaddr;
  if (!isNone || destination === undefined) return UNKNOWN;
  // The field is best effort: what is known to be a range of AWS may be S3's.
  const known = names.awsRange(destination, at) ?? names.inventory.servicePrefixList(destination, at);
  return known ? UNKNOWN : out;
}

function gatewayEndpoint(record: Said, names: Names, at: number | undefined): Way {
  const service = gatewayService(record, names, at);
  const way = service === undefined ? 'gateway endpoint' : `gateway endpoint ${service.toUpperCase()}`;
  const { vpcId, interfaceId } = record;
  const vpc = vpcId ?? (interfaceId && names.inventory.interface(interfaceId, at)?.seen.item.vpc);
  const id = service && vpc ? names.inventory.gatewayEndpoint(service, vpc, at)?.id : undefined;
  return { way, leaves: 'no', endpoint: { id, service, kind: 'gateway' } };
}

/** The service that the destination of a flow is of, where it may have gateway endpoints. */
function gatewayService(
  { pktDstAwsService, pktDstaddr, dstaddr }: Said,
  names: Names,
  at: number | undefined,
): string | undefined {
  const destination = pktDstaddr ?? dstaddr;
  const list = destination && names.inventory.servicePrefixList(destination, at)?.seen.name;
  const published = destination && names.awsRange(destination, at)?.range.service;
  const codes = [pktDstAwsService, published].filter((code) => code === 'S3' || code === 'DYNAMODB');
  return list ? shortService(list) : codes[0]?.toLowerCase();
}

/**
 * The service of an address that a gateway endpoint in the region could reach: S3 or DynamoDB of the region itself.
 *
 * @param told what a record says: the code of the address's service, and the region of the record
 */
export function gatewayServiceOf(
  address: string,
  told: { readonly code: string | undefined; readonly region: string | undefined },
  names: Names,
  at?: number,
): string | undefined {
  const record = said({ dstaddr: address, pktDstAwsService: told.code });
  const service = gatewayService(record, names, at);
  if (service === undefined || !HAS_GATEWAY_ENDPOINTS.test(service)) return undefined;
  if (names.inventory.servicePrefixList(address, at)) return service;
  const published = names.awsRange(address, at)?.range.region;
  const elsewhere = told.region !== undefined && published !== undefined && published !== told.region;
  return elsewhere ? undefined : service;
}

/** Whether a NAT gateway recorded it; undefined where nothing tells what did. */
export function isOfNatGateway(
  value: (column: string) => string | undefined,
  names: Names,
  at?: number,
): boolean | undefined {
  const record = said(wayFieldsOf(value));
  const part = recordedAt(record, names, at);
  if (part !== undefined) return part === 'nat';
  const { interfaceType, interfaceId } = record;
  const known = interfaceId !== undefined && names.inventory.interface(interfaceId, at) !== undefined;
  return interfaceType !== undefined || known ? false : undefined;
}

/** Which part of the network has an address, by the inventory. */
export function partOfNetwork(address: string, vpcId: string | undefined, names: Names, at?: number) {
  const host = names.inventory.host(address, at, vpcId);
  return host && partOf(host.seen.item.id, names, at);
}

const KIND_OF: Readonly<Record<string, EndpointKind>> = {
  Gateway: 'gateway',
  GatewayLoadBalancer: 'gateway load balancer',
  Resource: 'resource',
  ServiceNetwork: 'service network',
};

/**
 * A service of another customer is in their VPC; what a VPC Lattice endpoint reaches is nobody's to say.
 *
 * @param otherwise what to call an endpoint whose id is not known
 */
function endpoint(item: EndpointItem | undefined, otherwise: string | undefined): Way {
  const service = item?.service === undefined ? undefined : shortService(item.service);
  const reached = {
    id: item?.id ?? otherwise,
    service,
    kind: KIND_OF[item?.type ?? ''] ?? ('interface' as const),
  };
  if (item?.type === 'GatewayLoadBalancer')
    return { way: 'Gateway Load Balancer endpoint', leaves: 'unknown', endpoint: reached };
  const way = service ? `interface endpoint ${service}` : 'interface endpoint';
  if (item?.type === 'Resource' || item?.type === 'ServiceNetwork')
    return { way, leaves: 'unknown', endpoint: reached };
  return { way, leaves: service?.includes('vpce-svc-') ? 'yes' : 'no', endpoint: reached };
}

/** The id in the description of an endpoint's interface, where endpoints were not read. */
const describedEndpoint = ({ owner }: SeenInterface): string | undefined =>
  /^endpoint (vpce-\w+)$/.exec(owner?.name ?? '')?.[1];

/** A tag's value as version 11 records it: percent-encoded UTF-8. What is not encoded correctly stays as it is. */
export function decodeTag(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
