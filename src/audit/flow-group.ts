import type { Names } from '../names/names.js';
import { isWay, type Way, wayFieldsOf, wayOf } from '../names/ways.js';
import { isoTime } from '../time/zone.js';
import type { AllowEntry } from './allow-file.js';
import type { ExceptionKind } from './facts.js';
import { matchesTarget, type TargetAddress } from './target.js';
import type { Named } from './traffic.js';

/** A group of outward flows, as {@link outward} gives it, and what is known of it. */
export interface FlowGroup {
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

/** Which destinations answered, by {@link inward}: `outside inside protocol port`. */
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

/** What reading groups needs to know. */
export interface GroupContext {
  readonly names: Names;
  readonly answers: Answers;
  /** Whether the logs record TCP flags. */
  readonly flags: boolean;
}

/** Reads a row of {@link outward}. */
export function groupOf(row: Named, context: GroupContext): FlowGroup {
  const fields = wayFieldsOf((name) => row[name]);
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
    way: wayOf(fields, context.names, first),
    interfaceId: fields.interfaceId ?? undefined,
    vpcId: fields.vpcId ?? undefined,
  };
  return { ...group, kind: kindOf(group, row, context) };
}

function kindOf(group: Omit<FlowGroup, 'kind'>, row: Named, { answers, flags }: GroupContext): ExceptionKind {
  const { srcaddr, dstaddr, protocol, port, action, packets, bytes } = group;
  if (action === 'REJECT' || count(row.only_reset) === 1) return 'attempt';
  if (row.opened === 'outside') return count(row.by_flags) === 1 ? 'reply' : 'undecided';
  if (protocol !== TCP || answers.has(srcaddr, dstaddr, protocol, port)) return 'leak';
  // Nobody answered. Data cannot follow on an open request alone.
  const onlyAsked = flags ? count(row.only_syn) === 1 : packets > 0 && bytes / packets < BARE_PACKET;
  return onlyAsked ? 'attempt' : 'leak';
}

/** The ends of a group, as targets are compared with them. */
export function endsOf(group: FlowGroup): { from: TargetAddress; to: TargetAddress } {
  const { srcaddr, dstaddr, first, way, interfaceId, vpcId } = group;
  const around = { at: first, interfaceId, vpcId, way: way.way };
  return { from: { ...around, address: srcaddr }, to: { ...around, address: dstaddr, host: srcaddr } };
}

export type Refusal = 'to' | 'from' | 'protocol' | 'ports' | 'way' | 'expires';

/**
 * Why an entry does not allow a group: the conditions in this order; undefined where it does. Approval is not looked at.
 *
 * @param zone in which the entry's last day ends
 */
export function refusalOf(
  entry: AllowEntry,
  group: FlowGroup,
  names: Names,
  zone: string,
): Refusal | undefined {
  const { protocol, port, day, way } = group;
  const { from, to } = endsOf(group);
  const isAny = (targets: AllowEntry['to'], address: TargetAddress) =>
    targets.some((target) => matchesTarget(target, address, names));
  if (!isAny(entry.to, to)) return 'to';
  if (entry.from.length > 0 && !isAny(entry.from, from)) return 'from';
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
