import { rangeName } from './aws-ranges.js';
import { cleanText } from './clean-text.js';
import type { SeenInterface } from './inventory.js';
import type { Names } from './names.js';
import { endpointName } from './owner.js';
import { takenAt } from './snapshot.js';

/** One thing that is known, and from where. */
export interface Fact {
  readonly source: string;
  readonly kind: string;
  readonly name: string;
  readonly detail?: string;
  /** Unix seconds: when it was seen, asked for, or published. */
  readonly time?: number;
}

/** All that is known of an address, an interface or an endpoint, what counts first. Undefined where it is none of these. */
export function explainEntity(what: string, names: Names): Fact[] | undefined {
  if (what.startsWith('vpce-')) return explainEndpoint(what, names);
  const { inventory } = names;
  if (/^eni-/.test(what)) {
    const seen = inventory.sightings(what);
    return seen.length === 0 ? undefined : newestFirst(seen).map(interfaceFact);
  }
  const first = names.of(what);
  if (!first) return undefined;
  const { asOf } = first;
  const facts: Fact[] = [
    {
      source: first.source,
      kind: first.kind,
      name: first.name,
      detail: 'the name that answers show',
      ...(asOf === undefined ? {} : { time: asOf }),
    },
    ...newestFirst(inventory.hostSightings(what)).map(interfaceFact),
  ];
  const network = inventory.network(what)?.seen;
  if (network)
    facts.push({
      source: 'inventory',
      kind: 'network',
      name: network.name,
      detail: network.id,
      time: network.from,
    });
  for (const { name, time, detail } of names.askedFor(what))
    facts.push({ source: 'dns', kind: 'domain', name, detail, time });
  const list = inventory.servicePrefixList(what)?.seen;
  if (list)
    facts.push({
      source: 'inventory',
      kind: 'aws-service',
      name: list.name,
      detail: list.id,
      time: list.from,
    });
  for (const { range, time } of names.allRanges(what)) {
    facts.push({ source: 'aws-ranges', kind: 'aws-service', name: rangeName(range), time });
  }
  const system = names.asnOf(what);
  if (system !== undefined) facts.push({ source: 'asn', kind: 'asn', name: system });
  const ofClass = names.classOf(what);
  if (ofClass !== undefined) facts.push({ source: 'class', kind: 'class', name: ofClass });
  return facts;
}

const newestFirst = (seen: readonly SeenInterface[]) => [...seen].sort((a, b) => b.from - a.from);

function interfaceFact({ item, owner, from }: SeenInterface): Fact {
  const { id, vpc, subnet, zone, type, description, addresses, prefixes = [], instance } = item;
  const detail = [
    ...[id, type, instance, subnet, vpc, zone],
    ...[...addresses, ...prefixes, ...(item.public ?? []).map((address) => `public ${address}`)],
    owner && `named by ${owner.by}`,
    description && `"${cleanText(description)}"`,
  ];
  return {
    source: 'inventory',
    kind: owner?.kind ?? 'interface',
    name: owner?.name ?? id,
    detail: detail.filter((part) => part !== undefined && part !== '').join(', '),
    time: from,
  };
}

function explainEndpoint(id: string, { inventory }: Names): Fact[] | undefined {
  const facts = [...inventory.snapshots]
    .sort((a, b) => takenAt(b) - takenAt(a))
    .flatMap((snapshot) =>
      (snapshot.endpoints ?? [])
        .filter((each) => each.id === id)
        .map((each): Fact => {
          const addresses = (each.interfaces ?? []).flatMap(
            (eni) => inventory.interface(eni, takenAt(snapshot))?.seen.item.addresses ?? [],
          );
          const detail = [
            each.type,
            each.vpc,
            ...(each.interfaces ?? []),
            ...addresses,
            each.name && cleanText(each.name),
          ];
          return {
            source: 'inventory',
            kind: 'endpoint',
            name: endpointName(each),
            detail: detail.filter(Boolean).join(', '),
            time: takenAt(snapshot),
          };
        }),
    );
  return facts.length === 0 ? undefined : facts;
}
