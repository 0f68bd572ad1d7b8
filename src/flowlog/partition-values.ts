import { keyValue, LETTERS, type TimeKey, type TimeUnit, UNITS } from './time-format.js';

/**
 * Whether a partition can hold deliveries between two moments (Unix seconds, both included; undefined is open), by the values
 * of its time keys. One whose values are no times can.
 *
 * @param values of the partition, by the names of its keys
 */
export function partitionMayHold(
  keys: readonly TimeKey[],
  values: ReadonlyMap<string, string>,
  from: number | undefined,
  to: number | undefined,
): boolean {
  let digits = '';
  for (const key of keys) {
    const found = digitsOf(key, values);
    if (found === undefined) break;
    digits += found;
    // What a value lacks, smaller keys cannot add.
    if (found.length < digitsIn(key.units)) break;
  }
  const [first, last] = ['0', '9'].map((digit) => digits.padEnd(STAMP.length, digit)) as [string, string];
  return (
    (from === undefined || last >= keyValue(STAMP, from)) &&
    (to === undefined || first <= keyValue(STAMP, to))
  );
}

const STAMP = UNITS.map((unit) => LETTERS[unit]).join('');

const digitsIn = (units: readonly TimeUnit[]) => units.reduce((sum, unit) => sum + LETTERS[unit].length, 0);

/** The digits of `yyyyMMddHH` that a key's value says; undefined where it is no time. */
function digitsOf(key: TimeKey, values: ReadonlyMap<string, string>): string | undefined {
  const { name, among, units, format, type } = key;
  const text = among ? among.map((each) => values.get(each) ?? '').join('/') : (values.get(name) ?? '');
  if (format !== undefined)
    return spelled(format, type === 'integer' ? text.padStart(format.length, '0') : text);
  if (units.length === 1) {
    const letters = LETTERS[units[0]!].length;
    return /^\d+$/.test(text) && Number(text) < 10 ** letters
      ? String(Number(text)).padStart(letters, '0')
      : undefined;
  }
  const stamp = /(?:^|\/)(20\d\d(?:[-/_. T]?\d\d){0,3})(?:\D|$)/.exec(text)?.[1];
  // A timestamp has an hour, but may stand for the whole day, as its key says.
  return stamp?.replace(/\D/g, '').slice(0, digitsIn(units));
}

/** The digits of a value that is spelled as its format says. */
function spelled(format: string, text: string): string | undefined {
  const parts = format.match(/'[^']*'|yyyy|MM|dd|HH|mm|ss|S+|[^']/g) ?? [];
  let at = 0;
  let digits = '';
  for (const part of parts) {
    const length = part.startsWith("'") ? part.length - 2 : part.length;
    const value = text.slice(at, at + length);
    at += length;
    if (!/^(?:yyyy|MM|dd|HH)$/.test(part)) continue;
    if (value.length < length || /\D/.test(value)) return undefined;
    digits += value;
  }
  return digits;
}
