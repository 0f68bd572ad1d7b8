/**
 * Every field of a VPC flow log record, versions 2 to 11, and of transit gateways, version 6: the single source for
 * table definitions, file readers and documentation.
 *
 * Source: Amazon VPC User Guide, "Flow log records". Version 6 has no VPC
 * fields: that number belongs to transit gateway flow logs.
 */

/** How a field's value is stored: the type in Parquet files, and the one its text is read as. */
export type FieldType = 'text' | 'integer' | 'bigint';

export interface Field {
  /** The name in a log file's header line and in a log format: `account-id`. */
  readonly name: string;
  /** The name as a column of a table or a Parquet file: `account_id`. */
  readonly column: string;
  /** The flow log version that introduced it; undefined for a field this program does not know. */
  readonly version: number | undefined;
  readonly type: FieldType;
  readonly meaning: string;
}

/** The column name of a field: hyphens become underscores, upper case becomes lower case. */
export function columnOf(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}

type Definition = readonly [name: string, type: FieldType, meaning: string];

const BY_VERSION: ReadonlyArray<readonly [version: number, fields: readonly Definition[]]> = [
  [
    2,
    [
      ['version', 'integer', 'highest version among the fields recorded'],
      ['account-id', 'text', 'AWS account that owns the network interface'],
      ['interface-id', 'text', 'network interface (eni-…)'],
      ['srcaddr', 'text', 'source address'],
      ['dstaddr', 'text', 'destination address'],
      ['srcport', 'integer', 'source port'],
      ['dstport', 'integer', 'destination port'],
      ['protocol', 'integer', 'IANA protocol number'],
      ['packets', 'bigint', 'packets in the flow'],
      ['bytes', 'bigint', 'bytes in the flow'],
      ['start', 'bigint', 'first packet of the interval, Unix seconds'],
      ['end', 'bigint', 'last packet of the interval, Unix seconds'],
      ['action', 'text', 'ACCEPT or REJECT'],
      ['log-status', 'text', 'OK, NODATA or SKIPDATA'],
    ],
  ],
  [
    3,
    [
      ['vpc-id', 'text', 'VPC of the interface'],
      ['subnet-id', 'text', 'subnet of the interface'],
      ['instance-id', 'text', 'instance of the interface'],
      ['tcp-flags', 'integer', 'TCP flags, OR-ed over the interval: FIN 1, SYN 2, RST 4, SYN-ACK 18'],
      ['type', 'text', 'IPv4, IPv6 or EFA'],
      ['pkt-srcaddr', 'text', 'source address in the packet itself'],
      ['pkt-dstaddr', 'text', 'destination address in the packet itself'],
    ],
  ],
  [
    4,
    [
      ['region', 'text', 'Region of the interface'],
      ['az-id', 'text', 'Availability Zone id'],
      ['sublocation-type', 'text', 'wavelength, outpost or localzone'],
      ['sublocation-id', 'text', 'id of the sublocation'],
    ],
  ],
  [
    5,
    [
      ['pkt-src-aws-service', 'text', 'AWS service that owns pkt-srcaddr'],
      ['pkt-dst-aws-service', 'text', 'AWS service that owns pkt-dstaddr'],
      ['flow-direction', 'text', 'ingress or egress, seen from the interface'],
      ['traffic-path', 'integer', 'way out of an egress flow, 1 to 8'],
    ],
  ],
  [
    7,
    [
      ['ecs-cluster-arn', 'text', 'ARN of the ECS cluster'],
      ['ecs-cluster-name', 'text', 'name of the ECS cluster'],
      ['ecs-container-instance-arn', 'text', 'ARN of the ECS container instance'],
      ['ecs-container-instance-id', 'text', 'id of the ECS container instance'],
      ['ecs-container-id', 'text', 'runtime id of the first container'],
      ['ecs-second-container-id', 'text', 'runtime id of the second container'],
      ['ecs-service-name', 'text', 'name of the ECS service'],
      ['ecs-task-definition-arn', 'text', 'ARN of the ECS task definition'],
      ['ecs-task-arn', 'text', 'ARN of the ECS task'],
      ['ecs-task-id', 'text', 'id of the ECS task'],
    ],
  ],
  [8, [['reject-reason', 'text', 'BPA (Block Public Access) or EC (encryption controls)']]],
  [9, [['resource-id', 'text', 'regional NAT gateway (nat-…)']]],
  [10, [['encryption-status', 'integer', '0 none, 1 Nitro, 2 application, 3 both']]],
  [
    11,
    [
      ['instance-tag', 'text', 'value of the first chosen tag of the instance, percent-encoded'],
      ['instance-tag-2', 'text', 'value of the second chosen tag of the instance, percent-encoded'],
      ['interface-tag', 'text', 'value of the first chosen tag of the interface, percent-encoded'],
      ['interface-tag-2', 'text', 'value of the second chosen tag of the interface, percent-encoded'],
      ['asg-tag', 'text', 'value of the first chosen tag of the Auto Scaling group, percent-encoded'],
      ['asg-tag-2', 'text', 'value of the second chosen tag of the Auto Scaling group, percent-encoded'],
      ['interface-type', 'text', 'nat_gateway, transit_gateway, vpc_endpoint, …'],
      ['next-hop-interface-id', 'text', 'interface of the next hop (ingress: of the previous hop)'],
      ['next-hop-subnet-id', 'text', 'subnet of the next hop'],
      ['next-hop-az-id', 'text', 'Availability Zone id of the next hop'],
      ['next-hop-vpc-id', 'text', 'VPC of the next hop'],
      ['next-hop-interface-type', 'text', 'interface type of the next hop'],
    ],
  ],
];

/** Those of transit gateway flow logs that VPC flow logs lack (Transit Gateway Guide, "Transit Gateway Flow Logs records"). */
const TRANSIT_GATEWAY: readonly Definition[] = [
  ['resource-type', 'text', 'TransitGateway'],
  ['tgw-id', 'text', 'transit gateway (tgw-…)'],
  ['tgw-attachment-id', 'text', 'attachment that the traffic came through'],
  ['tgw-src-vpc-account-id', 'text', 'account of the source VPC'],
  ['tgw-dst-vpc-account-id', 'text', 'account of the destination VPC'],
  ['tgw-src-vpc-id', 'text', 'source VPC'],
  ['tgw-dst-vpc-id', 'text', 'destination VPC'],
  ['tgw-src-subnet-id', 'text', 'source subnet'],
  ['tgw-dst-subnet-id', 'text', 'destination subnet'],
  ['tgw-src-eni', 'text', 'interface of the source attachment'],
  ['tgw-dst-eni', 'text', 'interface of the destination attachment'],
  ['tgw-src-az-id', 'text', 'Availability Zone id of the source attachment'],
  ['tgw-dst-az-id', 'text', 'Availability Zone id of the destination attachment'],
  ['tgw-pair-attachment-id', 'text', 'attachment that the traffic leaves through'],
  ['packets-lost-no-route', 'bigint', 'packets lost: no route'],
  ['packets-lost-blackhole', 'bigint', 'packets lost: black hole'],
  ['packets-lost-mtu-exceeded', 'bigint', 'packets lost: larger than the MTU'],
  ['packets-lost-ttl-expired', 'bigint', 'packets lost: time to live expired'],
];

export const FIELDS: readonly Field[] = BY_VERSION.flatMap(([version, fields]) =>
  fields.map(([name, type, meaning]) => ({ name, column: columnOf(name), version, type, meaning })),
);

export const TRANSIT_GATEWAY_FIELDS: readonly Field[] = TRANSIT_GATEWAY.map(([name, type, meaning]) => ({
  name,
  column: columnOf(name),
  version: 6,
  type,
  meaning,
}));

const BY_COLUMN = new Map([...FIELDS, ...TRANSIT_GATEWAY_FIELDS].map((field) => [field.column, field]));

/** The field of that name (hyphens or underscores, any case), or undefined. */
export function findField(name: string): Field | undefined {
  return BY_COLUMN.get(columnOf(name));
}

/**
 * The field of that name; one that is not known is kept as text, since AWS adds
 * fields with each version.
 */
export function fieldOf(name: string): Field {
  return (
    findField(name) ?? {
      name: name.toLowerCase().replaceAll('_', '-'),
      column: columnOf(name),
      version: undefined,
      type: 'text',
      meaning: 'not a field this version of flowlog knows',
    }
  );
}

/** The fields that a set of logs records, by column name. */
export type FieldSet = ReadonlyMap<string, Field>;

export function fieldSet(fields: Iterable<Field>): FieldSet {
  return new Map([...fields].map((field) => [field.column, field]));
}
