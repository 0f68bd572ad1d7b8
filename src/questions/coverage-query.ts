import { isTransitGateway } from '../flowlog/transit-gateway.js';
import type { Query, Source } from '../sql/query.js';
import { every, inlined, join, type Sql, sql, trusted } from '../sql/sql.js';
import { aliased } from './columns.js';
import { Records, type Scope } from './scope.js';
import type { Valued } from './shapes.js';

/** What gaps are summed by, by the clock of the zone. */
export type GapUnit = 'hour' | 'day';

/** Is the record complete? */
export interface CoverageRequest extends Scope {
  /** Interfaces, `eni-…`; empty for all. */
  readonly interfaces: readonly string[];
  /** The flow log's maximum aggregation interval, 60 or 600 seconds; undefined to take it from each interface's records. */
  readonly interval: number | undefined;
  /** When what is asked about ends (Unix seconds): not after now. Undefined for the last record there is. */
  readonly until: number | undefined;
  /** A row for each gap, or for each hour or day with gaps, instead of one for each interface. */
  readonly by: 'gap' | GapUnit | undefined;
  /** Delivered so much after the end of a record is late (seconds). */
  readonly lateAfter: number;
}

/** A record that lasts longer than this (seconds) is of an interval of ten minutes. */
const LONGER_THAN_A_MINUTE = 90;
/** With an interval of a minute, records start in at least this number of minutes out of ten. */
const MINUTES_OF_TEN = 3;

/** What records are of: an interface, or an attachment of a transit gateway. */
const keyOf = ({ fields }: Source) =>
  isTransitGateway(fields.values()) ? 'tgw_attachment_id' : 'interface_id';

const number = (value: number) => trusted(String(value));
const countOf = (condition: Sql) => sql`count(CASE WHEN ${condition} THEN 1 END)`;
const totalOf = (value: Sql) => sql`CAST(coalesce(sum(${value}), 0) AS BIGINT)`;

/**
 * First a row for each interface, file and interval in which records start: there are few of them, and no gap that counts
 * lies within one. Each WITH is mentioned once, since Trino would read the logs again for every mention.
 *
 * A gap is two intervals or more, since the first packet of an interval may come at its end; of a single one, where a
 * record says that AWS skipped what was in it.
 */
export function coverageQuery(request: CoverageRequest, source: Source): Query {
  const { limit, by } = request;
  const columns = by === undefined ? interfaceColumns(request, source) : gapColumns(request, source);
  const shown = columns.map(({ value, column }) => aliased(value, column.name));
  const rows =
    by === undefined
      ? sql`FROM edged\nORDER BY interface_id`
      : sql`FROM edged CROSS JOIN UNNEST(coalesce(gap_list, ARRAY[CAST(NULL AS VARCHAR)]) || ARRAY[${spanText(sql`since`, sql`since + gap_before`)}, ${spanText(sql`until - gap_after`, sql`until`)}]) AS found (span)
WHERE span IS NOT NULL
ORDER BY interface_id, span`;
  return {
    name: 'coverage',
    sql: sql`WITH ${withParts(request, source)}
SELECT
  ${join(shown, ',\n  ')}
${rows}`,
    columns: columns.map(({ column }) => column),
    asides: false,
    narrowing: [],
    paths: true,
    // Gaps of one hour are one row.
    limit: by === undefined || by === 'gap' ? limit : undefined,
  };
}

/** Of each interface all there is to say, in `edged`. */
function withParts(request: CoverageRequest, source: Source): Sql {
  const { range, interval, lateAfter, interfaces, until } = request;
  const intervals = interval === undefined ? [60, 600] : [interval];
  const order = sql`PARTITION BY id ORDER BY coalesce(first_start, skip_start)`;
  const slot = number(intervals[0]!);
  const chosen = (name: string) =>
    interval === undefined
      ? sql`CASE WHEN seconds = 60 THEN ${trusted(`${name}_60`)} ELSE ${trusted(`${name}_600`)} END`
      : trusted(`${name}_${interval}`);
  const perInterval = intervals.flatMap((seconds) => {
    const gap = sql`distance >= ${number(2 * seconds)} OR (distance >= ${number(seconds)} AND (skipped_before >= covered OR (skip_start >= covered AND skip_start < first_start)))`;
    const name = (text: string) => trusted(`${text}_${seconds}`);
    const value = sql`CASE WHEN ${gap} THEN distance END`;
    return [
      sql`count(${value}) AS ${name('gaps')}`,
      sql`${totalOf(value)} AS ${name('gap_s')}`,
      sql`coalesce(max(${value}), 0) AS ${name('longest_gap')}`,
      ...(request.by === undefined
        ? []
        : [
            sql`array_agg(${spanText(sql`covered`, sql`first_start`)}) FILTER (WHERE ${gap}) AS ${name('gap_list')}`,
          ]),
    ];
  });
  const guessed = sql`CASE WHEN max(longest) > ${number(LONGER_THAN_A_MINUTE)} THEN 600
    WHEN ${countOf(sql`slot IS DISTINCT FROM slot_before`)} >= ${number(MINUTES_OF_TEN)} * ${countOf(sql`slot - slot % 600 IS DISTINCT FROM slot_before - slot_before % 600`)} THEN 60
    ELSE 600 END`;
  const since = range.since === undefined ? sql`min(first_seen) OVER ()` : number(range.since);
  const end = until === undefined ? sql`max(last_seen) OVER ()` : number(until);
  const named =
    interfaces.length === 0
      ? sql`FROM interfaces`
      : inlined(
          sql`FROM (VALUES ${join(interfaces.map((id) => sql`(${id})`))}) AS named (interface_id) LEFT JOIN interfaces ON id = named.interface_id`,
        );
  return sql`seen AS (
${recordsSeen(request, source)}
), cells AS (
SELECT
  id, file, slot,
  CAST(count(*) AS INTEGER) AS records,
  CAST(${countOf(sql`status = 'OK'`)} AS INTEGER) AS ok,
  CAST(${countOf(sql`status = 'NODATA'`)} AS INTEGER) AS nodata,
  CAST(${countOf(sql`status = 'SKIPDATA'`)} AS INTEGER) AS skipdata,
  max(ended) AS last_seen,
  min(CASE WHEN status IS DISTINCT FROM 'SKIPDATA' THEN started END) AS first_start,
  max(CASE WHEN status IS DISTINCT FROM 'SKIPDATA' THEN ended END) AS last_end,
  min(CASE WHEN status = 'SKIPDATA' THEN started END) AS skip_start,
  max(CASE WHEN status = 'SKIPDATA' THEN started END) AS skip_last,
  max(delivered - ended) AS delay,
  CAST(max(CASE WHEN ended - started > 0 AND ended - started < 86400 THEN ended - started ELSE 0 END) AS INTEGER) AS longest
FROM (SELECT *, started - started % ${slot} AS slot FROM seen) AS slotted
GROUP BY id, file, slot
), runs AS (
SELECT
  *,
  max(last_end) OVER (${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered,
  max(skip_last) OVER (${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS skipped_before,
  lag(slot) OVER (${order}) AS slot_before
FROM cells
), interfaces AS (
SELECT
  id,
  ${join(
    ['records', 'ok', 'nodata', 'skipdata'].map((name) => sql`${totalOf(trusted(name))} AS ${trusted(name)}`),
    ',\n  ',
  )},
  min(coalesce(CASE WHEN skip_start < first_start THEN skip_start ELSE first_start END, skip_start)) AS first_seen,
  max(last_seen) AS last_seen,
  min(first_start) AS first_start,
  max(last_end) AS last_end,
  min(skip_start) AS first_skipped,
  max(skip_last) AS last_skipped,
  ${interval === undefined ? guessed : number(interval)} AS seconds,
  ${join(perInterval, ',\n  ')},
  CASE WHEN count(delay) > 0 THEN count(DISTINCT CASE WHEN delay > ${number(lateAfter)} THEN file END) END AS late_files,
  max(CASE WHEN delay < 0 THEN 0 ELSE delay END) AS longest_delay
FROM (SELECT *, first_start - covered AS distance FROM runs) AS apart
GROUP BY id
), bounded AS (
SELECT
  ${interfaces.length === 0 ? sql`id AS interface_id` : sql`named.interface_id`},
  records, ok, nodata, skipdata, first_seen, last_seen, first_start, last_end, first_skipped, last_skipped, late_files, longest_delay,
  coalesce(seconds, ${number(interval ?? 600)}) AS seconds,
  ${join(
    ['gaps', 'gap_s', 'longest_gap', ...(request.by === undefined ? [] : ['gap_list'])].map(
      (name) => sql`${chosen(name)} AS ${trusted(name)}`,
    ),
    ',\n  ',
  )},
  ${since} AS since,
  ${end} AS until
${named}
), edged AS (
SELECT
  *,
  CASE WHEN coalesce(first_start, until) - since >= 2 * seconds
    OR (coalesce(first_start, until) - since >= seconds AND first_skipped < coalesce(first_start, until)) THEN coalesce(first_start, until) - since END AS gap_before,
  CASE WHEN until - last_end >= 2 * seconds OR (until - last_end >= seconds AND last_skipped >= last_end) THEN until - last_end END AS gap_after
FROM bounded
)`;
}

function recordsSeen({ range, interfaces }: CoverageRequest, source: Source): Sql {
  const { dialect } = source;
  const records = new Records(source, 'coverage');
  const start = records.value('start');
  const conditions: Sql[] = [...source.where];
  if (range.since !== undefined) conditions.push(sql`${start} >= ${range.since}`);
  if (range.until !== undefined) conditions.push(sql`${start} < ${range.until}`);
  if (interfaces.length > 0) conditions.push(sql`${records.value(keyOf(source))} IN (${join(interfaces)})`);
  return sql`SELECT
  ${records.value(keyOf(source))} AS id,
  ${records.value('log_status')} AS status,
  ${start} AS started,
  ${records.value('end')} AS ended,
  ${dialect.pathKey} AS file,
  ${dialect.delivered(dialect.path)} AS delivered
FROM ${source.from}
WHERE ${every(conditions)}`;
}

/** Both ends of a gap as a text; NULL where either is. */
const spanText = (from: Sql, to: Sql) => sql`CAST(${from} AS VARCHAR) || ' ' || CAST(${to} AS VARCHAR)`;

function interfaceColumns({ zone }: CoverageRequest, source: Source): Valued[] {
  const { dialect } = source;
  const integer = (name: string, value: Sql): Valued => ({ column: { name, type: 'integer' }, value });
  const time = (name: string): Valued => ({
    column: { name, type: 'time', zone },
    value: dialect.localTime(trusted(name), zone),
  });
  const longest = sql`CASE
    WHEN coalesce(gap_before, 0) >= coalesce(gap_after, 0) AND coalesce(gap_before, 0) >= coalesce(longest_gap, 0) THEN coalesce(gap_before, 0)
    WHEN coalesce(gap_after, 0) >= coalesce(longest_gap, 0) THEN coalesce(gap_after, 0)
    ELSE longest_gap END`;
  // Without bounds and without records there is nothing to be a gap in.
  const bounded = (value: Sql) => sql`CASE WHEN since IS NOT NULL AND until IS NOT NULL THEN ${value} END`;
  return [
    { column: { name: keyOf(source), type: 'text' }, value: trusted('interface_id') },
    ...['records', 'ok', 'nodata', 'skipdata'].map((name) =>
      integer(name, sql`coalesce(${trusted(name)}, 0)`),
    ),
    ...[time('first_seen'), time('last_seen')],
    integer(
      'gaps',
      bounded(
        sql`coalesce(gaps, 0) + CASE WHEN gap_before IS NULL THEN 0 ELSE 1 END + CASE WHEN gap_after IS NULL THEN 0 ELSE 1 END`,
      ),
    ),
    integer('gap_s', bounded(sql`coalesce(gap_s, 0) + coalesce(gap_before, 0) + coalesce(gap_after, 0)`)),
    integer('longest_gap_s', bounded(longest)),
    integer('late_files', trusted('late_files')),
    integer('longest_delay_s', trusted('longest_delay')),
    integer('interval_s', trusted('seconds')),
  ];
}

function gapColumns({ zone }: CoverageRequest, source: Source): Valued[] {
  const { dialect } = source;
  const end = (part: number) => sql`CAST(split_part(span, ' ', ${number(part)}) AS BIGINT)`;
  const time = (name: string, epoch: Sql): Valued => ({
    column: { name, type: 'time', zone },
    value: dialect.localTime(epoch, zone),
  });
  return [
    { column: { name: keyOf(source), type: 'text' }, value: trusted('interface_id') },
    time('gap_start', end(1)),
    time('gap_end', end(2)),
    { column: { name: 'gap_s', type: 'integer' }, value: sql`${end(2)} - ${end(1)}` },
  ];
}
