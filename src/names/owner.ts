import { cleanText } from './clean-text.js';
import type { EndpointItem, InterfaceItem, NatGatewayItem, Snapshot } from './snapshot.js';

/** Whose an interface is. */
export interface Owner {
  readonly name: string;
  readonly kind: 'interface' | 'endpoint';
  /** What told: `description`, `Name tag of i-0a1b…`. */
  readonly by: string;
}

/** What else the snapshot of an interface knows. */
export interface Surroundings {
  instanceName(id: string): string | undefined;
  endpointOf(interfaceId: string): EndpointItem | undefined;
  endpoint(id: string): EndpointItem | undefined;
  natGatewayOf(interfaceId: string): NatGatewayItem | undefined;
  natGateway(id: string): NatGatewayItem | undefined;
}

export function surroundings(...snapshots: readonly Snapshot[]): Surroundings {
  const instances = new Map(
    snapshots.flatMap((each) => each.instances ?? []).map((each) => [each.id, each.name]),
  );
  const endpoints = snapshots.flatMap((each) => each.endpoints ?? []);
  const nats = snapshots.flatMap((each) => each.natGateways ?? []);
  const byInterface = <T extends { readonly interfaces?: readonly string[] }>(items: readonly T[]) =>
    new Map(items.flatMap((item) => (item.interfaces ?? []).map((id) => [id, item] as const)));
  const endpointById = new Map(endpoints.map((each) => [each.id, each]));
  const natById = new Map(nats.map((each) => [each.id, each]));
  const endpointOf = byInterface(endpoints);
  const natOf = byInterface(nats);
  return {
    instanceName: (id) => instances.get(id),
    endpointOf: (id) => endpointOf.get(id),
    endpoint: (id) => endpointById.get(id),
    natGatewayOf: (id) => natOf.get(id),
    natGateway: (id) => natById.get(id),
  };
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/**
 * Descriptions that services give to their interfaces, and the owner in words; `$1` is what the description names. None is
 * documented: each has been seen in public inventories or parsers.
 */
const PATTERNS: ReadonlyArray<readonly [pattern: RegExp, owner: string]> = [
  [/^Interface for NAT Gateway (nat-\w+)/i, 'NAT gateway $1'],
  [/^VPC Endpoint Interface:? (vpce-\w+)/i, 'endpoint $1'],
  [/^Resource Gateway Interface:? (rgw-\w+)/i, 'resource gateway $1'],
  [/^ELB app\/([^/]+)/i, 'ALB $1'],
  [/^ELB net\/([^/]+)/i, 'NLB $1'],
  [/^ELB gwy\/([^/]+)/i, 'GWLB $1'],
  [/^ELB ([^/]+)$/i, 'ELB $1'],
  [new RegExp(`^AWS Lambda VPC ENI[-:] ?(.+?)(?:-${UUID})?$`, 'i'), 'Lambda $1'],
  [/^RDSNetworkInterface$/i, 'RDS (or Neptune, DocumentDB)'],
  [/^Network interface for DBProxy/i, 'RDS Proxy'],
  [/^RedshiftNetworkInterface$/i, 'Redshift'],
  [/^DMSNetworkInterface$/i, 'DMS'],
  [/^ElastiCache (.+)/i, 'ElastiCache $1'],
  [/^DAX (.+)/i, 'DAX $1'],
  [/^EFS mount target for (fs-\w+)/i, 'EFS $1'],
  [/^Amazon EKS (.+)/i, 'EKS control plane $1'],
  [/^aws-k8s-branch-eni/i, 'EKS pod'],
  [/^aws-K8S-(i-\w+)/i, 'EKS node $1'],
  [/^arn:aws[a-z-]*:ecs:[^:]*:\d*:attachment\//i, 'ECS task'],
  [/^Network Interface for Transit Gateway Attachment (tgw-attach-\w+)/i, 'transit gateway $1'],
  [/ENI managed by SageMaker for Studio Domain ?\(?(d-\w+)?/i, 'SageMaker Studio $1'],
  [/SageMaker Notebook Instance\b.*?notebook-instance\/([\w-]+)/i, 'SageMaker notebook $1'],
  [/SageMaker Notebook Instance:? ?([\w-]+)?/i, 'SageMaker notebook $1'],
  [/^Created By Amazon WorkSpaces/i, 'WorkSpace'],
  [/^AWS created network interface for directory (d-\w+)/i, 'directory $1'],
  [/^Attached to Glue using role: \S*role\/(\S+)/i, 'Glue $1'],
  [/^Attached to Glue/i, 'Glue'],
  [/^datasync\b/i, 'DataSync'],
  [/^CloudHSM (?:Managed Interface|ENI)/i, 'CloudHSM'],
  [/^AWS ElasticMapReduce/i, 'EMR'],
  [/^Amazon MSK network interface for cluster \S*cluster\/([^/\s]+)/i, 'MSK $1'],
  [/^Amazon MSK network interface/i, 'MSK'],
];

/**
 * Interface types that a service sets, and the owner in words. A description counts for such an interface only where it says
 * the same: a type cannot be typed in, a description can. `nat_gateway` is what the API answers, `natGateway` what the SDK
 * lists. Types that are not here say nothing: AWS adds some.
 */
const TYPES: Readonly<Record<string, string>> = {
  nat_gateway: 'NAT gateway',
  natGateway: 'NAT gateway',
  vpc_endpoint: 'endpoint',
  gateway_load_balancer_endpoint: 'GWLB endpoint',
  gateway_load_balancer: 'GWLB',
  network_load_balancer: 'NLB',
  load_balancer: 'load balancer',
  lambda: 'Lambda',
  transit_gateway: 'transit gateway',
  global_accelerator_managed: 'Global Accelerator',
  api_gateway_managed: 'API Gateway',
  iot_rules_managed: 'IoT rule',
  quicksight: 'QuickSight',
  aws_codestar_connections_managed: 'CodeConnections',
  ec2_instance_connect_endpoint: 'EC2 Instance Connect Endpoint',
  efs: 'EFS',
};

/** What a description may begin with for a type, where it is not the owner in words of the type itself. */
const ALSO: Readonly<Record<string, RegExp>> = { load_balancer: /^(?:ALB|ELB|NLB) / };

const OWNER_TAGS = [
  'aws:ecs:serviceName',
  'cluster.k8s.amazonaws.com/name',
  'elasticbeanstalk:environment-name',
];

const ONLY_AN_ID = /^(?:i|eni|vpce|nat|lt|asg)-[0-9a-f]+$/;

/** Names of security groups that nobody thought about. */
const MADE_BY_MACHINE = /^(?:default|launch-wizard-\d+|sg-[0-9a-f]+|eks-cluster-sg-.*|.*-sg-\d{10,})$/i;

/**
 * Finds the owner of an interface: its instance and name, then the type, the description, tags, and the one security group
 * that a person named. Undefined where nothing tells.
 */
export function ownerOf(item: InterfaceItem, around: Surroundings): Owner | undefined {
  const endpoint = around.endpointOf(item.id);
  if (endpoint) return { name: endpointName(endpoint), kind: 'endpoint', by: `interface of ${endpoint.id}` };
  const own = usableName(item.tags?.Name);
  if (item.instance !== undefined) {
    const name = usableName(around.instanceName(item.instance));
    if (name) return { name, kind: 'interface', by: `Name tag of ${item.instance}` };
    return own
      ? { name: own, kind: 'interface', by: 'Name tag' }
      : { name: item.instance, kind: 'interface', by: 'attachment' };
  }
  const service = byService(item, around);
  // A name says more than a service, but an endpoint is one whatever it is called.
  if (own && service?.kind !== 'endpoint') return { name: own, kind: 'interface', by: 'Name tag' };
  if (service) return service;
  for (const tag of OWNER_TAGS) {
    const value = usableName(item.tags?.[tag]);
    if (value) return { name: value, kind: 'interface', by: `tag ${tag}` };
  }
  const groups = (item.groups ?? [])
    .map((group) => cleanText(group))
    .filter((group) => group !== '' && !MADE_BY_MACHINE.test(group));
  return groups.length === 1 ? { name: groups[0]!, kind: 'interface', by: 'security group' } : undefined;
}

function usableName(text: string | undefined): string | undefined {
  const name = text === undefined ? '' : cleanText(text);
  return name === '' || ONLY_AN_ID.test(name) ? undefined : name;
}

function byService(item: InterfaceItem, around: Surroundings): Owner | undefined {
  const nat = around.natGatewayOf(item.id);
  if (nat) return { name: natName(nat), kind: 'interface', by: `interface of ${nat.id}` };
  const type = item.type === undefined ? undefined : TYPES[item.type];
  const described = byDescription(item.description ?? '');
  const agree =
    described !== undefined &&
    (type === undefined ||
      described.startsWith(type) ||
      ALSO[item.type!]?.test(described) === true ||
      (type === 'endpoint' && described.startsWith('resource gateway')));
  const name = agree ? described : type;
  if (name === undefined) return undefined;
  const by = agree ? 'description' : 'interface type';
  const [, endpointId] = /^endpoint (vpce-\w+)/.exec(name) ?? [];
  if (endpointId !== undefined) {
    const known = around.endpoint(endpointId);
    return { name: known ? endpointName(known) : name, kind: 'endpoint', by };
  }
  const [, natId] = /^NAT gateway (nat-\w+)/.exec(name) ?? [];
  const known = natId === undefined ? undefined : around.natGateway(natId);
  return { name: known ? natName(known) : name, kind: type === 'endpoint' ? 'endpoint' : 'interface', by };
}

/** EC2 allows 255 characters. */
const LONGEST_DESCRIPTION = 255;

function byDescription(text: string): string | undefined {
  const description = cleanText(text, LONGEST_DESCRIPTION);
  for (const [pattern, owner] of PATTERNS) {
    const match = pattern.exec(description);
    if (match) return owner.replace('$1', () => match[1] ?? '').trim();
  }
  return undefined;
}

/** `sagemaker.api` of `com.amazonaws.ap-northeast-1.sagemaker.api`; other services by their whole name. */
export function shortService(service: string): string {
  return cleanText(service).replace(/^(?:com|cn\.com|eu)\.amazonaws\.(?:[a-z]{2}[a-z-]*-\d\.)?/, '');
}

/** `endpoint sagemaker.api`, and the region of the service where it is another. */
export function endpointName({ id, service, serviceRegion }: EndpointItem): string {
  if (service === undefined) return `endpoint ${id}`;
  return `endpoint ${shortService(service)}${serviceRegion === undefined ? '' : ` ${cleanText(serviceRegion)}`}`;
}

const natName = ({ id, name }: NatGatewayItem) => `NAT gateway ${usableName(name) ?? id}`;
