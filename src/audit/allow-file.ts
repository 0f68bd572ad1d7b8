import { parse, TomlDate, TomlError } from 'smol-toml';
import { UsageError } from '../errors.js';
import { parseProtocol, protocolName } from '../flowlog/protocols.js';
import { type Cidr, containsBlock } from '../net/cidr.js';
import { type Networks, parseBlocks } from '../net/networks.js';
import { portRange } from '../questions/filters.js';
import type { PortRange } from '../questions/scope.js';
import { ENTRY_PROPERTIES, SCOPE_PROPERTIES } from './allow-schema.js';
import { parseTarget, TARGET_FORMS, type Target, targetsOverlap, targetText } from './target.js';

/** What may leave: the addresses that are audited, and the flows that were approved. */
export interface AllowList {
  readonly path: string;
  readonly scope: AllowScope;
  readonly entries: readonly AllowEntry[];
}

export interface AllowScope {
  /** The addresses that are audited. */
  readonly subnets: readonly Cidr[];
  /** The blocks that are inside; undefined where the file does not say. */
  readonly vpc: readonly Cidr[] | undefined;
  /** Destinations outside that are not audited. */
  readonly exclude: readonly Cidr[];
}

export interface AllowEntry {
  /** From 1, in the order of the file. */
  readonly number: number;
  /** The line of its `[[allow]]`. */
  readonly line: number;
  /** Empty for every address of the scope. */
  readonly from: readonly Target[];
  readonly to: readonly Target[];
  /** Destination ports, both ends included; empty for all. */
  readonly ports: readonly PortRange[];
  /** IANA numbers; empty for all. */
  readonly protocols: readonly number[];
  /** How the flow has to leave; empty for any way. */
  readonly ways: readonly string[];
  readonly reason: string | undefined;
  readonly owner: string | undefined;
  /** Who approved it, or the ticket; undefined where nobody has yet: such an entry allows nothing. */
  readonly approved: string | undefined;
  /** The last day on which it allows, `YYYY-MM-DD` of the audit's zone. */
  readonly expires: string | undefined;
  readonly maxBytesPerDay: number | undefined;
}

const SCOPE_KEYS = Object.keys(SCOPE_PROPERTIES);
const ENTRY_KEYS = Object.keys(ENTRY_PROPERTIES);

/**
 * Reads an allow-list.
 *
 * @param path for messages
 * @throws UsageError that names the line where something is wrong
 */
export function parseAllowList(text: string, path: string, networks: Networks): AllowList {
  const lines = new Lines(text, path);
  const content = readToml(text, path);
  for (const key of Object.keys(content)) {
    if (key !== 'scope' && key !== 'allow')
      throw lines.wrong(key, undefined, `'${key}' is not a key`, 'Write [scope] and [[allow]].');
  }
  const scope = scopeOf(content.scope, lines, networks);
  const listed = content.allow ?? [];
  if (!Array.isArray(listed)) {
    throw lines.wrong(
      'allow',
      undefined,
      '[allow] is a single table',
      'Write [[allow]], in two brackets, for each entry.',
    );
  }
  const entries = listed.map((table, index) =>
    entryOf(table as Record<string, unknown>, index, lines, networks),
  );
  for (const entry of entries) checkFrom(entry, scope, lines);
  checkContradictions(entries, path);
  return { path, scope, entries };
}

/** What an entry allows, in one line. */
export function entryText({ from, to, ports, protocols, ways }: AllowEntry): string {
  const one = (targets: readonly Target[]) => targets.map(targetText).join(', ');
  const source = from.length === 0 ? 'scope' : one(from);
  const port = ports.map(portText).join(',');
  const protocol = protocols.map(protocolName).join(',');
  const service = [protocol, port].filter((each) => each !== '').join(' ');
  const way = ways.length === 0 ? '' : ` by ${ways.join(', ')}`;
  return `${source} to ${one(to)}${service === '' ? '' : ` ${service}`}${way}`;
}

export const portText = ({ first, last }: PortRange): string =>
  first === last ? String(first) : `${first}-${last}`;

function readToml(text: string, path: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [problem = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    throw new UsageError(`${path}:${error.line}: not valid TOML: ${problem}.`, 'Fix that line.');
  }
}

/** Where keys are in the text, for messages. */
class Lines {
  private readonly lines: readonly string[];
  private readonly tables: readonly number[];
  private readonly scope: number;

  constructor(
    text: string,
    private readonly path: string,
  ) {
    this.lines = text.split(/\r?\n/);
    const at = (pattern: RegExp) => this.lines.flatMap((line, i) => (pattern.test(line) ? [i] : []));
    this.tables = at(/^\s*\[\[\s*allow\s*\]\]/);
    this.scope = at(/^\s*\[\s*scope\s*\]/)[0] ?? -1;
  }

  /** The line of an entry, from 1; 1 where entries are written inline. */
  ofEntry(index: number): number {
    return (this.tables[index] ?? 0) + 1;
  }

  /** Whether the text of an entry has these characters: the parser makes the 2nd of March of the 30th of February. */
  says(index: number, text: string): boolean {
    const begin = this.tables[index];
    if (begin === undefined) return true;
    return this.lines.slice(begin, this.tables[index + 1]).some((line) => line.includes(text));
  }

  /** @param index of the entry; `scope` for that table, undefined for the top of the file */
  wrong(key: string, index: number | 'scope' | undefined, problem: string, hint: string): UsageError {
    const begin = index === undefined ? -1 : index === 'scope' ? this.scope : (this.tables[index] ?? -1);
    const pattern = new RegExp(
      `^\\s*(?:\\[+\\s*)?["']?${key.replace(/[^\w-]/g, '\\$&')}["']?\\s*(?:=|\\.|\\])`,
    );
    const next = this.lines.findIndex((line, i) => i > begin && /^\s*\[/.test(line));
    const end = index === undefined || next < 0 ? this.lines.length : next;
    const found = this.lines.findIndex((line, i) => i > begin && i < end && pattern.test(line));
    return new UsageError(`${this.path}:${(found < 0 ? Math.max(begin, 0) : found) + 1}: ${problem}.`, hint);
  }
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function scopeOf(value: unknown, lines: Lines, networks: Networks): AllowScope {
  if (!isTable(value) || value.subnets === undefined) {
    throw lines.wrong(
      'scope',
      undefined,
      'the audited subnets are missing',
      'Write [scope] and under it subnets = ["10.10.24.0/24"].',
    );
  }
  const unknown = Object.keys(value).find((key) => !SCOPE_KEYS.includes(key));
  if (unknown !== undefined) {
    throw lines.wrong(
      unknown,
      'scope',
      `'${unknown}' is not a key of [scope]`,
      `Its keys are ${SCOPE_KEYS.join(', ')}.`,
    );
  }
  const blocks = (key: string): readonly Cidr[] | undefined =>
    value[key] === undefined
      ? undefined
      : located(key, 'scope', lines, () => parseBlocks(texts(value[key], key, 'scope', lines), networks));
  const [subnets, vpc, exclude = []] = [blocks('subnets')!, blocks('vpc'), blocks('exclude')];
  if (subnets.length === 0)
    throw lines.wrong('subnets', 'scope', 'subnets is empty', 'Name at least one block.');
  const outside = vpc && subnets.find((subnet) => !vpc.some((block) => containsBlock(block, subnet)));
  if (outside) {
    throw lines.wrong(
      'subnets',
      'scope',
      `subnet ${outside.text} is not inside the VPC ${vpc.map((each) => each.text).join(', ')}`,
      'Give vpc all blocks of the VPC that the subnet belongs to.',
    );
  }
  return { subnets, vpc, exclude };
}

/** Runs a reader of values, whose errors then name the line. */
function located<T>(key: string, index: number | 'scope', lines: Lines, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError) || /^\S+:\d+: /.test(error.message)) throw error;
    throw lines.wrong(key, index, `${key}: ${error.message.replace(/\.$/, '')}`, error.hint);
  }
}

function texts(value: unknown, key: string, index: number | 'scope', lines: Lines): string[] {
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0 || !list.every((each) => typeof each === 'string')) {
    throw lines.wrong(
      key,
      index,
      `${key} = ${JSON.stringify(value)} is not a text, nor a list of texts`,
      `Write ${key} = "…", or ${key} = ["…", "…"].`,
    );
  }
  return list;
}

function entryOf(
  table: Record<string, unknown>,
  index: number,
  lines: Lines,
  networks: Networks,
): AllowEntry {
  const wrong = (key: string, problem: string, hint: string) => lines.wrong(key, index, problem, hint);
  const unknown = Object.keys(table).find((key) => !ENTRY_KEYS.includes(key));
  if (unknown !== undefined) {
    throw wrong(unknown, `'${unknown}' is not a key of an entry`, `Its keys are ${ENTRY_KEYS.join(', ')}.`);
  }
  if (table.to === undefined) throw wrong('to', 'an entry without to', `Write to = …: ${TARGET_FORMS}.`);
  const targets = (key: 'from' | 'to') =>
    located(key, index, lines, () =>
      texts(table[key], key, index, lines).map((text) => parseTarget(text, networks)),
    );
  const to = targets('to');
  for (const target of to) {
    if (target.kind === 'blocks' && target.blocks.some(({ prefix }) => prefix === 0)) {
      throw wrong(
        'to',
        `to = "${target.text}" allows every destination`,
        'Write to = "anywhere" if that is meant.',
      );
    }
  }
  const ports = portsOf(table.ports, wrong);
  const protocols = table.protocol === undefined ? [] : protocolsOf(table.protocol, index, lines);
  const odd = ports.length > 0 ? protocols.find((number) => number !== 6 && number !== 17) : undefined;
  if (odd !== undefined)
    throw wrong('ports', `ports with protocol ${odd}, which has none`, 'Ports belong to tcp and udp.');
  const text = (key: string) => {
    const value = table[key];
    if (value !== undefined && typeof value !== 'string')
      throw wrong(key, `${key} is not a text`, `Write ${key} = "…".`);
    return value === undefined || value.trim() === '' ? undefined : value.trim();
  };
  return {
    number: index + 1,
    line: lines.ofEntry(index),
    from: table.from === undefined ? [] : targets('from'),
    to,
    ports,
    protocols,
    ways: table.way === undefined ? [] : texts(table.way, 'way', index, lines),
    reason: text('reason'),
    owner: text('owner'),
    approved: approvedOf(table.approved, wrong),
    expires: expiresOf(table.expires, wrong, (day) => lines.says(index, day)),
    maxBytesPerDay: bytesOf(table.max_bytes_per_day, wrong),
  };
}

type Wrong = (key: string, problem: string, hint: string) => UsageError;

function portsOf(value: unknown, wrong: Wrong): AllowEntry['ports'] {
  if (value === undefined) return [];
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw wrong('ports', 'ports is empty', 'Leave it out for all ports.');
  return list.map((each) => {
    const range = typeof each === 'number' || typeof each === 'string' ? portRange(String(each)) : undefined;
    if (range) return range;
    throw wrong(
      'ports',
      `${JSON.stringify(each)} is not a port`,
      'Write ports from 0 to 65535, or ranges as "1024-65535".',
    );
  });
}

function protocolsOf(value: unknown, index: number, lines: Lines): number[] {
  const list = typeof value === 'number' ? [String(value)] : texts(value, 'protocol', index, lines);
  return list.map((text) => {
    const number = parseProtocol(text);
    if (number === undefined) {
      throw lines.wrong(
        'protocol',
        index,
        `'${text}' is not a protocol`,
        'Write tcp, udp, icmp, … or a number from 0 to 255.',
      );
    }
    return number;
  });
}

/** A text, or a table of who and ticket. */
function approvedOf(value: unknown, wrong: Wrong): string | undefined {
  if (value === undefined) return undefined;
  const parts = isTable(value) ? Object.entries(value) : [['ticket', value] as const];
  const fits = parts.every(
    ([key, part]) => /^(?:who|ticket|date)$/.test(key) && (typeof part === 'string' || part instanceof Date),
  );
  if (!fits)
    throw wrong(
      'approved',
      `approved = ${JSON.stringify(value)} is not an approval`,
      'Write approved = "TICKET-1", or { who = "…", ticket = "…" }.',
    );
  const said = parts.map(([, part]) =>
    part instanceof Date ? part.toISOString().slice(0, 10) : (part as string).trim(),
  );
  const text = said.filter((part) => part !== '').join(', ');
  return text === '' ? undefined : text;
}

function expiresOf(value: unknown, wrong: Wrong, says: (day: string) => boolean): string | undefined {
  if (value === undefined) return undefined;
  const text = value instanceof TomlDate ? value.toISOString().slice(0, 10) : String(value);
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  const isDay = !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
  if (!isDay || (value instanceof TomlDate && !(value.isDate() && says(text)))) {
    throw wrong('expires', `expires = ${text} is not a day`, 'Write a day that exists, as 2027-03-31.');
  }
  return text;
}

function bytesOf(value: unknown, wrong: Wrong): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
    throw wrong(
      'max_bytes_per_day',
      `max_bytes_per_day = ${JSON.stringify(value)} is not a number of bytes`,
      'Write a whole number, as 1_000_000.',
    );
  }
  return value;
}

/** An entry whose source lies outside the scope would look as if it allowed something. */
function checkFrom({ from, number }: AllowEntry, { subnets }: AllowScope, lines: Lines): void {
  for (const target of from) {
    if (target.kind !== 'blocks') continue;
    const scope: Target = { kind: 'blocks', text: '', blocks: subnets };
    if (!targetsOverlap(target, scope)) {
      throw lines.wrong(
        'from',
        number - 1,
        `from = "${target.text}" is outside the audited subnets ${subnets.map((each) => each.text).join(', ')}`,
        'Correct it, or add the block to subnets.',
      );
    }
  }
}

/** Two approved entries for the same flows must not say different things of them. */
function checkContradictions(entries: readonly AllowEntry[], path: string): void {
  const approved = entries.filter((entry) => entry.approved !== undefined);
  for (const [i, entry] of approved.entries()) {
    for (const other of approved.slice(0, i)) {
      if (entry.maxBytesPerDay === other.maxBytesPerDay || !entriesOverlap(entry, other)) continue;
      const limit = ({ maxBytesPerDay }: AllowEntry) =>
        maxBytesPerDay === undefined ? 'no limit' : `at most ${maxBytesPerDay} bytes a day`;
      throw new UsageError(
        `${path}:${entry.line}: contradicts the entry at line ${other.line}: of flows that both allow, one says ${limit(entry)} and the other ${limit(other)}.`,
        'Make them apart by ports, protocol, way or addresses, or give them the same limit.',
      );
    }
  }
}

function entriesOverlap(a: AllowEntry, b: AllowEntry): boolean {
  const some = <T>(one: readonly T[], two: readonly T[], overlap: (x: T, y: T) => boolean) =>
    one.length === 0 || two.length === 0 || one.some((x) => two.some((y) => overlap(x, y)));
  return (
    some(a.from, b.from, targetsOverlap) &&
    some(a.to, b.to, targetsOverlap) &&
    some(a.ports, b.ports, (x, y) => x.first <= y.last && y.first <= x.last) &&
    some(a.protocols, b.protocols, (x, y) => x === y) &&
    some(a.ways, b.ways, (x, y) => x.startsWith(y) || y.startsWith(x))
  );
}
