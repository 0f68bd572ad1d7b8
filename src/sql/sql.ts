import sql, { join, raw, type Sql } from 'sql-template-tag';

export { join, type Sql, sql };

/** No text and no parameters. */
export const nothing: Sql = sql``;

/** A name of a table or column as it stands in a statement; both engines quote names alike. */
export const quotedName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text literal, alike in both engines. For what cannot be a parameter: paths, settings. */
export const quotedText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export function identifier(name: string): Sql {
  return raw(quotedName(name));
}

/**
 * Text that stands in the statement as it is. Only for what this program wrote or has checked letter by letter: a value
 * a user gave is a parameter.
 */
export function trusted(text: string): Sql {
  return raw(text);
}

/** All of the conditions, each on a line of its own. */
export function every(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql`true` : join(conditions, '\n  AND ');
}

/** Any of the conditions, in parentheses. */
export function any(conditions: readonly Sql[]): Sql {
  if (conditions.length === 0) return sql`false`;
  return conditions.length === 1 ? conditions[0]! : sql`(${join(conditions, ' OR ')})`;
}

/** A value that writes itself as a literal. */
interface Literal {
  readonly literal: string;
}

/**
 * The same with its values in the text, for places where Athena takes no parameters (all but WHERE). Only for values that this
 * program read and wrote again, such as addresses and numbers.
 */
export function inlined({ strings, values }: Sql): Sql {
  const written = values.map((value) =>
    typeof value === 'string'
      ? quotedText(value)
      : typeof value === 'number'
        ? String(value)
        : (value as Literal).literal,
  );
  return raw(strings.map((text, i) => text + (written[i] ?? '')).join(''));
}

/** Parameters of a statement as comments, for reading beside it. @param textOf a value in the engine's own writing */
export const parameterComments = <T>(values: readonly T[], textOf: (value: T) => string): string =>
  values.map((value, i) => `-- parameter ${i + 1}: ${textOf(value)}\n`).join('');
