import { grammarErrors } from '../grammar.js';
import type { Script } from './execution.js';
import { invalidParameters } from './failures.js';

/** Words of an expression that are no column reference, beside names of functions and types. */
const CONSTANTS =
  /^(?:NULL|TRUE|FALSE|DATE|TIME|TIMESTAMP|INTERVAL|IPADDRESS|DECIMAL|AND|OR|NOT|IN|IS|BETWEEN|LIKE|CAST|TRY_CAST|AS|ARRAY|ROW|CURRENT_\w+|LOCALTIME\w*|YEAR|MONTH|DAY|HOUR|MINUTE|SECOND|BIGINT|INTEGER|INT|VARCHAR|DOUBLE|CASE|WHEN|THEN|ELSE|END)$/i;

/**
 * A value as the service takes it: what parses as an expression without a column reference is that expression, all else
 * becomes a text literal (measured, docs/parameters.md of athena-local).
 */
export function classified(value: string): string {
  const text = `'${value.replaceAll("'", "''")}'`;
  if (grammarErrors(`SELECT ${value}`).length > 0) return text;
  const bare = value.replace(/'(?:[^']|'')*'/g, "''");
  const names = [...bare.matchAll(/"[^"]*"|[A-Za-z_]\w*(\s*\()?/g)];
  const column = names.some(([name, call]) => call === undefined && !CONSTANTS.test(name));
  return column ? text : value;
}

/**
 * The statement with its values in their places. Question marks in text and comments are none; values for a statement
 * without any are ignored; a wrong number makes the query fail, it is not refused (measured, docs/parameters.md).
 */
export function filled(text: string, parameters: readonly string[]): { text: string } | { failed: Script } {
  let count = 0;
  const whole = text.replace(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\?/g, (part) =>
    part === '?' ? classified(parameters[count++] ?? '?') : part,
  );
  if (count > 0 && count !== parameters.length)
    return { failed: invalidParameters(count, parameters.length) };
  return { text: whole };
}
