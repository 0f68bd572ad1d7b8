import { UsageError } from '../errors.js';
import { type Cidr, containsBlock, leadingText } from '../net/cidr.js';
import type { Column } from '../result.js';
import type { Narrowing, Query, Source } from '../sql/query.js';
import { any, every, identifier, join, type Sql, sql, trusted } from '../sql/sql.js';
import type { TimeRange } from '../time/range.js';
import { aliased, fieldColumn, recordColumn, requireField } from './columns.js';

/** What left these subnets for somewhere outside the VPC? */
export interface EgressRequest {
  readonly subnets: readonly Cidr[];
  /** The blocks that are inside. */
  readonly vpc: readonly Cidr[];
  /** Destinations that are outside but not asked for. */
  readonly exclude: readonly Cidr[];
  readonly range: TimeRange;
  readonly action: 'ACCEPT' | 'REJECT' | undefined;
  /** IANA numbers; empty for all. */
  readonly protocols: readonly number[];
  readonly dstPorts: readonly PortRange[];
  /** Group by these columns; empty for a row per record. */
  readonly by: readonly string[];
  /** Columns of a row per record; empty for the usual ones. */
  readonly columns: readonly string[];
  /** IANA zone of the times shown. */
  readonly zone: string;
  readonly limit: number | undefined;
}

/** Both ends belong to it. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export const EGRESS_COLUMNS = [
  'start_time',
  'end_time',
  'srcaddr',
  'srcport',
  'dstaddr',
  'dstport',
  'protocol',
  'packets',
  'bytes',
  'action',
] as const;

/** @throws UsageError when a subnet is not inside the VPC: the answer would hold traffic that never left it */
export function checkInside(subnets: readonly Cidr[], vpc: readonly Cidr[]): void {
  for (const subnet of subnets) {
    if (!vpc.some((block) => containsBlock(block, subnet))) {
      throw new UsageError(
        `Subnet ${subnet.text} is not inside the VPC ${vpc.map((block) => block.text).join(', ')}.`,
        'Give --vpc all blocks of the VPC that the subnet belongs to.',
      );
    }
  }
}

/** The query for a request on a source. */
export function egress(request: EgressRequest, source: Source): Query {
  checkInside(request.subnets, request.vpc);
  return request.by.length > 0 ? grouped(request, source) : perRecord(request, source);
}

/** Records that were not recorded: AWS says so, but not whose they were. They have no address, so never match. */
function skipped({ fields, dialect }: Source): Sql | undefined {
  const status = fields.get('log_status');
  return status && sql`${dialect.value(status)} = 'SKIPDATA'`;
}

const needed = (name: string, source: Source) => {
  const field = requireField(name, source.fields, 'egress');
  return source.dialect.value(field);
};

function matches(request: EgressRequest, source: Source): Sql {
  const source_ = needed('srcaddr', source);
  const destination = needed('dstaddr', source);
  const inside = (address: Sql) => (block: Cidr) => source.dialect.inside(address, block);
  const conditions = [
    any(request.subnets.map(inside(source_))),
    ...[...request.vpc, ...request.exclude].map(
      (block) => sql`NOT ${source.dialect.inside(destination, block)}`,
    ),
  ];
  if (request.action !== undefined) conditions.push(sql`${needed('action', source)} = ${request.action}`);
  if (request.protocols.length > 0) {
    conditions.push(sql`${needed('protocol', source)} IN (${join(request.protocols)})`);
  }
  if (request.dstPorts.length > 0) {
    const port = needed('dstport', source);
    conditions.push(
      any(request.dstPorts.map(({ first, last }) => sql`${port} BETWEEN ${first} AND ${last}`)),
    );
  }
  return every(conditions);
}

/** The source must begin like a subnet; a destination that begins like a whole block of the VPC is inside. */
function narrowing({ subnets, vpc, exclude }: EgressRequest): Narrowing[] {
  const oneOf = subnets.map((block) => leadingText(block).text);
  const inside = [...vpc, ...exclude].map(leadingText).filter(({ text, exact }) => text !== '' && exact);
  return [
    ...(oneOf.includes('') ? [] : [{ column: 'srcaddr', oneOf }]),
    { column: 'dstaddr', noneOf: inside.map(({ text }) => text) },
  ];
}

/** FROM and WHERE: the records in range that match, and those that tell of records skipped. */
function selection(request: EgressRequest, source: Source): Sql {
  const { since, until } = request.range;
  const conditions = [...source.where];
  if (since !== undefined) conditions.push(sql`${needed('start', source)} >= ${since}`);
  if (until !== undefined) conditions.push(sql`${needed('start', source)} < ${until}`);
  const aside = skipped(source);
  const match = matches(request, source);
  conditions.push(aside ? sql`(${match}\n  OR ${aside})` : match);
  return sql`FROM ${source.from}\nWHERE ${every(conditions)}`;
}

/** The `aside` column and its place in the order, where the logs tell of skipped records. */
function asideOf(source: Source): { value: Sql; select: Sql[]; order: Sql[] } | undefined {
  const aside = skipped(source);
  if (!aside) return undefined;
  const value = sql`CASE WHEN ${aside} THEN 'skipdata' END`;
  return { value, select: [sql`${value} AS aside`], order: [sql`aside NULLS FIRST`] };
}

function perRecord(request: EgressRequest, source: Source): Query {
  const names = request.columns.length > 0 ? request.columns : EGRESS_COLUMNS;
  const columns = names.map((name) => recordColumn(name, source.fields, source.dialect, request.zone));
  const start = recordColumn('start_time', source.fields, source.dialect, request.zone).order;
  const aside = asideOf(source);
  const select = [
    ...columns.map(({ value, column }) => aliased(value, column.name)),
    ...(aside?.select ?? []),
  ];
  const order = [...(aside?.order ?? []), start, ...columns.map((column) => column.order)];
  return {
    name: 'egress',
    sql: sql`SELECT\n  ${join(select, ',\n  ')}\n${selection(request, source)}\nORDER BY ${join(unique(order), ', ')}`,
    columns: columns.map(({ column }) => column),
    asides: aside !== undefined,
    narrowing: narrowing(request),
    limit: request.limit,
  };
}

function grouped(request: EgressRequest, source: Source): Query {
  const { dialect } = source;
  const keys = request.by.map((name) => requireField(name, source.fields, `--by ${name}`));
  const time = (value: Sql) => dialect.localTime(value, request.zone);
  const measures: Array<[Column, Sql]> = [
    [{ name: 'flows', type: 'integer' }, sql`count(*)`],
    [{ name: 'packets', type: 'integer' }, total(needed('packets', source))],
    [{ name: 'bytes', type: 'bytes' }, total(needed('bytes', source))],
    [{ name: 'first_seen', type: 'time', zone: request.zone }, time(sql`min(${needed('start', source)})`)],
    [{ name: 'last_seen', type: 'time', zone: request.zone }, time(sql`max(${needed('end', source)})`)],
  ];
  const aside = asideOf(source);
  const keyValues = keys.map((key) => dialect.value(key));
  const select = [
    ...keys.map((key) => aliased(dialect.value(key), key.column)),
    ...measures.map(([column, value]) => aliased(value, column.name)),
    ...(aside?.select ?? []),
  ];
  const groups = [...keyValues, ...(aside ? [aside.value] : [])];
  // By the names of the answer's own columns: to Trino, `bytes` in an ORDER BY is already the sum.
  const order = [
    ...(aside?.order ?? []),
    sql`${identifier('bytes')} DESC NULLS LAST`,
    ...keys.map((key) => identifier(key.column)),
  ];
  return {
    name: 'egress',
    sql: sql`SELECT\n  ${join(select, ',\n  ')}\n${selection(request, source)}\nGROUP BY ${join(groups, ', ')}\nORDER BY ${join(order, ', ')}`,
    columns: [...keys.map(fieldColumn), ...measures.map(([column]) => column)],
    asides: aside !== undefined,
    narrowing: narrowing(request),
    weight: 'flows',
    limit: request.limit,
  };
}

const total = (value: Sql) => sql`CAST(sum(${value}) AS ${trusted('BIGINT')})`;

/** Each ordering once: a column chosen twice adds nothing. */
function unique(order: readonly Sql[]): Sql[] {
  const seen = new Set<string>();
  return order.filter(({ sql: text }) => !seen.has(text) && seen.add(text));
}
