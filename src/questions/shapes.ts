import { LOST_PACKETS } from '../flowlog/transit-gateway.js';
import type { Column } from '../result.js';
import type { Query } from '../sql/query.js';
import { identifier, join, type Sql, sql, trusted } from '../sql/sql.js';
import { aliased, fieldColumn, recordColumn, recordedField, requireField } from './columns.js';
import type { Condition } from './conditions.js';
import { countOnce, type Match } from './count-once.js';
import { type Records, type Scope, type Selection, select } from './scope.js';

/** A column of an answer and how it is computed. */
export interface Valued {
  readonly column: Column;
  readonly value: Sql;
}

/** The `aside` column and its place in the order and among groups, where the logs tell of such records. */
export function asideParts({ aside }: Selection): { select: Sql[]; group: Sql[]; order: Sql[] } {
  if (!aside) return { select: [], group: [], order: [] };
  return { select: [sql`${aside} AS aside`], group: [aside], order: [sql`aside NULLS FIRST`] };
}

export const total = (value: Sql): Sql => sql`CAST(sum(${value}) AS ${trusted('BIGINT')})`;
export const count: Sql = sql`count(*)`;

/** A row for each record, in the order of time, then of all that is shown. */
export function perRecord(
  scope: Scope,
  records: Records,
  { match, columns: names }: { match: readonly Condition[]; columns: readonly string[] },
): Query {
  const { source } = records;
  const selection = select(scope, records, match);
  const columns = names.map((name) => recordColumn(name, source, scope.zone));
  const start = records.value('start');
  const aside = asideParts(selection);
  const shown = [...columns.map(({ value, column }) => aliased(value, column.name)), ...aside.select];
  const order = unique([...aside.order, start, ...columns.map((column) => column.order)]);
  return {
    name: records.question,
    sql: sql`SELECT\n  ${join(shown, ',\n  ')}\n${selection.from}\nORDER BY ${join(order, ', ')}`,
    columns: columns.map(({ column }) => column),
    asides: aside.select.length > 0,
    narrowing: selection.narrowing,
    limit: scope.limit,
  };
}

/** Each ordering once: a column chosen twice adds nothing. */
function unique(order: readonly Sql[]): Sql[] {
  const seen = new Set<string>();
  return order.filter(({ sql: text }) => !seen.has(text) && seen.add(text));
}

/**
 * Flows, packets and bytes of a group, and when it was seen first and last.
 *
 * @param value what of a record's packets and bytes counts
 */
export function sums(
  scope: Scope,
  records: Records,
  value = (name: string): Sql => records.value(name),
): Valued[] {
  const { dialect } = records.source;
  const time = (value: Sql) => dialect.localTime(value, scope.zone);
  const { zone } = scope;
  const lost = LOST_PACKETS.filter((name) => records.optional(name)).map(
    (name): Valued => ({
      column: { name, type: 'integer' },
      value: total(records.value(name)),
    }),
  );
  return [
    { column: { name: 'flows', type: 'integer' }, value: count },
    { column: { name: 'packets', type: 'integer' }, value: total(value('packets')) },
    { column: { name: 'bytes', type: 'bytes' }, value: total(value('bytes')) },
    ...lost,
    { column: { name: 'first_seen', type: 'time', zone }, value: time(sql`min(${records.value('start')})`) },
    { column: { name: 'last_seen', type: 'time', zone }, value: time(sql`max(${records.value('end')})`) },
  ];
}

/**
 * The keys of a group by the names of fields.
 *
 * @param purpose who needs them, for the error about a field these logs lack; undefined where `--by` gives the names
 */
export function fieldKeys(names: readonly string[], { source }: Records, purpose?: string): Valued[] {
  // Of several keys, some will do.
  const all = names.map((name) => requireField(name, source, purpose ?? `--by ${name}`));
  if (all.every(({ column }) => source.lacking?.has(column))) {
    for (const name of names) recordedField(name, source, purpose ?? `--by ${name}`);
  }
  return all.map((field) => {
    return { column: fieldColumn(field), value: source.dialect.value(field) };
  });
}

export interface Grouping {
  /** As a function where each byte is to be counted once. */
  readonly match: Match | readonly Condition[];
  readonly keys: readonly Valued[];
  /** `flows` among them: it says how many records a row stands for. */
  readonly measures: readonly Valued[];
  readonly having?: Sql;
  /**
   * The names of columns to sort by before the keys, each in this direction. By the names of the answer's own columns: to
   * Trino, `bytes` in an ORDER BY is already the sum.
   */
  readonly order: readonly Sql[];
}

export const descending = (name: string): Sql => sql`${identifier(name)} DESC NULLS LAST`;

/** A row for each group of records. */
export function grouped(scope: Scope, records: Records, grouping: Grouping): Query {
  const { match, keys, measures, having, order } = grouping;
  const once = typeof match === 'function' ? countOnce(scope, records, match) : { records, match };
  const selection = select(scope, once.records, once.match);
  const aside = asideParts(selection);
  const columns = [...keys, ...measures];
  const shown = [...columns.map(({ value, column }) => aliased(value, column.name)), ...aside.select];
  const groups = [...keys.map(({ value }) => value), ...aside.group];
  const fallback = records.source.lacking?.has('bytes') ? [descending('flows')] : [];
  const sorted = [
    ...aside.order,
    ...order,
    ...fallback,
    ...keys.map(({ column }) => identifier(column.name)),
  ];
  const among = groups.length > 0 ? sql`\nGROUP BY ${join(groups, ', ')}` : sql``;
  // What is set aside is counted, whatever groups must be like.
  const condition = having && (selection.aside ? sql`${selection.aside} IS NOT NULL OR ${having}` : having);
  return {
    name: records.question,
    sql: sql`SELECT\n  ${join(shown, ',\n  ')}\n${selection.from}${among}${condition ? sql`\nHAVING ${condition}` : sql``}\nORDER BY ${join(sorted, ', ')}`,
    columns: columns.map(({ column }) => column),
    asides: aside.select.length > 0,
    narrowing: selection.narrowing,
    weight: 'flows',
    limit: scope.limit,
  };
}
