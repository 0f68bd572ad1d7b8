import type { Interface, Network } from './network.js';
import { RESTLESS } from './network.js';
import { type Random, seeded } from './random.js';
import { ephemeral, type Flow, flow } from './traffic.js';

/** Known traffic that is planted among the ordinary. */
export type Plant = {
  /** Longest time that one record covers (seconds): 60 or 600. */
  readonly interval: number;
} & (
  | {
      readonly kind: 'beacon';
      /** Seconds. */
      readonly period: number;
      /** A pause is longer or shorter than the period by at most this percentage of it. */
      readonly jitter: number;
      /** Whether all contacts are over one connection, with the same ports. */
      readonly kept: boolean;
    }
  | { readonly kind: 'scan'; readonly shape: ScanShape; readonly targets: number; readonly every: number }
  | { readonly kind: 'exfiltration' | 'served'; readonly bytes: number; readonly port: number }
  | { readonly kind: 'nat' | 'pods' | 'failover'; readonly bytes: number }
  | { readonly kind: 'browsing'; readonly people: number }
);

/** Ports of one host, one port of many hosts, another port of each host, many ports of many hosts. */
export const SCAN_SHAPES = ['vertical', 'horizontal', 'diagonal', 'block'] as const;
export type ScanShape = (typeof SCAN_SHAPES)[number];

/** What was planted: the values that the right answer has. */
export interface Planted {
  readonly kind: Plant['kind'];
  readonly srcaddr?: string;
  readonly dstaddr?: string;
  readonly dstport?: number;
  /** Of the gateway. */
  readonly via?: string;
  /** A scan's. */
  readonly shape?: ScanShape;
  readonly targets?: number;
  /** A beacon's. */
  readonly period_s?: number;
  readonly jitter_percent?: number;
  readonly contacts?: number;
  /** From srcaddr to dstaddr, each byte once. */
  readonly bytes: number;
  /** From dstaddr to srcaddr, each byte once. */
  readonly received_bytes: number;
  /** Lines in the logs. */
  readonly records: number;
}

/** Sources and destinations are each of one plant. */
export const MOST_PLANTS = 80;

const HOUR = 3600;
const DAY = 24 * HOUR;
/** No plant begins before or ends after this margin (seconds), so that all of its records lie in the sample's days. */
const MARGIN = 900;

/** What one side sends at once. */
interface Burst {
  readonly start: number;
  readonly end: number;
  readonly packets: number;
  readonly bytes: number;
  readonly flags: number;
}

const SYN = 2;
const SYN_ACK = 18;
const FIN = 1;

/** Addresses, ports and the like of the records of one side. */
type Side = Partial<Omit<Flow, 'start' | 'end' | 'interface'>> & Pick<Flow, 'src' | 'dst'>;

/** The records of plants, in the order of time, and what the right answers to questions about them are. */
export function planted(
  plants: readonly Plant[],
  net: Network,
  { seed, start, days }: { readonly seed: number; readonly start: number; readonly days: number },
): { flows: Flow[]; truth: Planted[] } {
  const flows: Flow[] = [];
  const truth: Planted[] = [];
  const reserved = new Set(Object.values(RESTLESS).map((host) => host - net.firstNotebook));
  const quiet = net.notebooks.filter((_, index) => !reserved.has(index));
  plants.forEach((plant, number) => {
    const random = seeded(seed * 0x01000193 + (number + 1) * 0x9e3779b1);
    const span = { from: start + MARGIN, to: start + days * DAY - MARGIN };
    const place: Place = {
      ...{ net, random, span, interval: plant.interval },
      notebook: quiet[(seed + number) % quiet.length]!,
      workspace: net.workspaces[(seed * 7 + number) % net.workspaces.length]!,
      outside: `203.0.113.${32 + number}`,
      number,
    };
    const own = ofPlant(plant, place);
    for (const each of own.flows) flows.push(each);
    truth.push({ kind: plant.kind, ...own.told, records: own.flows.length });
  });
  flows.sort((a, b) => a.end - b.end);
  return { flows, truth };
}

interface Place {
  readonly net: Network;
  readonly random: Random;
  readonly span: { readonly from: number; readonly to: number };
  readonly interval: number;
  readonly notebook: Interface;
  readonly workspace: Interface;
  readonly outside: string;
  readonly number: number;
}

interface OfPlant {
  readonly flows: Flow[];
  readonly told: Omit<Planted, 'kind' | 'records'>;
}

function ofPlant(plant: Plant, place: Place): OfPlant {
  switch (plant.kind) {
    case 'beacon':
      return beacon(plant, place);
    case 'scan':
      return scan(plant, place);
    case 'exfiltration':
      return transfer(plant, place, true);
    case 'served':
      return transfer(plant, place, false);
    case 'nat':
      return throughNat(plant.bytes, place);
    case 'pods':
      return ofPod(plant.bytes, place);
    case 'failover':
      return failover(plant.bytes, place);
    case 'browsing':
      return browsing(plant.people, place);
  }
}

/**
 * The records of an interface: what falls into one aggregation interval is one, from its first packet to its last. When the
 * intervals begin differs between interfaces.
 */
function recorded(on: Interface, side: Side, bursts: readonly Burst[], interval: number): Flow[] {
  const phase = Number.parseInt(on.id.slice(-4), 16) % interval;
  const windows = new Map<number, Burst>();
  for (const burst of bursts) {
    const seconds = burst.end - burst.start + 1;
    let { packets, bytes } = burst;
    for (let from = burst.start; from <= burst.end; ) {
      const window = Math.floor((from - phase) / interval);
      const to = Math.min(burst.end, (window + 1) * interval + phase - 1);
      const last = to === burst.end;
      const part = (all: number) => Math.floor((all * (to - from + 1)) / seconds);
      const own = last ? { packets, bytes } : { packets: part(burst.packets), bytes: part(burst.bytes) };
      packets -= own.packets;
      bytes -= own.bytes;
      const opens = from === burst.start ? burst.flags & ~FIN : 0;
      const flags = opens | (last ? burst.flags & FIN : 0);
      const before = windows.get(window);
      windows.set(window, {
        start: before?.start ?? from,
        end: to,
        packets: own.packets + (before?.packets ?? 0),
        bytes: own.bytes + (before?.bytes ?? 0),
        flags: flags | (before?.flags ?? 0),
      });
      from = to + 1;
    }
  }
  return [...windows.values()].map((window) => flow(on, { ...side, ...window }));
}

const sumOf = (bursts: readonly Burst[]) => bursts.reduce((sum, { bytes }) => sum + bytes, 0);

const reversed = ({ src, dst, srcport, dstport, pktSrc, pktDst, ...rest }: Side): Side => ({
  ...{ ...rest, src: dst, dst: src },
  ...{ srcport: dstport ?? 0, dstport: srcport ?? 0, pktSrc: pktDst ?? dst, pktDst: pktSrc ?? src },
});

/** Both directions on one interface, the first of them sent from it. */
function bothWays(
  on: Interface,
  side: Side,
  sent: readonly Burst[],
  back: readonly Burst[],
  interval: number,
): Flow[] {
  return [
    ...recorded(on, { ...side, direction: 'egress' }, sent, interval),
    ...recorded(on, { ...reversed(side), direction: 'ingress' }, back, interval),
  ];
}

function beacon({ period, jitter, kept }: Plant & { kind: 'beacon' }, place: Place): OfPlant {
  const { random, span, notebook, outside, interval } = place;
  const dstport = 443;
  const base = 240 + random.below(400);
  const contacts: number[] = [];
  const most = Math.floor((period * jitter) / 100);
  for (let at = span.from + random.below(period); at < span.to; ) {
    contacts.push(at);
    at += Math.max(1, period - most + (most > 0 ? random.below(2 * most + 1) : 0));
  }
  const sent = contacts.map((at, i): Burst => {
    const open = !kept || i === 0 ? SYN : 0;
    const close = !kept || i === contacts.length - 1 ? FIN : 0;
    return {
      ...{ start: at, end: at + random.below(2), packets: 5 },
      ...{ bytes: base + random.below(40), flags: open | close },
    };
  });
  const back = sent.map((burst): Burst => {
    const flags = (burst.flags & SYN ? SYN_ACK : 0) | (burst.flags & FIN);
    return { ...burst, packets: 4, bytes: 400 + random.below(60), flags };
  });
  const side = { src: notebook.address, dst: outside, dstport };
  const flows: Flow[] = [];
  if (kept) {
    flows.push(...bothWays(notebook, { ...side, srcport: ephemeral(random) }, sent, back, interval));
  } else {
    sent.forEach((burst, i) => {
      const own = { ...side, srcport: ephemeral(random) };
      flows.push(...bothWays(notebook, own, [burst], [back[i]!], interval));
    });
  }
  return {
    flows,
    told: {
      ...{ srcaddr: notebook.address, dstaddr: outside, dstport, period_s: period, jitter_percent: jitter },
      ...{ contacts: contacts.length, bytes: sumOf(sent), received_bytes: sumOf(back) },
    },
  };
}

/** A notebook tries WorkSpaces: one in ten attempts is answered with a reset, the others are refused there. */
function scan({ shape, targets, every }: Plant & { kind: 'scan' }, place: Place): OfPlant {
  const { net, random, span, notebook, workspace, interval, number } = place;
  const side = Math.ceil(Math.sqrt(targets));
  const host = (i: number) => net.workspaces[(number + i) % net.workspaces.length]!;
  const aim = (i: number): { on: Interface; port: number } => {
    if (shape === 'vertical') return { on: workspace, port: 1 + i };
    if (shape === 'horizontal') return { on: host(i), port: 445 };
    if (shape === 'diagonal') return { on: host(i), port: 1 + i };
    return { on: host(i % side), port: 1 + Math.floor(i / side) };
  };
  const began = span.from + random.below(Math.max(1, span.to - span.from - targets * every));
  const flows: Flow[] = [];
  let bytes = 0;
  let answers = 0;
  for (let i = 0; i < targets && began + i * every < span.to; i++) {
    const { on, port } = aim(i);
    const at = began + i * every;
    const tried = { start: at, end: at, packets: 1, bytes: 60, flags: SYN };
    const own = { src: notebook.address, dst: on.address, srcport: ephemeral(random), dstport: port };
    const answered = random.below(10) === 0;
    flows.push(...recorded(notebook, own, [tried], interval));
    const arrived: Side = { ...own, direction: 'ingress', action: answered ? 'ACCEPT' : 'REJECT' };
    flows.push(...recorded(on, arrived, [tried], interval));
    bytes += 60;
    if (!answered) continue;
    answers += 40;
    const reset = { ...tried, bytes: 40, flags: 4 };
    flows.push(...recorded(on, reversed(own), [reset], interval));
    flows.push(...recorded(notebook, { ...reversed(own), direction: 'ingress' }, [reset], interval));
  }
  return {
    flows,
    told: {
      ...{ srcaddr: notebook.address, shape, targets, bytes, received_bytes: answers },
      ...(shape === 'vertical' ? { dstaddr: workspace.address } : {}),
      ...(shape === 'horizontal' ? { dstport: 445 } : {}),
    },
  };
}

/** Bytes over an hour or so, in bursts, and what acknowledges them. */
function hourOf(bytes: number, { random, span }: Place): { sent: Burst[]; back: Burst[]; half: number } {
  const length = Math.min(HOUR, Math.floor((span.to - span.from) / 2));
  const began = span.from + random.below(span.to - span.from - length);
  const count = 40;
  const step = Math.floor(length / count);
  const each = Math.floor(bytes / count);
  const sent = Array.from({ length: count }, (_, i): Burst => {
    const own = i === count - 1 ? bytes - each * (count - 1) : each;
    const start = began + i * step + random.below(Math.ceil(step / 4));
    return {
      ...{ start, end: start + random.below(Math.ceil(step / 2)), bytes: own },
      ...{ packets: Math.max(Math.ceil(own / 1_448), 2) },
      flags: (i === 0 ? SYN : 0) | (i === count - 1 ? FIN : 0),
    };
  });
  const back = sent.map((burst): Burst => {
    const packets = Math.max(Math.ceil(burst.packets / 2), 1);
    const flags = (burst.flags & SYN ? SYN_ACK : 0) | (burst.flags & FIN);
    return { ...burst, packets, bytes: packets * 52, flags };
  });
  return { sent, back, half: count / 2 };
}

const sums = (sent: readonly Burst[], back: readonly Burst[]) => ({
  ...{ bytes: sumOf(sent), received_bytes: sumOf(back) },
});

/**
 * Data to somebody outside: over a connection to a port there, or as the answer to a connection from there.
 *
 * @param opens whether the notebook opened it
 */
function transfer(
  { bytes, port }: Plant & { kind: 'exfiltration' | 'served' },
  place: Place,
  opens: boolean,
): OfPlant {
  const { notebook, outside, random, interval } = place;
  const { sent, back } = hourOf(bytes, place);
  const client = ephemeral(random);
  const [srcport, dstport] = opens ? [client, port] : [port, client];
  const side = { src: notebook.address, dst: outside, srcport, dstport };
  const swapped = (bursts: readonly Burst[], flags: number) =>
    bursts.map((burst) => ({ ...burst, flags: burst.flags & SYN ? flags : burst.flags }));
  const flows = opens
    ? bothWays(notebook, side, sent, back, interval)
    : bothWays(notebook, side, swapped(sent, SYN_ACK), swapped(back, SYN), interval);
  return {
    flows,
    told: { srcaddr: notebook.address, dstaddr: outside, dstport, ...sums(sent, back) },
  };
}

/** A WorkSpace's upload through the NAT gateway: its interface and both sides of the gateway record it. */
function throughNat(bytes: number, place: Place): OfPlant {
  const { net, workspace, outside, random, interval } = place;
  const { nat } = net;
  const { sent, back } = hourOf(bytes, place);
  const [srcport, outer, dstport] = [ephemeral(random), ephemeral(random), 443];
  const behind = { src: workspace.address, dst: outside, srcport, dstport, path: 1 };
  const inner = { src: workspace.address, dst: nat.address, pktDst: outside, srcport, dstport };
  const beyond = { src: nat.address, dst: outside, srcport: outer, dstport };
  const flows = [
    ...bothWays(workspace, behind, sent, back, interval),
    ...recorded(nat, { ...inner, direction: 'ingress' }, sent, interval),
    ...recorded(nat, { ...reversed(inner), direction: 'egress' }, back, interval),
    ...bothWays(nat, beyond, sent, back, interval),
  ];
  return {
    flows,
    told: {
      ...{ srcaddr: workspace.address, dstaddr: outside, dstport, via: nat.address },
      ...sums(sent, back),
    },
  };
}

/** A pod's upload: the node's interface has an address of its own, and the packet the pod's. */
function ofPod(bytes: number, place: Place): OfPlant {
  const { notebook: node, outside, random, interval, number } = place;
  const { sent, back } = hourOf(bytes, place);
  const pod = `10.10.100.${10 + number}`;
  const dstport = 443;
  const side = { src: node.address, dst: outside, pktSrc: pod, srcport: ephemeral(random), dstport };
  return {
    flows: bothWays(node, side, sent, back, interval),
    told: { srcaddr: pod, dstaddr: outside, dstport, via: node.address, ...sums(sent, back) },
  };
}

/** An address that moves from one interface to another amid a conversation. */
function failover(bytes: number, place: Place): OfPlant {
  const { notebook, workspace, outside, random, interval } = place;
  const { sent, back, half } = hourOf(bytes, place);
  const dstport = 443;
  const side = { src: notebook.address, dst: outside, srcport: ephemeral(random), dstport };
  return {
    flows: [
      ...bothWays(notebook, side, sent.slice(0, half), back.slice(0, half), interval),
      ...bothWays(workspace, side, sent.slice(half), back.slice(half), interval),
    ],
    told: { srcaddr: notebook.address, dstaddr: outside, dstport, ...sums(sent, back) },
  };
}

/** People at WorkSpaces who read websites in working hours: nothing to find. */
function browsing(people: number, place: Place): OfPlant {
  const { net, random, span, interval } = place;
  const flows: Flow[] = [];
  let sentBytes = 0;
  let receivedBytes = 0;
  for (let person = 0; person < people; person++) {
    const on = net.workspaces[person % net.workspaces.length]!;
    for (let day = span.from - MARGIN; day < span.to; day += DAY) {
      for (let at = day + 9 * HOUR + random.below(1_800); at < day + 18 * HOUR; ) {
        // A page: its own site and others, some of them more popular than the rest.
        for (let visits = 1 + random.below(8); visits > 0; visits--) {
          const site = `198.51.100.${128 + Math.min(random.below(64), random.below(64))}`;
          const start = at + random.below(20);
          const end = Math.min(start + random.below(30), span.to);
          const side = { src: on.address, dst: site, srcport: ephemeral(random), dstport: 443 };
          const packets = 6 + random.below(40);
          const sent = { start, end, packets, bytes: packets * (60 + random.below(200)), flags: SYN | FIN };
          const back = { ...sent, bytes: packets * (200 + random.below(1_200)), flags: SYN_ACK | FIN };
          flows.push(...bothWays(on, side, [sent], [back], interval));
          sentBytes += sent.bytes;
          receivedBytes += back.bytes;
        }
        // Mostly a few seconds or minutes, now and then a long break.
        at += 10 + random.below(random.below(6) === 0 ? 2_400 : 240);
      }
    }
  }
  return { flows, told: { bytes: sentBytes, received_bytes: receivedBytes } };
}
