import { type Cidr, holdsAddress, leadingText, leadingTexts, parseAddress } from '../net/cidr.js';
import type { FieldTest, Narrowing } from '../sql/query.js';
import type { Sql } from '../sql/sql.js';

/** A condition on a record: for a statement, and as a test where a single value decides. */
export interface Condition {
  readonly sql: Sql;
  readonly test?: FieldTest;
  /** What it means for the beginning of that value. */
  readonly narrowing?: Narrowing | undefined;
}

/** One that only a statement can tell. */
export const holds = (sql: Sql): Condition => ({ sql });

/** An address that lies in one of some blocks begins like one of them, where each fixes a whole part or group. */
export function addressWithin(column: string, blocks: readonly Cidr[], sql: Sql): Condition {
  const leading = blocks.map(leadingTexts);
  const fixed = leading.length > 0 && leading.every(({ texts }) => texts.length > 0);
  return {
    sql,
    narrowing: fixed ? { column, oneOf: leading.flatMap(({ texts }) => texts) } : undefined,
    test: {
      column,
      passes: membership(blocks, true),
      narrowed: fixed && leading.every(({ exact }) => exact),
    },
  };
}

/** One that lies in none begins with none of those that end at a whole part. */
export function addressBeyond(column: string, blocks: readonly Cidr[], sql: Sql): Condition {
  const inside = blocks.map(leadingText).filter(({ text, exact }) => text !== '' && exact);
  return {
    sql,
    narrowing: inside.length > 0 ? { column, noneOf: inside.map(({ text }) => text) } : undefined,
    test: {
      column,
      passes: blocks.length > 0 ? membership(blocks, false) : () => true,
      narrowed: blocks.length > 0 && inside.length === blocks.length,
    },
  };
}

/** Whether an address is in one of the blocks, or in none. The same ones come again and again. */
function membership(blocks: readonly Cidr[], wanted: boolean): FieldTest['passes'] {
  const known = new Map<string, boolean | undefined>();
  const look = (text: string) => {
    const address = parseAddress(text);
    // A statement takes it for what it looks like.
    return address && blocks.some((block) => holdsAddress(block, address)) === wanted;
  };
  return (text) => {
    if (text === null) return false;
    if (!known.has(text)) known.set(text, look(text));
    return known.get(text);
  };
}

/** A value that is one of some; null is none. */
export function oneOf(column: string, values: readonly (string | null)[], sql: Sql): Condition {
  const wanted = new Set(values);
  return { sql, test: { column, passes: (text) => wanted.has(text) } };
}

/** A number that lies in one of some ranges, whose ends belong to them. */
export function inRanges(
  column: string,
  ranges: ReadonlyArray<{ readonly first: number; readonly last: number }>,
  sql: Sql,
): Condition {
  const inside = (number: number) => ranges.some(({ first, last }) => first <= number && number <= last);
  return { sql, test: { column, passes: (text) => text !== null && inside(Number(text)) } };
}
