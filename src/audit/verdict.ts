import type { Names } from '../names/names.js';
import { type Way, type WayFields, wayOf } from '../names/ways.js';
import { isoTime } from '../time/zone.js';
import type { AllowEntry, AllowList } from './allow-file.js';
import type { AllowedUse, DayTotals, Exception, ExceptionKind, Reason, Verdict } from './facts.js';
import { matchesTarget, type TargetAddress } from './target.js';
import type { Named } from './traffic.js';

/** A group of outward flows, as {@link outwardQuery} gives it, and what is known of it. */
interface Group {
  readonly srcaddr: string;
  readonly dstaddr: string;
  readonly protocol: number | null;
  readonly port: number | null;
  readonly action: string | null;
  /** Unix second at which the day began. */
  readonly day: number;
  readonly flows: number;
  readonly packets: number;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
  readonly way: Way;
  readonly kind: ExceptionKind;
  readonly interfaceId: string | undefined;
  readonly vpcId: string | undefined;
}

const TCP = 6;
/** A packet without data: headers of IPv6 and TCP with options (RFC 8200, RFC 9293). */
const BARE_PACKET = 100;

const text = (value: Named[string] | undefined): string | null =>
  value === null || value === undefined ? null : String(value);
const count = (value: Named[string] | undefined): number => Number(value ?? 0);

/** The columns of a group that tell the way. */
const WAY_FIELDS_OF: Readonly<Record<keyof WayFields, string>> = {
  dstaddr: 'dstaddr',
  action: 'action',
  flowDirection: 'flow_direction',
  trafficPath: 'traffic_path',
  pktDstAwsService: 'pkt_dst_aws_service',
  pktDstaddr: 'pkt_dstaddr',
  interfaceId: 'interface_id',
  interfaceType: 'interface_type',
  vpcId: 'vpc_id',
  resourceId: 'resource_id',
  nextHopInterfaceType: 'next_hop_interface_type',
  nextHopInterfaceId: 'next_hop_interface_id',
  nextHopVpcId: 'next_hop_vpc_id',
};

/** Which destinations answered, by {@link inwardQuery}: `outside inside protocol port`. */
export class Answers {
  private readonly answered = new Set<string>();

  add(row: Named): void {
    if (count(row.only_reset) === 1) return;
    this.answered.add(`${row.outside} ${row.inside} ${row.protocol} ${row.port}`);
  }

  has(srcaddr: string, dstaddr: string, protocol: number | null, port: number | null): boolean {
    return this.answered.has(`${dstaddr} ${srcaddr} ${protocol} ${port}`);
  }
}

/** What judging needs to know of the logs. */
export interface Judging {
  readonly list: AllowList;
  readonly names: Names;
  readonly zone: string;
  /** Whether the logs record TCP flags. */
  readonly flags: boolean;
}

/** Sorts outward flows into what the allow-list allows and what it does not. */
export class Judge {
  private readonly exceptions = new Map<string, Exception>();
  private readonly uses: Use[];
  private readonly held: Group[][];
  private readonly byDay = new Map<number, { allowed: number; leaked: number; attempts: number }>();

  constructor(
    private readonly judging: Judging,
    private readonly answers: Answers,
  ) {
    const { entries } = judging.list;
    this.uses = entries.map(() => new Use());
    // What an entry with a limit allows is known when the day is summed up.
    this.held = entries.map(() => []);
  }

  add(row: Named): void {
    const group = this.groupOf(row);
    const { entries } = this.judging.list;
    const index = entries.findIndex(
      (entry) => entry.approved !== undefined && this.refusal(entry, group) === undefined,
    );
    if (index < 0) this.except(group, this.nearest(group));
    else if (entries[index]!.maxBytesPerDay !== undefined) this.held[index]!.push(group);
    else this.allow(group, index);
  }

  /** All that was found. To be asked once, when all rows are added. */
  finish(): { exceptions: Exception[]; allowed: AllowedUse[]; days: DayTotals[] } {
    const { list, zone } = this.judging;
    for (const [index, groups] of this.held.entries()) this.limit(groups, index);
    const exceptions = [...this.exceptions.values()].sort(
      (a, b) =>
        ORDER[a.kind] - ORDER[b.kind] ||
        b.bytes - a.bytes ||
        a.first - b.first ||
        compare(a.srcaddr, b.srcaddr) ||
        compare(a.dstaddr, b.dstaddr),
    );
    const allowed = list.entries.map((entry, i) => this.uses[i]!.of(entry));
    const days = [...this.byDay]
      .sort(([a], [b]) => a - b)
      .map(([day, { allowed: allowedBytes, leaked: leakedBytes, attempts }]) => ({
        day: isoTime(day, zone).slice(0, 10),
        allowedBytes,
        leakedBytes,
        attempts,
      }));
    return { exceptions, allowed, days };
  }

  private groupOf(row: Named): Group {
    const { names } = this.judging;
    const fields: WayFields = Object.fromEntries(
      Object.entries(WAY_FIELDS_OF).map(([field, name]) => [
        field,
        row[name] === undefined ? undefined : text(row[name]),
      ]),
    );
    const first = count(row.first);
    const group = {
      srcaddr: String(row.srcaddr),
      dstaddr: String(row.dstaddr),
      protocol: row.protocol === null ? null : count(row.protocol),
      port: row.port === null ? null : count(row.port),
      action: text(row.action),
      day: count(row.day),
      flows: count(row.flows),
      packets: count(row.packets),
      bytes: count(row.bytes),
      first,
      last: count(row.last),
      way: wayOf(fields, names, first),
      interfaceId: fields.interfaceId ?? undefined,
      vpcId: fields.vpcId ?? undefined,
    };
    return { ...group, kind: this.kindOf(group, row) };
  }

  private kindOf(group: Omit<Group, 'kind'>, row: Named): ExceptionKind {
    const { srcaddr, dstaddr, protocol, port, action, packets, bytes } = group;
    if (action === 'REJECT' || count(row.only_reset) === 1) return 'attempt';
    if (row.opened === 'outside') return count(row.by_flags) === 1 ? 'reply' : 'undecided';
    if (protocol !== TCP || this.answers.has(srcaddr, dstaddr, protocol, port)) return 'leak';
    // Nobody answered. Data cannot follow on an open request alone.
    const onlyAsked = this.judging.flags
      ? count(row.only_syn) === 1
      : packets > 0 && bytes / packets < BARE_PACKET;
    return onlyAsked ? 'attempt' : 'leak';
  }

  /** Why an entry does not allow a group: the conditions in this order; undefined where it does. */
  private refusal(entry: AllowEntry, group: Group): string | undefined {
    const { names, zone } = this.judging;
    const { srcaddr, dstaddr, protocol, port, day, first, way, interfaceId, vpcId } = group;
    const around = { at: first, interfaceId, vpcId, way: way.way };
    const [src, dst]: TargetAddress[] = [
      { ...around, address: srcaddr },
      { ...around, address: dstaddr, host: srcaddr },
    ] as [TargetAddress, TargetAddress];
    const isAny = (targets: AllowEntry['to'], address: TargetAddress) =>
      targets.some((target) => matchesTarget(target, address, names));
    if (!isAny(entry.to, dst!)) return 'to';
    if (entry.from.length > 0 && !isAny(entry.from, src!)) return 'from';
    if (entry.protocols.length > 0 && (protocol === null || !entry.protocols.includes(protocol)))
      return 'protocol';
    if (
      entry.ports.length > 0 &&
      !entry.ports.some((range) => port !== null && range.first <= port && port <= range.last)
    )
      return 'ports';
    if (entry.ways.length > 0 && !entry.ways.some((each) => isWay(way.way, each))) return 'way';
    if (entry.expires !== undefined && isoTime(day, zone).slice(0, 10) > entry.expires) return 'expires';
    return undefined;
  }

  /** The entry that nearly allows a group, in words. */
  private nearest(group: Group): string | undefined {
    let best: { rank: number; said: string } | undefined;
    for (const entry of this.judging.list.entries) {
      const refusal = this.refusal(entry, group);
      const rank = refusal === undefined ? RANKS.length : RANKS.indexOf(refusal);
      if (rank < 1 || (best && best.rank >= rank)) continue;
      best = { rank, said: `entry at line ${entry.line}: ${sayRefusal(refusal, entry, group)}` };
    }
    return best?.said;
  }

  private allow(group: Group, index: number): void {
    this.uses[index]!.add(group);
    this.ofDay(group.day).allowed += group.kind === 'attempt' ? 0 : group.bytes;
  }

  private limit(groups: readonly Group[], index: number): void {
    const most = this.judging.list.entries[index]!.maxBytesPerDay!;
    const sums = new Map<number, number>();
    for (const { day, bytes } of groups) sums.set(day, (sums.get(day) ?? 0) + bytes);
    for (const group of groups) {
      const sum = sums.get(group.day)!;
      if (sum <= most) this.allow(group, index);
      else
        this.except(
          group,
          `entry at line ${this.judging.list.entries[index]!.line}: ${sum} bytes on that day, more than ${most}`,
        );
    }
  }

  private except(group: Group, nearly: string | undefined): void {
    const { kind, srcaddr, dstaddr, protocol, port, action, way, first, last, day } = group;
    const key = [kind, srcaddr, dstaddr, protocol, port, action, way.way, nearly].join(' ');
    const known = this.exceptions.get(key);
    const { names } = this.judging;
    const context = { interfaceId: group.interfaceId, vpcId: group.vpcId };
    const dst = known ? undefined : names.of(dstaddr, first, { ...context, host: srcaddr });
    this.exceptions.set(key, {
      ...(known ?? {
        kind,
        srcaddr,
        srcName: names.of(srcaddr, first, context)?.name,
        dstaddr,
        dstName: dst?.name,
        dstKind: dst?.kind,
        protocol,
        port,
        action,
        way: way.way,
        leaves: way.leaves,
        nearly,
      }),
      flows: (known?.flows ?? 0) + group.flows,
      packets: (known?.packets ?? 0) + group.packets,
      bytes: (known?.bytes ?? 0) + group.bytes,
      first: Math.min(known?.first ?? first, first),
      last: Math.max(known?.last ?? last, last),
    });
    const totals = this.ofDay(day);
    if (kind !== 'attempt') totals.leaked += group.bytes;
    if (kind === 'attempt') totals.attempts += group.flows;
  }

  private ofDay(day: number): { allowed: number; leaked: number; attempts: number } {
    const known = this.byDay.get(day);
    if (known) return known;
    const made = { allowed: 0, leaked: 0, attempts: 0 };
    this.byDay.set(day, made);
    return made;
  }
}

const ORDER: Readonly<Record<ExceptionKind, number>> = { leak: 0, undecided: 1, reply: 2, attempt: 3 };
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** In the order in which they are looked at: the later, the nearer. */
const RANKS = ['to', 'from', 'protocol', 'ports', 'way', 'expires'];

/** An entry says `gateway endpoint` for those of every service. */
const isWay = (way: string, wanted: string): boolean => way === wanted || way.startsWith(`${wanted} `);

function sayRefusal(refusal: string | undefined, entry: AllowEntry, { way, port, protocol }: Group): string {
  switch (refusal) {
    case 'from':
      return 'for other sources';
    case 'protocol':
      return `for another protocol than ${protocol ?? 'one that is not recorded'}`;
    case 'ports':
      return `for other ports than ${port ?? 'one that is not recorded'}`;
    case 'way':
      return `only by ${entry.ways.join(', ')}, not by ${way.way === 'unknown' ? 'an unknown way' : way.way}`;
    case 'expires':
      return `expired on ${entry.expires}`;
    default:
      return 'not approved yet';
  }
}

/** What an entry allowed. */
class Use {
  private flows = 0;
  private packets = 0;
  private bytes = 0;
  private attempts = 0;
  private readonly sources = new Set<string>();
  private readonly destinations = new Set<string>();
  private first: number | undefined;
  private last: number | undefined;

  add({ kind, flows, packets, bytes, srcaddr, dstaddr, first, last }: Group): void {
    this.flows += flows;
    this.packets += packets;
    this.bytes += bytes;
    if (kind === 'attempt') this.attempts += flows;
    this.sources.add(srcaddr);
    this.destinations.add(dstaddr);
    this.first = Math.min(this.first ?? first, first);
    this.last = Math.max(this.last ?? last, last);
  }

  of(entry: AllowEntry): AllowedUse {
    const { flows, packets, bytes, attempts, sources, destinations, first, last } = this;
    return {
      ...{ entry, pending: entry.approved === undefined, flows, packets, bytes, attempts, first, last },
      sources: sources.size,
      destinations: destinations.size,
    };
  }
}

/**
 * A leak is a leak, however incomplete the record; an answer to a connection that was opened from outside carries data out
 * too.
 */
export function verdictOf(exceptions: readonly Exception[], reasons: readonly Reason[]): Verdict {
  if (exceptions.some(({ kind }) => kind === 'leak' || kind === 'reply')) return 'not closed';
  return reasons.length > 0 ? 'cannot be said' : 'closed';
}
