import type { ColumnDefinition, CreateTable, Ddl } from '../aws/hive-ddl.js';

/** What Trino has no equal for, or nobody has looked at: better refused than guessed. */
export class NotTranslated extends Error {}

const TYPES: Readonly<Record<string, string>> = { string: 'varchar', int: 'integer', bigint: 'bigint' };

const name = (text: string) => `"${text.replaceAll('"', '""')}"`;
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
const list = (texts: readonly string[]) => `ARRAY[${texts.map(literal).join(', ')}]`;

/** The statements of Trino that do what one of Hive does. */
export function trinoStatements(ddl: Ddl): string[] {
  switch (ddl.kind) {
    case 'create database':
      return [`CREATE SCHEMA IF NOT EXISTS ${name(ddl.database)}`];
    case 'drop table':
      return [`DROP TABLE IF EXISTS ${name(ddl.name.database)}.${name(ddl.name.table)}`];
    case 'repair table':
      return [
        `CALL awsdatacatalog.system.sync_partition_metadata(${literal(ddl.name.database)}, ${literal(ddl.name.table)}, 'FULL')`,
      ];
    case 'set properties':
      throw new NotTranslated('ALTER TABLE … SET TBLPROPERTIES');
    case 'create table':
      return [createTable(ddl)];
  }
}

function createTable(ddl: CreateTable): string {
  const left = new Map(Object.entries(ddl.properties));
  const take = (key: string): string | undefined => {
    const value = left.get(key);
    left.delete(key);
    return value;
  };
  const options = [
    `external_location = ${literal(ddl.location)}`,
    ...(ddl.format === 'parquet'
      ? [`format = 'PARQUET'`]
      : [`format = 'TEXTFILE'`, `textfile_field_separator = ' '`]),
  ];
  const header = take('skip.header.line.count');
  if (header !== undefined) options.push(`skip_header_line_count = ${Number(header)}`);
  const projected = take('projection.enabled');
  if (projected !== undefined && projected !== 'true')
    throw new NotTranslated(`projection.enabled ${projected}`);
  const columns = ddl.columns.map((column) => `${name(column.Name)} ${typeOf(column)}`);
  for (const key of ddl.partitionKeys) {
    const projection = projected ? ` WITH (${projectionOf(key, take)})` : '';
    columns.push(`${name(key.Name)} ${typeOf(key)}${projection}`);
  }
  if (ddl.partitionKeys.length > 0)
    options.push(`partitioned_by = ${list(ddl.partitionKeys.map(({ Name }) => Name))}`);
  if (projected) {
    const template = take('storage.location.template');
    if (template === undefined) throw new NotTranslated('projection without storage.location.template');
    options.push(
      'partition_projection_enabled = true',
      `partition_projection_location_template = ${literal(template)}`,
    );
  }
  if (left.size > 0) throw new NotTranslated(`table properties ${[...left.keys()].join(', ')}`);
  const exists = ddl.ifNotExists ? 'IF NOT EXISTS ' : '';
  const table = `${name(ddl.name.database)}.${name(ddl.name.table)}`;
  return `CREATE TABLE ${exists}${table} (\n${columns.join(',\n')}\n)\nWITH (\n${options.join(',\n')}\n)`;
}

function typeOf({ Name, Type }: ColumnDefinition): string {
  const type = TYPES[Type.toLowerCase()];
  if (type === undefined) throw new NotTranslated(`${Name} ${Type}`);
  return type;
}

function projectionOf({ Name }: ColumnDefinition, take: (key: string) => string | undefined): string {
  const of = (property: string) => take(`projection.${Name}.${property}`);
  const needed = (property: string) => {
    const value = of(property);
    if (value === undefined) throw new NotTranslated(`no projection.${Name}.${property}`);
    return value;
  };
  const range = (text: string) =>
    `partition_projection_range = ${list(text.split(',').map((end) => end.trim()))}`;
  const type = needed('type');
  switch (type) {
    case 'enum':
      return `partition_projection_type = 'ENUM', partition_projection_values = ${list(needed('values').split(','))}`;
    case 'integer':
      return `partition_projection_type = 'INTEGER', ${range(needed('range'))}, partition_projection_digits = ${Number(needed('digits'))}`;
    case 'date': {
      const [format, interval, unit] = [
        needed('format'),
        Number(needed('interval')),
        needed('interval.unit'),
      ];
      if (unit === 'YEARS') return years(format, needed('range'), interval);
      return [
        `partition_projection_type = 'DATE', ${range(needed('range'))}`,
        `partition_projection_format = ${literal(format)}`,
        `partition_projection_interval = ${interval}, partition_projection_interval_unit = ${literal(unit)}`,
      ].join(', ');
    }
    default:
      throw new NotTranslated(`projection.${Name}.type ${type}`);
  }
}

/** Trino projects no steps of years: the same values, counted. */
function years(format: string, range: string, interval: number): string {
  const [from, to] = range.split(',');
  if (format !== 'yyyy' || interval !== 1 || to !== 'NOW' || !/^\d{4}$/.test(from!))
    throw new NotTranslated(`years as ${format} ${range} ${interval}`);
  const last = String(new Date().getUTCFullYear());
  return `partition_projection_type = 'INTEGER', partition_projection_range = ${list([from!, last])}, partition_projection_digits = 4`;
}
