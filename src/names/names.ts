import type { Networks } from '../net/networks.js';
import type { AsnFile } from './asn.js';
import { type AwsRange, type AwsRanges, rangeName } from './aws-ranges.js';
import type { AskedName, DnsNames } from './dns-names.js';
import type { Inventory, Seen, SeenInterface } from './inventory.js';
import { shortService } from './owner.js';
import { takenAt } from './snapshot.js';
import { classOf, localService } from './special.js';

export const KINDS = ['network', 'interface', 'endpoint', 'aws-service', 'domain', 'asn', 'class'] as const;
export type Kind = (typeof KINDS)[number];

/** Where a name comes from, in the order in which they are asked. */
export type NameSource = 'networks' | 'inventory' | 'dns' | 'aws-ranges' | 'asn' | 'class';

export interface AddressName {
  readonly name: string;
  readonly kind: Kind;
  readonly source: NameSource;
  /**
   * Unix seconds. Of a snapshot that does not stand for the time that was asked about: when it was taken. Of a domain: when it
   * was asked for.
   */
  readonly asOf?: number;
}

/** What else a record says that helps. */
export interface NameContext {
  /** The interface that recorded the flow: it names the addresses that it has. */
  readonly interfaceId?: string | undefined;
  /** The VPC that recorded it. */
  readonly vpcId?: string | undefined;
  /** The address on this side of the flow, which may have asked for the name of the other. */
  readonly host?: string | undefined;
}

export interface NameSources {
  readonly networks: Networks;
  readonly inventory: Inventory;
  readonly dns?: DnsNames | undefined;
  /** Editions of AWS's ranges, in any order. */
  readonly ranges: readonly AwsRanges[];
  readonly asn?: AsnFile | undefined;
}

const NO_CONTEXT: NameContext = {};

/** Whose an address is. Knows nothing that it was not given, and asks nobody. */
export class Names {
  private readonly ranges: readonly AwsRanges[];

  constructor(private readonly sources: NameSources) {
    this.ranges = [...sources.ranges].sort((a, b) => a.time - b.time);
  }

  /** Whether there is more to say than the class of an address. */
  get knowsMore(): boolean {
    const { networks, inventory, dns, asn } = this.sources;
    return (
      !networks.isEmpty ||
      !inventory.isEmpty ||
      this.ranges.length > 0 ||
      dns !== undefined ||
      asn !== undefined
    );
  }

  /** Whether it knows the addresses of S3 and DynamoDB. */
  get knowsServices(): boolean {
    return this.ranges.length > 0 || this.inventory.hasServicePrefixLists;
  }

  /** Whether names depend on what hosts asked for before. */
  get asksDns(): boolean {
    return this.sources.dns !== undefined;
  }

  /** The Unix seconds at which what is known of addresses changes, in order. */
  get changes(): number[] {
    const times = [...this.sources.inventory.snapshots.map(takenAt), ...this.ranges.map(({ time }) => time)];
    return [...new Set(times)].sort((a, b) => a - b);
  }

  get inventory(): Inventory {
    return this.sources.inventory;
  }

  /**
   * @param address as text
   * @param at Unix seconds of the record; the present where left out
   * @returns undefined where the text is not an address
   */
  of(address: string, at?: number, context: NameContext = NO_CONTEXT): AddressName | undefined {
    const { networks, inventory, dns, asn } = this.sources;
    const network = networks.nameOf(address);
    if (network !== undefined) return { name: network, kind: 'network', source: 'networks' };
    if (!inventory.isEmpty) {
      const known = this.byInventory(address, at, context);
      if (known) return known;
    }
    const asked = dns?.nameOf(address, at, context);
    if (asked) return { name: asked.name, kind: 'domain', source: 'dns', asOf: asked.time };
    const local = localService(address);
    if (local !== undefined) return { name: local, kind: 'aws-service', source: 'class' };
    const service = this.byRanges(address, at);
    if (service) return service;
    const system = asn?.nameOf(address);
    if (system !== undefined) return { name: system, kind: 'asn', source: 'asn' };
    const ofClass = classOf(address);
    return ofClass && { name: ofClass, kind: 'class', source: 'class' };
  }

  /** What AWS published about an address at that time. */
  awsRange(address: string, at?: number): { readonly range: AwsRange; readonly asOf?: number } | undefined {
    const { ranges } = this;
    if (ranges.length === 0) return undefined;
    let edition = ranges.length - 1;
    while (at !== undefined && edition > 0 && ranges[edition]!.time > at) edition--;
    const { time, of } = ranges[edition]!;
    const range = of(address);
    return range && (at !== undefined && time > at ? { range, asOf: time } : { range });
  }

  /** What every edition of AWS's ranges says of an address, the newest first. */
  allRanges(address: string): Array<{ readonly range: AwsRange; readonly time: number }> {
    return [...this.ranges].reverse().flatMap(({ of, time }) => {
      const range = of(address);
      return range ? [{ range, time }] : [];
    });
  }

  /** The names that were asked for and answered with the address, each with its last time. */
  askedFor(address: string): Array<AskedName & { readonly detail: string }> {
    return this.sources.dns?.all(address) ?? [];
  }

  /** The name that the host, or its VPC, had asked for and been answered with the address. */
  domainOf(address: string, at: number, context: NameContext): string | undefined {
    return this.sources.dns?.nameOf(address, at, context)?.name;
  }

  asnOf(address: string): string | undefined {
    return this.sources.asn?.nameOf(address);
  }

  classOf(address: string): string | undefined {
    return classOf(address);
  }

  private byInventory(
    address: string,
    at: number | undefined,
    context: NameContext,
  ): AddressName | undefined {
    const { inventory } = this.sources;
    const { interfaceId, vpcId } = context;
    if (interfaceId !== undefined) {
      const own = inventory.sightings(interfaceId).some(({ item }) => item.addresses.includes(address));
      const seen = own ? inventory.interface(interfaceId, at) : undefined;
      if (seen) return named(seen);
    }
    const host = inventory.host(address, at, vpcId);
    if (host) return named(host);
    const network = inventory.network(address, at, vpcId);
    return network && { name: network.seen.name, kind: 'network', source: 'inventory', ...since(network) };
  }

  private byRanges(address: string, at: number | undefined): AddressName | undefined {
    const published = this.awsRange(address, at);
    const generic = published === undefined || /^(?:AMAZON|EC2)$/.test(published.range.service);
    // A prefix list of S3 says more than a range of Amazon's, and is all there is without the ranges.
    const list = generic ? this.sources.inventory.servicePrefixList(address, at) : undefined;
    if (list) {
      return {
        name: prefixListName(list.seen.name),
        kind: 'aws-service',
        source: 'inventory',
        ...since(list),
      };
    }
    return (
      published && {
        name: rangeName(published.range),
        kind: 'aws-service',
        source: 'aws-ranges',
        ...(published.asOf === undefined ? {} : { asOf: published.asOf }),
      }
    );
  }
}

const since = ({ asOf }: Seen<unknown>) => (asOf === undefined ? {} : { asOf });

/** An interface nobody can be found for is named by its id. */
function named(found: Seen<SeenInterface>): AddressName {
  const { item, owner } = found.seen;
  return {
    name: owner?.name ?? item.id,
    kind: owner?.kind ?? 'interface',
    source: 'inventory',
    ...since(found),
  };
}

/** `S3 ap-northeast-1` of `com.amazonaws.ap-northeast-1.s3`, as the published ranges have it. */
function prefixListName(name: string): string {
  const [, region, service] =
    /^com\.amazonaws\.([a-z]{2}[a-z-]*-\d)\.(?:ipv6\.)?(s3|dynamodb)$/.exec(name) ?? [];
  return service === undefined ? shortService(name) : `${service.toUpperCase()} ${region}`;
}
