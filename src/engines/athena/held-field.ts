import type { Field } from '../../flowlog/fields.js';
import { parseProtocol } from '../../flowlog/protocols.js';
import { quotedText } from '../../sql/sql.js';

/** An expression on the columns of a table that holds a field, and its type as the catalog says. */
export interface Held {
  readonly sql: string;
  readonly type: string;
}

const isInteger = (type: string) => /^(?:tinyint|smallint|int|integer|bigint)$/.test(type);
const isText = (type: string) => /^(?:string|varchar)/.test(type);
const isChar = (type: string) => /^char/.test(type);
const isTimestamp = (type: string) => /^timestamp|^date$/.test(type);
const isFraction = (type: string) => /^(?:float|real|double|decimal)/.test(type);

/** Whether a column of the type can hold a field at all. */
export const isScalar = (type: string) =>
  isInteger(type) ||
  isText(type) ||
  isChar(type) ||
  isTimestamp(type) ||
  isFraction(type) ||
  type === 'boolean';

/** A number of Unix seconds beyond this is one of milliseconds: seconds come to it in the year 5138. */
const MOST_SECONDS = 100_000_000_000;

const isMoment = ({ column }: Field) => column === 'start' || column === 'end';

/**
 * The same field with a type of flow logs, text or a whole number, for what other tools make of records: timestamps, ISO text,
 * milliseconds, padded text, names of protocols.
 *
 * @param delivered whether AWS wrote the records itself, so that its numbers are seconds
 * @returns the field as it is where it has such a type
 */
export function converted(field: Field, held: Held, delivered: boolean): Held {
  const { sql, type } = isChar(held.type)
    ? { sql: `rtrim(CAST(${held.sql} AS varchar))`, type: 'string' }
    : held;
  const number = { type: 'bigint' };
  const text = { type: 'string' };
  if (isMoment(field)) {
    if (isTimestamp(type))
      return { ...number, sql: `CAST(floor(to_unixtime(CAST(${sql} AS ${typeOf(type)}))) AS bigint)` };
    if (isFraction(type)) return { ...number, sql: seconds(`CAST(floor(${sql}) AS bigint)`) };
    if (type === 'bigint' && !delivered) return { ...number, sql: seconds(sql) };
    if (isText(type) && !delivered) return { ...number, sql: secondsOfText(sql) };
    return { sql, type };
  }
  if (field.column === 'account_id' && (isInteger(type) || isFraction(type))) {
    return { ...text, sql: `lpad(CAST(CAST(${sql} AS bigint) AS varchar), 12, '0')` };
  }
  if (field.column === 'protocol' && isText(type) && !delivered) return { ...number, sql: protocol(sql) };
  if (isFraction(type)) return { ...number, sql: `CAST(${sql} AS bigint)` };
  if (isTimestamp(type) || type === 'boolean') return { ...text, sql: `CAST(${sql} AS varchar)` };
  return { sql, type };
}

const typeOf = (type: string) => (type === 'date' ? 'timestamp' : type);

const seconds = (sql: string) => `IF(${sql} > ${MOST_SECONDS}, ${sql} / 1000, ${sql})`;

/** `1780000000`, `1780000000000`, `2026-06-01T00:00:00Z`, `2026-06-01 00:00:00.000 UTC`. Other text is no time. */
function secondsOfText(sql: string): string {
  const iso = `replace(replace(trim(${sql}), ' UTC', 'Z'), ' ', 'T')`;
  return (
    `CASE WHEN regexp_like(${sql}, '^\\d+$') THEN ${seconds(`CAST(${sql} AS bigint)`)} ` +
    `WHEN regexp_like(${sql}, '^\\d') THEN CAST(floor(to_unixtime(from_iso8601_timestamp(${iso}))) AS bigint) END`
  );
}

function protocol(sql: string): string {
  const names = ['TCP', 'UDP', 'ICMP', 'ICMPV6', 'IPV6-ICMP', 'ESP', 'GRE', 'SCTP', 'IGMP'];
  const cases = names.flatMap((name) => {
    const number = parseProtocol(name);
    return number === undefined ? [] : [`WHEN ${quotedText(name)} THEN ${number}`];
  });
  return `CASE upper(${sql}) ${cases.join(' ')} ELSE TRY_CAST(${sql} AS bigint) END`;
}
