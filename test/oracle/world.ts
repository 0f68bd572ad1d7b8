import type { Field } from '../../src/flowlog/fields.js';
import { fieldsUpTo } from '../page.js';
import type { LogRecord } from '../records.js';
import type { Random } from './random.js';

/** Logs of a small network that nobody thought out. */
export interface World {
  readonly fields: readonly Field[];
  readonly records: readonly LogRecord[];
  /** Unix seconds. */
  readonly first: number;
  readonly last: number;
}

const without = (version: number, ...names: string[]) =>
  fieldsUpTo(version).filter(({ name }) => !names.includes(name));

/** What flow logs record: as AWS offers it, and as people choose. */
const FORMATS: ReadonlyArray<readonly Field[]> = [
  fieldsUpTo(5),
  fieldsUpTo(5),
  fieldsUpTo(2),
  fieldsUpTo(3),
  without(5, 'flow-direction'),
  without(5, 'interface-id'),
  without(2, 'interface-id'),
  without(5, 'tcp-flags'),
  without(5, 'instance-id', 'type', 'vpc-id'),
  without(5, 'pkt-srcaddr', 'pkt-dstaddr'),
];

const INSIDE = ['10.10.24.4', '10.10.24.5', '10.10.24.70', '10.10.2.9', '10.10.2.20', '10.10.3.3'];
const INSIDE_6 = ['2001:db8:1234:1a18::5', '2001:db8:1234:1a02::9'];
const OUTSIDE = ['203.0.113.9', '203.0.113.77', '198.51.100.7', '192.0.2.66', '10.20.1.1', '172.16.5.5'];
const OUTSIDE_6 = ['2001:db8:ffff::50', '64:ff9b::cb00:7109'];
const GATEWAY = '10.10.0.220';
const PODS = ['10.10.25.11', '10.10.25.12'];
const PORTS = [22, 53, 80, 123, 443, 443, 443, 445, 514, 3389, 5985, 8443, 40_000];

interface Machine {
  readonly address: string;
  readonly interface: string;
  readonly instance: string | undefined;
  readonly recorded: boolean;
  /** Seconds of an aggregation interval, and when the first begins. */
  readonly interval: number;
  readonly phase: number;
  readonly zone: string;
}

interface Packets {
  readonly from: string;
  readonly to: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly protocol: number;
  readonly at: number;
  readonly flags: number;
  readonly bytes: number;
  readonly refused: boolean;
}

/** The first second of 1 June 2026 in UTC. */
const JUNE = 1_780_272_000;

/** @param day the first second of its first day, Unix seconds */
export function randomWorld(random: Random, day = JUNE): World {
  const fields = random.pick(FORMATS);
  const first = day + random.int(0, 20) * 3_600;
  const length = random.pick([2 * 3600, 6 * 3600, 30 * 3600]);
  const shared = random.pick([60, 600]);
  const machine = (address: string, i: number, recorded: boolean): Machine => ({
    ...{ address, recorded, interface: `eni-${i}`, zone: `apne1-az${1 + (i % 2)}` },
    instance: address === GATEWAY || random.chance(0.3) ? undefined : `i-${i}`,
    interval: random.chance(0.8) ? shared : 60,
    phase: random.int(0, 59),
  });
  const machines = [...INSIDE, ...INSIDE_6, GATEWAY].map((address, i) =>
    machine(address, i, random.chance(address === GATEWAY ? 0.9 : 0.8)),
  );
  const records: LogRecord[] = [];
  const add = (values: LogRecord) => {
    records.push(values);
  };
  const network = new Network(random, machines, add);
  for (let i = 0; i < 60; i++) network.send(connection(random, first, length));
  if (random.chance(0.5)) for (const packets of beacon(random, first, length)) network.send(packets);
  if (random.chance(0.4)) for (const packets of sweep(random, first, length)) network.send(packets);
  network.close();
  for (const { interface: on, recorded } of machines) {
    if (!recorded) continue;
    for (let i = random.int(0, 3); i > 0; i--) {
      const start = first + random.int(0, length);
      const log_status = random.pick(['NODATA', 'NODATA', 'SKIPDATA']);
      add({ version: 5, account_id: ACCOUNT, interface_id: on, start, end: start + 59, log_status });
    }
  }
  return { fields, records, first, last: first + length };
}

const ACCOUNT = '123456789012';

/** A connection as the packets of both sides, over one or several intervals. */
function connection(random: Random, first: number, length: number): Packets[] {
  const six = random.chance(0.12);
  const inside = six ? INSIDE_6 : INSIDE;
  const others = six ? OUTSIDE_6 : OUTSIDE;
  const local = random.chance(0.15) && !six ? random.pick(PODS) : random.pick(inside);
  const peer = random.chance(0.35)
    ? random.pick(inside.filter((each) => each !== local))
    : random.pick(others);
  const outward = random.chance(0.75);
  const [client, server] = outward ? [local, peer] : [peer, local];
  const protocol = random.pick([6, 6, 6, 6, 17, 1]);
  const clientPort =
    protocol === 1 ? 0 : random.pick([40_001, 40_002, 50_000, 1_024, 33_000 + random.int(0, 5)]);
  const port = protocol === 1 ? 0 : random.pick(PORTS);
  const refused = random.chance(0.15);
  const packets: Packets[] = [];
  let at = first + random.int(0, length);
  const ends = random.chance(0.7);
  for (let rest = random.pick([1, 1, 1, 2, 3, 5]), begin = true; rest > 0; rest--, begin = false) {
    const open = begin && random.chance(0.85);
    const close = rest === 1 && ends;
    const side = (sending: boolean): Packets => ({
      ...(sending
        ? { from: client, to: server, fromPort: clientPort, toPort: port }
        : { from: server, to: client, fromPort: port, toPort: clientPort }),
      ...{ protocol, at, refused },
      flags: (open ? (sending ? 2 : 18) : 0) | (close ? random.pick([1, 1, 4]) : 0),
      bytes: random.pick([40, 52, 800, 12_000, 5_000_000]),
    });
    packets.push(side(true));
    if (!refused && random.chance(0.8)) packets.push(side(false));
    at += random.pick([30, 61, 120, 300, 340, 351, 420, 700, 4_000]);
  }
  return packets;
}

/** One host that calls another again and again. */
function* beacon(random: Random, first: number, length: number): Generator<Packets[]> {
  const [from, to] = [random.pick(INSIDE), random.pick(OUTSIDE)];
  const period = random.pick([60, 300, 600]);
  const own = random.chance(0.3);
  const jitter = random.pick([0, 0.1, 0.4]);
  const bytes = random.pick([200, 900]);
  let port = 45_000;
  for (let i = 0, at = first; i < 24 && at < first + length; i++) {
    const sent = { from, to, fromPort: port, toPort: 8443, protocol: 6, at: Math.floor(at), refused: false };
    yield [{ ...sent, flags: own && i > 0 ? 0 : 2, bytes: random.chance(0.9) ? bytes : bytes * 3 }];
    if (!own) port++;
    at += period * (1 + jitter * (2 * random.next() - 1));
  }
}

/** One host that tries many ports, or many hosts. */
function* sweep(random: Random, first: number, length: number): Generator<Packets[]> {
  const from = random.pick([...INSIDE, ...OUTSIDE]);
  const kind = random.int(0, 2);
  const refused = random.chance(0.5);
  const pause = random.pick([1, 10, 200]);
  const begin = first + random.int(0, length / 2);
  for (let i = 0; i < 24; i++) {
    const to = kind === 0 ? '10.10.24.5' : `10.10.24.${20 + i}`;
    const toPort = kind === 1 ? 445 : 1000 + i;
    yield [
      {
        ...{ from, to, toPort, refused },
        fromPort: 51_000,
        protocol: 6,
        at: begin + i * pause,
        flags: 2,
        bytes: 40,
      },
    ];
  }
}

/** Which interfaces see packets, and what these record. */
class Network {
  private readonly open = new Map<
    string,
    { record: LogRecord; bytes: number; packets: number; flags: number }
  >();
  private readonly nat: boolean;
  private readonly node: Machine;

  constructor(
    private readonly random: Random,
    private readonly machines: readonly Machine[],
    private readonly add: (record: LogRecord) => void,
  ) {
    this.nat = random.chance(0.6);
    this.node = machines[random.int(0, 3)]!;
  }

  send(packets: readonly Packets[]): void {
    const twice = this.random.chance(0.04);
    for (const each of packets) {
      this.hop(each);
      if (twice) this.hop(each);
    }
  }

  /** From one end to the other, through the NAT gateway where the way leads out of the network. */
  private hop(packets: Packets): void {
    const { from, to } = packets;
    const [fromInside, toInside] = [isInside(from), isInside(to)];
    const through = this.nat && !from.includes(':') && fromInside !== toInside;
    const gateway = this.machine(GATEWAY);
    const ends = { pkt_srcaddr: from, pkt_dstaddr: to };
    if (fromInside) this.record(packets, this.machine(from), 'egress', ends);
    if (through && fromInside) {
      this.record({ ...packets, to: GATEWAY }, gateway, 'ingress', ends);
      this.record({ ...packets, from: GATEWAY }, gateway, 'egress', { ...ends, pkt_srcaddr: GATEWAY });
    } else if (through) {
      this.record({ ...packets, to: GATEWAY }, gateway, 'ingress', { ...ends, pkt_dstaddr: GATEWAY });
      this.record({ ...packets, from: GATEWAY }, gateway, 'egress', ends);
    }
    if (toInside) this.record(packets, this.machine(to), 'ingress', ends);
  }

  private machine(address: string): Machine | undefined {
    return PODS.includes(address) ? this.node : this.machines.find((each) => each.address === address);
  }

  private record(packets: Packets, on: Machine | undefined, direction: string, ends: LogRecord): void {
    if (!on?.recorded) return;
    const at = packets.at + this.random.int(0, 2);
    const begin = at - ((((at - on.phase) % on.interval) + on.interval) % on.interval);
    const own = (address: string) => (PODS.includes(address) ? this.node.address : address);
    const [srcaddr, dstaddr] = [own(packets.from), own(packets.to)];
    const { fromPort, toPort, protocol, refused } = packets;
    const key = [
      on.interface,
      begin,
      srcaddr,
      dstaddr,
      fromPort,
      toPort,
      protocol,
      refused,
      ends.pkt_srcaddr,
      ends.pkt_dstaddr,
    ];
    const known = this.open.get(key.join(' '));
    const count = Math.max(1, Math.ceil(packets.bytes / 1400));
    if (known) {
      known.bytes += packets.bytes;
      known.packets += count;
      known.flags |= packets.flags;
      return;
    }
    // AWS takes the times of the first and the last packet, or those of the interval.
    const start = this.random.chance(0.5) ? begin : at;
    const record: LogRecord = {
      ...{ version: 5, account_id: ACCOUNT, interface_id: on.interface, srcaddr, dstaddr, protocol },
      ...{ srcport: fromPort, dstport: toPort, start, end: begin + on.interval - 1 },
      action: refused ? 'REJECT' : 'ACCEPT',
      log_status: 'OK',
      ...{
        vpc_id: 'vpc-1',
        subnet_id: `subnet-${srcaddr.split('.')[2] ?? 6}`,
        instance_id: on.instance ?? '-',
      },
      ...{ type: srcaddr.includes(':') ? 'IPv6' : 'IPv4', ...ends, region: 'ap-northeast-1', az_id: on.zone },
      flow_direction: this.random.chance(0.96) ? direction : '-',
      traffic_path: direction === 'egress' ? this.random.pick([1, 8, '-']) : '-',
    };
    this.open.set(key.join(' '), { record, bytes: packets.bytes, packets: count, flags: packets.flags });
  }

  /** Writes what was recorded. */
  close(): void {
    for (const { record, bytes, packets, flags } of this.open.values()) {
      const unknown = this.random.chance(0.03);
      this.add({
        ...record,
        ...(unknown ? { bytes: '-', packets: '-' } : { bytes, packets }),
        tcp_flags: record.protocol === 6 ? flags : this.random.pick([0, '-']),
      });
    }
  }
}

const isInside = (address: string) => address.startsWith('10.10.') || address.startsWith('2001:db8:1234:');
