import { UsageError } from '../errors.js';
import { columnOf, type Field, findField } from '../flowlog/fields.js';
import { protocolName } from '../flowlog/protocols.js';
import type { Column } from '../result.js';
import type { Source } from '../sql/query.js';
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

/** What a field is looked for in. */
type Recorded = Pick<Source, 'fields' | 'lacking'>;

export function columnNames(recorded: Recorded): string[] {
  const names = recordedNames(recorded);
  const times = [...LOCAL_TIMES].filter(([, field]) => names.includes(field));
  return [...times.map(([name]) => name), ...names];
}

const recordedNames = ({ fields, lacking }: Recorded) =>
  [...fields.keys()].filter((name) => !lacking?.has(name));

/** The field, or an error that says what to do about its absence, also where the answer usually does without it. */
export function recordedField(name: string, recorded: Recorded, purpose: string): Field {
  const known = new Map([...recorded.fields].filter(([column]) => !recorded.lacking?.has(column)));
  return requireField(name, { fields: known }, purpose);
}

/** The field, or an error that says what to do about its absence. */
export function requireField(name: string, recorded: Recorded, purpose: string): Field {
  const field = recorded.fields.get(columnOf(name));
  if (field) return field;
  const known = findField(name);
  if (!known) {
    throw new UsageError(
      `'${name}' is not a column.`,
      `The columns are ${columnNames(recorded).join(', ')}.`,
    );
  }
  throw new UsageError(
    `These logs do not record ${known.name}, which ${purpose} needs.`,
    `They record ${recordedNames(recorded).join(', ')}. Leave out what needs it, or ask another question. It is a field of flow log version ${known.version}: only a new flow log whose format includes \${${known.name}} records it.`,
  );
}

function typeOf(field: Field): Column['type'] {
  if (field.type === 'text') return 'text';
  return field.column === 'bytes' ? 'bytes' : 'integer';
}

/** The columns of addresses. */
export const ADDRESSES: ReadonlySet<string> = new Set(['srcaddr', 'dstaddr', 'pkt_srcaddr', 'pkt_dstaddr']);

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
export function recordColumn(name: string, source: Source, zone: string): RecordColumn {
  const { dialect, recorded = dialect.value } = source;
  const key = columnOf(name);
  const timed = LOCAL_TIMES.get(key);
  if (timed !== undefined) {
    const field = requireField(timed, source, `column ${key}`);
    const epoch = recorded(field);
    const column: Column = { name: key, type: 'time', zone };
    return { column, value: dialect.localTime(epoch, zone), order: epoch };
  }
  const field = requireField(name, source, `column ${key}`);
  const value = recorded(field);
  return { column: fieldColumn(field), value, order: value };
}

/** `value AS "name"`, or the name alone where that is the value. */
export function aliased(value: Sql, name: string): Sql {
  const alias = identifier(name);
  return value.sql === alias.sql ? alias : sql`${value} AS ${alias}`;
}
