import type { Names } from '../names/names.js';
import { isoTime } from '../time/zone.js';
import type { AllowEntry, AllowList } from './allow-file.js';
import type {
  AllowedUse,
  DayTotals,
  DestinationTotals,
  Exception,
  ExceptionKind,
  Reason,
  Verdict,
} from './facts.js';
import { type FlowGroup, type Refusal, refusalOf } from './flow-group.js';

/** What judging needs to know. */
export interface Judging {
  readonly list: AllowList;
  readonly names: Names;
  readonly zone: string;
}

/** Destinations that the facts name. */
const MOST_DESTINATIONS = 20;

/** Sorts outward flows into what the allow-list allows and what it does not. */
export class Judge {
  private readonly exceptions = new Map<string, Exception>();
  private readonly uses: Use[];
  private readonly held: FlowGroup[][];
  private readonly byDestination = new Map<string, { group: FlowGroup; allowed: number; leaked: number }>();
  private readonly byDay = new Map<number, { allowed: number; leaked: number; attempts: number }>();

  constructor(private readonly judging: Judging) {
    const { entries } = judging.list;
    this.uses = entries.map(() => new Use());
    // What an entry with a limit allows is known at the end of the day.
    this.held = entries.map(() => []);
  }

  add(group: FlowGroup): void {
    const { entries } = this.judging.list;
    const index = entries.findIndex(
      (entry) => entry.approved !== undefined && this.refusal(entry, group) === undefined,
    );
    if (index < 0) this.except(group, this.nearest(group));
    else if (entries[index]!.maxBytesPerDay !== undefined) this.held[index]!.push(group);
    else this.allow(group, index);
  }

  /** All that was found. To be asked once, when all rows are added. */
  finish(): {
    exceptions: Exception[];
    allowed: AllowedUse[];
    days: DayTotals[];
    destinations: DestinationTotals[];
  } {
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
    return { exceptions, allowed, days, destinations: this.destinations() };
  }

  private destinations(): DestinationTotals[] {
    const { names } = this.judging;
    return [...this.byDestination.values()]
      .sort(
        (a, b) => b.allowed + b.leaked - a.allowed - a.leaked || compare(a.group.dstaddr, b.group.dstaddr),
      )
      .slice(0, MOST_DESTINATIONS)
      .map(({ group: { dstaddr, srcaddr, first, interfaceId, vpcId }, allowed, leaked }) => ({
        address: dstaddr,
        name: names.of(dstaddr, first, { interfaceId, vpcId, host: srcaddr })?.name,
        allowedBytes: allowed,
        leakedBytes: leaked,
      }));
  }

  private refusal(entry: AllowEntry, group: FlowGroup): Refusal | undefined {
    return refusalOf(entry, group, this.judging.names, this.judging.zone);
  }

  /** The entry that nearly allows a group, in words. */
  private nearest(group: FlowGroup): string | undefined {
    let best: { rank: number; said: string } | undefined;
    for (const entry of this.judging.list.entries) {
      const refusal = this.refusal(entry, group);
      const rank = refusal === undefined ? RANKS.length : RANKS.indexOf(refusal);
      if (rank < 1 || (best && best.rank >= rank)) continue;
      best = { rank, said: `entry at line ${entry.line}: ${sayRefusal(refusal, entry, group)}` };
    }
    return best?.said;
  }

  private allow(group: FlowGroup, index: number): void {
    this.uses[index]!.add(group);
    if (group.kind === 'attempt') return;
    this.ofDay(group.day).allowed += group.bytes;
    this.ofDestination(group).allowed += group.bytes;
  }

  private limit(groups: readonly FlowGroup[], index: number): void {
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

  private except(group: FlowGroup, nearly: string | undefined): void {
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
    if (kind === 'attempt') {
      totals.attempts += group.flows;
      return;
    }
    totals.leaked += group.bytes;
    this.ofDestination(group).leaked += group.bytes;
  }

  private ofDestination(group: FlowGroup): { allowed: number; leaked: number } {
    const known = this.byDestination.get(group.dstaddr);
    if (known) return known;
    const made = { group, allowed: 0, leaked: 0 };
    this.byDestination.set(group.dstaddr, made);
    return made;
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
const RANKS: readonly Refusal[] = ['to', 'from', 'protocol', 'ports', 'way', 'expires'];

function sayRefusal(
  refusal: Refusal | undefined,
  entry: AllowEntry,
  { way, port, protocol }: FlowGroup,
): string {
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

  add({ kind, flows, packets, bytes, srcaddr, dstaddr, first, last }: FlowGroup): void {
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
