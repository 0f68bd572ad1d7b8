import type { Names } from '../names/names.js';
import { shortService } from '../names/owner.js';
import { type Cidr, inBlocks } from '../net/cidr.js';
import { type Networks, parseBlocks } from '../net/networks.js';

/** What one end of an allow-list entry names. */
export type Target =
  | { readonly kind: 'anywhere' }
  | { readonly kind: 'blocks'; readonly text: string; readonly blocks: readonly Cidr[] }
  | { readonly kind: 'prefix-list'; readonly id: string }
  | { readonly kind: 'service'; readonly service: string; readonly region: string | undefined }
  | { readonly kind: 'endpoint'; readonly id: string }
  | { readonly kind: 'domain'; readonly name: string; readonly below: boolean }
  | { readonly kind: 'owner'; readonly name: string };

/** An address of a flow, and what the record says beside it. */
export interface TargetAddress {
  readonly address: string;
  /** Unix seconds. */
  readonly at: number;
  /** The way of the flow, where it is known. */
  readonly way?: string;
  readonly interfaceId?: string | undefined;
  readonly vpcId?: string | undefined;
  /** The address at the other end. */
  readonly host?: string | undefined;
}

/** How a target is written, for messages and documents. */
export const TARGET_FORMS =
  'a block (203.0.113.9/32), a named network, pl-…, vpce-…, aws:S3@ap-northeast-1, domain:example.com, owner:NAME, or anywhere';

/**
 * Reads a target as `from` and `to` have it.
 *
 * @throws UsageError for what is none
 */
export function parseTarget(text: string, networks: Networks): Target {
  const value = text.trim();
  if (value === 'anywhere') return { kind: 'anywhere' };
  if (/^pl-[0-9a-f]+$/.test(value)) return { kind: 'prefix-list', id: value };
  if (/^vpce-[0-9a-f]+$/.test(value)) return { kind: 'endpoint', id: value };
  const service = /^aws:([\w-]+)(?:@([a-z0-9-]+|GLOBAL))?$/i.exec(value);
  if (service) return { kind: 'service', service: service[1]!.toUpperCase(), region: service[2] };
  const domain = /^domain:(\*\.)?(.*)$/i.exec(value);
  if (domain && isDomain(domain[2]!)) {
    return {
      kind: 'domain',
      name: domain[2]!.toLowerCase().replace(/\.$/, ''),
      below: domain[1] !== undefined,
    };
  }
  const owner = /^owner:\s*(.+)$/.exec(value);
  if (owner) return { kind: 'owner', name: owner[1]! };
  return { kind: 'blocks', text: value, blocks: parseBlocks([value], networks) };
}

/** Whether a name can be that of an entry; whoever asks a resolver chooses what it logs. */
export const isDomain = (name: string): boolean => /^[^\s/*]+$/.test(name);

/** A target as it would be written. */
export function targetText(target: Target): string {
  switch (target.kind) {
    case 'anywhere':
      return 'anywhere';
    case 'blocks':
      return target.text;
    case 'prefix-list':
    case 'endpoint':
      return target.id;
    case 'service':
      return `aws:${target.service}${target.region === undefined ? '' : `@${target.region}`}`;
    case 'domain':
      return `domain:${target.below ? '*.' : ''}${target.name}`;
    case 'owner':
      return `owner:${target.name}`;
  }
}

/** Whether an address is what the target names, as far as the names that are known tell. */
export function matchesTarget(target: Target, seen: TargetAddress, names: Names): boolean {
  const { address, at, interfaceId, vpcId, host } = seen;
  const { inventory } = names;
  switch (target.kind) {
    case 'anywhere':
      return true;
    case 'blocks':
      return inBlocks(address, target.blocks);
    case 'prefix-list':
      return inventory.inPrefixList(address, target.id, at);
    case 'service':
      return isOfService(address, at, target, names);
    case 'endpoint': {
      const owner = inventory.host(address, at, vpcId)?.seen.item.id;
      if (owner !== undefined && inventory.endpointOf(owner, at)?.id === target.id) return true;
      const item = inventory.endpoint(target.id, at);
      if (item?.type !== 'Gateway' || !seen.way?.startsWith('gateway endpoint')) return false;
      const service = item.service === undefined ? '' : shortService(item.service).toUpperCase();
      return seen.way === `gateway endpoint ${service}`;
    }
    case 'domain': {
      const asked = names.domainOf(address, at, { vpcId, host });
      if (asked === undefined) return false;
      const name = asked.toLowerCase().replace(/\.$/, '');
      return target.below ? name.endsWith(`.${target.name}`) : name === target.name;
    }
    case 'owner': {
      const known = names.of(address, at, { interfaceId, vpcId });
      return known?.source === 'inventory' && known.kind !== 'network' && known.name === target.name;
    }
  }
}

/** Whether AWS publishes the address as one of the service, in the region where it is named. */
function isOfService(
  address: string,
  at: number,
  { service, region }: { readonly service: string; readonly region: string | undefined },
  names: Names,
): boolean {
  const published = names.awsRange(address, at)?.range;
  if (published?.service === service && (region === undefined || published.region === region)) return true;
  const list = listedService(address, at, names);
  return list?.service === service && (region === undefined || list.region === region);
}

/** The service and region of the prefix list of AWS that holds the address. */
export function listedService(
  address: string,
  at: number,
  names: Names,
): { readonly service: string; readonly region: string } | undefined {
  const name = names.inventory.servicePrefixList(address, at)?.seen.name ?? '';
  const [, region, service] = /^com\.amazonaws\.([a-z0-9-]+)\.(?:ipv6\.)?([\w-]+)$/.exec(name) ?? [];
  return service === undefined ? undefined : { service: service.toUpperCase(), region: region! };
}

/** Whether both targets may name the same address. Of kinds that cannot be compared, nothing is claimed. */
export function targetsOverlap(a: Target, b: Target): boolean {
  if (a.kind === 'anywhere' || b.kind === 'anywhere') return true;
  if (a.kind === 'blocks' && b.kind === 'blocks') {
    return a.blocks.some((one) =>
      b.blocks.some((two) => one.family === two.family && one.first <= two.last && two.first <= one.last),
    );
  }
  return a.kind === b.kind && targetText(a) === targetText(b);
}
