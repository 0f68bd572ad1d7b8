import { FlowlogError } from '../../errors.js';
import { AddressParameter } from '../../sql/athena.js';
import { quotedText } from '../../sql/sql.js';

/** Athena's limit on a parameter, in characters. */
const LONGEST = 1024;

/**
 * A parameter as Athena wants it: a piece of SQL. A text without quotes would be taken for a number or an expression where it
 * looks like one, so every text has them; a number is digits.
 */
export function literal(value: unknown): string {
  const text = written(value);
  if (text.length > LONGEST) {
    throw new FlowlogError(
      `A value of ${text.length} characters is too long for Athena.`,
      `It takes ${LONGEST} at most, quotes included: ${text.slice(0, 60)}…`,
    );
  }
  return text;
}

function written(value: unknown): string {
  if (value instanceof AddressParameter) return value.literal;
  if (typeof value === 'string') return quotedText(value);
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value)))
    return String(value);
  throw new TypeError(`no literal for ${String(value)}`);
}
