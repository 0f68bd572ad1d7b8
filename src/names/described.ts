import type {
  Instance,
  ManagedPrefixList,
  NatGateway,
  NetworkInterface,
  PrefixList,
  Subnet,
  Tag,
  Vpc,
  VpcEndpoint,
} from '@aws-sdk/client-ec2';
import type {
  EndpointItem,
  InstanceItem,
  InterfaceItem,
  NatGatewayItem,
  NetworkItem,
  PrefixListItem,
  Snapshot,
} from './snapshot.js';

/** What EC2's describe calls answer; the SDK and `aws ec2 describe-…` name the same things alike. Absent: not read. */
export interface Described {
  NetworkInterfaces?: NetworkInterface[];
  VpcEndpoints?: VpcEndpoint[];
  /** Of both calls: managed ones have an owner, those of gateway endpoints have their blocks. */
  PrefixLists?: Array<ManagedPrefixList & PrefixList>;
  Subnets?: Subnet[];
  Vpcs?: Vpc[];
  NatGateways?: NatGateway[];
  Instances?: Instance[];
  /** Blocks of managed prefix lists by id: their call does not repeat the id. */
  entries?: Map<string, string[]>;
}

const present = <T>(values: ReadonlyArray<T | undefined | null | ''>): T[] =>
  [...new Set(values)].filter((value): value is T => value !== undefined && value !== null && value !== '');

/** Without what is undefined or an empty list: a snapshot is read by people too. */
function compact<T extends object>(item: T, keep: keyof T = 'id' as keyof T): T {
  const entries = Object.entries(item).filter(
    ([name, value]) =>
      name === keep ||
      (value !== undefined &&
        value !== null &&
        !(Array.isArray(value) && value.length === 0) &&
        !(typeof value === 'object' && Object.keys(value).length === 0)),
  );
  return Object.fromEntries(entries) as T;
}

const nameTag = (tags: readonly Tag[] | undefined) =>
  tags?.find(({ Key }) => Key === 'Name')?.Value || undefined;

const byId = <T extends { readonly id: string }>(items: readonly T[]): T[] =>
  [...new Map(items.map((item) => [item.id, item])).values()].sort((a, b) => (a.id < b.id ? -1 : 1));

/** The described parts of a region as a snapshot. @param about when and whose it is, where that is known */
export function snapshotOf(
  described: Described,
  about: {
    readonly taken: string;
    readonly account?: string | undefined;
    readonly region?: string | undefined;
  },
): Snapshot {
  const { NetworkInterfaces, VpcEndpoints, Subnets, Vpcs, NatGateways, Instances } = described;
  const account = about.account ?? ownerOf(described);
  const region = about.region ?? regionOf(described);
  const section = <A, B extends { readonly id: string }>(items: A[] | undefined, make: (item: A) => B) =>
    items && byId(items.map(make));
  const sections = {
    interfaces: section(NetworkInterfaces, interfaceItem),
    endpoints: section(VpcEndpoints, endpointItem),
    prefixLists: prefixListItems(described),
    subnets: section(Subnets, subnetItem),
    vpcs: section(Vpcs, vpcItem),
    natGateways: section(NatGateways, natGatewayItem),
    instances: section(Instances, instanceItem),
  };
  return {
    flowlog: 'inventory',
    version: 1,
    taken: about.taken,
    ...(account === undefined ? {} : { account }),
    ...(region === undefined ? {} : { region }),
    ...Object.fromEntries(Object.entries(sections).filter(([, items]) => items !== undefined)),
  };
}

/** The one account that owns what was described; undefined where there are several, as in shared VPCs. */
function ownerOf({ NetworkInterfaces, VpcEndpoints, Subnets, Vpcs }: Described): string | undefined {
  const owners = present(
    [NetworkInterfaces, VpcEndpoints, Subnets, Vpcs].flat().map((each) => each?.OwnerId),
  );
  return owners.length === 1 ? owners[0] : undefined;
}

/** The region that zones, service names and ARNs say. */
function regionOf({ NetworkInterfaces, VpcEndpoints, PrefixLists, Subnets }: Described): string | undefined {
  const regions = present([
    ...[NetworkInterfaces, Subnets]
      .flat()
      .map((each) => each && /^[a-z-]+\d/.exec(each.AvailabilityZone ?? '')?.[0]),
    ...(VpcEndpoints ?? []).map(({ ServiceName, ServiceRegion }) =>
      ServiceRegion ? undefined : /^com\.amazonaws\.([a-z]{2}[a-z-]*-\d)\./.exec(ServiceName ?? '')?.[1],
    ),
    ...(PrefixLists ?? []).map(({ PrefixListArn = '' }) => PrefixListArn.split(':')[3]),
  ]);
  return regions.length === 1 ? regions[0] : undefined;
}

function interfaceItem(each: NetworkInterface): InterfaceItem {
  const { PrivateIpAddresses = [], Ipv6Addresses = [], Association } = each;
  return compact(
    {
      id: each.NetworkInterfaceId!,
      vpc: each.VpcId,
      subnet: each.SubnetId,
      zone: each.AvailabilityZone,
      type: each.InterfaceType,
      description: each.Description || undefined,
      addresses: present([
        each.PrivateIpAddress,
        ...PrivateIpAddresses.map(({ PrivateIpAddress }) => PrivateIpAddress),
        ...Ipv6Addresses.map(({ Ipv6Address }) => Ipv6Address),
      ]),
      prefixes: present([
        ...(each.Ipv4Prefixes ?? []).map(({ Ipv4Prefix }) => Ipv4Prefix),
        ...(each.Ipv6Prefixes ?? []).map(({ Ipv6Prefix }) => Ipv6Prefix),
      ]),
      public: present([
        Association?.PublicIp,
        Association?.CarrierIp,
        ...PrivateIpAddresses.flatMap(({ Association: own }) => [own?.PublicIp, own?.CarrierIp]),
      ]),
      instance: each.Attachment?.InstanceId,
      requester: each.RequesterId,
      groups: present((each.Groups ?? []).map(({ GroupName, GroupId }) => GroupName ?? GroupId)),
      tags: Object.fromEntries((each.TagSet ?? []).map(({ Key, Value }) => [Key, Value ?? ''])),
    },
    'addresses',
  ) as InterfaceItem;
}

const endpointItem = (each: VpcEndpoint): EndpointItem =>
  compact({
    id: each.VpcEndpointId!,
    type: each.VpcEndpointType,
    vpc: each.VpcId,
    service: each.ServiceName ?? each.ResourceConfigurationArn ?? each.ServiceNetworkArn,
    serviceRegion: each.ServiceRegion,
    interfaces: each.NetworkInterfaceIds,
    name: nameTag(each.Tags),
  }) as EndpointItem;

function prefixListItems({ PrefixLists, entries }: Described): PrefixListItem[] | undefined {
  if (!PrefixLists && !entries) return undefined;
  const items = new Map<string, PrefixListItem>();
  const add = (item: PrefixListItem) => items.set(item.id, { ...items.get(item.id), ...item });
  for (const { PrefixListId, PrefixListName, OwnerId, Cidrs } of PrefixLists ?? []) {
    add(
      compact({ id: PrefixListId!, name: PrefixListName, owner: OwnerId, blocks: Cidrs }) as PrefixListItem,
    );
  }
  for (const [id, blocks] of entries ?? []) add({ id, blocks });
  return byId([...items.values()]);
}

const associated = (state: string | undefined) => state === undefined || state === 'associated';

const ipv6Blocks = (set: Vpc['Ipv6CidrBlockAssociationSet']) =>
  (set ?? []).map((each) => (associated(each.Ipv6CidrBlockState?.State) ? each.Ipv6CidrBlock : undefined));

const vpcItem = (each: Vpc): NetworkItem =>
  compact(
    {
      id: each.VpcId!,
      name: nameTag(each.Tags),
      blocks: present([
        each.CidrBlock,
        ...(each.CidrBlockAssociationSet ?? []).map(({ CidrBlock, CidrBlockState }) =>
          associated(CidrBlockState?.State) ? CidrBlock : undefined,
        ),
        ...ipv6Blocks(each.Ipv6CidrBlockAssociationSet),
      ]),
    },
    'blocks',
  ) as NetworkItem;

const subnetItem = (each: Subnet): NetworkItem =>
  compact(
    {
      id: each.SubnetId!,
      vpc: each.VpcId,
      name: nameTag(each.Tags),
      zone: each.AvailabilityZone,
      blocks: present([each.CidrBlock, ...ipv6Blocks(each.Ipv6CidrBlockAssociationSet)]),
    },
    'blocks',
  ) as NetworkItem;

const natGatewayItem = (each: NatGateway): NatGatewayItem =>
  compact({
    id: each.NatGatewayId!,
    vpc: each.VpcId,
    subnet: each.SubnetId,
    name: nameTag(each.Tags),
    connectivity: each.ConnectivityType,
    addresses: present(
      (each.NatGatewayAddresses ?? []).flatMap(({ PublicIp, PrivateIp }) => [PublicIp, PrivateIp]),
    ),
    interfaces: present((each.NatGatewayAddresses ?? []).map(({ NetworkInterfaceId }) => NetworkInterfaceId)),
  }) as NatGatewayItem;

const instanceItem = (each: Instance): InstanceItem =>
  compact({ id: each.InstanceId!, name: nameTag(each.Tags) }) as InstanceItem;
