import type { Source } from '../sql/query.js';
import { any, every, inlined, join, nothing, type Sql, sql, trusted } from '../sql/sql.js';
import { type Condition, holds } from './conditions.js';
import { interfaceOwners, isPrivate } from './interface-owners.js';
import { Records, type Scope, selected } from './scope.js';

/** Records of which each byte is in one, and what is left to ask of them. */
export interface Once {
  readonly records: Records;
  readonly match: readonly Condition[];
}

/** The conditions of a question on records. */
export type Match = (records: Records) => readonly Condition[];

/** The value of a field as it is recorded, where these logs have it. */
function stored({ fields, lacking, dialect, stored = dialect.value }: Source, name: string): Sql | undefined {
  const field = lacking?.has(name) ? undefined : fields.get(name);
  return field && stored(field);
}

/** By the addresses in the packets, where recorded. */
class PacketRecords extends Records {
  override value(name: string): Sql {
    return this.packet(name) ?? super.value(name);
  }

  override needed(name: string, purpose?: string): Sql {
    return this.packet(name) ?? super.needed(name, purpose);
  }

  private packet(name: string): Sql | undefined {
    if (name !== 'srcaddr' && name !== 'dstaddr') return undefined;
    const [packet, address] = [`pkt_${name}`, name].map((each) => stored(this.source, each));
    return packet && address && sql`coalesce(${packet}, ${address})`;
  }
}

/** Interfaces of AWS's own appliances, which pass on what others send (field interface-type). */
const APPLIANCES = [
  'nat_gateway',
  'regional_nat_gateway',
  'network_load_balancer',
  'transit_gateway',
  'vpc_endpoint',
];

/** What counting needs of a record. */
interface Values {
  readonly src: Sql;
  readonly dst: Sql;
  readonly start: Sql;
  readonly end: Sql;
  /** Whether it tells of traffic that was not refused. */
  readonly accepted: Sql;
  readonly interface: Sql | undefined;
  readonly direction: Sql | undefined;
  /** Whether it is of a regional NAT gateway, which has no interface. */
  readonly regional: Sql | undefined;
  /** Undefined where no addresses of packets are recorded. */
  readonly packets: Packets | undefined;
  readonly resource: Sql | undefined;
  /** Whether a regional NAT gateway sent it out. */
  readonly outward: Sql;
}

interface Packets {
  readonly src: Sql;
  readonly dst: Sql;
  /** Whether the address in the packet is another than that of the interface. */
  readonly srcHidden: Sql;
  readonly dstHidden: Sql;
  /** Whether the hidden address is that of a host beyond a gateway, not a pod or another address of the interface itself. */
  readonly passedOn: Sql;
}

function valuesOf({ source }: Records): Values | undefined {
  const value = (name: string) => stored(source, name);
  const [src, dst, start, end] = ['srcaddr', 'dstaddr', 'start', 'end'].map(value);
  // A transit gateway's records are one per flow and attachment.
  if (!src || !dst || !start || !end || source.fields.has('tgw_id')) return undefined;
  const [on, direction, resource, action] = ['interface_id', 'flow_direction', 'resource_id', 'action'].map(
    value,
  );
  const regional = on && resource && sql`(${on} IS NULL AND ${resource} IS NOT NULL)`;
  const [srcport, dstport] = ['srcport', 'dstport'].map(value);
  const byPort = srcport && dstport ? sql`${srcport} >= ${dstport}` : sql`true`;
  return {
    ...{ src, dst, start, end, direction, regional, resource },
    accepted: action ? sql`coalesce(${action} <> 'REJECT', true)` : sql`true`,
    interface: on,
    packets: packetsOf(source),
    outward: direction ? sql`coalesce(${direction} = 'egress', ${byPort})` : byPort,
  };
}

/** What the addresses of packets tell, where they are recorded. */
export function packetsOf(source: Source): Packets | undefined {
  const value = (name: string) => stored(source, name);
  const [src, dst, from, to] = ['srcaddr', 'dstaddr', 'pkt_srcaddr', 'pkt_dstaddr'].map(value);
  if (!src || !dst || !from || !to) return undefined;
  const [srcHidden, dstHidden] = [
    sql`coalesce(${from} <> ${src}, false)`,
    sql`coalesce(${to} <> ${dst}, false)`,
  ];
  const [type, instance] = ['interface_type', 'instance_id'].map(value);
  const hidden = sql`CASE WHEN ${srcHidden} THEN ${from} ELSE ${to} END`;
  const signs = [
    ...(type
      ? [sql`coalesce(${type} IN (${trusted(APPLIANCES.map((name) => `'${name}'`).join(', '))}), false)`]
      : []),
    // Nodes of pods have an instance; the interface of a gateway has none.
    ...(instance ? [sql`${instance} IS NULL`] : []),
    sql`NOT (${isPrivate(hidden)})`,
  ];
  return {
    ...{ srcHidden, dstHidden },
    src: sql`coalesce(${from}, ${src})`,
    dst: sql`coalesce(${to}, ${dst})`,
    passedOn: sql`CASE WHEN ${srcHidden} OR ${dstHidden} THEN ${join(signs, ' OR ')} ELSE false END`,
  };
}

/**
 * The same records without those that repeat what another record of the answer says, so that sums count each byte once:
 *
 * - Traffic between two recorded interfaces counts where it was sent. The receiver's record counts when the sender's interface
 *   recorded nothing in that hour.
 * - Traffic through a NAT gateway or load balancer counts at the interface behind it, else on the side of the gateway that knows
 *   both ends. The gateway's other side is a repeat.
 * - A refused packet is a statement of its own: what the sender's interface let out and the receiver's refused counts under
 *   both actions.
 *
 * Only a record that the question asks for stands in for another.
 *
 * @param match the conditions of the question, on records by either kind of address
 * @param merged whether the question itself merges what several interfaces recorded between the same addresses
 */
export function countOnce(scope: Scope, records: Records, match: Match, { merged = false } = {}): Once {
  const own = match(records);
  const values = valuesOf(records);
  if (merged && !values?.packets && !values?.regional) return { records, match: own };
  if (scope.countAll || !values || (!values.interface && !values.direction)) return { records, match: own };
  const behind = behindOf(records, match, own);
  const kept = keepOne(
    records,
    values,
    selected(scope, records, either(own, behind)),
    behind && { own: inlined(all(own)), behind: inlined(behind) },
    merged,
  );
  // What passes through a gateway within the VPC may be for an address beyond it.
  const rest = own.map(({ sql: text, narrowing }) => ({
    sql: behind ? text : sql`true`,
    narrowing: behind && narrowing?.noneOf ? undefined : narrowing,
  }));
  return { records: kept, match: rest };
}

const all = (conditions: readonly Condition[]): Sql => every(conditions.map(({ sql: text }) => text));

/** The conditions of a question by the addresses of the packets, where these are others than its own. */
function behindOf(records: Records, match: Match, own: readonly Condition[]): Sql | undefined {
  if (!packetsOf(records.source)) return undefined;
  const behind = all(match(new PacketRecords(records.source, records.question)));
  return behind.sql === all(own).sql ? undefined : behind;
}

const either = (own: readonly Condition[], behind: Sql | undefined): readonly Condition[] =>
  behind ? [holds(sql`(${all(own)}\n  OR ${behind})`)] : own;

/** What counting looks at: what is asked about by either kind of address. */
export function lookedAt(records: Records, match: Match): readonly Condition[] {
  const own = match(records);
  return either(own, behindOf(records, match, own));
}

const hourOf = (epoch: Sql) => sql`(${epoch} - (${epoch}) % 3600)`;

/**
 * The keys of records with the hours, by their first second, in which they were recorded, and those within ten minutes of that: an
 * interface need not close its intervals when another one does, and none is longer. An hour may come twice.
 *
 * @param keys columns by name
 * @param all what must hold for all records of an hour; each hour comes once then
 */
function hoursOf(
  keys: Readonly<Record<string, Sql>>,
  { start, end }: Values,
  from: Sql,
  conditions: readonly Sql[],
  all?: Sql,
): Sql {
  const names = trusted(Object.keys(keys).join(', '));
  const columns = Object.entries(keys).map(([name, value]) => sql`${value} AS ${trusted(name)}`);
  const groups = trusted(Array.from({ length: columns.length + 1 }, (_, i) => i + 1).join(', '));
  return sql`SELECT ${names}, once_near.near AS once_hour
FROM (
SELECT ${join(columns, ', ')}, ${hourOf(start)} AS begun, min(${start}) AS begun_first, max(${end}) AS ended_last${all ? sql`, bool_and(${all}) AS held` : nothing}
FROM ${from}
WHERE ${every(conditions)}
GROUP BY ${groups}
) AS once_begun
CROSS JOIN UNNEST(ARRAY[begun, ${hourOf(sql`begun_first - 600`)}, ${hourOf(sql`ended_last + 600`)}]) AS once_near(near)
${all ? sql`GROUP BY ${groups}\nHAVING bool_and(held)` : nothing}`;
}

/** @param passed the question's conditions on the addresses of the interface and of the packet, where they differ */
function keepOne(
  { source, question }: Records,
  values: Values,
  from: Sql,
  passed: { own: Sql; behind: Sql } | undefined,
  merged: boolean,
): Records {
  const { src, dst, accepted, packets, regional } = values;
  const { sent, joined, owners, seen } = owned(values, passed !== undefined);
  const hour = hourOf(values.start);
  // Most records need no look at one end or the other.
  const hidden = packets && sql`(${packets.srcHidden} OR ${packets.dstHidden})`;
  const looked = [...(hidden ? [hidden] : []), ...(regional ? [regional] : [])];
  const when = (condition: Sql, end: Sql) => sql`CASE WHEN ${condition} THEN ${end} END`;
  const sender = when(any([...(merged ? [] : [sql`NOT ${sent}`]), ...looked]), packets?.src ?? src);
  const receiver = when(any(looked), packets?.dst ?? dst);
  const [senderSeen, receiverSeen] = [
    sql`coalesce(once_sender.sent, false)`,
    sql`coalesce(once_receiver.got, false)`,
  ];
  const through = packets && (passed ? hidden! : packets.passedOn);
  const cases = [
    sql`WHEN NOT ${accepted} THEN false`,
    ...(regional ? [sql`WHEN ${regional} THEN ${senderSeen} OR ${receiverSeen}`] : []),
    ...(packets
      ? [
          sql`WHEN ${through!} THEN ${passed ? sql`coalesce(${passed.behind}, false) AND ` : nothing}CASE WHEN ${packets.srcHidden} AND ${packets.dstHidden} THEN false WHEN ${packets.srcHidden} THEN ${receiverSeen} ELSE ${senderSeen} END`,
        ]
      : []),
  ];
  const gateways = packets || regional ? gatewaysOf(values, passed) : undefined;
  const again = source.dialect.readAgain;
  const sided = sql`once_sided AS ${again} (
SELECT once_flow.*, ${sent} AS once_sent, CASE ${join(cases, ' ')} ELSE ${merged ? sql`false` : sql`NOT ${sent} AND ${senderSeen}`} END AS once_repeated
FROM ${joined}
LEFT JOIN once_owned once_sender ON once_sender.address = ${sender} AND once_sender.once_hour = ${hour}${gateways ? sql`\nLEFT JOIN once_owned once_receiver ON once_receiver.address = ${receiver} AND once_receiver.once_hour = ${hour}` : nothing}
)`;
  const all = [
    sql`once_flow AS ${again} (\nSELECT *\n${from}\n)`,
    ...owners,
    seen,
    sided,
    ...(gateways ? [gateways.table] : []),
  ];
  return new Records(
    {
      ...source,
      from: sql`(
WITH ${join(all, ', ')}
SELECT once_sided.*, once_repeated${gateways ? sql` OR ${gateways.outer}` : nothing} AS once_repeats
FROM once_sided${gateways ? gateways.join : nothing}
) AS flow`,
      where: [regional ? sql`(NOT once_repeats OR ${regional})` : sql`NOT once_repeats`],
    },
    question,
    regional && sql`once_repeats`,
  );
}

/**
 * The same records with whether the interface that recorded each sent it; NULL where that cannot be told.
 *
 * @throws UsageError where the logs lack what tells
 */
export function sentByInterface(
  scope: Scope,
  records: Records,
  match: Match,
): Once & { readonly sent: Sql | undefined } {
  const own = match(records);
  const values = valuesOf(records);
  if (!values || (!values.interface && !values.direction)) return { records, match: own, sent: undefined };
  const { sent, unknown, joined, owners } = owned(values, true);
  const [from, to] = [isPrivate(values.src), isPrivate(values.dst)];
  // An interface that has several addresses is taken for the end that is not on the internet.
  const likely = sql`CASE WHEN ${from} AND NOT (${to}) THEN true WHEN ${to} AND NOT (${from}) THEN false END`;
  const { source, question } = records;
  const flow = sql`once_flow AS ${source.dialect.readAgain} (\nSELECT *\n${selected(scope, records, own)}\n)`;
  const table = sql`(
WITH ${join([flow, ...owners], ', ')}
SELECT once_flow.*, CASE WHEN ${unknown} THEN ${likely} ELSE ${sent} END AS once_sent
FROM ${joined}
) AS flow`;
  return {
    records: new Records({ ...source, from: table, where: [] }, question, records.repeats),
    match: own,
    sent: sql`once_sent`,
  };
}

/** Which addresses interfaces have, and `once_owned`: the hours in which an interface recorded what these sent and received. */
function owned(
  values: Values,
  plainOnly: boolean,
): { sent: Sql; unknown: Sql; joined: Sql; owners: readonly Sql[]; seen: Sql } {
  const { src, dst, accepted, packets, direction } = values;
  const on = values.interface;
  const [from, to] = packets && !plainOnly ? [packets.src, packets.dst] : [src, dst];
  const hidden =
    packets && (plainOnly ? sql`(${packets.srcHidden} OR ${packets.dstHidden})` : packets.passedOn);
  // A host beyond a gateway is not at the gateway's interface.
  const beyond = hidden ? [sql`NOT ${hidden}`] : [];
  const known = on ? [sql`${on} IS NOT NULL`] : [];
  const tables: Sql[] = [];
  const owners: Sql[] = [];
  let [joined, sent, unknown] = [sql`once_flow`, sql`false`, sql`true`];
  if (on) {
    const undirected = direction
      ? sql`(SELECT * FROM once_flow WHERE ${direction} IS NULL) AS once_undirected`
      : sql`once_flow`;
    owners.push(interfaceOwners(undirected, { interface: on, src, dst }));
    // A record of what was skipped (SKIPDATA) shows no flow.
    tables.push(sql`SELECT own AS address, once_hour, true AS sent, true AS got
FROM (
${hoursOf({ recorder: on }, values, undirected, [accepted, sql`${src} IS NOT NULL`])}
) AS once_recorders JOIN once_own ON once_interface = recorder
WHERE own IS NOT NULL`);
    const interfaceOf = direction ? sql`CASE WHEN ${direction} IS NULL THEN ${on} END` : on;
    joined = sql`once_flow LEFT JOIN once_owners ON once_interface = ${interfaceOf}`;
    sent = sql`(coalesce(${src} = own_4, false) OR coalesce(${src} = own_6, false))`;
    unknown = sql`(own_4 IS NULL AND own_6 IS NULL)`;
    if (packets && !plainOnly) {
      // Pods, and other addresses of an interface.
      const conditions = [packets.srcHidden, ...beyond, sent, accepted];
      tables.push(sql`SELECT address, once_hour, true AS sent, true AS got
FROM (
${hoursOf({ address: from }, values, joined, conditions)}
) AS once_pods`);
    }
  }
  if (direction) {
    const out = sql`${direction} = 'egress'`;
    const keys = { address: sql`CASE WHEN ${out} THEN ${from} ELSE ${to} END`, sent: out };
    const conditions = [sql`${direction} IS NOT NULL`, accepted, ...known, ...beyond];
    tables.push(sql`SELECT address, once_hour, sent, NOT sent AS got
FROM (
${hoursOf(keys, values, sql`once_flow`, conditions)}
) AS once_sides`);
    sent = sql`CASE WHEN ${direction} IS NULL THEN ${sent} ELSE ${out} END`;
    unknown = sql`(${direction} IS NULL AND ${unknown})`;
  }
  const seen = sql`once_owned AS (
SELECT address, once_hour, bool_or(sent) AS sent, bool_or(got) AS got
FROM (
${join(tables, '\nUNION ALL\n')}
) AS once_tables
GROUP BY 1, 2
)`;
  return { sent, unknown, joined, owners, seen };
}

/**
 * With whom gateways speak for those behind them, from what they recorded on the inside: the records of their other side repeat
 * that. Where the question asks for only some of those behind a gateway, the other side counts.
 */
function gatewaysOf(
  values: Values,
  passed: { own: Sql; behind: Sql } | undefined,
): { table: Sql; join: Sql; outer: Sql } {
  const { src, dst, accepted, packets, regional, resource, outward } = values;
  const within = regional ? [isPrivate(src), isPrivate(dst)] : [];
  const pick = (zonal: Sql, ofRegional: Sql): Sql =>
    packets && regional
      ? sql`CASE WHEN ${regional} THEN ${ofRegional} ELSE ${zonal} END`
      : packets
        ? zonal
        : ofRegional;
  const none = sql`CAST(NULL AS VARCHAR)`;
  const [srcHidden, hiddenSrc, hiddenDst] = packets
    ? [packets.srcHidden, packets.src, packets.dst]
    : [sql`false`, none, none];
  const side = (condition: Sql, yes: Sql, no: Sql) => sql`CASE WHEN ${condition} THEN ${yes} ELSE ${no} END`;
  const innerOfRegional = regional && sql`(${regional} AND (${join(within, ' OR ')}))`;
  const inner = [...(packets ? [packets.passedOn] : []), ...(innerOfRegional ? [innerOfRegional] : [])];
  const covered = passed ? sql`coalesce(${passed.own}, false) OR once_repeated` : sql`true`;
  const gateway = pick(side(srcHidden, src, dst), resource ?? none);
  const peer = pick(side(srcHidden, hiddenSrc, hiddenDst), regional ? side(within[0]!, dst, src) : none);
  const outerGateway = pick(side(sql`once_sent`, src, dst), resource ?? none);
  const outerPeer = pick(side(sql`once_sent`, dst, src), side(outward, dst, src));
  const notInner = [
    ...(packets ? [sql`NOT ${packets.srcHidden}`, sql`NOT ${packets.dstHidden}`] : []),
    ...(innerOfRegional ? [sql`NOT ${innerOfRegional}`] : []),
    ...(packets ? [] : [regional!]),
  ];
  return {
    table: sql`once_gateways AS (
${hoursOf(
  { once_gateway: gateway, once_peer: peer },
  values,
  passed ? sql`once_sided` : sql`once_flow`,
  [sql`(${join(inner, ' OR ')})`, accepted],
  covered,
)}
)`,
    join: sql`\nLEFT JOIN once_gateways ON once_gateway = ${outerGateway} AND once_peer = ${outerPeer} AND once_gateways.once_hour = ${hourOf(values.start)}`,
    outer: sql`(${every([...notInner, accepted, sql`once_gateway IS NOT NULL`])})`,
  };
}
