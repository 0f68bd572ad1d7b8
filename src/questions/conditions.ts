import { type Cidr, leadingText, leadingTexts } from '../net/cidr.js';
import type { Narrowing } from '../sql/query.js';
import type { Sql } from '../sql/sql.js';

/** A condition on a record. */
export interface Condition {
  readonly sql: Sql;
  /** What it means for the beginning of a single value, where that can be said. */
  readonly narrowing?: Narrowing | undefined;
}

/** One that says nothing about how a value begins. */
export const holds = (sql: Sql): Condition => ({ sql });

/** An address that lies in one of some blocks begins like one of them, where each fixes a whole part or group. */
export function addressWithin(column: string, blocks: readonly Cidr[], sql: Sql): Condition {
  const leading = blocks.map(leadingTexts);
  const fixed = leading.length > 0 && leading.every((texts) => texts.length > 0);
  return { sql, narrowing: fixed ? { column, oneOf: leading.flat() } : undefined };
}

/** One that lies in none begins with none of those that end at a whole part. */
export function addressBeyond(column: string, blocks: readonly Cidr[], sql: Sql): Condition {
  const inside = blocks.map(leadingText).filter(({ text, exact }) => text !== '' && exact);
  return {
    sql,
    narrowing: inside.length > 0 ? { column, noneOf: inside.map(({ text }) => text) } : undefined,
  };
}
