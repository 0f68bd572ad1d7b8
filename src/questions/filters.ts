import { UsageError } from '../errors.js';
import { parseProtocol } from '../flowlog/protocols.js';
import { portsOfService } from '../flowlog/services.js';
import { type Cidr, enclosingVpc } from '../net/cidr.js';
import { parseBlocks } from '../net/networks.js';
import { type OptionSpec, UnfitValue } from '../option.js';
import { parseZone } from '../time/zone.js';
import type { Asking, Typed } from './question.js';
import type { PortRange, Scope } from './scope.js';
import { parseWhere, type Where } from './where.js';

/** The filters as typed. Which of these a question takes, its options say. */
export interface TypedFilters extends Typed {
  readonly subnet?: readonly string[];
  readonly vpc?: readonly string[];
  readonly exclude?: readonly string[];
  readonly action?: string;
  readonly protocol?: readonly string[];
  readonly dstPort?: readonly string[];
  readonly by?: readonly string[];
  readonly columns?: readonly string[];
  readonly hours?: readonly [number, number];
  readonly where?: readonly string[];
  readonly keepRepeats?: boolean;
  readonly packetLevel?: boolean;
  readonly countAllRecords?: boolean;
  readonly way?: readonly string[];
  readonly leaves?: readonly string[];
}

/** An option that takes blocks and names of networks; `parseBlocks` reads them. */
export const blocks = (flags: string, description: string, required = false): OptionSpec => ({
  flags,
  description,
  setting: true,
  many: 'list',
  required,
});

export const subnetOption = (description: string, required: boolean): OptionSpec =>
  blocks('--subnet <cidr>', `${description}: block or named network (repeatable)`, required);

/** `--vpc` and `--exclude`, of questions about what is outside. */
export const insideOptions = (excluded: string): OptionSpec[] => [
  blocks('--vpc <cidr>', 'blocks of the VPC (repeatable; default: the enclosing /16, IPv6 /56)'),
  blocks('--exclude <cidr>', `${excluded} to leave out (repeatable)`),
];

const ACTION: OptionSpec = { flags: '--action <action>', description: 'accept or reject (default: both)' };

/** The filters of all questions that are not about one action themselves. */
export const filterOptions = ({ action = true } = {}): OptionSpec[] => [
  ...(action ? [ACTION] : []),
  {
    flags: '--protocol <name>',
    description: 'tcp, udp, icmp, … or a number (repeatable)',
    many: 'list',
  },
  {
    flags: '--dst-port <port>',
    description: 'destination port, range or service, 443, 1024-65535 or https (repeatable)',
    many: 'list',
  },
  {
    flags: '--hours <from-to>',
    description: 'only records that start in these hours, 20-6 for the night',
    parse: parseHours,
  },
  {
    flags: '--where <field=value>',
    description: 'only records with this value, range or block; - for none (repeatable)',
    many: 'repeatable',
  },
  {
    flags: '--packet-level',
    description: 'by the addresses in the packets: pods, traffic through NAT',
  },
  {
    flags: '--keep-repeats',
    description: 'count records of regional NAT gateways, which repeat others',
    setting: true,
  },
  {
    flags: '--count-all-records',
    description: 'sum all records, also those that repeat others',
    setting: true,
  },
];

/** `--by` and `--columns` of a question whose answer is records or groups of them; {@link flowColumns} reads them. */
export const flowColumnOptions = (example: string): OptionSpec[] => [
  {
    flags: '--by <columns>',
    description: `aggregate by these columns, largest first: ${example}`,
    many: 'list',
  },
  { flags: '--columns <names>', description: 'columns to show instead of the default ones', many: 'list' },
  {
    flags: '--way <way>',
    description: "only what went this way: 'internet gateway', peering, … (repeatable)",
    many: 'list',
  },
  {
    flags: '--leaves <answer>',
    description: 'only what left the VPC: yes, no or unknown (repeatable)',
    many: 'list',
  },
];

/** Zone and range as meant. */
export async function rangeOf(
  { tz, since, until }: Pick<Typed, 'tz' | 'since' | 'until'>,
  { now, note }: Pick<Asking, 'now' | 'note'>,
): Promise<Pick<Scope, 'zone' | 'range'>> {
  const zone = parseZone(tz);
  if (since === undefined && until === undefined) return { zone, range: { since, until } };
  // To load what reads times takes longer than a small question.
  const { parseRange } = await import('../time/range.js');
  return { zone, range: parseRange({ since, until }, zone, now(), note) };
}

/** From what was typed to what is meant. */
export async function scopeOf(
  options: Omit<TypedFilters, 'by'>,
  asking: Pick<Asking, 'now' | 'note'>,
): Promise<Scope> {
  return {
    ...(await rangeOf(options, asking)),
    action: parseAction(options.action),
    protocols: (options.protocol ?? []).map(protocolNumber),
    dstPorts: (options.dstPort ?? []).map(parsePorts),
    hours: options.hours,
    where: [...parseWhere(options.where ?? [], options.networks), ...derivedWhere(options)],
    keepRepeats: options.keepRepeats === true,
    packetLevel: options.packetLevel === true,
    countAll: options.countAllRecords === true,
    limit: options.limit,
  };
}

/** Conditions on columns that are made when the rows are here. */
const derivedWhere = ({ way, leaves }: Omit<TypedFilters, 'by'>): Where[] =>
  Object.entries({ way, leaves }).flatMap(([field, texts]) =>
    texts === undefined ? [] : [{ field, not: false, none: false, texts }],
  );

/** Which addresses are asked about. */
export interface Locations {
  readonly subnets: readonly Cidr[];
  readonly vpc: readonly Cidr[];
  readonly exclude: readonly Cidr[];
  /** Whether the VPC was not given, but taken to be the largest one that the subnets can be of. */
  readonly assumedVpc: boolean;
}

/** The blocks of `--subnet`, `--vpc` (else the largest VPC that the subnets can be of) and `--exclude`. */
export function locationsOf({ subnet = [], vpc, exclude = [], networks }: TypedFilters): Locations {
  const subnets = parseBlocks(subnet, networks);
  return {
    subnets,
    vpc: vpc ? parseBlocks(vpc, networks) : assumedVpc(subnets),
    exclude: parseBlocks(exclude, networks),
    assumedVpc: vpc === undefined,
  };
}

/** The largest VPCs that the subnets can be of. */
export const assumedVpc = (subnets: readonly Cidr[]): Cidr[] => unique(subnets.map(enclosingVpc));

export const vpcNote = ({ vpc, assumedVpc }: Pick<Locations, 'vpc'> & { assumedVpc?: boolean }): string[] =>
  assumedVpc ? [`Assuming the VPC is ${vpc.map(({ text }) => text).join(', ')} (override with --vpc).`] : [];

/** `--by` and `--columns` of a question whose answer is records or groups of them. */
export function flowColumns({ by = [], columns = [] }: TypedFilters): { by: string[]; columns: string[] } {
  if (by.length > 0 && columns.length > 0) {
    throw new UsageError(
      '--by and --columns cannot be given together.',
      '--by names the columns to aggregate by; flows, packets, bytes and times are added to them.',
    );
  }
  return { by: columnsMeant(by), columns: columnsMeant(columns) };
}

const MEANT: Readonly<Record<string, string>> = { src: 'srcaddr', dst: 'dstaddr', eni: 'interface_id' };

/** Columns as typed, each once, also by another word for it. */
export const columnsMeant = (names: readonly string[]): string[] => [
  ...new Set(names.map((name) => MEANT[name.toLowerCase()] ?? name)),
];

function unique(list: readonly Cidr[]): Cidr[] {
  return [...new Map(list.map((block) => [block.text, block])).values()];
}

function parseAction(text: string | undefined): Scope['action'] {
  if (text === undefined) return undefined;
  const action = text.toUpperCase();
  if (action === 'ACCEPT' || action === 'REJECT') return action;
  throw new UsageError(`'${text}' is not an action.`, 'The actions are accept and reject.');
}

function parseHours(text: string): readonly [number, number] {
  const match = /^(\d{1,2})-(\d{1,2})$/.exec(text);
  const [from, to] = [Number(match?.[1]), Number(match?.[2]) % 24];
  if (!match || from > 23 || Number(match[2]) > 24 || from === to) {
    throw new UnfitValue('Write two hours of the day, such as 20-6 or 9-18.');
  }
  return [from, to];
}

function protocolNumber(text: string): number {
  const number = parseProtocol(text);
  if (number !== undefined) return number;
  throw new UsageError(
    `'${text}' is not a protocol.`,
    'Write a name, such as tcp, udp or icmp, or a number from 0 to 255.',
  );
}

function parsePorts(text: string): PortRange {
  const range = portRange(text);
  if (range) return range;
  throw new UsageError(
    `'${text}' is not a port.`,
    'Write a port from 0 to 65535, a range such as 1024-65535, or a name such as https.',
  );
}

/** `443`, `1024-65535` or `https`; undefined for what is none of these. */
export function portRange(text: string): PortRange | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(portsOfService(text) ?? text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  return match && last <= 65_535 && first <= last ? { first, last } : undefined;
}
