import type { Field } from '../flowlog/fields.js';
import { addressText, bytesOf, type Cidr, leadingText } from '../net/cidr.js';
import { fixedOffset, offsetText } from '../time/zone.js';
import { type Dialect, stampIn } from './dialect.js';
import { identifier, type Sql, sql, trusted } from './sql.js';

/** The engine's own view of the files already reads `-` as NULL. */
function value(field: Field): Sql {
  return identifier(field.column);
}

/**
 * DuckDB has an address type only in an extension that cannot be counted on where there is no network. So an address
 * is compared as the text it is in the log: a prefix comparison is far cheaper than reading four numbers, and it is
 * exact for as many whole parts as the block fixes. Only the part in which the block ends is read as a number.
 */
function inside(address: Sql, block: Cidr): Sql {
  return block.family === 4 ? inside4(address, block) : inside6(address, block);
}

function inside4(address: Sql, block: Cidr): Sql {
  const first = bytesOf(4, block.first);
  if (block.prefix === 32) return sql`${address} = ${first.join('.')}`;
  const whole = Math.floor(block.prefix / 8);
  const begins =
    whole === 0
      ? sql`NOT contains(${address}, ':')`
      : sql`starts_with(${address}, ${leadingText(block).text})`;
  if (block.prefix % 8 === 0) return begins;
  const part = sql`TRY_CAST(split_part(${address}, '.', ${trusted(String(whole + 1))}) AS UTINYINT)`;
  const last = bytesOf(4, block.last)[whole]!;
  return where(begins, sql`${part} BETWEEN ${first[whole]!} AND ${last}`);
}

/** Whoever reads logs writes their addresses the canonical way (RFC 5952): small letters, no leading zeros. */
function inside6(address: Sql, block: Cidr): Sql {
  const isIpv6 = sql`contains(${address}, ':')`;
  if (block.prefix === 0) return isIpv6;
  if (block.prefix === 128) return sql`${address} = ${addressText(6, block.first)}`;
  const groups = Array.from({ length: 8 }, (_, i) => Number((block.first >> BigInt(112 - 16 * i)) & 0xffffn));
  const zero = groups.indexOf(0);
  // Zeros may be left out, so that other groups are known by their place up to the first of them only.
  const fixed = groups.slice(0, Math.min(Math.floor(block.prefix / 16), zero < 0 ? 8 : zero));
  const text = fixed.map((group) => `${group.toString(16)}:`).join('');
  const begins = fixed.length === 0 ? isIpv6 : sql`starts_with(${address}, ${text})`;
  if (fixed.length * 16 === block.prefix) return begins;
  const digits = (value: bigint) => value.toString(16).padStart(32, '0');
  return where(begins, sql`${hexDigits(address)} BETWEEN ${digits(block.first)} AND ${digits(block.last)}`);
}

/** A test that is only made where a cheap one has passed: false where that fails, and NULL of no address. */
const where = (cheap: Sql, exact: Sql): Sql => sql`CASE WHEN NOT (${cheap}) THEN false ELSE ${exact} END`;

/** An IPv6 address written out as 32 hexadecimal digits: their text order is the order of addresses. */
function hexDigits(address: Sql): Sql {
  const groups = (text: Sql) =>
    sql`CASE WHEN ${text} = '' THEN '' ELSE array_to_string(list_transform(string_split(${text}, ':'), lambda part: lpad(part, 4, '0')), '') END`;
  const head = groups(sql`split_part(${address}, '::', 1)`);
  const tail = groups(sql`split_part(${address}, '::', 2)`);
  return sql`CASE WHEN contains(${address}, '::') THEN rpad(${head}, CAST(32 - length(${tail}) AS INTEGER), '0') || ${tail} ELSE ${groups(address)} END`;
}

/**
 * A zone of one offset is added by hand, as a timestamp without zone: the calendar of the ICU library takes seven times as
 * long, and a text is slower to sort and to keep, which shows when a million rows are written. In a zone whose clocks
 * change the offset belongs to the value: that is text.
 */
function localTime(epoch: Sql, zone: string): Sql {
  const offset = fixedOffset(zone);
  if (offset !== undefined) {
    return sql`make_timestamp((${epoch} + ${trusted(String(offset))}) * 1000000)`;
  }
  const local = sql`timezone(${trusted(`'${zone}'`)}, to_timestamp(${epoch}))`;
  const minutes = sql`CAST((epoch(${local}) - ${epoch}) / 60 AS BIGINT)`;
  const sign = sql`CASE WHEN ${minutes} < 0 THEN '-' ELSE '+' END`;
  const hours = sql`printf('%02d:%02d', abs(${minutes}) // 60, abs(${minutes}) % 60)`;
  return sql`strftime(${local}, '%Y-%m-%dT%H:%M:%S') || ${sign} || ${hours}`;
}

const hour = (epoch: Sql, zone: string) =>
  sql`hour(timezone(${trusted(`'${zone}'`)}, to_timestamp(${epoch})))`;

/** The name that the engine's view gives to the path of a record's file, as Athena calls it. */
export const PATH_COLUMN = '$path';

const delivered = (path: Sql) => sql`CAST(epoch(try_strptime(${stampIn(path)}, '%Y%m%dT%H%MZ')) AS BIGINT)`;

/** What `localTime` made, as ISO 8601 text. */
export function isoText(local: string, zone: string): string {
  const offset = fixedOffset(zone);
  return offset === undefined
    ? local
    : `replace(CAST(${local} AS VARCHAR), ' ', 'T') || '${offsetText(offset)}'`;
}

/** What `localTime` made, as what DuckDB writes as `2026-06-01 09:00:00`. */
export function plainTimeText(local: string, zone: string): string {
  return fixedOffset(zone) === undefined ? `replace(left(${local}, 19), 'T', ' ')` : local;
}

export const duckdbDialect: Dialect = {
  name: 'duckdb',
  rereads: true,
  value,
  inside,
  localTime,
  hour,
  quotient: (value, divisor) => sql`(${value} // ${divisor})`,
  series: (from, to, step) => sql`generate_series(${from}, ${to}, ${trusted(String(step))})`,
  readAgain: sql`NOT MATERIALIZED`,
  kept: sql`MATERIALIZED`,
  path: identifier(PATH_COLUMN),
  pathKey: sql`hash(${identifier(PATH_COLUMN)})`,
  delivered,
};
