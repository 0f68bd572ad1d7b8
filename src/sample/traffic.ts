import { type Interface, type Network, OUTSIDE } from './network.js';
import type { Random } from './random.js';

/** One record before it is written: what the fields of any version are made from. */
export interface Flow {
  readonly interface: Interface;
  readonly status: 'OK' | 'NODATA' | 'SKIPDATA';
  readonly src: string;
  readonly dst: string;
  readonly srcport: number;
  readonly dstport: number;
  readonly protocol: number;
  readonly packets: number;
  readonly bytes: number;
  readonly action: 'ACCEPT' | 'REJECT';
  readonly direction: 'ingress' | 'egress';
  /** Addresses in the packet, where they are not those of the record: behind a NAT gateway. */
  readonly pktSrc: string;
  readonly pktDst: string;
  /** The side that opened the connection sends SYN, the other SYN-ACK. */
  readonly opener: boolean;
  /** tcp-flags, where the opener alone does not tell them. */
  readonly flags?: number | undefined;
  readonly start: number;
  readonly end: number;
  /** traffic-path, where the destination alone does not tell it. */
  readonly path?: number | undefined;
  /** pkt-dst-aws-service. */
  readonly service?: string | undefined;
}

const TCP = 6;
const UDP = 17;
const ICMP = 1;

/** One of its kind in this number of records, so that no sample of a thousand lacks any. Primes, so that they rarely meet. */
const EVERY = {
  egress: 113,
  beacon: 509,
  upload: 719,
  egress6: 431,
  noData: 211,
  skipData: 997,
  refused: 307,
  scan: 61,
} as const;

/** The record with that number: mostly quiet work inside the VPC, now and then something to find. */
export function flowAt(index: number, end: number, net: Network, random: Random): Flow {
  const start = end - random.below(60);
  const nth = (kind: keyof typeof EVERY) => index % EVERY[kind] === EVERY[kind] >> 1;
  const base = { start, end };
  if (nth('skipData')) return status('SKIPDATA', random.pick(net.notebooks), base);
  if (nth('noData')) return status('NODATA', random.pick(net.endpoints), base);
  if (nth('beacon'))
    return out(net.restless[2]!, OUTSIDE.beaconTo, 8443, random, base, { packets: 4, bytes: 320 });
  if (nth('upload')) return upload(net, random, base);
  if (nth('egress6')) return out6(net, random, base);
  if (nth('egress')) return out(net.restless[0]!, random.pick(OUTSIDE.sites), 443, random, base);
  if (nth('refused')) return refused(net, random, base);
  if (nth('scan')) return scan(index, net, random, base);
  return inside(net, random, base);
}

type Times = Pick<Flow, 'start' | 'end'>;

/** Written out property by property: millions of these are made, and spreading objects takes ten times as long. */
export function flow(on: Interface, values: Partial<Flow> & Pick<Flow, 'src' | 'dst'> & Times): Flow {
  return {
    interface: on,
    status: values.status ?? 'OK',
    src: values.src,
    dst: values.dst,
    srcport: values.srcport ?? 0,
    dstport: values.dstport ?? 0,
    protocol: values.protocol ?? TCP,
    packets: values.packets ?? 1,
    bytes: values.bytes ?? 60,
    action: values.action ?? 'ACCEPT',
    direction: values.direction ?? 'egress',
    pktSrc: values.pktSrc ?? values.src,
    pktDst: values.pktDst ?? values.dst,
    opener: values.opener ?? true,
    flags: values.flags,
    start: values.start,
    end: values.end,
    path: values.path,
    service: values.service,
  };
}

function status(kind: 'NODATA' | 'SKIPDATA', on: Interface, times: Times): Flow {
  return flow(on, { status: kind, src: '-', dst: '-', ...times });
}

export const ephemeral = (random: Random) => 32_768 + random.below(28_232);

export function sized(random: Random, most: number): Pick<Flow, 'packets' | 'bytes'> {
  const packets = 2 + random.below(most);
  return { packets, bytes: packets * (52 + random.below(1_400)) };
}

function out(
  from: Interface,
  dst: string,
  dstport: number,
  random: Random,
  times: Times,
  size: Pick<Flow, 'packets' | 'bytes'> = sized(random, 60),
): Flow {
  return flow(from, { src: from.address, dst, srcport: ephemeral(random), dstport, ...size, ...times });
}

function upload(net: Network, random: Random, times: Times): Flow {
  const packets = 20_000 + random.below(20_000);
  return out(net.restless[1]!, OUTSIDE.uploadTo, 22, random, times, { packets, bytes: packets * 1_448 });
}

function out6(net: Network, random: Random, times: Times): Flow {
  const from = net.restless[3]!;
  return flow(from, {
    src: from.address6,
    dst: OUTSIDE.site6,
    srcport: ephemeral(random),
    dstport: 443,
    ...sized(random, 40),
    ...times,
  });
}

/** A notebook that tries and is not let out. */
function refused(net: Network, random: Random, times: Times): Flow {
  const from = random.pick(net.notebooks);
  const kind = random.below(3);
  const values = {
    src: from.address,
    dst: random.pick(OUTSIDE.strangers),
    action: 'REJECT' as const,
    ...times,
  };
  if (kind === 0) return flow(from, { ...values, protocol: ICMP, bytes: 84 });
  if (kind === 1) return flow(from, { ...values, protocol: UDP, srcport: 123, dstport: 123, bytes: 76 });
  return flow(from, { ...values, srcport: ephemeral(random), dstport: 80, bytes: 60 });
}

/** One address outside walks the ports of a WorkSpace; others knock here and there. */
function scan(index: number, net: Network, random: Random, times: Times): Flow {
  const walks = random.below(3) > 0;
  const on = walks ? net.workspaces[0]! : random.pick(net.workspaces);
  return flow(on, {
    src: walks ? OUTSIDE.scanner : random.pick(OUTSIDE.strangers),
    dst: on.address,
    srcport: ephemeral(random),
    dstport: walks ? 1 + (Math.floor(index / EVERY.scan) % 1_024) : random.pick([22, 23, 3389, 445]),
    action: 'REJECT',
    direction: 'ingress',
    ...times,
  });
}

function inside(net: Network, random: Random, times: Times): Flow {
  const kind = random.below(100);
  if (kind < 55) return between(random.pick(net.notebooks), random.pick(net.endpoints), 443, random, times);
  if (kind < 85)
    return between(
      random.pick(net.workspaces),
      random.pick(net.notebooks),
      kind < 80 ? 443 : 22,
      random,
      times,
    );
  if (kind < 90) return between6(random.pick(net.workspaces), random.pick(net.notebooks), random, times);
  if (kind < 93) return ping(random.pick(net.workspaces), random.pick(net.notebooks), times);
  return throughNat(net, random, times);
}

/** A record of either interface, of the request or of the reply. */
function between(client: Interface, server: Interface, port: number, random: Random, times: Times): Flow {
  return oneSide(client, server, client.address, server.address, port, random, times);
}

function between6(client: Interface, server: Interface, random: Random, times: Times): Flow {
  return oneSide(client, server, client.address6, server.address6, 443, random, times);
}

function oneSide(
  client: Interface,
  server: Interface,
  from: string,
  to: string,
  port: number,
  random: Random,
  { start, end }: Times,
): Flow {
  const reply = random.below(2) === 1;
  const onServer = random.below(2) === 1;
  const clientPort = ephemeral(random);
  const { packets, bytes } = sized(random, 30);
  return flow(onServer ? server : client, {
    src: reply ? to : from,
    dst: reply ? from : to,
    srcport: reply ? port : clientPort,
    dstport: reply ? clientPort : port,
    direction: reply === onServer ? 'egress' : 'ingress',
    opener: !reply,
    packets,
    bytes,
    start,
    end,
  });
}

const ping = (from: Interface, to: Interface, times: Times) =>
  flow(from, { src: from.address, dst: to.address, protocol: ICMP, packets: 4, bytes: 336, ...times });

/** A WorkSpace's way out: its own record, and the four kinds that the NAT gateway's interface adds. */
function throughNat(net: Network, random: Random, times: Times): Flow {
  const { nat } = net;
  const from = random.pick(net.workspaces);
  const site = random.pick(OUTSIDE.sites);
  const ports = { srcport: ephemeral(random), dstport: 443 };
  const back = { srcport: ports.dstport, dstport: ports.srcport, opener: false };
  const size = sized(random, 40);
  switch (random.below(5)) {
    case 0:
      return flow(from, { src: from.address, dst: site, ...ports, ...size, ...times });
    case 1:
      return flow(nat, {
        src: from.address,
        dst: nat.address,
        pktDst: site,
        direction: 'ingress',
        ...ports,
        ...size,
        ...times,
      });
    case 2:
      return flow(nat, { src: nat.address, dst: site, ...ports, ...size, ...times });
    case 3:
      return flow(nat, { src: site, dst: nat.address, direction: 'ingress', ...back, ...size, ...times });
    default:
      return flow(nat, { src: nat.address, dst: from.address, pktSrc: site, ...back, ...size, ...times });
  }
}
