import { join, type Sql, sql, trusted } from '../sql/sql.js';
import type { Records, Scope } from './scope.js';
import { select } from './scope.js';
import { total, type Valued } from './shapes.js';

/**
 * The part of all bytes that a group has, and that it has together with those before it, in hundredths of a percent.
 *
 * @param counted what of a record's bytes counts
 * @param ascending whether the groups are in the order of their bytes, smallest first
 */
export function shares(
  scope: Scope,
  records: Records,
  keys: readonly Valued[],
  ascending = false,
  counted = records.value('bytes'),
): Valued[] {
  const { aside } = select(scope, records, []);
  const bytes = total(counted);
  // What is set aside is no part of the whole.
  const own = aside ? sql`CASE WHEN ${aside} IS NULL THEN ${bytes} END` : bytes;
  const direction = trusted(ascending ? 'ASC NULLS LAST' : 'DESC NULLS LAST');
  const order = [
    ...(aside ? [sql`${aside} NULLS FIRST`] : []),
    sql`${bytes} ${direction}`,
    ...keys.map(({ value }) => value),
  ];
  const whole = sql`nullif(sum(${own}) OVER (), 0)`;
  const part = (of: Sql) =>
    sql`CAST(round(CAST(${of} AS DOUBLE) * 10000 / CAST(${whole} AS DOUBLE)) AS BIGINT)`;
  return [
    { column: { name: 'share', type: 'percent' }, value: part(own) },
    {
      column: { name: 'cumulative', type: 'percent' },
      value: part(sql`sum(${own}) OVER (ORDER BY ${join(order, ', ')} ROWS UNBOUNDED PRECEDING)`),
    },
  ];
}
