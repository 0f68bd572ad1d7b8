import type { Cidr } from '../net/cidr.js';
import type { Query, Source } from '../sql/query.js';
import { identifier, join, type Sql, sql, trusted } from '../sql/sql.js';
import { aliased, fieldColumn, requireField } from './columns.js';
import { holds } from './conditions.js';
import { checkInside } from './flows.js';
import { openerOf } from './opener.js';
import { Records, type Scope, select } from './scope.js';
import type { Valued } from './shapes.js';

/** Who calls somebody outside again and again, regularly and with little? */
export interface BeaconsRequest extends Scope {
  readonly subnets: readonly Cidr[];
  /** The blocks that are inside. */
  readonly vpc: readonly Cidr[];
  /** Destinations that are outside but not asked for. */
  readonly exclude: readonly Cidr[];
  /** Contacts, at least. */
  readonly minContacts: number;
  /** Jitter in percent of the period, at most. */
  readonly maxJitter: number;
  /** Bytes per contact, at most. */
  readonly maxBytes: number;
}

/** What follows within this is the same contact (seconds). */
const SAME_CONTACT = 60;

const KEYS = ['srcaddr', 'dstaddr', 'dstport', 'protocol'];

/**
 * A contact is a run of records between two addresses to one port with no pause of a minute. The period is the median of the
 * times between contacts, the jitter the median of how far they are from it: both are whole seconds, the lower of the two
 * middle ones where there are two, so that engines agree. Most regular first.
 */
export function beacons(request: BeaconsRequest, source: Source): Query {
  const { subnets, vpc, exclude, zone } = request;
  checkInside(subnets, vpc);
  const records = new Records(source, 'beacons');
  const selection = select(request, records, [
    records.within('srcaddr', subnets),
    records.beyond('dstaddr', [...vpc, ...exclude]),
    holds(sql`coalesce(${openerOf(records).bySource}, true)`),
  ]);
  const among: Sql = join([...KEYS.map(identifier), sql`aside`], ', ');
  const number = (value: number) => trusted(String(value));
  /** The value in the middle of those of a column, for each row. */
  const middle = (of: string, place: string, all: string) =>
    sql`max(CASE WHEN ${identifier(place)} * 2 BETWEEN ${identifier(all)} AND ${identifier(all)} + 1 THEN ${identifier(of)} END) OVER (PARTITION BY ${among})`;
  const before = sql`PARTITION BY ${among} ORDER BY "start", "end" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING`;
  const time = (name: string, epoch: Sql): Valued => ({
    column: { name, type: 'time', zone },
    value: source.dialect.localTime(epoch, zone),
  });
  const columns: Valued[] = [
    ...KEYS.map((name) => ({
      column: fieldColumn(requireField(name, source.fields, 'beacons')),
      value: identifier(name),
    })),
    { column: { name: 'contacts', type: 'integer' }, value: sql`count(opened)` },
    { column: { name: 'period_s', type: 'integer' }, value: sql`max(period)` },
    { column: { name: 'jitter_s', type: 'integer' }, value: sql`max(jitter)` },
    { column: { name: 'flows', type: 'integer' }, value: sql`count(*)` },
    { column: { name: 'packets', type: 'integer' }, value: sql`CAST(sum(packets) AS BIGINT)` },
    { column: { name: 'bytes', type: 'bytes' }, value: sql`CAST(sum(bytes) AS BIGINT)` },
    ...[time('first_seen', sql`min("start")`), time('last_seen', sql`max("end")`)],
  ];
  const read = [...KEYS, 'start', 'end', 'packets', 'bytes'].map((name) =>
    aliased(records.value(name), name),
  );
  const shown = [...columns.map(({ value, column }) => aliased(value, column.name)), sql`aside`];
  return {
    name: 'beacons',
    sql: sql`WITH seen AS (
SELECT
  ${join([...read, sql`${selection.aside ?? sql`CAST(NULL AS VARCHAR)`} AS aside`], ',\n  ')}
${selection.from}
), runs AS (
SELECT *, max("end") OVER (${before}) AS until
FROM seen
), contacts AS (
SELECT *, CASE WHEN until IS NULL OR "start" - until > ${number(SAME_CONTACT)} THEN "start" END AS opened
FROM runs
), pauses AS (
SELECT *, CASE WHEN opened IS NOT NULL THEN opened - max(opened) OVER (${before}) END AS pause
FROM contacts
), placed AS (
SELECT *,
  row_number() OVER (PARTITION BY ${among} ORDER BY pause NULLS LAST) AS place,
  count(pause) OVER (PARTITION BY ${among}) AS pauses
FROM pauses
), regular AS (
SELECT *, ${middle('pause', 'place', 'pauses')} AS period
FROM placed
), strayed AS (
SELECT *, abs(pause - period) AS stray
FROM regular
), ranked AS (
SELECT *, row_number() OVER (PARTITION BY ${among} ORDER BY stray NULLS LAST) AS stray_place
FROM strayed
), jittered AS (
SELECT *, ${middle('stray', 'stray_place', 'pauses')} AS jitter
FROM ranked
)
SELECT
  ${join(shown, ',\n  ')}
FROM jittered
GROUP BY ${among}
HAVING aside IS NOT NULL OR count(opened) >= ${number(request.minContacts)}
  AND max(jitter) * 100 <= max(period) * ${number(request.maxJitter)}
  AND coalesce(sum(bytes), 0) <= count(opened) * ${number(request.maxBytes)}
ORDER BY aside NULLS FIRST, jitter_s, contacts DESC, ${join(KEYS.map(identifier), ', ')}`,
    columns: columns.map(({ column }) => column),
    asides: true,
    narrowing: selection.narrowing,
    weight: 'flows',
    limit: request.limit,
  };
}
