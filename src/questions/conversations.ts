import type { Column } from '../result.js';
import type { Query } from '../sql/query.js';
import { identifier, join, type Sql, sql } from '../sql/sql.js';
import { aliased, requireField } from './columns.js';
import type { Records, Scope, Selection } from './scope.js';
import type { Valued } from './shapes.js';

/**
 * Both directions of traffic between an address and its peers, each byte counted once however many interfaces recorded it:
 * what an interface saw is added up first, and of the interfaces the one that saw most counts.
 */
export interface Conversations {
  /** What tells conversations apart, from a record. */
  readonly keys: readonly Valued[];
  /** Whether a record was sent by the address, rather than to it. */
  readonly sent: Sql;
  /** More of a record, and what a conversation makes of it. */
  readonly marks?: ReadonlyArray<{ readonly name: string; readonly value: Sql; readonly aggregate: 'max' }>;
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
  { keys, sent, marks = [], told = [], order }: Conversations,
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
    ...marks.map(
      ({ name, aggregate }) => sql`${identifier(aggregate)}(${identifier(name)}) AS ${identifier(name)}`,
    ),
  ];
  const most = (column: Column): Valued => ({
    column,
    // Records that are set aside are each of their own.
    value: sql`CAST(CASE WHEN aside IS NULL THEN max(${identifier(column.name)}) ELSE sum(${identifier(column.name)}) END AS BIGINT)`,
  });
  const time = (name: string, epoch: Sql): Valued => ({
    column: { name, type: 'time', zone: scope.zone },
    value: dialect.localTime(epoch, scope.zone),
  });
  const columns: Valued[] = [
    ...keys.map(({ column }) => ({ column, value: identifier(column.name) })),
    ...told,
    ...(['flows', 'accepted', 'rejected'] as const).map((name) => most({ name, type: 'integer' })),
    ...SIDES.map((name) => most({ name, type: name.endsWith('bytes') ? 'bytes' : 'integer' })),
    time('first_seen', sql`min(first_start)`),
    time('last_seen', sql`max(last_end)`),
  ];
  const shown = [...columns.map(({ value, column }) => aliased(value, column.name)), sql`aside`];
  return {
    name: records.question,
    // First a row per conversation and interface.
    sql: sql`WITH seen AS (
SELECT
  ${join(seen, ',\n  ')}
${from}
), conversations AS (
SELECT
  ${join([...names, sql`aside`, ...added], ',\n  ')}
FROM seen
GROUP BY ${join([...names, sql`interface`, sql`aside`], ', ')}
)
SELECT
  ${join(shown, ',\n  ')}
FROM conversations
GROUP BY ${join([...names, sql`aside`], ', ')}
ORDER BY aside NULLS FIRST, ${join([...order, ...names], ', ')}`,
    columns: columns.map(({ column }) => column),
    asides: true,
    narrowing,
    weight: 'flows',
    limit: scope.limit,
  };
}
