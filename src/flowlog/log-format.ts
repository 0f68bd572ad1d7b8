import { FIELDS, type Field, fieldOf, findField } from './fields.js';

/** The default format: all version 2 fields, in AWS's order. It cannot be customised. */
export const DEFAULT_FORMAT: readonly Field[] = FIELDS.filter((field) => field.version === 2);

/** Every field up to version 5, the widest format that AWS publishes a table definition for. */
export const VERSION_5_FORMAT: readonly Field[] = FIELDS.filter((field) => (field.version ?? 99) <= 5);

/** A flow log's format string, as `DescribeFlowLogs` gives it: `${version} ${account-id} …`. */
export function formatString(fields: readonly Field[]): string {
  return fields.map((field) => `\${${field.name}}`).join(' ');
}

/** The header line of a text log file: hyphenated names, one space between. */
export function headerLine(fields: readonly Field[]): string {
  return fields.map((field) => field.name).join(' ');
}

const NAME = /^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/i;

/** A name that cannot be a field name, or one that stands twice. */
export class LogFormatError extends Error {
  constructor(
    readonly value: string,
    readonly problem: 'empty' | 'not a name' | 'twice',
  ) {
    super(`${problem}: ${value}`);
  }
}

function fieldsOf(names: readonly string[]): Field[] {
  const seen = new Set<string>();
  return names.map((name) => {
    if (!NAME.test(name)) throw new LogFormatError(name, 'not a name');
    const field = fieldOf(name);
    if (seen.has(field.column)) throw new LogFormatError(name, 'twice');
    seen.add(field.column);
    return field;
  });
}

/**
 * Reads a format: `${srcaddr} ${dstaddr}` as AWS writes it, or bare names between
 * spaces or commas. Unknown names are kept, as text fields.
 *
 * @throws LogFormatError for an empty format, something that is no name, or a name given twice
 */
export function parseFormat(text: string): Field[] {
  const names = text
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map((part) => /^\$\{([^}]*)\}$/.exec(part)?.[1] ?? part);
  if (names.length === 0) throw new LogFormatError(text, 'empty');
  return fieldsOf(names);
}

/**
 * Reads the first line of a text log file. Undefined when it is no header: a
 * header is made of names only and at least one of them is a field we know, so a
 * field that AWS adds tomorrow does not turn the whole line into data.
 */
export function parseHeader(line: string): Field[] | undefined {
  const names = line.replace(/\r$/, '').split(' ');
  return names.some((name) => findField(name) !== undefined) ? formatFields(names) : undefined;
}

/** The fields of these names; undefined when one cannot be a name, or stands twice. */
export function formatFields(names: readonly string[]): Field[] | undefined {
  try {
    return fieldsOf(names);
  } catch (error) {
    if (error instanceof LogFormatError) return undefined;
    throw error;
  }
}
