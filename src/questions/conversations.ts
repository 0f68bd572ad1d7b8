import type { Column } from '../result.js';
import type { Query } from '../sql/query.js';
import { identifier, join, type Sql, sql } from '../sql/sql.js';
import { aliased, requireField } from './columns.js';
import type { Records, Scope, Selection } from './scope.js';
import type { Valued } from './shapes.js';

/**
 * Both directions of traffic between an address and its peers, each byte counted once however many interfaces recorded it: of
 * records that overlap in time, those of the interface that saw most count. So a conversation that moves from one interface to
 * another keeps both parts.
 */
export interface Conversations {
  /** What tells conversations apart, from a record. */
  readonly keys: readonly Valued[];
  /** Whether a record was sent by the address, rather than to it. */
  readonly sent: Sql;
  /** What tells conversations apart that are alike in their keys. */
  readonly connection?: Sql;
  /** More of a record, of which a conversation has the largest. */
  readonly marks?: ReadonlyArray<{ readonly name: string; readonly value: Sql }>;
  /** What is told of a conversation between its keys and its sums, from them and its marks. */
  readonly told?: readonly Valued[];
  /** What conversations are sorted by before their keys. */
  readonly order: readonly Sql[];
}

/**
 * A key that is one field of a record that was sent by the address, and another of one to it.
 *
 * @param sent whether a record was
 */
export const sided =
  (records: Records, sent: Sql) =>
  (name: string, sending: string, receiving: string): Valued => {
    const { type } = requireField(sending, records.source, records.question);
    return {
      column: type === 'text' ? { name, type, address: true } : { name, type: 'integer' },
      value: sql`CASE WHEN ${sent} THEN ${records.value(sending)} ELSE ${records.value(receiving)} END`,
    };
  };

const SIDES = ['sent_packets', 'sent_bytes', 'received_packets', 'received_bytes'] as const;

/** A row for each conversation. */
export function conversations(
  scope: Scope,
  records: Records,
  { from, aside, narrowing }: Selection,
  { keys, sent, connection = sql`0`, marks = [], told = [], order }: Conversations,
): Query {
  const { dialect } = records.source;
  const names = keys.map(({ column }) => identifier(column.name));
  const on = records.optional('interface_id') ?? sql`CAST(NULL AS VARCHAR)`;
  const seen = [
    ...keys.map(({ value, column }) => aliased(value, column.name)),
    sql`${on} AS interface`,
    sql`${sent} AS sent`,
    ...['packets', 'bytes', 'start', 'end', 'action'].map((name) => aliased(records.value(name), name)),
    ...marks.map(({ value, name }) => aliased(value, name)),
    sql`${aside ?? sql`CAST(NULL AS VARCHAR)`} AS aside`,
    sql`${aside ? sql`CASE WHEN ${aside} IS NULL THEN ${connection} END` : connection} AS connection`,
  ];
  const side = (name: string) => {
    const [direction, what] = name.split('_') as [string, string];
    const condition = direction === 'sent' ? sql`sent` : sql`NOT sent`;
    return sql`sum(CASE WHEN ${condition} THEN ${identifier(what)} END) AS ${identifier(name)}`;
  };
  const added = [
    sql`count(*) AS flows`,
    sql`count(CASE WHEN action = 'ACCEPT' THEN 1 END) AS accepted`,
    sql`count(CASE WHEN action = 'REJECT' THEN 1 END) AS rejected`,
    ...SIDES.map(side),
    sql`min("start") AS first_start`,
    sql`max("end") AS last_end`,
    ...marks.map(({ name }) => sql`max(${identifier(name)}) AS ${identifier(name)}`),
  ];
  const counts = ['flows', 'accepted', 'rejected', ...SIDES];
  // Records that are set aside are each of their own.
  const most = counts.map((name) => {
    const value = identifier(name);
    return sql`CASE WHEN aside IS NULL THEN max(${value}) ELSE sum(${value}) END AS ${value}`;
  });
  const sum = (column: Column): Valued => ({
    column,
    value: sql`CAST(sum(${identifier(column.name)}) AS BIGINT)`,
  });
  const time = (name: string, epoch: Sql): Valued => ({
    column: { name, type: 'time', zone: scope.zone },
    value: dialect.localTime(epoch, scope.zone),
  });
  const columns: Valued[] = [
    ...keys.map(({ column }) => ({ column, value: identifier(column.name) })),
    ...told,
    ...(['flows', 'accepted', 'rejected'] as const).map((name) => sum({ name, type: 'integer' })),
    ...SIDES.map((name) => sum({ name, type: name.endsWith('bytes') ? 'bytes' : 'integer' })),
    time('first_seen', sql`min(first_start)`),
    time('last_seen', sql`max(last_end)`),
  ];
  const shown = [...columns.map(({ value, column }) => aliased(value, column.name)), sql`aside`];
  const conversation = [...names, sql`connection`, sql`aside`];
  const among = sql`PARTITION BY ${join([...conversation, sql`sent`], ', ')} ORDER BY "start", "end"`;
  const before = sql`OVER (${among} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`;
  const timed = records.optional('start') && records.optional('end');
  const apart = sql`"start" > until OR ("start" = until AND "start" > since)`;
  const begins = timed ? sql`CASE WHEN until IS NULL OR ${apart} THEN 1 ELSE 0 END` : sql`0`;
  const kept = [
    ...most,
    ...['first_start', 'last_end', ...marks.map(({ name }) => name)].map((name) => {
      const value = identifier(name);
      return sql`${name === 'first_start' ? sql`min` : sql`max`}(${value}) AS ${value}`;
    }),
  ];
  return {
    name: records.question,
    // First a row per direction, stretch of overlapping records and interface.
    sql: sql`WITH seen AS (
SELECT
  ${join(seen, ',\n  ')}
${from}
), placed AS (
SELECT *, max("end") ${before} AS until, max("start") ${before} AS since
FROM seen
), apart AS (
SELECT *, ${begins} AS begins
FROM placed
), stretches AS (
SELECT *, sum(begins) OVER (${among}, begins DESC ROWS UNBOUNDED PRECEDING) AS stretch
FROM apart
), recorded AS (
SELECT
  ${join([...conversation, sql`stretch`, sql`sent`, ...added], ',\n  ')}
FROM stretches
GROUP BY ${join([...conversation, sql`sent`, sql`stretch`, sql`interface`], ', ')}
), conversations AS (
SELECT
  ${join([...conversation, ...kept], ',\n  ')}
FROM recorded
GROUP BY ${join([...conversation, sql`sent`, sql`stretch`], ', ')}
)
SELECT
  ${join(shown, ',\n  ')}
FROM conversations
GROUP BY ${join(conversation, ', ')}
ORDER BY aside NULLS FIRST, ${join([...order, ...names, sql`connection`], ', ')}`,
    columns: columns.map(({ column }) => column),
    asides: true,
    narrowing,
    weight: 'flows',
    limit: scope.limit,
  };
}
