import type { Field } from '../flowlog/fields.js';
import { headerFields, type RecordFormat } from './format.js';
import { canonical, NO_SUCH } from './values.js';

/** What a line of a text is. */
export type Line =
  /** As AWS writes them; more than one where a line holds several. */
  | { readonly kind: 'records'; readonly texts: readonly string[] }
  | { readonly kind: 'header'; readonly fields: readonly Field[] }
  /** Empty, or a comment. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'malformed'; readonly why: string };

const NOTHING: Line = { kind: 'nothing' };

/**
 * Reads a line that need not be as AWS writes it: blanks and tabs in any number, carriage returns, a byte order mark, comments,
 * words in any case, names of protocols, milliseconds. A record comes out as AWS would have written it.
 *
 * @param format of its records; undefined where no header line has said it yet
 */
export function readLine(line: string, format: RecordFormat | undefined): Line {
  const text = line.replace(/^\ufeff/, '').trim();
  if (text === '' || text.startsWith('#')) return NOTHING;
  const tokens = text.split(/\s+/);
  const fields = headerFields(tokens);
  if (fields) return { kind: 'header', fields };
  if (!format) return { kind: 'malformed', why: 'no header line says its fields' };
  if (tokens.length === format.rules.length) return asRecords([readValues(tokens, format)]);
  for (const between of ['\r', '\t']) {
    // Several records in one line: of an old Mac's text, or of `aws … --query 'events[].message' --output text`.
    const parts = text.split(between).map((part) => part.trim());
    const whole = parts.every((part) => part.split(/\s+/).length === format.rules.length);
    if (parts.length > 1 && whole)
      return asRecords(parts.map((part) => readValues(part.split(/\s+/), format)));
  }
  return {
    kind: 'malformed',
    why: `${tokens.length} ${tokens.length === 1 ? 'value' : 'values'} instead of ${format.rules.length}`,
  };
}

function asRecords(read: ReadonlyArray<string | Malformed>): Line {
  const malformed = read.find((each) => typeof each !== 'string');
  return malformed === undefined ? { kind: 'records', texts: read as string[] } : (malformed as Malformed);
}

type Malformed = Extract<Line, { kind: 'malformed' }>;

/** The values of a record as a line of AWS's; `-` and nothing are absent. */
export function readValues(values: readonly string[], format: RecordFormat): string | Malformed {
  const { rules, fields, start, end } = format;
  const read: string[] = [];
  for (let i = 0; i < rules.length; i++) {
    const value = values[i]!;
    const made = value === '-' || value === '' ? '-' : canonical(rules[i]!, value);
    if (made === undefined) {
      const shown = value.length > 40 ? `${value.slice(0, 40)}…` : value;
      return { kind: 'malformed', why: `${fields[i]!.name} '${shown}' is ${NO_SUCH[rules[i]!]}` };
    }
    read.push(made);
  }
  if (start >= 0 && end >= 0 && Number(read[start]) > Number(read[end])) {
    return { kind: 'malformed', why: 'it ends before it starts' };
  }
  return read.join(' ');
}
