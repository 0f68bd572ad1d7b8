import { join, type Sql, sql, trusted } from '../sql/sql.js';
import type { Condition } from './conditions.js';
import { Records, type Scope, select } from './scope.js';

/** Records with what is known of the connection that each is of. */
export interface Opened {
  /** The records that match, of a source with more columns. */
  readonly records: Records;
  /** The conditions that these records fulfil already, for what engines make of them. */
  readonly match: readonly Condition[];
  /** Whether the source opened the connection; NULL where neither flags nor ports tell. */
  readonly bySource: Sql;
  /** Whether flags showed it. */
  readonly byFlags: Sql;
  /** Number of the connection among those of its addresses, ports and protocol; where these were numbered; else 0. */
  readonly connection: Sql;
}

/**
 * Seconds without a packet after which a connection has ended, and the next record with its ports is of another: the idle
 * time-out of NAT gateways and Network Load Balancers (Amazon VPC User Guide, "NAT gateways"; Elastic Load Balancing).
 */
export const IDLE_TIMEOUT = 350;
/** Seconds in which packets still follow a FIN or RST, and the ports are not used again (TIME_WAIT). */
const TIME_WAIT = 60;

const [FIN, SYN, RST, ACK] = [1, 2, 4, 16] as const;
const TCP = 6;

/** Small numbers of this program's own stand in the text: Athena takes parameters in WHERE only. */
const literal = (number: number): Sql => trusted(String(number));

/** A power of two is in a number when what is left beyond the next one is at least that; alike in both engines. */
const has = (flags: Sql, bit: number) => sql`${flags} % ${literal(bit * 2)} >= ${literal(bit)}`;

/**
 * Ports of services (IANA: system ports), registered ones, and those that Linux, Windows and macOS give to clients. Where both
 * are of one range, they do not tell who opened.
 */
const rangeOfPort = (port: Sql) =>
  sql`CASE WHEN ${port} < 1024 THEN 0 WHEN ${port} < 32768 THEN 1 ELSE 2 END`;

/** By ports alone: the side with the service's port did not open. */
function byPorts(records: Records): Sql {
  const [src, dst] = ['srcport', 'dstport'].map((port) => rangeOfPort(records.value(port))) as [Sql, Sql];
  return sql`CASE WHEN ${src} <> ${dst} THEN ${src} > ${dst} END`;
}

/**
 * Who opened the connections that records are of.
 *
 * The flags of a record are those of all its packets in an aggregation interval. The side that opens sends SYN without ACK, the
 * other SYN-ACK (18); this holds for all records of the connection, until FIN or RST, a pause of {@link IDLE_TIMEOUT}, or
 * another handshake. Where no flags were recorded, or the handshake was before what is read, ports tell.
 *
 * @param match conditions that all records of a connection fulfil or none, in the direction that is asked for
 * @param numbered whether connections are numbered, also of other protocols; else only those are looked at closely that last
 *   for several records
 */
export function openers(
  scope: Scope,
  records: Records,
  match: readonly Condition[],
  { numbered = false } = {},
): Opened {
  const flags = records.optional('tcp_flags');
  // Without times, no record is known to follow another.
  const timed = records.optional('start') && records.optional('end');
  if (!timed || !(flags || numbered)) {
    const unknown = sql`false`;
    return { records, match, bySource: byPorts(records), byFlags: unknown, connection: sql`0` };
  }
  const { source } = records;
  const { from } = select(
    { ...scope, action: undefined, dstPorts: [], hours: undefined, where: [] },
    records,
    match,
  );
  const subquery = numbered
    ? numberedConnections(records, sql`SELECT * ${from}`)
    : longConnections(records, sql`SELECT * ${from}`);
  const opened = new Records(
    { ...source, from: sql`(${subquery}) AS opened`, where: [] },
    records.question,
    records.repeats,
  );
  return {
    records: opened,
    match: match.map(({ narrowing }) => ({ sql: sql`true`, narrowing })),
    bySource: sql`opened_by_source`,
    byFlags: sql`opened_by_flags`,
    connection: sql`connection`,
  };
}

const flagOf = (records: Records, bit: number): Sql => {
  const flags = records.optional('tcp_flags');
  if (!flags) return sql`false`;
  return sql`coalesce(${records.value('protocol')} = ${literal(TCP)} AND ${has(flags, bit)}, false)`;
};

/** The ends of a connection in an order that is the same in both directions, and its protocol. */
function ends(records: Records): { forward: Sql; keys: Sql[] } {
  const value = (name: string) => records.value(name);
  const [src, dst, from, to] = ['srcaddr', 'dstaddr', 'srcport', 'dstport'].map(value) as [
    Sql,
    Sql,
    Sql,
    Sql,
  ];
  const forward = sql`(${src} < ${dst} OR (${src} = ${dst} AND ${from} <= ${to}))`;
  const side = (first: Sql, second: Sql) => sql`CASE WHEN ${forward} THEN ${first} ELSE ${second} END`;
  return {
    forward,
    keys: [side(src, dst), side(dst, src), side(from, to), side(to, from), value('protocol')],
  };
}

const KEYS = ['end_a', 'end_b', 'port_a', 'port_b', 'of_protocol'].map(trusted);
const named = (keys: readonly Sql[]) => keys.map((key, i) => sql`${key} AS ${KEYS[i]!}`);

/**
 * Most connections end in the interval in which they began, and their records show who opened them. Where reading again costs
 * nothing, only the others are put in order; Athena bills each reading.
 */
function longConnections(records: Records, read: Sql): Sql {
  if (!records.source.dialect.rereads) return numberedConnections(records, read);
  const value = (name: string) => records.value(name);
  const [src, dst, from, to] = ['srcaddr', 'dstaddr', 'srcport', 'dstport'].map(value) as [
    Sql,
    Sql,
    Sql,
    Sql,
  ];
  const syn = flagOf(records, SYN);
  const tcp = sql`${value('protocol')} = ${literal(TCP)}`;
  const long = sql`coalesce(${tcp} AND (${join([src, dst, from, to])}) IN (SELECT src, dst, src_port, dst_port FROM long_connections), false)`;
  // To keep what was read takes more time, and far more memory, than to read it again, where it need not be converted.
  return sql`WITH read AS ${records.source.dialect.readAgain} (
${read}
), long_records AS (
SELECT DISTINCT ${src} AS src, ${dst} AS dst, ${from} AS src_port, ${to} AS dst_port
FROM read
WHERE ${tcp} AND NOT ${syn}
), long_connections AS (
SELECT * FROM long_records
UNION ALL
SELECT dst, src, dst_port, src_port FROM long_records
)
SELECT *, CASE WHEN ${syn} THEN NOT ${flagOf(records, ACK)} ELSE ${byPorts(records)} END AS opened_by_source, ${syn} AS opened_by_flags
FROM read
WHERE NOT ${long}
UNION ALL BY NAME
SELECT *
FROM (${numberedConnections(records, sql`SELECT * FROM read WHERE ${long}`)})`;
}

/** A new connection begins at a record, by what came before it with the same ends. */
function begins(start: Sql): Sql {
  const before = (name: string) => sql`coalesce(${trusted(name)}, -1)`;
  const [opened, settled] = ['opened', 'settled'].map(
    (name) => sql`greatest(${before(`${name}_a`)}, ${before(`${name}_b`)})`,
  ) as [Sql, Sql];
  const own = sql`CASE WHEN forward THEN ${before('settled_a')} ELSE ${before('settled_b')} END`;
  const answered = sql`CASE WHEN forward THEN ${before('answered_a')} ELSE ${before('answered_b')} END`;
  const late = literal(TIME_WAIT);
  return sql`CASE WHEN until IS NULL OR ${start} - until > ${literal(IDLE_TIMEOUT)}
  OR (opener = 1 AND ${before('opened_b')} > ${before('opened_a')}) OR (opener = 0 AND ${before('opened_a')} > ${before('opened_b')})
  OR (syn AND NOT ack AND ${settled} >= ${opened} AND CASE WHEN ${own} >= 0 THEN ${own} ELSE ${settled} END < ${start})
  OR (syn AND ack AND ${own} >= 0 AND ${own} < ${start} AND ${answered} >= ${before('asked')})
  OR (NOT syn AND ${start} > ended + ${late} AND until <= ended + ${late} AND ${opened} <= ended)
  THEN 1 ELSE 0 END`;
}

/** Puts the records of each pair of ends in order, and finds where connections begin. */
function numberedConnections(records: Records, read: Sql): Sql {
  const { forward, keys } = ends(records);
  const [start, end] = [records.value('start'), records.value('end')];
  const among = join(KEYS);
  const order = sql`${start}, ack, ${end}, forward, fin`;
  const before = sql`OVER (PARTITION BY ${among} ORDER BY ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`;
  const latest = (value: Sql, condition: Sql, name: string) =>
    sql`max(CASE WHEN ${condition} THEN ${value} END) ${before} AS ${trusted(name)}`;
  return sql`WITH flagged AS (
SELECT *, ${flagOf(records, SYN)} AS syn, ${flagOf(records, ACK)} AS ack,
  ${flagOf(records, FIN)} OR ${flagOf(records, RST)} AS fin,
  ${forward} AS forward, ${join(named(keys))}
FROM (${read}) AS logs
), sided AS (
SELECT *, CASE WHEN syn THEN CASE WHEN ack <> forward THEN 1 ELSE 0 END END AS opener
FROM flagged
), ordered AS (
SELECT *, max(${end}) ${before} AS until,
  ${join(
    [
      latest(end, sql`fin`, 'ended'),
      latest(end, sql`forward AND (fin OR NOT syn)`, 'settled_a'),
      latest(end, sql`NOT forward AND (fin OR NOT syn)`, 'settled_b'),
      latest(start, sql`forward AND (fin OR NOT syn)`, 'answered_a'),
      latest(start, sql`NOT forward AND (fin OR NOT syn)`, 'answered_b'),
      latest(start, sql`syn AND NOT ack`, 'asked'),
      latest(start, sql`opener = 1`, 'opened_a'),
      latest(start, sql`opener = 0`, 'opened_b'),
    ],
    ',\n  ',
  )}
FROM sided
), begun AS (
SELECT *, ${begins(start)} AS begins
FROM ordered
), numbered AS (
SELECT *, sum(begins) OVER (PARTITION BY ${among} ORDER BY ${order}, begins DESC ROWS UNBOUNDED PRECEDING) AS connection
FROM begun
), shown AS (
SELECT *, max(opener) OVER (PARTITION BY ${among}, connection) AS a_opened
FROM numbered
)
SELECT *,
  CASE WHEN a_opened IS NOT NULL THEN (a_opened = 1) = forward ELSE ${byPorts(records)} END AS opened_by_source,
  a_opened IS NOT NULL AS opened_by_flags
FROM shown`;
}

/** That the source opened the connection, or that nothing tells: an investigation would rather see too much. */
export const mayOpen = ({ bySource }: Opened): Condition => ({ sql: sql`coalesce(${bySource}, true)` });

/** That the port of the side that was opened to is one of these; either port, where nothing tells. */
export function servicePort({ records, bySource }: Opened, holds: (port: Sql) => Sql): Condition {
  const [from, to] = [records.value('srcport'), records.value('dstport')];
  return {
    sql: sql`CASE WHEN ${bySource} THEN ${holds(to)} WHEN NOT ${bySource} THEN ${holds(from)} ELSE ${holds(from)} OR ${holds(to)} END`,
  };
}
