import { type Field, findField } from '../flowlog/fields.js';
import { formatFields } from '../flowlog/log-format.js';
import { type Rule, ruleOf } from './values.js';

/** The fields of records in their order, and what their values may be. */
export interface RecordFormat {
  /** The columns with blanks between: what tells formats apart. */
  readonly key: string;
  readonly fields: readonly Field[];
  readonly rules: readonly Rule[];
  /** Places of start and end, -1 where there is none. */
  readonly start: number;
  readonly end: number;
}

const known = new Map<string, RecordFormat>();

/** The format of these fields: one object for the same columns. */
export function recordFormat(fields: readonly Field[]): RecordFormat {
  const key = fields.map(({ column }) => column).join(' ');
  const found = known.get(key);
  if (found) return found;
  const rules = fields.map(ruleOf);
  const made = { key, fields, rules, start: rules.indexOf('start'), end: rules.indexOf('end') };
  known.set(key, made);
  return made;
}

/**
 * The fields of a header line that stands anywhere in a text, its names as AWS writes them or as `${…}`; undefined when it is none.
 * A line of a few words of which one happens to name a field is none.
 */
export function headerFields(tokens: readonly string[]): readonly Field[] | undefined {
  const names = tokens.map((token) => /^\$\{([^}]*)\}$/.exec(token)?.[1] ?? token);
  if (!/^[a-z]/i.test(names[0]!)) return undefined;
  const recognised = names.filter((name) => findField(name) !== undefined).length;
  if (recognised < 2 || recognised * 3 < names.length) return undefined;
  return formatFields(names);
}
