import type { Field } from '../flowlog/fields.js';
import { protocolNumbers } from '../flowlog/protocols.js';
import { NESTED, type ParquetColumn } from '../logs/parquet-column.js';
import { quotedName, quotedText } from '../sql/sql.js';
import { canonicalAddress } from './canonical-address.js';
import { literalPath, TYPES } from './read-csv.js';

/**
 * The records of Parquet files that others wrote, as a relation: each field with its type, NULL where it is absent or cannot be
 * read, and beside it what the file has ({@link rawName}), NULL where it is absent.
 *
 * @param pathColumn name of a column with the path of each record's file
 */
export function parquetRecords(
  paths: readonly string[],
  columns: readonly ParquetColumn[],
  pathColumn?: string,
): string {
  const path = pathColumn === undefined ? [] : [quotedName(pathColumn)];
  const option = pathColumn === undefined ? [] : [`filename = ${quotedText(pathColumn)}`];
  const files = `[${paths.map(literalPath).join(', ')}]`;
  const read = `read_parquet(${[files, 'hive_partitioning = false', ...option].join(', ')})`;
  const raw = columns.map((column) => `${present(column)} AS ${rawName(column)}`);
  const values = columns.map((column) => {
    const value = fieldValue(column.field, rawName(column), kindOf(column));
    return `CAST(${value} AS ${TYPES[column.field.type]}) AS ${quotedName(column.field.column)}`;
  });
  return `(SELECT *, ${values.join(', ')} FROM (SELECT ${[...raw, ...path].join(', ')} FROM ${read}))`;
}

/** {@link parquetRecords} without those that cannot be read, where there are such. */
export function readableRecords(
  paths: readonly string[],
  columns: readonly ParquetColumn[],
  malformed: boolean,
  pathColumn?: string,
): string {
  const records = parquetRecords(paths, columns, pathColumn);
  const conditions = malformed ? malformedWhere(columns).map(({ sql }) => sql) : [];
  if (conditions.length === 0) return records;
  // An absent value makes no record malformed.
  return `${records} WHERE (${conditions.join(' OR ')}) IS NOT TRUE`;
}

/** Conditions on {@link parquetRecords} that a record meets which cannot be read, by the column to blame. */
export function malformedWhere(
  columns: readonly ParquetColumn[],
): Array<{ column: ParquetColumn; sql: string }> {
  const conditions = columns.filter(mayBeMalformed).map((column) => ({
    column,
    sql: `(${rawName(column)} IS NOT NULL AND ${quotedName(column.field.column)} IS NULL)`,
  }));
  const end = columns.find(({ field }) => field.column === 'end');
  const start = columns.some(({ field }) => field.column === 'start');
  return start && end ? [...conditions, { column: end, sql: '("end" < "start")' }] : conditions;
}

/** What the file itself has for a field. */
export const rawName = ({ field }: ParquetColumn) => quotedName(`in the file: ${field.column}`);

type Kind = 'integer' | 'float' | 'decimal' | 'moment' | 'text' | 'blob' | 'null' | 'other';

const KINDS: ReadonlyArray<readonly [type: RegExp, kind: Kind]> = [
  [/^U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?$/, 'integer'],
  [/^(?:FLOAT|DOUBLE)$/, 'float'],
  [/^DECIMAL/, 'decimal'],
  [/^(?:TIMESTAMP|DATE$)/, 'moment'],
  [/^BLOB$/, 'blob'],
  [/^"?NULL"?$/, 'null'],
  [/^(?:VARCHAR|ENUM|UUID|JSON|BOOLEAN)/, 'text'],
];

const kindOf = ({ name, type }: ParquetColumn): Kind =>
  name === undefined ? 'text' : (KINDS.find(([pattern]) => pattern.test(type))?.[1] ?? 'other');

/** What other tools write for an absent value. */
const ABSENT = ['', '-', 'none', 'null', 'nan', 'nat', '<na>', '__hive_default_partition__'];

function present(column: ParquetColumn): string {
  if (column.name === undefined) return presentText(quotedText(column.type));
  const name = quotedName(column.name);
  switch (kindOf(column)) {
    case 'null':
      return 'CAST(NULL AS VARCHAR)';
    case 'text':
      return presentText(`CAST(${name} AS VARCHAR)`);
    case 'blob':
      return presentText(`coalesce(TRY(decode(${name})), hex(${name}))`);
    case 'float':
      return `CASE WHEN isnan(${name}) THEN NULL ELSE ${name} END`;
    // Text, as numbers that are written out: no cast of it can fail.
    case 'decimal':
      return `CAST(${name} AS VARCHAR)`;
    case 'other':
      return column.type === NESTED
        ? `CASE WHEN ${name} IS NULL THEN NULL ELSE 'nested' END`
        : `CAST(${name} AS VARCHAR)`;
    default:
      return name;
  }
}

const presentText = (text: string) =>
  `CASE WHEN lower(trim(${text})) IN (${ABSENT.map(quotedText).join(', ')}) THEN NULL ELSE trim(${text}) END`;

const ADDRESSES = new Set(['srcaddr', 'dstaddr', 'pkt_srcaddr', 'pkt_dstaddr']);
const WORDS: Readonly<Record<string, readonly string[]>> = {
  action: ['ACCEPT', 'REJECT'],
  log_status: ['OK', 'NODATA', 'SKIPDATA'],
};

const mayBeMalformed = (column: ParquetColumn) =>
  column.field.type !== 'text' ||
  kindOf(column) === 'other' ||
  ADDRESSES.has(column.field.column) ||
  column.field.column in WORDS;

/** The field from what the file has, which is there; NULL where it cannot be such a field. */
function fieldValue({ column, type }: Field, raw: string, kind: Kind): string {
  if (kind === 'null' || kind === 'other') return 'NULL';
  if (column === 'start' || column === 'end') return seconds(raw, kind);
  const text = kind === 'text' || kind === 'blob' ? raw : `CAST(${raw} AS VARCHAR)`;
  if (ADDRESSES.has(column)) return canonicalAddress(text);
  const words = WORDS[column];
  if (words) return oneOf(text, words);
  if (column === 'protocol' && text === raw) return protocol(raw);
  if (type !== 'text') return limited(whole(raw, kind), column, type);
  // Account ids are digits, of which numbers lose the leading zeros.
  if (column === 'account_id' && text !== raw) return `lpad(CAST(${whole(raw, kind)} AS VARCHAR), 12, '0')`;
  return text;
}

function oneOf(text: string, words: readonly string[]): string {
  const upper = `upper(${text})`;
  return `CASE WHEN ${upper} IN (${words.map(quotedText).join(', ')}) THEN ${upper} END`;
}

/** A whole number that is not negative. */
function whole(raw: string, kind: Kind): string {
  switch (kind) {
    case 'integer':
      return `TRY_CAST(${raw} AS BIGINT)`;
    case 'float':
      return `CASE WHEN ${raw} = trunc(${raw}) THEN TRY_CAST(${raw} AS BIGINT) END`;
    case 'moment':
      return 'CAST(NULL AS BIGINT)';
    default:
      // `443.0` is what a column of floats becomes as text.
      return `CASE WHEN regexp_full_match(${raw}, '[0-9]{1,19}(\\.0*)?') THEN TRY_CAST(split_part(${raw}, '.', 1) AS BIGINT) END`;
  }
}

function limited(number: string, column: string, type: Field['type']): string {
  const most = /^(?:src|dst)port$/.test(column)
    ? '65535'
    : type === 'integer'
      ? '2147483647'
      : '9223372036854775807';
  return `CASE WHEN ${number} BETWEEN 0 AND ${most} THEN ${number} END`;
}

function protocol(raw: string): string {
  const names = [...protocolNumbers()].map(([name, number]) => `WHEN ${quotedText(name)} THEN ${number}`);
  return `CASE lower(${raw}) ${names.join(' ')} ELSE ${limited(whole(raw, 'text'), 'protocol', 'integer')} END`;
}

/** The first second of the year 10000. */
const END_OF_TIME = 253_402_300_800;
/** Seconds come to this in the year 5138; what is larger is in milliseconds, microseconds or nanoseconds. */
const MOST_SECONDS = 100_000_000_000;

/** Unix seconds from a moment or a number of any unit, from 1970 to 9999. */
function seconds(raw: string, kind: Kind): string {
  const moment = (value: string) => `TRY(epoch_us(${value}))`;
  const micro = (value: string) => `CASE WHEN ${value} >= 0 THEN ${value} // 1000000 END`;
  const inTime = (value: string) => `CASE WHEN ${value} BETWEEN 0 AND ${END_OF_TIME - 1} THEN ${value} END`;
  const scaled = (value: string) =>
    `CASE WHEN ${value} > ${MOST_SECONDS}000000 THEN ${value} // 1000000000 WHEN ${value} > ${MOST_SECONDS}000 THEN ${value} // 1000000 ` +
    `WHEN ${value} > ${MOST_SECONDS} THEN ${value} // 1000 ELSE ${value} END`;
  switch (kind) {
    case 'moment':
      return inTime(micro(moment(raw)));
    case 'float':
      return inTime(scaled(`TRY_CAST(floor(${raw}) AS BIGINT)`));
    case 'integer':
      return inTime(scaled(whole(raw, kind)));
    default: {
      const digits = `TRY_CAST(split_part(${raw}, '.', 1) AS BIGINT)`;
      // A timestamp without zone would ignore an offset; one with a zone would take the zone of this machine for UTC.
      const zoned = `regexp_matches(${raw}, ':[0-9.,]+ ?[A-Za-z+-]')`;
      const written = moment(
        `CASE WHEN ${zoned} THEN TRY_CAST(${raw} AS TIMESTAMPTZ) ELSE timezone('UTC', TRY_CAST(${raw} AS TIMESTAMP)) END`,
      );
      return inTime(
        `CASE WHEN regexp_full_match(${raw}, '[0-9]{1,19}(\\.[0-9]*)?') THEN ${scaled(digits)} ` +
          `WHEN regexp_matches(${raw}, '^[0-9]{4}-[0-9]') THEN ${micro(written)} END`,
      );
    }
  }
}
