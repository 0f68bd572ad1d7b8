import { keyValue, type TimeKey, type TimeUnit, unitValue } from '../flowlog/time-format.js';
import { quotedName, quotedText, type Sql, trusted } from './sql.js';

/** The values a unit can have at most: a comparison of text that may lack its leading zero is a list of values. */
const LAST: Readonly<Record<TimeUnit, number>> = { year: 9999, month: 12, day: 31, hour: 23 };

/**
 * A condition on partition keys that holds for every folder of a delivery between two moments (Unix seconds, both
 * included; undefined is open). Literals, not parameters: so that pruning does not depend on how an engine treats
 * parameters, and they are made here, of digits.
 *
 * @returns undefined when nothing can be left out
 */
export function partitionCondition(
  keys: readonly TimeKey[],
  from: number | undefined,
  to: number | undefined,
): Sql | undefined {
  const text = between(keys, from, to);
  return text === undefined ? undefined : trusted(text);
}

function between(
  keys: readonly TimeKey[],
  from: number | undefined,
  to: number | undefined,
): string | undefined {
  const [key, ...smaller] = keys;
  if (!key) return undefined;
  if (from !== undefined && to !== undefined && sameValue(key, from, to)) {
    return both(compare(key, '=', from), between(smaller, from, to));
  }
  return both(
    from === undefined ? undefined : beyond(keys, '>', from),
    to === undefined ? undefined : beyond(keys, '<', to),
  );
}

/** At or after a moment, or at or before it: by the first key, and where that is equal by the others. */
function beyond(keys: readonly TimeKey[], side: '>' | '<', moment: number): string {
  const [key, ...smaller] = keys as [TimeKey, ...TimeKey[]];
  if (smaller.length === 0) return compare(key, `${side}=`, moment);
  return `(${compare(key, side, moment)} OR ${compare(key, '=', moment)} AND ${beyond(smaller, side, moment)})`;
}

const both = (a: string | undefined, b: string | undefined) => (a && b ? `${a} AND ${b}` : (a ?? b));

type Operator = '=' | '>' | '<' | '>=' | '<=';

function sameValue(key: TimeKey, a: number, b: number): boolean {
  return key.units.every((unit) => unitValue(unit, a) === unitValue(unit, b));
}

function compare(key: TimeKey, operator: Operator, moment: number): string {
  const name = quotedName(key.name);
  const unit = key.units[0]!;
  const last = operator.startsWith('<');
  if (key.type === 'date') return `${name} ${operator} DATE ${quotedText(keyValue('yyyy-MM-dd', moment))}`;
  if (key.type === 'timestamp') return compareTimestamp(name, operator, moment);
  if (key.format !== undefined) {
    const value = keyValue(key.format, moment, last);
    return `${name} ${operator} ${key.type === 'integer' ? Number(value) : quotedText(value)}`;
  }
  if (key.units.length > 1) {
    return key.type === 'integer'
      ? compareNumber(name, key.units, operator, moment)
      : compareStamp(key, operator, moment);
  }
  if (key.type === 'integer') return `${name} ${operator} ${unitValue(unit, moment)}`;
  if (unit === 'year') return `${name} ${operator} ${quotedText(keyValue('yyyy', moment))}`;
  const value = unitValue(unit, moment);
  const values = Array.from({ length: LAST[unit] + 1 }, (_, n) => n).filter((n) => holds(n, operator, value));
  const spellings = values.flatMap((n) => [...new Set([String(n).padStart(2, '0'), String(n)])]);
  return spellings.length === 0 ? 'false' : `${name} IN (${spellings.map(quotedText).join(', ')})`;
}

/** A timestamp stands for the day or the hour that begins with it, and nothing says which. */
function compareTimestamp(name: string, operator: Operator, moment: number): string {
  const at = (format: string) => `TIMESTAMP ${quotedText(keyValue(format, moment, true))}`;
  const [first, last] = [at("yyyy-MM-dd '00:00:00'"), at('yyyy-MM-dd HH:mm:ss')];
  switch (operator) {
    case '=':
      return `${name} BETWEEN ${first} AND ${at("yyyy-MM-dd '23:59:59'")}`;
    case '>':
      return `${name} > ${at("yyyy-MM-dd '23:59:59'")}`;
    case '<':
      return `${name} < ${first}`;
    case '>=':
      return `${name} >= ${first}`;
    case '<=':
      return `${name} <= ${last}`;
  }
}

/** How many digits of `yyyyMMddHH` the units take. */
const digitsOf = (units: readonly TimeUnit[]) => 2 + 2 * units.length;

/**
 * A time as text that nobody has declared the spelling of: `2026`, `2026-06`, `2026/06/01`, `20260601`, `2026-06-01T05`, … By
 * its digits, as far as it has any. A value that does not begin with a year is kept, and so is an account id.
 */
function compareStamp({ name, among, units }: TimeKey, operator: Operator, moment: number): string {
  const text = among
    ? among.length === 1
      ? quotedName(among[0]!)
      : `concat(${among.map(quotedName).join(", '/', ")})`
    : quotedName(name);
  const [start, group] = among ? ['(^|/)', 2] : ['^', 1];
  // No question mark: not every client of Athena can tell one in a text from a parameter.
  const pattern = `${start}(20\\d\\d([-/_. T]{0,1}\\d\\d){0,${units.length - 1}})(\\D|$)`;
  const stamp = `regexp_extract(${text}, '${pattern}', ${group})`;
  const digits = `regexp_replace(${stamp}, '\\D', '')`;
  const length = digitsOf(units);
  const wanted = quotedText(keyValue('yyyyMMddHH', moment).slice(0, length));
  // What a value lacks is whatever lets it pass: `2026-06` is 20260600 and 20260699.
  const [first, last] = ['0', '9'].map((digit) => `rpad(${digits}, ${length}, '${digit}')`);
  const holding =
    operator === '='
      ? `${wanted} BETWEEN ${first} AND ${last}`
      : `${operator === '>=' || operator === '<' ? last : first} ${operator} ${wanted}`;
  // Not coalesce: a Trino prunes no partitions by that.
  return `(${holding} OR ${stamp} IS NULL)`;
}

/** The same as a number: `20260601`, `202606`, `2026060105`. What is none of these is kept. */
function compareNumber(name: string, units: readonly TimeUnit[], operator: Operator, moment: number): string {
  const digits = keyValue('yyyyMMddHH', moment);
  const lengths = units.map((_, i) => 4 + 2 * i);
  const spelled = lengths.map((length) => {
    const [first, last] = [`20${'0'.repeat(length - 2)}`, `20${'9'.repeat(length - 2)}`];
    return { first, last, value: digits.slice(0, length) };
  });
  const alternatives = spelled.map(
    ({ first, last, value }) => `${name} BETWEEN ${first} AND ${last} AND ${name} ${operator} ${value}`,
  );
  const other = spelled.map(({ first, last }) => `${name} NOT BETWEEN ${first} AND ${last}`).join(' AND ');
  return `(${[...alternatives, other].join(' OR ')})`;
}

function holds(n: number, operator: Operator, value: number): boolean {
  if (operator === '=') return n === value;
  return operator.startsWith('>')
    ? n > value || (operator === '>=' && n === value)
    : n < value || (operator === '<=' && n === value);
}

/** The most values that are listed: Athena User Guide, "Supported types for partition projection", injected type. */
const MOST_VALUES = 1_000;

/** The same as a list of the values, for a key that Athena must be told the values of; undefined where they are too many. */
export function valuesBetween(
  key: TimeKey,
  from: number | undefined,
  to: number | undefined,
): Sql | undefined {
  if (from === undefined || to === undefined || key.format === undefined) return undefined;
  const values = new Set<string>();
  for (let at = from; ; at = Math.min(at + 3_600, to)) {
    const value = keyValue(key.format, at);
    values.add(key.type === 'integer' ? String(Number(value)) : quotedText(value));
    if (values.size > MOST_VALUES) return undefined;
    if (at >= to) break;
  }
  return trusted(anyOf(quotedName(key.name), [...values]));
}

/** A condition on a key of accounts or regions, as literals of its type. */
export function equalsAny({ name, type }: { name: string; type: string }, values: readonly string[]): Sql {
  const literals = values.map((value) =>
    /^(?:tinyint|smallint|int|integer|bigint)$/.test(type) ? String(BigInt(value)) : quotedText(value),
  );
  return trusted(anyOf(quotedName(name), literals));
}

const anyOf = (name: string, literals: readonly string[]): string =>
  literals.length === 1 ? `${name} = ${literals[0]}` : `${name} IN (${literals.join(', ')})`;
