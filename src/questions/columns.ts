import { UsageError } from '../errors.js';
import { columnOf, type Field, type FieldSet, findField } from '../flowlog/fields.js';
import { protocolName } from '../flowlog/protocols.js';
import type { Column } from '../result.js';
import type { Dialect } from '../sql/dialect.js';
import { identifier, type Sql, sql } from '../sql/sql.js';

/** A column of an answer: how it is computed for a record, and what it sorts by. */
export interface RecordColumn {
  readonly column: Column;
  readonly value: Sql;
  readonly order: Sql;
}

/** Times in the zone, which records hold as Unix seconds only. */
const LOCAL_TIMES: ReadonlyMap<string, string> = new Map([
  ['start_time', 'start'],
  ['end_time', 'end'],
]);

export function columnNames(fields: FieldSet): string[] {
  return [...LOCAL_TIMES.keys(), ...fields.keys()];
}

/** The field, or an error that says what to do about its absence. */
export function requireField(name: string, fields: FieldSet, purpose: string): Field {
  const field = fields.get(columnOf(name));
  if (field) return field;
  const known = findField(name);
  if (!known) {
    throw new UsageError(`'${name}' is not a column.`, `The columns are ${columnNames(fields).join(', ')}.`);
  }
  throw new UsageError(
    `These logs do not record ${known.name}, which ${purpose} needs.`,
    `It is a field of flow log version ${known.version}: create a flow log whose format includes \${${known.name}}.`,
  );
}

function typeOf(field: Field): Column['type'] {
  if (field.type === 'text') return 'text';
  return field.column === 'bytes' ? 'bytes' : 'integer';
}

const ADDRESSES: ReadonlySet<string> = new Set(['srcaddr', 'dstaddr', 'pkt_srcaddr', 'pkt_dstaddr']);

/** The output column of a field; a protocol number is labelled with its name, and addresses are known as such. */
export function fieldColumn(field: Field): Column {
  const column: Column = { name: field.column, type: typeOf(field) };
  if (ADDRESSES.has(field.column)) return { ...column, address: true };
  return field.column === 'protocol' ? labelled(column) : column;
}

/** A column of protocol numbers, which people read as names. */
export const labelled = (column: Column): Column => ({
  ...column,
  label: (value) => protocolName(Number(value)),
});

/**
 * The column of that name: a field of the record, or `start_time` or `end_time` in the zone.
 *
 * @throws UsageError when there is none, or the logs do not record it
 */
export function recordColumn(name: string, fields: FieldSet, dialect: Dialect, zone: string): RecordColumn {
  const key = columnOf(name);
  const timed = LOCAL_TIMES.get(key);
  if (timed !== undefined) {
    const field = requireField(timed, fields, `column ${key}`);
    const epoch = dialect.value(field);
    const column: Column = { name: key, type: 'time', zone };
    return { column, value: dialect.localTime(epoch, zone), order: epoch };
  }
  const field = requireField(name, fields, `column ${key}`);
  const value = dialect.value(field);
  return { column: fieldColumn(field), value, order: value };
}

/** `value AS "name"`, or the name alone where that is the value. */
export function aliased(value: Sql, name: string): Sql {
  const alias = identifier(name);
  return value.sql === alias.sql ? alias : sql`${value} AS ${alias}`;
}
