import { quotedText } from '../sql/sql.js';

/**
 * The order of records in a file of a store: first by kind, so that what left a network, which is little, does not stand among
 * what stayed in it, which is most; then by the address that is inside, the sender's where both are. Row groups are not shared by kinds:
 * so the least and the greatest address of a row group tell a reader whether it can skip it.
 *
 * It is no promise: a store is right in any order, and files of older versions have another.
 */
export const RECORD_KINDS = ['no flow', 'outward', 'inward', 'inside', 'elsewhere'] as const;

/** Addresses that belong to nobody in particular, as text: of RFC 1918, 6598, 3927, 1122, 4193 and 4291. */
const PRIVATE =
  '^(10[.]|192[.]168[.]|172[.](1[6-9]|2[0-9]|3[01])[.]|100[.](6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])[.]|169[.]254[.]|127[.]|[fF][cCdD][0-9a-fA-F]{2}:|[fF][eE][89abAB][0-9a-fA-F]:)';
const pattern = new RegExp(PRIVATE);

/** Whether an address is one of those that networks use inside. */
export const isPrivate = (address: string): boolean => pattern.test(address);

/** A day's records below this are not kept apart by kind: many tiny row groups cost more than they save. */
const FEW = 16_384;

/**
 * How many rows each row group of a day has.
 *
 * @param kinds rows of each kind, in the order of {@link RECORD_KINDS}
 * @param most rows of a row group
 */
export function rowGroups(kinds: readonly number[], most: number): number[] {
  const all = kinds.reduce((sum, rows) => sum + rows, 0);
  return (all < FEW ? [all] : kinds).flatMap((rows) => {
    // As even as they can be, so that none is very small.
    const groups = Math.ceil(rows / most);
    const end = (i: number) => Math.floor((i * rows) / groups);
    return Array.from({ length: groups }, (_, i) => end(i + 1) - end(i));
  });
}

/**
 * The same order for what DuckDB writes, as an ORDER BY; empty for records without addresses.
 *
 * @param columns that the records have
 */
export function orderBy(columns: readonly string[]): string {
  const [source, target] = ['srcaddr', 'dstaddr'].map((name) => columns.includes(name));
  const inside = (address: string) => `regexp_matches(${address}, ${quotedText(PRIVATE)})`;
  const kind =
    'CASE WHEN srcaddr IS NULL OR dstaddr IS NULL THEN 0 ' +
    `WHEN ${inside('srcaddr')} THEN CASE WHEN ${inside('dstaddr')} THEN 3 ELSE 1 END ` +
    `WHEN ${inside('dstaddr')} THEN 2 ELSE 4 END`;
  const inward = `${inside('dstaddr')} AND NOT ${inside('srcaddr')}`;
  const by =
    source && target
      ? [kind, `CASE WHEN ${inward} THEN dstaddr ELSE srcaddr END`]
      : [...(source ? ['srcaddr'] : []), ...(target ? ['dstaddr'] : [])];
  if (columns.includes('start')) by.push('start');
  return by.length === 0 ? '' : `ORDER BY ${by.map((each) => `${each} NULLS FIRST`).join(', ')}`;
}
