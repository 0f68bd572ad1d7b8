import { FlowlogError } from '../errors.js';

/**
 * What an account had in a region at one moment. A section that was not read is absent: an empty one says that there was
 * nothing. Stored as JSON, see `flowlog help names`.
 */
export interface Snapshot {
  readonly flowlog: 'inventory';
  readonly version: 1;
  /** ISO 8601, UTC. */
  readonly taken: string;
  readonly account?: string;
  readonly region?: string;
  readonly interfaces?: readonly InterfaceItem[];
  readonly endpoints?: readonly EndpointItem[];
  readonly prefixLists?: readonly PrefixListItem[];
  readonly subnets?: readonly NetworkItem[];
  readonly vpcs?: readonly NetworkItem[];
  readonly natGateways?: readonly NatGatewayItem[];
  readonly instances?: readonly InstanceItem[];
}

export interface InterfaceItem {
  readonly id: string;
  readonly vpc?: string;
  readonly subnet?: string;
  readonly zone?: string;
  readonly type?: string;
  readonly description?: string;
  /** Private IPv4 addresses and IPv6 addresses, secondary ones too. */
  readonly addresses: readonly string[];
  /** Blocks delegated to it, as for the pods of a node. */
  readonly prefixes?: readonly string[];
  /** Public addresses mapped to it: elastic IP addresses and automatic ones. */
  readonly public?: readonly string[];
  readonly instance?: string;
  readonly requester?: string;
  readonly groups?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
}

export interface EndpointItem {
  readonly id: string;
  /** Interface, Gateway, GatewayLoadBalancer, Resource, ServiceNetwork … */
  readonly type?: string;
  readonly vpc?: string;
  readonly service?: string;
  /** Where the service is, if that is another region. */
  readonly serviceRegion?: string;
  readonly interfaces?: readonly string[];
  readonly name?: string;
}

export interface PrefixListItem {
  readonly id: string;
  readonly name?: string;
  /** Account id, or AWS. */
  readonly owner?: string;
  /** Absent where the entries were not read. */
  readonly blocks?: readonly string[];
}

/** A VPC or a subnet. */
export interface NetworkItem {
  readonly id: string;
  readonly vpc?: string;
  readonly name?: string;
  readonly zone?: string;
  readonly blocks: readonly string[];
}

export interface NatGatewayItem {
  readonly id: string;
  readonly vpc?: string;
  readonly subnet?: string;
  readonly name?: string;
  /** public or private. */
  readonly connectivity?: string;
  readonly addresses?: readonly string[];
  readonly interfaces?: readonly string[];
}

export interface InstanceItem {
  readonly id: string;
  readonly name?: string;
}

export const SECTIONS = [
  ...(['interfaces', 'endpoints', 'prefixLists', 'subnets', 'vpcs', 'natGateways', 'instances'] as const),
];
export type SectionName = (typeof SECTIONS)[number];

/** Unix seconds at which a snapshot was taken. */
export const takenAt = (snapshot: Snapshot): number => Date.parse(snapshot.taken) / 1000;

export const isSnapshot = (json: unknown): boolean =>
  typeof json === 'object' && json !== null && (json as Record<string, unknown>).flowlog === 'inventory';

const LISTS = new Set(['addresses', 'prefixes', 'public', 'groups', 'interfaces', 'blocks']);

/** @throws FlowlogError where the file is not in the documented form */
export function parseSnapshot(json: unknown, path: string): Snapshot {
  const wrong = (what: string) =>
    new FlowlogError(
      `${path} is not a valid inventory snapshot: ${what}.`,
      "Fix or remove the file; 'flowlog help names' describes the form.",
    );
  if (!isSnapshot(json)) throw wrong('"flowlog" is not "inventory"');
  const snapshot = json as Record<string, unknown>;
  if (snapshot.version !== 1) throw wrong(`version ${JSON.stringify(snapshot.version)} is not known`);
  if (typeof snapshot.taken !== 'string' || Number.isNaN(Date.parse(snapshot.taken))) {
    throw wrong(`taken is ${JSON.stringify(snapshot.taken)}`);
  }
  for (const section of SECTIONS) {
    const items = snapshot[section];
    if (items === undefined) continue;
    if (!Array.isArray(items)) throw wrong(`${section} is not a list`);
    for (const item of items as unknown[]) checkItem(item, section, wrong);
  }
  return json as Snapshot;
}

function checkItem(item: unknown, section: SectionName, wrong: (what: string) => FlowlogError): void {
  const said = `an item of ${section} is ${JSON.stringify(item)}`;
  if (typeof item !== 'object' || item === null) throw wrong(said);
  const fields = item as Record<string, unknown>;
  if (typeof fields.id !== 'string') throw wrong(said);
  const needed =
    section === 'interfaces' ? 'addresses' : /^(?:vpcs|subnets)$/.test(section) ? 'blocks' : 'id';
  if (fields[needed] === undefined) throw wrong(`${fields.id} of ${section} has no ${needed}`);
  for (const [name, value] of Object.entries(fields)) {
    const texts = LISTS.has(name)
      ? value
      : name === 'tags' && typeof value === 'object' && value !== null
        ? Object.values(value)
        : [value];
    if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string')) {
      throw wrong(`${name} of ${fields.id} is ${JSON.stringify(value)}`);
    }
  }
}

/** An item a line, so that a version control system shows what changed. */
export function snapshotText(snapshot: Snapshot): string {
  const parts = Object.entries(snapshot)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      if (!Array.isArray(value)) return `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`;
      const lines = value.map((item) => `    ${JSON.stringify(item)}`);
      return `  ${JSON.stringify(name)}: [${lines.length === 0 ? '' : `\n${lines.join(',\n')}\n  `}]`;
    });
  return `{\n${parts.join(',\n')}\n}\n`;
}
