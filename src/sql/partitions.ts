import { keyValue, type TimeKey, type TimeUnit, unitValue } from '../flowlog/partitions.js';
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
  if (key.type === 'date') return `${name} ${operator} DATE ${quotedText(keyValue('yyyy-MM-dd', moment))}`;
  if (key.type === 'integer') return `${name} ${operator} ${unitValue(unit, moment)}`;
  if (key.format !== undefined) return `${name} ${operator} ${quotedText(keyValue(key.format, moment))}`;
  if (key.units.length > 1) return compareDay(name, operator, moment);
  if (unit === 'year') return `${name} ${operator} ${quotedText(keyValue('yyyy', moment))}`;
  const value = unitValue(unit, moment);
  const values = Array.from({ length: LAST[unit] + 1 }, (_, n) => n).filter((n) => holds(n, operator, value));
  const spellings = values.flatMap((n) => [...new Set([String(n).padStart(2, '0'), String(n)])]);
  return spellings.length === 0 ? 'false' : `${name} IN (${spellings.map(quotedText).join(', ')})`;
}

/**
 * A day as text that nobody has declared the spelling of: the three usual ones, whose text order does not mix, and
 * whatever is none of them.
 */
function compareDay(name: string, operator: Operator, moment: number): string {
  const spelled = ['yyyy-MM-dd', 'yyyy/MM/dd', 'yyyyMMdd'].map((format) => {
    const like = quotedText(`^\\d{4}${format[4] === 'M' ? '' : format[4]}\\d{2}`);
    const length = format.length;
    return `regexp_like(${name}, ${like}) AND substr(${name}, 1, ${length}) ${operator} ${quotedText(keyValue(format, moment))}`;
  });
  return `(${[...spelled, `NOT regexp_like(${name}, '^\\d{4}[-/]?\\d{2}')`].join(' OR ')})`;
}

function holds(n: number, operator: Operator, value: number): boolean {
  if (operator === '=') return n === value;
  return operator.startsWith('>')
    ? n > value || (operator === '>=' && n === value)
    : n < value || (operator === '<=' && n === value);
}
