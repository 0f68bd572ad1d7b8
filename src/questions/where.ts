import { UsageError } from '../errors.js';
import { columnOf, type Field, findField } from '../flowlog/fields.js';
import { parseProtocol } from '../flowlog/protocols.js';
import { portsOfService } from '../flowlog/services.js';
import type { Cidr } from '../net/cidr.js';
import { type Networks, parseBlocks } from '../net/networks.js';
import type { Source } from '../sql/query.js';
import { any, join, type Sql, sql } from '../sql/sql.js';
import { ADDRESSES, recordedField } from './columns.js';
import { type Condition, holds } from './conditions.js';

/** What values of a field `--where` takes: any of these. Plain data, kept with a statement. */
export interface Where {
  readonly field: string;
  /** Of all but these, where true. */
  readonly not: boolean;
  /** Whether records without a value are meant. */
  readonly none: boolean;
  readonly texts?: readonly string[];
  readonly blocks?: readonly Cidr[];
  /** Both ends belong to it. */
  readonly ranges?: ReadonlyArray<readonly [first: number, last: number]>;
}

/** The values of fields of which a record has one of few, as records have them. */
const VALUES: ReadonlyMap<string, readonly string[]> = new Map([
  ['action', ['ACCEPT', 'REJECT']],
  ['log_status', ['OK', 'NODATA', 'SKIPDATA']],
  ['type', ['IPv4', 'IPv6', 'EFA']],
  ['flow_direction', ['ingress', 'egress']],
]);

/** The greatest value of fields of numbers. */
const GREATEST: ReadonlyMap<string, number> = new Map([
  ['srcport', 65_535],
  ['dstport', 65_535],
  ['protocol', 255],
]);

/** Fields that every flow has. */
const ALWAYS: ReadonlySet<string> = new Set(['srcaddr', 'dstaddr', 'log_status', 'start', 'end']);

const OPERATORS = /^([^=<>!]+?)\s*(!=|>=|<=|=|>|<)\s*(.+)$/s;

/**
 * Reads conditions such as `dstport=1024-65535`, `bytes>1000`, `srcaddr=10.0.0.0/8` or `action!=accept`. Values of one field are
 * alternatives; bounds and exclusions all hold.
 *
 * @throws UsageError for what cannot be read, and for what no flow can match
 */
export function parseWhere(texts: readonly string[], networks: Networks): Where[] {
  const conditions: Where[] = [];
  for (const text of texts) {
    const condition = parseOne(text, networks);
    const like = conditions.findIndex(
      ({ field, not }) => field === condition.field && not === condition.not && !bounds(text),
    );
    // A bound is one more condition; other values are one more choice.
    if (like < 0 || condition.not) conditions.push(condition);
    else conditions[like] = merged(conditions[like]!, condition);
  }
  for (const condition of conditions) refuseEmpty(condition, conditions);
  return conditions;
}

const bounds = (text: string) => /[<>]/.test(OPERATORS.exec(text)?.[2] ?? '');

function merged(a: Where, b: Where): Where {
  return {
    ...a,
    none: a.none || b.none,
    texts: [...(a.texts ?? []), ...(b.texts ?? [])],
    blocks: [...(a.blocks ?? []), ...(b.blocks ?? [])],
    ranges: [...(a.ranges ?? []), ...(b.ranges ?? [])],
  };
}

function parseOne(text: string, networks: Networks): Where {
  const [, name = '', operator = '', value = ''] = OPERATORS.exec(text) ?? [];
  if (name === '') {
    throw new UsageError(
      `--where '${text}' is not FIELD=VALUE.`,
      "Write a field and its value, such as instance_id=i-0a1b2c3d, dstport=1024-65535 or 'bytes>1000'.",
    );
  }
  const column = columnOf(name.trim());
  const field = findField(column);
  const where = { field: column, not: operator === '!=', none: false };
  if (operator.startsWith('<') || operator.startsWith('>')) {
    if (!field || field.type === 'text') {
      throw new UsageError(
        `--where '${text}': ${column} is not a number.`,
        'Only numbers, such as bytes, have an order. Write =, or != for all but a value.',
      );
    }
    const bound = numberOf(field, value);
    const range = {
      '>': [bound + 1, Number.MAX_SAFE_INTEGER],
      '>=': [bound, Number.MAX_SAFE_INTEGER],
      '<': [0, bound - 1],
      '<=': [0, bound],
    }[operator] as [number, number];
    return { ...where, ranges: [range] };
  }
  if (value === '-') return { ...where, none: true };
  if (!field) return { ...where, texts: [value] };
  if (ADDRESSES.has(column)) return { ...where, blocks: parseBlocks(value.split(','), networks) };
  const known = VALUES.get(column);
  if (known) return { ...where, texts: value.split(',').map((each) => oneOf(field, known, each)) };
  if (field.type === 'text') return { ...where, texts: [value] };
  return { ...where, ranges: value.split(',').map((each) => rangeOf(field, each)) };
}

function oneOf({ column }: Field, known: readonly string[], text: string): string {
  const value = known.find((each) => each.toLowerCase() === text.trim().toLowerCase());
  if (value !== undefined) return value;
  throw new UsageError(
    `'${text}' is not a value of ${column}.`,
    `The values are ${known.join(', ')}, or - for records without one.`,
  );
}

const PORTS = new Set(['srcport', 'dstport']);

function rangeOf(field: Field, typed: string): [number, number] {
  const text = (PORTS.has(field.column) && portsOfService(typed.trim())) || typed;
  const [, first, last] = /^\s*(\d+)\s*-\s*(\d+)\s*$/.exec(text) ?? [];
  if (first === undefined) {
    const value = numberOf(field, text);
    return [value, value];
  }
  const range: [number, number] = [numberOf(field, first), numberOf(field, last!)];
  if (range[0] > range[1]) {
    throw new UsageError(
      `${text} is not a range of ${field.column}: it ends before it begins.`,
      `Did you mean ${last}-${first}?`,
    );
  }
  return range;
}

function numberOf({ column }: Field, text: string): number {
  const value = column === 'protocol' ? parseProtocol(text.trim()) : wholeNumber(text.trim());
  if (value === undefined) {
    throw new UsageError(
      `'${text}' is not a value of ${column}.`,
      column === 'protocol'
        ? 'Write a name, such as tcp, udp or icmp, or a number from 0 to 255.'
        : 'Write a whole number, a range such as 1024-65535, or - for records without a value.',
    );
  }
  const greatest = GREATEST.get(column);
  if (greatest !== undefined && value > greatest) {
    throw new UsageError(`No ${column} is ${value}.`, `${column} is a number from 0 to ${greatest}.`);
  }
  return value;
}

const wholeNumber = (text: string) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined);

/** @throws UsageError for what no flow can match */
function refuseEmpty(where: Where, all: readonly Where[]): void {
  const { field, not, none, texts = [] } = where;
  if (none && !not && ALWAYS.has(field)) {
    throw new UsageError(`No flow is without ${field}.`, `Leave out --where ${field}=-.`);
  }
  if (field === 'log_status' && !not && !texts.includes('OK')) {
    throw new UsageError(
      `No flow has log_status ${texts.join(' or ')}: such records tell of none.`,
      "'flowlog coverage' counts them.",
    );
  }
  const ranges = all.filter((each) => each.field === field && !each.not && each.ranges?.length === 1);
  const first = Math.max(...ranges.map((each) => each.ranges![0]![0]));
  const last = Math.min(...ranges.map((each) => each.ranges![0]![1]));
  if (first > last) {
    throw new UsageError(`No ${field} meets all conditions of --where.`, 'Change one of its bounds.');
  }
}

/** The condition on a record. @throws UsageError where these logs lack the field */
export function whereCondition(where: Where, source: Source): Condition {
  const { dialect } = source;
  const value = dialect.value(recordedField(where.field, source, `--where ${where.field}`));
  const { none, not, texts = [], blocks = [], ranges = [] } = where;
  const choices: Sql[] = [
    ...(none ? [sql`${value} IS NULL`] : []),
    ...(texts.length > 0 ? [sql`${value} IN (${join(texts)})`] : []),
    ...blocks.map((block) => dialect.inside(value, block)),
    ...ranges.map(([first, last]) => rangeCondition(value, first, last)),
  ];
  const condition = any(choices);
  // A record without a value has none of those.
  return holds(
    not ? (none ? sql`NOT ${condition}` : sql`(${value} IS NULL OR NOT ${condition})`) : condition,
  );
}

function rangeCondition(value: Sql, first: number, last: number): Sql {
  if (first === last) return sql`${value} = ${first}`;
  if (last === Number.MAX_SAFE_INTEGER) return sql`${value} >= ${first}`;
  return sql`${value} BETWEEN ${first} AND ${last}`;
}
