import { any, type Sql, sql, trusted } from '../sql/sql.js';

/** Whether an address is no part of the internet, by its text: RFC 1918, RFC 6598 and RFC 4193. */
export function isPrivate(address: Sql): Sql {
  const second = (first: string, from: number, to: number) =>
    sql`(${address} LIKE ${trusted(`'${first}.%'`)} AND TRY_CAST(split_part(${address}, '.', 2) AS INTEGER) BETWEEN ${trusted(`${from} AND ${to}`)})`;
  const begins = ['10.%', '192.168.%', 'fc%:%', 'fd%:%'].map(
    (text) => sql`${address} LIKE ${trusted(`'${text}'`)}`,
  );
  return any([...begins, second('172', 16, 31), second('100', 64, 127)]);
}

/** The values of a record that tell whose interface recorded it. */
export interface RecordedAt {
  readonly interface: Sql;
  readonly src: Sql;
  readonly dst: Sql;
}

/**
 * Common table expressions that find the address of each interface where logs do not record the direction: each record of an
 * interface has the interface's own address at one end, so it is the one that all its records have in common.
 *
 * With one peer only, both ends are. Then the private address is the interface's own; else the one that no other interface has;
 * else, of two interfaces that saw the same two addresses, each has one.
 *
 * `once_own` has a row for each interface and family, `once_owners` one for each interface.
 *
 * @param from the name of the records
 */
export function interfaceOwners(from: Sql, at: RecordedAt): Sql {
  const { src, dst } = at;
  const [low, high] = [sql`least(${src}, ${dst})`, sql`greatest(${src}, ${dst})`];
  const privateA = isPrivate(sql`low_first`);
  const privateB = isPrivate(sql`high_first`);
  return sql`once_seen AS (
SELECT ${at.interface} AS once_interface, strpos(${src}, ':') > 0 AS once_v6,
  min(${low}) AS low_first, max(${low}) AS low_last, min(${high}) AS high_first, max(${high}) AS high_last
FROM ${from}
WHERE ${at.interface} IS NOT NULL AND ${src} IS NOT NULL AND ${dst} IS NOT NULL
GROUP BY 1, 2
), once_common AS (
SELECT *, low_first = low_last AND high_first = high_last AND low_first <> high_first AS one_peer,
  CASE
    WHEN low_last = high_first THEN low_last
    WHEN low_first = low_last AND high_first = high_last THEN CASE WHEN ${privateA} AND NOT ${privateB} THEN low_first WHEN ${privateB} AND NOT ${privateA} THEN high_first END
    WHEN low_first = low_last THEN low_first
    WHEN high_first = high_last THEN high_first
  END AS common
FROM once_seen
), once_left AS (
SELECT mine.*, count(*) OVER (PARTITION BY low_first, high_first, common) AS alike,
  min(once_interface) OVER (PARTITION BY low_first, high_first, common) AS first_alike,
  others_low.address IS NOT NULL AS low_taken, others_high.address IS NOT NULL AS high_taken
FROM once_common mine
LEFT JOIN (SELECT DISTINCT common AS address FROM once_common) others_low ON others_low.address = low_first
LEFT JOIN (SELECT DISTINCT common AS address FROM once_common) others_high ON others_high.address = high_first
), once_own AS (
SELECT once_interface, once_v6,
  CASE
    WHEN common IS NOT NULL OR NOT one_peer THEN common
    WHEN low_taken AND NOT high_taken THEN high_first
    WHEN high_taken AND NOT low_taken THEN low_first
    WHEN alike > 1 AND once_interface = first_alike THEN low_first
    WHEN alike > 1 THEN high_first
  END AS own
FROM once_left
), once_owners AS (
SELECT once_interface, max(CASE WHEN NOT once_v6 THEN own END) AS own_4, max(CASE WHEN once_v6 THEN own END) AS own_6
FROM once_own
GROUP BY once_interface
)`;
}
