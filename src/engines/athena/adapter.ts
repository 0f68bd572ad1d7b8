import { hasNoColumns, type TableInfo } from '../../athena/table-info.js';
import { FlowlogError, UsageError } from '../../errors.js';
import { fieldByName, isOwnName } from '../../flowlog/field-names.js';
import { type FieldSet, fieldOf, fieldSet, findField } from '../../flowlog/fields.js';
import { isDelivered } from '../../flowlog/partitions.js';
import { DELIVERY_SLACK } from '../../flowlog/s3-layout.js';
import type { StoredField } from '../../sql/athena.js';
import { quotedName, type Sql, sql, trusted } from '../../sql/sql.js';
import type { TimeRange } from '../../time/range.js';
import { converted, type Held, isScalar } from './held-field.js';
import { heldAt, isSecurityLake, securityLakeFields } from './ocsf.js';

/** What stands behind FROM so that it has the fields of flow logs, with their types, whatever the table keeps. */
export interface AdaptedTable {
  readonly fields: FieldSet;
  readonly stored: ReadonlyMap<string, StoredField>;
  readonly from: Sql;
  readonly where: readonly Sql[];
  /** Whether its rows know the files of AWS that they come from. */
  readonly hasPaths: boolean;
}

export interface Adapting {
  /** As users write it. */
  readonly label: string;
  /** As it stands behind FROM. */
  readonly table: Sql;
  /** Columns by the fields that they hold, as the user says. */
  readonly columns: ReadonlyMap<string, string>;
  readonly range: TimeRange;
  /** Conditions on partition keys. */
  readonly pruning: readonly Sql[];
}

/** A table or view that others may have made, as a table of flow logs. Those of AWS and of flowlog are asked as they are. */
export function adaptTable(info: TableInfo, adapting: Adapting): AdaptedTable {
  const held = heldFields(info, adapting);
  const { range, pruning, table } = adapting;
  // Security Lake writes times of its own.
  const delivered = isDelivered(info.properties) === true && !isSecurityLake(info.columns);
  const fields = [...held.keys()].map(fieldOf);
  const made = new Map(fields.map((field) => [field, converted(field, held.get(field.column)!, delivered)]));
  const isPlain = [...made.values()].every(({ sql: text }) => /^"(?:[^"]|"")*"$/.test(text));
  const hasPaths = !isView(info) && info.properties.get('table_type')?.toUpperCase() !== 'ICEBERG';
  const set = fieldSet(fields);
  if (isPlain && hasPaths) {
    const stored = [...made].map(([{ column }, { sql: name, type }]) => {
      const unquoted = name.slice(1, -1).replaceAll('""', '"');
      return [column, { column: unquoted, type }] as const;
    });
    return { fields: set, stored: new Map(stored), from: table, where: pruning, hasPaths };
  }
  const shown = [...made].map(([{ column }, { sql: text }]) => {
    const name = quotedName(column);
    return text === name ? name : `${text} AS ${name}`;
  });
  // A view has no files, and those of an Iceberg table are not the ones that AWS delivered.
  shown.push(hasPaths ? '"$path"' : 'CAST(NULL AS varchar) AS "$path"');
  const conditions = [...pruning, ...rawRange(info, held, range, delivered)];
  const where = conditions.map(({ sql: text }) => text).join('\n    AND ');
  return {
    fields: set,
    stored: new Map(fields.map(({ column }) => [column, { column, type: made.get(set.get(column)!)!.type }])),
    from: sql`(\n  SELECT\n    ${trusted(shown.join(',\n    '))}\n  FROM ${table}${trusted(where === '' ? '' : `\n  WHERE ${where}`)}\n) AS logs`,
    where: [],
    hasPaths,
  };
}

export const isView = ({ type, properties }: TableInfo) =>
  type === 'VIRTUAL_VIEW' || properties.get('presto_view') === 'true';

/** Where the table keeps each field. What the user says counts first, then a field's own name, then what others call it. */
function heldFields(info: TableInfo, { label, columns: said }: Adapting): Map<string, Held> {
  const all = [...info.columns, ...info.partitionKeys];
  const held = new Map<string, Held>();
  const take = (field: string, found: Held) => {
    if (!held.has(field)) held.set(field, found);
  };
  for (const [field, path] of said) {
    const found = heldAt(all, path);
    if (!found) {
      throw new UsageError(
        `${label} has no column ${path} (--column ${field}=${path}).`,
        `Its columns are ${all.map(({ name }) => name).join(', ')}.`,
      );
    }
    take(field, found);
  }
  if (isSecurityLake(info.columns)) {
    for (const [field, found] of securityLakeFields(all)) take(field, found);
  } else {
    const scalars = info.columns.filter(({ type }) => isScalar(type));
    const taken = new Set(said.values());
    const free = scalars.filter(({ name }) => !taken.has(name));
    const column = ({ name, type }: (typeof free)[number]): Held => ({ sql: quotedName(name), type });
    for (const each of free) if (isOwnName(each.name)) take(findField(each.name)!.column, column(each));
    for (const each of free) {
      const field = fieldByName(each.name);
      if (!isOwnName(each.name)) take(field?.column ?? fieldOf(each.name).column, column(each));
    }
    // As in AWS's own definitions, which move `region` there.
    for (const key of info.partitionKeys) {
      const field = findField(key.name);
      if (field && isScalar(key.type)) take(field.column, column(key));
    }
  }
  const missing = ['srcaddr', 'dstaddr', 'start'].filter((field) => !held.has(field));
  if (missing.length > 0) throw notFlowLogs(info, label, missing);
  return held;
}

/** What a version-2 record has, for tables whose columns have no names. */
const DEFAULT = [
  'version',
  'account_id',
  'interface_id',
  'srcaddr',
  'dstaddr',
  'srcport',
  'dstport',
  'protocol',
].concat(['packets', 'bytes', 'start', 'end', 'action', 'log_status']);

function notFlowLogs(info: TableInfo, label: string, missing: readonly string[]): FlowlogError {
  if (hasNoColumns(info)) {
    return new FlowlogError(
      `Table ${label} has no columns.`,
      "Check --database and --table; 'flowlog create-table --if-exists replace' creates the table again.",
    );
  }
  const names = info.columns.map(({ name }) => name);
  if (names.length > 0 && names.every((name) => /^_?col_?\d+$/.test(name))) {
    const example = DEFAULT.slice(0, names.length).map((field, i) => `${field}=${names[i]}`);
    return new FlowlogError(
      `The columns of ${label} have no names (${names[0]} to ${names.at(-1)}), so flowlog cannot tell what they hold.`,
      `Name them in the order of the log format. For the default format: --column ${example.join(',')}`,
    );
  }
  if (names.some((name) => /^@?message$/.test(name))) {
    return new FlowlogError(
      `${label} keeps whole records as text in one column, which flowlog does not read on Athena.`,
      `Its columns are ${names.join(', ')}. Name a table or view with a column for each field.`,
    );
  }
  return new FlowlogError(
    `${label} is not a table of flow logs: no column for ${missing.join(', ')}.`,
    `Its columns are ${names.join(', ')}. If some of them hold these fields, say which: --column ${missing[0]}=NAME.`,
  );
}

/** The range on the column itself, where statistics of files can tell that they need not be read. */
function rawRange(
  info: TableInfo,
  held: ReadonlyMap<string, Held>,
  { since, until }: TimeRange,
  delivered: boolean,
): Sql[] {
  if (since === undefined && until === undefined) return [];
  const { sql: start, type } = held.get('start')!;
  const conditions: Sql[] = [];
  if (type === 'bigint' && !delivered) {
    const seconds = bounds(start, since, until, String);
    const milliseconds = bounds(start, since, until, (at) => `${at}000`);
    conditions.push(trusted(`(${seconds} OR ${milliseconds})`));
  } else if (type.startsWith('timestamp')) {
    conditions.push(trusted(bounds(start, since, until, (at) => timestamp(at, type))));
  }
  // Security Lake's tables are laid out by this column, the time of the event: from the start of a record to its delivery.
  const time = info.columns.find(({ name }) => name === 'time_dt');
  if (isSecurityLake(info.columns) && time?.type.startsWith('timestamp')) {
    const later = until === undefined ? undefined : until + DELIVERY_SLACK;
    conditions.push(trusted(bounds('"time_dt"', since, later, (at) => timestamp(at, time.type))));
  }
  return conditions;
}

function bounds(
  name: string,
  since: number | undefined,
  until: number | undefined,
  literal: (unixSeconds: number) => string,
): string {
  const [from, to] = [since, until].map((at) => (at === undefined ? undefined : literal(at)));
  return [...(from ? [`${name} >= ${from}`] : []), ...(to ? [`${name} < ${to}`] : [])].join(' AND ');
}

function timestamp(unixSeconds: number, type: string): string {
  const text = new Date(unixSeconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return `TIMESTAMP '${text}${type.includes('with time zone') ? ' UTC' : ''}'`;
}
