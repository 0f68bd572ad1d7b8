import { fieldByName } from '../../flowlog/field-names.js';
import type { Field } from '../../flowlog/fields.js';
import { parseTime } from '../../time/range.js';

/** What stands for no value in what others write. */
const ABSENT = new Set(['', '-', 'none', 'null', 'nil', 'nan', 'n/a']);

/** The fields that these names are; undefined when they are not those of records. */
export function fieldsByName(names: readonly string[]): ReadonlyArray<Field | undefined> | undefined {
  const seen = new Set<Field>();
  const fields = names.map((name) => {
    const field = fieldByName(name.trim().replace(/^@/, ''));
    if (!field || seen.has(field)) return undefined;
    seen.add(field);
    return field;
  });
  const columns = new Set([...seen].map(({ column }) => column));
  // Rows that sum records up are none, and queries to a name server have no destination. Without addresses is what says that nothing
  // was recorded, where absent values are left out.
  const sums = names.some((name) => /^flows$/i.test(name));
  const isFlow = columns.has('srcaddr') && columns.has('dstaddr');
  const isStatus = columns.has('log_status') && columns.has('start');
  return !sums && (isFlow || isStatus) ? fields : undefined;
}

/** Values by field, absent ones left out; times as Unix seconds. */
export function valuesOf(
  fields: ReadonlyArray<Field | undefined>,
  values: readonly unknown[],
  zone: string,
): Map<Field, string> {
  const named = new Map<Field, string>();
  fields.forEach((field, i) => {
    if (!field) return;
    const value = textOf(values[i]);
    const absent = ABSENT.has(value.toLowerCase());
    named.set(
      field,
      absent ? '-' : field.column === 'start' || field.column === 'end' ? seconds(value, zone) : value,
    );
  });
  return named;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value).trim();
}

/** Digits stay as they are. */
function seconds(value: string, zone: string): string {
  if (!/^\d{4}-\d\d-\d\d[T ]/.test(value)) return value;
  const plain = value.replace(/ UTC$/, 'Z').replace(/(:\d\d)[.,]\d+/, '$1');
  try {
    return String(parseTime(plain, zone, 0));
  } catch {
    return value;
  }
}
