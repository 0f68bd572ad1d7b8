import { type Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../errors.js';
import { parseProtocol } from '../flowlog/protocols.js';
import { type Cidr, enclosingVpc } from '../net/cidr.js';
import { parseBlocks } from '../net/networks.js';
import type { PortRange, Scope } from '../questions/scope.js';
import type { Io } from '../terminal/streams.js';
import { blocksOption, type CommonOptions, list } from './options.js';
import { askedOf } from './session.js';
import { Setting } from './settings.js';

/** What a question is limited to, as typed. Which of these it takes is the question's. */
export interface FilterOptions extends CommonOptions {
  readonly subnet?: string[];
  readonly vpc?: string[];
  readonly exclude?: string[];
  readonly action?: string;
  readonly protocol?: string[];
  readonly dstPort?: string[];
  readonly by?: string[];
  readonly columns?: string[];
  readonly hours?: readonly [number, number];
  readonly where?: string[];
  readonly keepRepeats?: boolean;
}

const GROUP = 'Question:';

/** An option of the question itself. */
export const questionOption = (flags: string, description: string): Option =>
  new Option(flags, description).helpGroup(GROUP);

/** One that takes several values. */
export const questionList = (flags: string, description: string): Option =>
  questionOption(flags, description).argParser(list);

/** `--subnet`, and whether the question cannot do without it. */
export function addSubnet(command: Command, description: string, needed: boolean): void {
  command.addOption(
    blocksOption('--subnet <cidr>', `${description}: block or named network (repeatable)`)
      .makeOptionMandatory(needed)
      .helpGroup(GROUP),
  );
}

/** `--vpc` and `--exclude`, of questions about what is outside. */
export function addInside(command: Command, excluded: string): void {
  command
    .addOption(
      blocksOption(
        '--vpc <cidr>',
        'what is inside (repeatable; default: the enclosing /16, IPv6 /56)',
      ).helpGroup(GROUP),
    )
    .addOption(
      blocksOption('--exclude <cidr>', `${excluded} to leave out as well (repeatable)`).helpGroup(GROUP),
    );
}

/** What any question about traffic takes; `--action` where it is not the question itself. */
export function addFilters(command: Command, { action = true } = {}): void {
  if (action) command.addOption(questionOption('--action <action>', 'accept or reject (default: both)'));
  command
    .addOption(questionList('--protocol <name>', 'tcp, udp, icmp, … or a number (repeatable)'))
    .addOption(questionList('--dst-port <port>', 'destination port or range, 443 or 1024-65535 (repeatable)'))
    .addOption(
      questionOption('--hours <from-to>', 'starting in these hours of the day, 20-6 for the night').argParser(
        hoursOf,
      ),
    )
    .addOption(
      questionOption(
        '--where <field=value>',
        'with this value of a field, or - for none (repeatable)',
      ).argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]),
    )
    .addOption(
      new Setting(
        '--keep-repeats',
        'count the records of regional NAT gateways too, which repeat others',
      ).helpGroup(GROUP),
    );
}

/** `--by` and `--columns` of a question whose answer is records, or sums of them; {@link flowColumns} reads them. */
export function addFlowColumns(command: Command, example: string): void {
  command
    .addOption(questionList('--by <columns>', `sum up by these columns, largest first: ${example}`))
    .addOption(questionList('--columns <names>', 'columns to show instead of the usual ones'));
}

/** From what was typed to what is meant. */
export async function scopeOf(options: FilterOptions, io: Io): Promise<Scope> {
  return {
    ...(await askedOf(options, io)),
    action: actionOf(options.action),
    protocols: (options.protocol ?? []).map(protocolOf),
    dstPorts: (options.dstPort ?? []).map(portsOf),
    hours: options.hours,
    where: whereOf(options.where ?? []),
    keepRepeats: options.keepRepeats === true,
    limit: options.limit,
  };
}

/** Addresses as meant. */
export interface Places {
  readonly subnets: readonly Cidr[];
  readonly vpc: readonly Cidr[];
  readonly exclude: readonly Cidr[];
}

/** The blocks of `--subnet`, `--vpc` (else the largest that the subnets can be of) and `--exclude`. */
export function placesOf({ subnet = [], vpc, exclude = [], networks }: FilterOptions): Places {
  const subnets = parseBlocks(subnet, networks);
  return {
    subnets,
    vpc: vpc ? parseBlocks(vpc, networks) : unique(subnets.map(enclosingVpc)),
    exclude: parseBlocks(exclude, networks),
  };
}

/** `Taking 10.10.0.0/16 as the VPC; --vpc says otherwise.`, where it was not said. */
export function assumedVpc(options: FilterOptions, { vpc }: Places): string[] {
  if (options.vpc) return [];
  return [`Taking ${vpc.map((block) => block.text).join(', ')} as the VPC; --vpc says otherwise.`];
}

/** `--by` and `--columns` of a question whose answer is records, or sums of them. */
export function flowColumns({ by = [], columns = [] }: FilterOptions): { by: string[]; columns: string[] } {
  if (by.length > 0 && columns.length > 0) {
    throw new UsageError(
      '--by and --columns cannot be given together.',
      '--by names the columns to sum up by; flows, packets, bytes and times follow by themselves.',
    );
  }
  return { by: [...new Set(by)], columns: [...new Set(columns)] };
}

function unique(blocks: readonly Cidr[]): Cidr[] {
  return [...new Map(blocks.map((block) => [block.text, block])).values()];
}

function actionOf(text: string | undefined): Scope['action'] {
  if (text === undefined) return undefined;
  const action = text.toUpperCase();
  if (action === 'ACCEPT' || action === 'REJECT') return action;
  throw new UsageError(`'${text}' is not an action.`, 'The actions are accept and reject.');
}

function hoursOf(text: string): readonly [number, number] {
  const match = /^(\d{1,2})-(\d{1,2})$/.exec(text);
  const [from, to] = [Number(match?.[1]), Number(match?.[2]) % 24];
  if (!match || from > 23 || Number(match[2]) > 24 || from === to) {
    throw new InvalidArgumentError('Write two hours of the day, such as 20-6 or 9-18.');
  }
  return [from, to];
}

function whereOf(texts: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const text of texts) {
    const [, name, value] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw new UsageError(`--where '${text}' names no value.`, 'Write it as instance_id=i-0a1b2c3d.');
    }
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return values;
}

function protocolOf(text: string): number {
  const number = parseProtocol(text);
  if (number !== undefined) return number;
  throw new UsageError(
    `'${text}' is not a protocol.`,
    'Write a name, such as tcp, udp or icmp, or a number from 0 to 255.',
  );
}

function portsOf(text: string): PortRange {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (!match || last > 65_535 || first > last) {
    throw new UsageError(
      `'${text}' is not a port.`,
      'Write a port from 0 to 65535, or a range such as 1024-65535.',
    );
  }
  return { first, last };
}
