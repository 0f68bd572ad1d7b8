import { UsageError } from '../errors.js';
import type { Field, FieldType } from './fields.js';
import { type FileFormat, type Layout, ORGANISATION } from './s3-layout.js';
import { parseLocation, type S3Location } from './s3-place.js';

export { parseLocation, type S3Location } from './s3-place.js';

/** How a table finds the folders of a day: computed from its properties, registered in the catalog, or not at all. */
export const PARTITIONINGS = ['projection', 'hive', 'none'] as const;
export type Partitioning = (typeof PARTITIONINGS)[number];

/** How a projected table knows its accounts: by a list (a few dozen at most), or from the question. */
export const ACCOUNT_KEYS = ['enum', 'injected'] as const;
export type AccountKey = (typeof ACCOUNT_KEYS)[number];

/** Everything that a table definition follows from. */
export interface TableSpec {
  readonly database: string;
  readonly table: string;
  /** The folder in which `AWSLogs/` lies. */
  readonly location: S3Location;
  /** The level of an organisation below it, `o-…`, on which the accounts lie. */
  readonly organisation?: string | undefined;
  /** In the order of the log format: columns of a text table are positional. */
  readonly fields: readonly Field[];
  readonly format: FileFormat;
  readonly layout: Layout;
  readonly hourly: boolean;
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
  /** The first UTC day, `YYYY-MM-DD`. */
  readonly startDate: string;
  /** The last UTC day, `YYYY-MM-DD`; undefined for a table that goes on. */
  readonly endDate?: string | undefined;
  readonly partitions: Partitioning;
  /** Whether the table lists its accounts, or every question has to name one; an enumeration by default. */
  readonly accountKey?: AccountKey | undefined;
}

export interface TableColumn {
  readonly name: string;
  /** A Hive type, lower case. */
  readonly type: string;
}

/** A table as the catalog keeps it. */
export interface TableDefinition {
  readonly columns: readonly TableColumn[];
  readonly partitionKeys: readonly TableColumn[];
  readonly format: FileFormat;
  readonly location: string;
  readonly properties: ReadonlyMap<string, string>;
}

/**
 * Hive types that fit text files and Parquet files alike. AWS's own definitions have protocol as bigint, but Parquet
 * files hold INT_32, which reads as bigint in partitioned tables only.
 */
const HIVE_TYPES: Readonly<Record<FieldType, string>> = { text: 'string', integer: 'int', bigint: 'bigint' };

/** The catalog's view of the table. Partition keys are strings: those are pruned in the metastore. */
export function tableDefinition(spec: TableSpec): TableDefinition {
  const level = spec.organisation === undefined ? '' : `${spec.organisation}/`;
  const base = `s3://${spec.location.bucket}/${spec.location.prefix}AWSLogs/${level}`;
  const columns = spec.fields.map(({ column, type }) => ({ name: column, type: HIVE_TYPES[type] }));
  const header = spec.format === 'text' ? [['skip.header.line.count', '1'] as const] : [];
  const { keys, properties, location } = partitioning(spec, base);
  return {
    columns,
    partitionKeys: keys.map((name) => ({ name, type: 'string' })),
    format: spec.format,
    location,
    properties: new Map([...header, ...properties]),
  };
}

interface Partitions {
  readonly keys: readonly string[];
  readonly properties: ReadonlyArray<readonly [string, string]>;
  readonly location: string;
}

function partitioning(spec: TableSpec, base: string): Partitions {
  switch (spec.partitions) {
    case 'projection':
      return projection(spec, base);
    case 'hive':
      if (spec.layout !== 'hive') {
        throw new UsageError(
          '--partitions hive needs logs with Hive-compatible keys (…/year=2026/month=06/…), and these are plain.',
          'Use --partitions projection, which fits both.',
        );
      }
      return {
        // The names in the keys: MSCK REPAIR TABLE finds partitions by them.
        keys: [
          'aws-account-id',
          'aws-service',
          'aws-region',
          ...['year', 'month', 'day'],
          ...(spec.hourly ? ['hour'] : []),
        ],
        properties: [],
        location: base,
      };
    case 'none':
      if (spec.accounts.length !== 1 || spec.regions.length !== 1) {
        throw new UsageError(
          '--partitions none needs one account and one region: other logs of AWS lie beside them under AWSLogs/.',
          'Name them with --account and --aws-region, or use --partitions projection.',
        );
      }
      return {
        keys: [],
        properties: [],
        location: base + regionFolder(spec, spec.accounts[0]!, spec.regions[0]!),
      };
  }
}

function regionFolder({ layout }: TableSpec, account: string, region: string): string {
  return layout === 'hive'
    ? `aws-account-id=${account}/aws-service=vpcflowlogs/aws-region=${region}/`
    : `${account}/vpcflowlogs/${region}/`;
}

/**
 * Partition projection. The keys begin with `log_`, so that none clashes with a field such as `region`. Hourly plain folders
 * are one key of date and hour, for which a range of time is one comparison.
 */
function projection(spec: TableSpec, base: string): Partitions {
  const enumerated = (key: string, values: readonly string[]): Projected => ({
    key,
    properties: { type: 'enum', values: values.join(',') },
  });
  const start = spec.startDate.replaceAll('-', '/');
  const end = spec.endDate?.replaceAll('-', '/');
  const dated = (key: string, format: string, from: string, to: string, unit: string): Projected => ({
    key,
    properties: { type: 'date', format, range: `${from},${to}`, interval: '1', 'interval.unit': unit },
  });
  const counted = (key: string, range: string): Projected => ({
    key,
    properties: { type: 'integer', range, digits: '2' },
  });
  const time =
    spec.layout === 'plain'
      ? spec.hourly
        ? [dated('log_hour', 'yyyy/MM/dd/HH', `${start}/00`, end ? `${end}/23` : 'NOW', 'HOURS')]
        : [dated('log_day', 'yyyy/MM/dd', start, end ?? 'NOW', 'DAYS')]
      : [
          dated('log_year', 'yyyy', start.slice(0, 4), end?.slice(0, 4) ?? 'NOW', 'YEARS'),
          counted('log_month', '01,12'),
          counted('log_day', '01,31'),
          ...(spec.hourly ? [counted('log_hour', '00,23')] : []),
        ];
  const account: Projected =
    spec.accountKey === 'injected'
      ? { key: 'log_account', properties: { type: 'injected' } }
      : enumerated('log_account', spec.accounts);
  const keys = [account, enumerated('log_region', spec.regions), ...time];
  const placed = time.map(({ key }) =>
    spec.layout === 'hive' ? `${key.slice(4)}=\${${key}}` : `\${${key}}`,
  );
  const template = `${base}${regionFolder(spec, '${log_account}', '${log_region}')}${placed.join('/')}/`;
  return {
    keys: keys.map(({ key }) => key),
    properties: [
      ['projection.enabled', 'true'],
      ...keys.flatMap(({ key, properties }) =>
        Object.entries(properties).map(([name, value]) => [`projection.${key}.${name}`, value] as const),
      ),
      ['storage.location.template', template],
    ],
    location: base,
  };
}

interface Projected {
  readonly key: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** A name as DDL has it: Athena reads DDL with Hive's grammar, which quotes names with backticks. */
export const hiveName = (name: string) => `\`${name.replaceAll('`', '``')}\``;
const hiveText = (text: string) => `'${text}'`;

/** The statements that make the table, in order. Each is sent by itself. */
export function createStatements(spec: TableSpec): string[] {
  checkSpec(spec);
  const definition = tableDefinition(spec);
  const name = `${hiveName(spec.database)}.${hiveName(spec.table)}`;
  const declared = ({ name: column, type }: TableColumn) => `  ${hiveName(column)} ${type}`;
  const partitioned = definition.partitionKeys.length > 0;
  const lines = [
    `CREATE EXTERNAL TABLE IF NOT EXISTS ${name} (\n${definition.columns.map(declared).join(',\n')}\n)`,
    ...(partitioned ? [`PARTITIONED BY (\n${definition.partitionKeys.map(declared).join(',\n')}\n)`] : []),
    definition.format === 'text'
      ? "ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '\nSTORED AS TEXTFILE"
      : 'STORED AS PARQUET',
    `LOCATION ${hiveText(definition.location)}`,
  ];
  if (definition.properties.size > 0) {
    const properties = [...definition.properties].map(
      ([key, value]) => `  ${hiveText(key)}=${hiveText(value)}`,
    );
    lines.push(`TBLPROPERTIES (\n${properties.join(',\n')}\n)`);
  }
  const load = spec.partitions === 'hive' ? [`MSCK REPAIR TABLE ${name}`] : [];
  return [lines.join('\n'), ...load];
}

export function createDatabase(database: string): string {
  return `CREATE DATABASE IF NOT EXISTS ${hiveName(database)}`;
}

export function dropTable(database: string, table: string): string {
  return `DROP TABLE IF EXISTS ${hiveName(database)}.${hiveName(table)}`;
}

/**
 * The properties that make an existing table hold what the definition holds, too, where no more is needed: further
 * accounts and regions, and earlier days. Undefined where more differs, such as columns or the folders of a day.
 *
 * @param fixedStart whether the table must not begin earlier than the definition
 */
export function extension(
  wanted: TableDefinition,
  existing: Parameters<typeof differences>[1],
  fixedStart: boolean,
): ReadonlyMap<string, string> | undefined {
  const properties = new Map(wanted.properties);
  const after = new Map(existing.properties);
  const changed = new Map<string, string>();
  for (const [name, value] of wanted.properties) {
    const there = existing.properties.get(name);
    const union = there === undefined ? undefined : unionOf(name, there, value, fixedStart);
    if (union === undefined) continue;
    for (const each of [properties, after]) each.set(name, union);
    if (union !== there) changed.set(name, union);
  }
  const remain = differences({ ...wanted, properties }, { ...existing, properties: after });
  return remain.length === 0 ? changed : undefined;
}

/** A property that holds both values; undefined where there is none. */
function unionOf(name: string, there: string, wanted: string, fixedStart: boolean): string | undefined {
  if (/^projection\.log_(?:account|region)\.values$/.test(name)) {
    return [...new Set([...there.split(','), ...wanted.split(',')])].sort().join(',');
  }
  const [[from = '', to], [first = '', last]] = [there.split(','), wanted.split(',')];
  if (!/^projection\.log_(?:year|day|hour)\.range$/.test(name) || to !== last || to === undefined)
    return undefined;
  return from >= first ? wanted : fixedStart ? undefined : there;
}

export function alterTable({ database, table }: TableSpec, properties: ReadonlyMap<string, string>): string {
  const pairs = [...properties].map(([key, value]) => `  ${hiveText(key)}=${hiveText(value)}`);
  return `ALTER TABLE ${hiveName(database)}.${hiveName(table)} SET TBLPROPERTIES (\n${pairs.join(',\n')}\n)`;
}

/** Statements hold these values as literals, since DDL takes no parameters: anything that could end one is refused. */
function checkSpec(spec: TableSpec): void {
  checkNewName('table', spec.table);
  checkLocation(spec.location);
  for (const account of spec.accounts) checkAccount(account);
  for (const region of spec.regions) checkRegion(region);
  checkDate(spec.startDate);
  if (spec.organisation !== undefined && !ORGANISATION.test(spec.organisation)) {
    throw new UsageError(
      `'${spec.organisation}' is not the id of an organisation.`,
      'It looks like o-abc123def4.',
    );
  }
  if (spec.endDate === undefined) return;
  if (checkDate(spec.endDate) < spec.startDate) {
    throw new UsageError(
      `--end-date ${spec.endDate} is before ${spec.startDate}, the first day.`,
      'Use a later day.',
    );
  }
  if (spec.partitions !== 'projection') {
    throw new UsageError('--end-date requires --partitions projection.', 'Other tables have no last day.');
  }
  if (spec.layout === 'hive' && !spec.endDate.endsWith('-12-31')) {
    throw new UsageError(
      `--end-date ${spec.endDate}: a table over Hive-compatible keys can end only with a year.`,
      `Use --end-date ${spec.endDate.slice(0, 4)}-12-31, or query the logs without a table: --logs with --until.`,
    );
  }
}

/**
 * A name that Athena can create. Those that exist may have other characters: other tools create them (Athena User Guide,
 * "Name databases, tables, and columns").
 */
export function checkNewName(what: 'database' | 'table', name: string): string {
  if (/^[a-z0-9_]{1,255}$/.test(name)) return name;
  throw new UsageError(
    `Athena cannot create a ${what} named '${name}'.`,
    'A new name has letters, digits and underscores only, at most 255. Existing names may have other characters.',
  );
}

export function checkAccount(account: string): string {
  if (/^\d{12}$/.test(account)) return account;
  throw new UsageError(`'${account}' is not an account id.`, 'An account id has twelve digits.');
}

export function checkRegion(region: string): string {
  if (/^[a-z]{2,}(-[a-z0-9]+)+$/.test(region)) return region;
  throw new UsageError(`'${region}' is not an AWS region.`, 'Write a region code, such as ap-northeast-1.');
}

/** The partition of a region, as ARNs begin with it. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

export function checkDate(date: string): string {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(date) ? new Date(`${date}T00:00:00Z`) : undefined;
  if (time && !Number.isNaN(time.getTime()) && time.toISOString().startsWith(date)) return date;
  throw new UsageError(`'${date}' is not a date.`, 'Write the first UTC day as 2026-06-01.');
}

function checkLocation({ bucket, prefix }: S3Location): void {
  parseLocation(`s3://${bucket}/${prefix}`);
}

/** What an existing table has otherwise than the definition, a line each; empty when a question would be answered alike. */
export function differences(
  wanted: TableDefinition,
  existing: {
    readonly columns: readonly TableColumn[];
    readonly partitionKeys: readonly TableColumn[];
    readonly properties: ReadonlyMap<string, string>;
  },
): string[] {
  const lines: string[] = [];
  const compare = (what: string, there: string | undefined, here: string | undefined) => {
    if (there !== here) lines.push(`${what}: ${there ?? '(none)'}, would be ${here ?? '(none)'}`);
  };
  const list = (columns: readonly TableColumn[]) =>
    columns.map(({ name, type }) => `${name} ${type}`).join(', ') || undefined;
  const order = wanted.format === 'text' ? (c: readonly TableColumn[]) => c : byName;
  compare('columns', list(order(existing.columns)), list(order(wanted.columns)));
  compare('partition keys', list(existing.partitionKeys), list(wanted.partitionKeys));
  const location = existing.properties.get('location');
  if (location !== undefined) compare('location', slashed(location), wanted.location);
  const serde = existing.properties.get('serde.serialization.lib');
  if (serde !== undefined) compare('format', /parquet/i.test(serde) ? 'parquet' : 'text', wanted.format);
  const ours = /^(?:projection\.|storage\.location\.template$|skip\.header\.line\.count$)/;
  const names = new Set(
    [...existing.properties.keys(), ...wanted.properties.keys()].filter((n) => ours.test(n)),
  );
  for (const name of [...names].sort()) {
    // Harmless on Parquet, and in AWS's own definitions.
    if (name === 'skip.header.line.count' && wanted.format === 'parquet') continue;
    compare(name, existing.properties.get(name), wanted.properties.get(name));
  }
  return lines;
}

const byName = (columns: readonly TableColumn[]) => [...columns].sort((a, b) => (a.name < b.name ? -1 : 1));
const slashed = (location: string) => (location.endsWith('/') ? location : `${location}/`);
