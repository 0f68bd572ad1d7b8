import { AddressMap } from '../net/address-map.js';
import { cleanText } from './clean-text.js';
import { type Owner, ownerOf, shortService, surroundings } from './owner.js';
import type {
  EndpointItem,
  InterfaceItem,
  NatGatewayItem,
  NetworkItem,
  SectionName,
  Snapshot,
} from './snapshot.js';
import { SECTIONS, takenAt } from './snapshot.js';

/** Something seen in a snapshot, and the time the snapshot stands for: until the next one of that account and region. */
interface Sighting {
  readonly from: number;
  readonly until: number;
  readonly vpc: string | undefined;
}

export interface SeenInterface extends Sighting {
  readonly item: InterfaceItem;
  readonly owner: Owner | undefined;
}

export interface SeenNetwork extends Sighting {
  readonly name: string;
  readonly id: string;
}

export interface Seen<T> {
  readonly seen: T;
  /** Unix seconds of the snapshot, where it does not stand for the time that was asked about. */
  readonly asOf?: number;
}

/** What snapshots know: who had which address at which time. */
export class Inventory {
  private readonly interfaces = new Map<string, SeenInterface[]>();
  private readonly hosts: AddressMap<SeenInterface[]>;
  private readonly networks: AddressMap<SeenNetwork[]>;
  private readonly prefixLists: AddressMap<SeenNetwork[]>;
  private readonly listsById = new Map<string, Array<Sighting & { readonly holds: AddressMap<true> }>>();
  private readonly endpoints: Array<Sighting & { readonly item: EndpointItem }> = [];
  private readonly natGateways: Array<Sighting & { readonly item: NatGatewayItem }> = [];
  private readonly vpcs: Array<Sighting & { readonly item: NetworkItem; readonly holds: AddressMap<true> }> =
    [];

  constructor(readonly snapshots: readonly Snapshot[]) {
    const hosts = new Map<string, SeenInterface[]>();
    const networks = new Map<string, SeenNetwork[]>();
    const lists = new Map<string, SeenNetwork[]>();
    for (const snapshot of snapshots) {
      const times = new Map(SECTIONS.map((section) => [section, standing(snapshot, section, snapshots)]));
      const time = (section: SectionName) => times.get(section)!;
      const around = surroundings(...companions(snapshot, snapshots));
      for (const item of snapshot.interfaces ?? []) {
        const seen = { ...time('interfaces'), vpc: item.vpc, item, owner: ownerOf(item, around) };
        push(this.interfaces, item.id, seen);
        for (const address of [...item.addresses, ...(item.prefixes ?? []), ...(item.public ?? [])]) {
          push(hosts, address, seen);
        }
      }
      for (const item of snapshot.subnets ?? []) {
        const seen = { ...time('subnets'), vpc: item.vpc, id: item.id, name: networkName('subnet', item) };
        for (const block of item.blocks) push(networks, block, seen);
      }
      for (const item of snapshot.vpcs ?? []) {
        const seen = { ...time('vpcs'), vpc: item.id, id: item.id, name: networkName('VPC', item) };
        const holds = AddressMap.builder<true>();
        for (const block of item.blocks) {
          push(networks, block, seen);
          holds.add(block, true);
        }
        this.vpcs.push({ ...seen, item, holds: holds.build() });
      }
      for (const { id, name = id, owner, blocks = [] } of snapshot.prefixLists ?? []) {
        const seen = { ...time('prefixLists'), vpc: undefined, id, name: cleanText(name) };
        // Those of AWS are as AWS's published ranges: said after what is the user's own.
        const to = owner === 'AWS' || /^com\.amazonaws\./.test(name) ? lists : networks;
        const holds = AddressMap.builder<true>();
        for (const block of blocks) {
          push(to, block, seen);
          holds.add(block, true);
        }
        push(this.listsById, id, { ...seen, holds: holds.build() });
      }
      for (const item of snapshot.endpoints ?? [])
        this.endpoints.push({ ...time('endpoints'), vpc: item.vpc, item });
      for (const item of snapshot.natGateways ?? []) {
        this.natGateways.push({ ...time('natGateways'), vpc: item.vpc, item });
      }
    }
    this.hosts = mapOf(hosts);
    this.networks = mapOf(networks);
    this.prefixLists = mapOf(lists);
  }

  get isEmpty(): boolean {
    return this.snapshots.length === 0;
  }

  /** An interface by its id. Ids are never used again, so that any snapshot that has it will do. */
  interface(id: string, at?: number): Seen<SeenInterface> | undefined {
    const seen = nearest(this.interfaces.get(id) ?? [], at);
    return seen && { seen: seen.seen };
  }

  /** All that is known of an interface. */
  sightings(id: string): readonly SeenInterface[] {
    return this.interfaces.get(id) ?? [];
  }

  /**
   * The interface that has an address, of the VPC where it is given; of another one only where the address is not the
   * VPC's own. Undefined where several have it and nothing tells which one is meant.
   */
  host(address: string, at?: number, vpcId?: string): Seen<SeenInterface> | undefined {
    return this.only(
      this.hosts.get(address),
      address,
      at,
      vpcId,
      ({ item, owner }) => owner?.name ?? item.id,
    );
  }

  /** All interfaces that ever had the address. */
  hostSightings(address: string): readonly SeenInterface[] {
    return this.hosts.get(address) ?? [];
  }

  /** The subnet, VPC or prefix list of the user's own that holds an address. */
  network(address: string, at?: number, vpcId?: string): Seen<SeenNetwork> | undefined {
    return this.only(this.networks.get(address), address, at, vpcId, ({ name }) => name);
  }

  /** The prefix list of an AWS service that holds an address. */
  servicePrefixList(address: string, at?: number): Seen<SeenNetwork> | undefined {
    return nearest(this.prefixLists.get(address) ?? [], at);
  }

  /** Whether the prefix list of that id (`pl-…`) holds an address. */
  inPrefixList(address: string, id: string, at?: number): boolean {
    const list = nearest(this.listsById.get(id) ?? [], at);
    return list?.seen.holds.get(address) === true;
  }

  /** Whether an address is of a VPC's own blocks; undefined where the VPC is not known. */
  inVpc(address: string, vpcId: string, at?: number): boolean | undefined {
    const vpc = nearest(
      this.vpcs.filter(({ item }) => item.id === vpcId),
      at,
    );
    return vpc && vpc.seen.holds.get(address) === true;
  }

  endpoint(id: string, at?: number): EndpointItem | undefined {
    return nearest(
      this.endpoints.filter(({ item }) => item.id === id),
      at,
    )?.seen.item;
  }

  /** The endpoint that an interface belongs to. */
  endpointOf(interfaceId: string, at?: number): EndpointItem | undefined {
    return nearest(
      this.endpoints.filter(({ item }) => item.interfaces?.includes(interfaceId)),
      at,
    )?.seen.item;
  }

  /** The gateway endpoint of a VPC for a service such as `s3`; undefined where it has several, each for other subnets. */
  gatewayEndpoint(service: string, vpcId: string, at?: number): EndpointItem | undefined {
    const all = this.endpoints.filter(
      ({ item, vpc }) =>
        item.type === 'Gateway' && vpc === vpcId && shortService(item.service ?? '') === service,
    );
    const ids = new Set(all.filter((each) => stands(each, at)).map(({ item }) => item.id));
    return ids.size > 1 ? undefined : nearest(all, at)?.seen.item;
  }

  /** Whether it has an interface of an endpoint. */
  get hasEndpointInterfaces(): boolean {
    return [...this.interfaces].some(
      ([id, [seen]]) => seen?.item.type === 'vpc_endpoint' || this.endpointOf(id) !== undefined,
    );
  }

  get hasNatGateways(): boolean {
    return this.snapshots.some(
      ({ natGateways = [], interfaces = [] }) =>
        natGateways.length > 0 || interfaces.some(({ type }) => /^nat_?gateway$/i.test(type ?? '')),
    );
  }

  /** Whether it has the prefix list of a service. */
  get hasServicePrefixLists(): boolean {
    return this.snapshots.some(({ prefixLists = [] }) =>
      prefixLists.some(({ name = '', blocks = [] }) => /^com\.amazonaws\./.test(name) && blocks.length > 0),
    );
  }

  natGateway(id: string, at?: number): NatGatewayItem | undefined {
    return nearest(
      this.natGateways.filter(({ item }) => item.id === id),
      at,
    )?.seen.item;
  }

  /** The NAT gateway that an interface belongs to. */
  natGatewayOf(interfaceId: string, at?: number): NatGatewayItem | undefined {
    return nearest(
      this.natGateways.filter(({ item }) => item.interfaces?.includes(interfaceId)),
      at,
    )?.seen.item;
  }

  private only<T extends Sighting>(
    all: readonly T[] | undefined,
    address: string,
    at: number | undefined,
    vpcId: string | undefined,
    nameOf: (seen: T) => string,
  ): Seen<T> | undefined {
    if (!all) return undefined;
    const inside = vpcId === undefined ? [] : all.filter(({ vpc }) => vpc === vpcId);
    if (inside.length === 0 && vpcId !== undefined && this.inVpc(address, vpcId, at)) return undefined;
    const candidates = inside.length > 0 ? inside : all;
    const valid = candidates.filter((each) => stands(each, at));
    const found = nearest(valid.length > 0 ? valid : candidates, at);
    if (!found) return undefined;
    // Of one time, but of another account or region, or of another VPC.
    const rivals = (
      valid.length > 0 ? valid : candidates.filter(({ from }) => from === found.seen.from)
    ) as T[];
    return rivals.every((each) => nameOf(each) === nameOf(found.seen)) ? found : undefined;
  }
}

const networkName = (what: string, { id, name }: NetworkItem) => `${what} ${cleanText(name ?? '') || id}`;

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}

function mapOf<T>(lists: ReadonlyMap<string, T[]>): AddressMap<T[]> {
  const map = AddressMap.builder<T[]>();
  for (const [block, list] of lists) map.add(block, list);
  return map.build();
}

const sameScope = (a: Snapshot, b: Snapshot) => a.account === b.account && a.region === b.region;

/** From when to when a section of a snapshot stands: until the next snapshot of that account and region that has it. */
function standing(snapshot: Snapshot, section: SectionName, all: readonly Snapshot[]) {
  const from = takenAt(snapshot);
  const later = all
    .filter((each) => each[section] !== undefined && sameScope(each, snapshot))
    .map(takenAt)
    .filter((time) => time > from);
  return { from, until: Math.min(Number.POSITIVE_INFINITY, ...later) };
}

/** Snapshots of the same account and region, the given one last: it may have been read in parts. */
const companions = (snapshot: Snapshot, all: readonly Snapshot[]): Snapshot[] => [
  ...all
    .filter((each) => each !== snapshot && sameScope(each, snapshot))
    .sort((a, b) => takenAt(a) - takenAt(b)),
  snapshot,
];

const stands = ({ from, until }: Sighting, at: number | undefined) =>
  at === undefined ? until === Number.POSITIVE_INFINITY : from <= at && at < until;

/** The sighting that stands for the time, else the nearest before it, else the first after it. */
function nearest<T extends Sighting>(seen: readonly T[], at: number | undefined): Seen<T> | undefined {
  let best: T | undefined;
  for (const each of seen) {
    if (!best || closer(each, best, at)) best = each;
  }
  if (!best) return undefined;
  return stands(best, at) ? { seen: best } : { seen: best, asOf: best.from };
}

function closer(a: Sighting, b: Sighting, at: number | undefined): boolean {
  if (at === undefined) return a.from > b.from;
  const [before, other] = [a.from <= at, b.from <= at];
  if (before !== other) return before;
  return before ? a.from > b.from : a.from < b.from;
}
