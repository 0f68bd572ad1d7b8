import type { AthenaSettings } from '../../athena/settings.js';
import type { TableInfo } from '../../athena/table-info.js';
import { FlowlogError, UsageError } from '../../errors.js';
import { checkOwners, injectedKeys, type OwnerKey, ownerKeys } from '../../flowlog/owner-keys.js';
import { deliveryWindow, projectionOf, type TimeKeys, timeKeys } from '../../flowlog/partitions.js';
import { DELIVERY_SLACK } from '../../flowlog/s3-layout.js';
import { kindOf, TRANSIT_GATEWAY_VERSION } from '../../flowlog/transit-gateway.js';
import { athenaDialect } from '../../sql/athena.js';
import { equalsAny, partitionCondition, valuesBetween } from '../../sql/partitions.js';
import type { Source } from '../../sql/query.js';
import { identifier, type Sql, sql, trusted } from '../../sql/sql.js';
import type { TimeRange } from '../../time/range.js';
import { adaptTable } from './adapter.js';
import { queriedColumns } from './queried-columns.js';

/** A table of the catalog as something to ask, and what is known of its partitions. */
export interface TableSource {
  readonly source: Source;
  readonly info: TableInfo;
  readonly times: TimeKeys;
  /** Between which times of delivery records of the range can lie (Unix seconds, both included; undefined is open). */
  readonly window: { readonly from: number | undefined; readonly to: number | undefined };
  readonly owners: readonly OwnerKey[];
  readonly hasPaths: boolean;
}

/** Makes a source of a table, so that no more of it is read than the range, the accounts and the regions need. */
export async function tableSource(
  settings: AthenaSettings,
  given: TableInfo,
  range: TimeRange,
): Promise<TableSource> {
  const { database, table, accounts, regions, columns, now } = settings;
  const label = `${database}.${table}`;
  const info = given.columns.length > 0 ? given : await withColumns(settings, given, label);
  checkTimeKeys(settings.timeKeys, info, label);
  const all = [...info.partitionKeys, ...info.columns.filter(({ name }) => settings.timeKeys.has(name))];
  const times = timeKeys(all, info.properties, now(), settings.timeKeys);
  const projection = projectionOf(info.properties);
  const owners = ownerKeys(info.partitionKeys, projection);
  const window = deliveryWindow(range, slackOf(times.slack, settings.late));
  const { from, to } = window;
  const injected = injectedKeys(info.partitionKeys, projection);
  const time = times.keys.find(({ name }) => injected.includes(name));
  const condition = time ? valuesBetween(time, from, to) : partitionCondition(times.keys, from, to);
  if (time && !condition) {
    throw new UsageError(
      `Athena reads ${label} only for given values of ${time.name}, which is injected: at most 1,000 of them.`,
      'Give a range of time with --since and --until.',
    );
  }
  const pruning: Sql[] = condition ? [condition] : [];
  const wanted = { account: accounts, region: regions };
  for (const key of owners) {
    const values = wanted[key.kind];
    checkOwners(key, values, label);
    if (values) pruning.push(equalsAny(key, values));
  }
  const unknown = injected.find((name) => name !== time?.name && !owners.some((key) => key.name === name));
  if (unknown !== undefined) throw injectedKey(label, unknown);
  const adapted = adaptTable(info, {
    label,
    table: sql`${identifier(database)}.${identifier(table)}`,
    columns,
    range,
    pruning,
  });
  const dialect = athenaDialect(adapted.stored);
  const where = [...adapted.where];
  for (const [kind, field] of [
    ['account', 'account_id'],
    ['region', 'region'],
  ] as const) {
    const values = wanted[kind];
    if (values === undefined || owners.some((key) => key.kind === kind)) continue;
    const known = adapted.fields.get(field);
    if (!known) {
      throw new UsageError(
        `${label} has no column and no partition key for the ${kind}.`,
        `Name one with --column ${field}=NAME, or leave ${kind === 'account' ? '--account' : '--aws-region'} out.`,
      );
    }
    const list = values.map((value) => `'${value}'`).join(', ');
    where.push(sql`${dialect.value(known)} IN (${trusted(list)})`);
  }
  const { flowLogs, kind } = settings;
  if (flowLogs) {
    if (!adapted.hasPaths) {
      throw new UsageError(
        `${label} does not say which files its records come from, so --flow-log cannot choose among them.`,
        'Leave --flow-log out, or name the table of the log files themselves.',
      );
    }
    where.push(trusted(`regexp_like("$path", '_(${flowLogs.join('|')})_[^/]*$')`));
  }
  const found = kindOf(adapted.fields.values());
  if (kind !== undefined && kind !== found) {
    const [is, asked] = [found, kind].map((each) => (each === 'tgw' ? 'transit gateway' : 'VPC'));
    throw new UsageError(
      `${label} is a table of ${is} flow logs.`,
      `Name a table of ${asked} flow logs, or leave --kind out.`,
    );
  }
  // Transit gateway flow logs lie in the same folders; this version is theirs alone.
  const version = found === 'vpc' ? adapted.fields.get('version') : undefined;
  if (version)
    where.push(sql`coalesce(${dialect.value(version)} <> ${trusted(String(TRANSIT_GATEWAY_VERSION))}, true)`);
  const source: Source = { dialect, kind, fields: adapted.fields, from: adapted.from, where };
  return { source, info, times, window, owners, hasPaths: adapted.hasPaths };
}

/** The partitions after the range that may have late files. */
const slackOf = ({ before, after }: TimeKeys['slack'], late = 0): TimeKeys['slack'] => ({
  before,
  after: Math.max(after, late - DELIVERY_SLACK),
});

/** The catalog keeps no columns of a link to a table of another account: Athena itself knows them. */
async function withColumns(settings: AthenaSettings, info: TableInfo, label: string): Promise<TableInfo> {
  const found = await queriedColumns(settings);
  if (found.columns.length > 0) return { ...info, ...found };
  throw new FlowlogError(
    `${label} has no columns.`,
    "Recreate it with 'flowlog create-table --if-exists replace', or name another table with --table.",
  );
}

function checkTimeKeys(declared: ReadonlyMap<string, string>, info: TableInfo, label: string): void {
  const names = [...info.partitionKeys, ...info.columns].map(({ name }) => name);
  for (const [name, format] of declared) {
    if (names.includes(name)) continue;
    const keys = info.partitionKeys.map((key) => key.name).join(', ') || 'none';
    throw new UsageError(
      `${label} has no partition key ${name} (--time-key ${name}:${format}).`,
      `Its partition keys are: ${keys}.`,
    );
  }
}

function injectedKey(label: string, name: string): UsageError {
  const looksLikeTime = /date|day|time|hour|month|(?:^|_)dt(?:_|$)/.test(name);
  return new UsageError(
    `Athena reads ${label} only for given values of its injected partition key ${name}.`,
    looksLikeTime
      ? `Say how its values are spelled: --time-key ${name}:yyyy-MM-dd, with --since and --until.`
      : `Ask with 'flowlog query' and a condition on ${name}.`,
  );
}

/** What the partitions mean for a range, before anything is paid for. */
export function rangeNotes(table: TableSource, range: TimeRange, label: string): string[] {
  const { keys, projected } = table.times;
  const { since, until } = range;
  if (since === undefined && until === undefined) {
    return [`Without --since and --until all of ${label} is read.`];
  }
  if (keys.length === 0) return [unpruned(table, label)];
  const at = (unixSeconds: number) =>
    `${new Date(unixSeconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const { from, to } = deliveryWindow(range);
  if (projected.since !== undefined && to !== undefined && to < projected.since) {
    return [
      `The range ends before the partitions of ${label} begin, at ${at(projected.since)}: it has no rows of it.`,
    ];
  }
  if (projected.until !== undefined && from !== undefined && from >= projected.until) {
    return [
      `The range begins after the partitions of ${label} end, at ${at(projected.until)}: it has no rows of it.`,
    ];
  }
  const notes: string[] = [];
  if (projected.since !== undefined && from !== undefined && from < projected.since) {
    notes.push(`The partitions of ${label} begin at ${at(projected.since)}: it has no rows from before.`);
  }
  if (projected.until !== undefined && until !== undefined && until > projected.until) {
    notes.push(`The partitions of ${label} end at ${at(projected.until)}: it has no rows from after.`);
  }
  return notes;
}

function unpruned({ info: { partitionKeys }, owners }: TableSource, label: string): string {
  const others = partitionKeys.filter(({ name }) => !owners.some((key) => key.name === name));
  const example = others.at(-1)?.name;
  if (example === undefined) return `${label} has no partition key for time: all of it is read.`;
  const names = others.map(({ name }) => name).join(', ');
  return (
    `${label} has no partition key that flowlog knows as a time (${names}): all of it is read. ` +
    `If one is, name it: --time-key ${example}:yyyy-MM-dd.`
  );
}
