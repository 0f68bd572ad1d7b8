import { type Cidr, mergeBlocks } from '../net/cidr.js';
import { type Narrowing, SET_ASIDE, type Source } from '../sql/query.js';
import { any, every, join, type Sql, sql, trusted } from '../sql/sql.js';
import type { TimeRange } from '../time/range.js';
import { recordedField, requireField } from './columns.js';
import { addressBeyond, addressWithin, type Condition, holds } from './conditions.js';
import { isPrivate } from './interface-owners.js';
import { type Where, whereCondition } from './where.js';

/** What every question may be limited to. */
export interface Scope {
  readonly range: TimeRange;
  /** IANA zone of the times shown. */
  readonly zone: string;
  readonly action: 'ACCEPT' | 'REJECT' | undefined;
  /** IANA numbers; empty for all. */
  readonly protocols: readonly number[];
  readonly dstPorts: readonly PortRange[];
  /** Only records that start in these hours of the zone's day, from the first up to the second, perhaps over midnight. */
  readonly hours?: readonly [from: number, to: number] | undefined;
  /** Only records that meet all of these conditions on their fields. */
  readonly where?: readonly Where[] | undefined;
  /** Count the records of regional NAT gateways too, which repeat those of the interfaces behind them. */
  readonly keepRepeats: boolean;
  /** By the addresses in the packets, where recorded, in place of those of the interface. */
  readonly packetLevel?: boolean;
  /** Sums count records, however many of them say the same. */
  readonly countAll?: boolean;
  readonly limit: number | undefined;
}

/** Both ends belong to it. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Why a record is no part of an answer but is counted beside it. */
export type AsideReason = 'skipdata' | 'repeat';

/** The records of a source, as one question sees them: their values, and conditions on them. */
export class Records {
  /** @param question its name, for the error about a field these logs lack */
  constructor(
    readonly source: Source,
    readonly question: string,
    /** Whether a record of a regional NAT gateway repeats that of an interface; undefined where that is not looked at yet. */
    readonly repeats?: Sql,
  ) {}

  /** The value of a field; NULL where the logs lack it and the question can do without. */
  value(name: string): Sql {
    return this.source.dialect.value(requireField(name, this.source, this.question));
  }

  /**
   * The value of a field that something makes no sense without: a condition.
   *
   * @throws UsageError where the logs lack it
   */
  needed(name: string, purpose = this.question): Sql {
    return this.source.dialect.value(recordedField(name, this.source, purpose));
  }

  /** The value of a field, where these logs have it. */
  optional(name: string): Sql | undefined {
    const field = this.source.lacking?.has(name) ? undefined : this.source.fields.get(name);
    return field && this.source.dialect.value(field);
  }

  /** Whether an address lies in one of the blocks. */
  inside(address: Sql, blocks: readonly Cidr[]): Sql {
    return any(mergeBlocks(blocks).map((block) => this.source.dialect.inside(address, block)));
  }

  /** That the address of a field lies in one of the blocks. */
  within(field: string, blocks: readonly Cidr[]): Condition {
    return addressWithin(field, blocks, this.inside(this.needed(field), blocks));
  }

  /** That it lies in none of them. Not true of an absent address. */
  beyond(field: string, blocks: readonly Cidr[]): Condition {
    const merged = mergeBlocks(blocks);
    const outside = merged.map((block) => sql`NOT ${this.source.dialect.inside(this.needed(field), block)}`);
    return addressBeyond(field, merged, every(outside));
  }

  /** That the action is this one. */
  action(action: 'ACCEPT' | 'REJECT', purpose = this.question): Condition {
    return holds(sql`${this.needed('action', purpose)} = ${action}`);
  }

  /** That it was not refused, where actions are recorded. */
  notRefused(): Condition[] {
    const action = this.optional('action');
    return action ? [holds(sql`coalesce(${action} <> 'REJECT', true)`)] : [];
  }
}

/** A condition on either end of a record; any address will do where there are no blocks, but one there must be. */
export function touching(records: Records, blocks: readonly Cidr[]): Condition[] {
  if (blocks.length === 0) {
    // A record of an interval without traffic (NODATA) is not a flow.
    const address = records.optional('srcaddr') ?? records.optional('dstaddr');
    return address ? [holds(sql`${address} IS NOT NULL`)] : [];
  }
  const ends = ['srcaddr', 'dstaddr'].map((end) => records.inside(records.needed(end), blocks));
  return [holds(any(ends))];
}

/** Of action, protocol and port. */
function filters(scope: Scope, records: Records): Condition[] {
  const { action, protocols, dstPorts, hours } = scope;
  const conditions: Condition[] = [];
  if (action !== undefined) conditions.push(records.action(action, '--action'));
  if (protocols.length > 0) {
    conditions.push(holds(sql`${records.needed('protocol', '--protocol')} IN (${join(protocols)})`));
  }
  if (dstPorts.length > 0) {
    conditions.push(holds(portIn(records.needed('dstport', '--dst-port'), dstPorts)));
  }
  if (hours) conditions.push(holds(inHours(hours, scope.zone, records)));
  for (const where of scope.where ?? []) conditions.push(whereCondition(where, records.source));
  return conditions;
}

export function inHours([from, to]: readonly [number, number], zone: string, records: Records): Sql {
  const hour = records.source.dialect.hour(records.needed('start', '--hours'), zone);
  return from < to
    ? sql`(${hour} >= ${from} AND ${hour} < ${to})`
    : sql`(${hour} >= ${from} OR ${hour} < ${to})`;
}

export const portIn = (port: Sql, ranges: readonly PortRange[]): Sql =>
  any(ranges.map(({ first, last }) => sql`${port} BETWEEN ${first} AND ${last}`));

/** What of the records an answer is made from. */
export interface Selection {
  /** `FROM … WHERE …` */
  readonly from: Sql;
  /** Why a record is no part of the answer, or NULL; undefined where these logs cannot tell. */
  readonly aside: Sql | undefined;
  readonly narrowing: readonly Narrowing[];
}

/**
 * The records in range that match; and those that qualify the answer, which have no addresses, so never match.
 *
 * @param match all of these must hold
 */
export function select(scope: Scope, given: Records, match: readonly Condition[]): Selection {
  const records = scope.keepRepeats || given.repeats ? given : markRepeats(scope, given, match);
  const cases = [
    [skippedRecord(records), 'skipdata'],
    [scope.keepRepeats ? undefined : records.repeats, 'repeat'],
  ] as ReadonlyArray<[Sql | undefined, AsideReason]>;
  const reasons = cases.flatMap(([condition, reason]) =>
    condition ? [sql`WHEN ${condition} THEN ${REASONS[reason]}`] : [],
  );
  return {
    from: selected(scope, records, match),
    aside: reasons.length > 0 ? sql`CASE ${join(reasons, ' ')} END` : undefined,
    narrowing: match.flatMap(({ narrowing }) => narrowing ?? []),
  };
}

/** `FROM … WHERE …` of the records in range that match, and of those that stand for records that AWS skipped. */
export function selected(scope: Scope, records: Records, match: readonly Condition[]): Sql {
  const { since, until } = scope.range;
  const matching = [...match, ...filters(scope, records)];
  const conditions = [...records.source.where];
  if (since !== undefined) conditions.push(sql`${records.needed('start', '--since')} >= ${since}`);
  if (until !== undefined) conditions.push(sql`${records.needed('start', '--until')} < ${until}`);
  const skipped = skippedRecord(records);
  const all = every(matching.map((condition) => condition.sql));
  conditions.push(skipped ? sql`(${all}\n  OR ${skipped})` : sql`(${all})`);
  return sql`FROM ${records.source.from}\nWHERE ${every(conditions)}`;
}

const REASONS: Readonly<Record<AsideReason, Sql>> = { skipdata: sql`'skipdata'`, repeat: sql`'repeat'` };

/** One that stands for flows that AWS could not record; whose they were it does not say. */
function skippedRecord(records: Records): Sql | undefined {
  const { column, value } = SET_ASIDE;
  const status = records.optional(column);
  return status && sql`${status} = ${trusted(`'${value}'`)}`;
}

/**
 * The same records, of which those of regional NAT gateways are known that repeat what the interfaces behind them recorded
 * (Amazon VPC User Guide, "Flow log record examples").
 */
function markRepeats(scope: Scope, records: Records, match: readonly Condition[]): Records {
  const [src, dst, on, resource] = ['srcaddr', 'dstaddr', 'interface_id', 'resource_id'].map((name) =>
    records.optional(name),
  );
  if (!src || !dst || !on || !resource) return records;
  const { dialect } = records.source;
  const regional = sql`(${on} IS NULL AND ${resource} IS NOT NULL)`;
  const known = (end: Sql, name: string) => sql`(${isPrivate(end)} AND ${trusted(name)}.address IS NOT NULL)`;
  const ends = (end: Sql) =>
    sql`SELECT ${end} AS address\nFROM repeated\nWHERE ${on} IS NOT NULL AND ${end} IS NOT NULL`;
  const from = sql`(
WITH repeated AS ${dialect.readAgain} (
SELECT *
${selected(scope, records, match)}
), recorded AS (
${ends(src)}
UNION
${ends(dst)}
)
SELECT repeated.*, ${regional} AND (${known(src, 'sender')} OR ${known(dst, 'receiver')}) AS once_repeats
FROM repeated
LEFT JOIN recorded sender ON sender.address = ${src}
LEFT JOIN recorded receiver ON receiver.address = ${dst}
) AS flow`;
  return new Records({ ...records.source, from, where: [] }, records.question, sql`once_repeats`);
}
