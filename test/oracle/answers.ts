import type { Field } from '../../src/flowlog/fields.js';
import type { LogRecord } from '../records.js';
import type { Asked } from './asked.js';
import { mayOpen, servicePort, tellOpeners } from './connections.js';
import { coverage } from './coverage.js';
import {
  type Cell,
  compare,
  compareDown,
  type Filter,
  type Flow,
  groupBy,
  inRange,
  isoTime,
  passes,
  readFlows,
  sumOf,
  View,
} from './flow.js';
import { countedOnce, isPrivate, likelySent, type Match, sentBy } from './once.js';
import { beacons, newDestinations, scan } from './patterns.js';
import { isLeaving, vpcOf } from './places.js';

export type Row = Readonly<Record<string, Cell>>;

export interface OracleAnswer {
  readonly rows: readonly Row[];
  /** Records that are no part of the answer, by reason. */
  readonly asides: Readonly<Record<string, number>>;
}

/** The logs, as a question sees them. */
export class Logs {
  readonly flows: readonly Flow[];
  readonly view: View;
  private readonly columns: ReadonlySet<string>;

  constructor(
    readonly asked: Asked,
    private readonly written: readonly LogRecord[],
    private readonly fields: readonly Field[],
  ) {
    this.columns = new Set(fields.map(({ column }) => column));
    this.flows = readFlows(written, fields);
    this.view = new View(asked);
  }

  readonly recorded = (field: string): boolean => this.columns.has(field);

  time(epoch: number | null): string | null {
    return epoch === null ? null : isoTime(epoch, this.asked.options.tz);
  }

  /** In range, matching, and past the filters. */
  matching(match: Match, but: readonly Filter[] = []): Flow[] {
    const { options } = this.asked;
    return this.flows.filter(
      (flow) => inRange(options, flow) && match(flow, this.view) && passes(this.view, flow, but),
    );
  }

  /** All records in range of the connections that a question looks at, whatever else it asks of them. */
  among(match: Match): Flow[] {
    return this.matching(match, BUT_PROTOCOL);
  }

  once(match: Match, located: boolean, more: Counting = {}): Flow[] {
    return countedOnce(this.view, this.flows, this.recorded, match, { located, ...more });
  }

  /** The same, from an earlier moment on. */
  since(epoch: number): Logs {
    const since = new Date(epoch * 1000).toISOString();
    const { asked } = this;
    return new Logs({ ...asked, options: { ...asked.options, since } }, this.written, this.fields);
  }

  skipped(): number {
    return this.flows.filter(
      (flow) => inRange(this.asked.options, flow) && flow.get('log_status') === 'SKIPDATA',
    ).length;
  }
}

/** The answer that the rules of the documentation give. */
export function answer(asked: Asked, records: readonly LogRecord[], fields: readonly Field[]): OracleAnswer {
  const logs = new Logs(asked, records, fields);
  if (asked.question === 'coverage') return { rows: coverage(logs), asides: {} };
  const told = ANSWERS[asked.question]!(logs);
  const skipdata = logs.skipped();
  const { rows, asides } = Array.isArray(told) ? { rows: told, asides: {} } : told;
  return { rows, asides: { ...(skipdata > 0 ? { skipdata } : {}), ...asides } };
}

interface Counting {
  /** Whether the question itself compares what interfaces recorded. */
  readonly merged?: boolean;
  /** Filters that are looked at later. */
  readonly but?: readonly Filter[];
}

interface Telling extends Counting {
  readonly located?: boolean;
  readonly numbered?: boolean;
  /** What is asked about of who opened. */
  readonly asked?: (flow: Flow) => boolean;
}

const BUT_PROTOCOL: ReadonlyArray<'action' | 'dstPort' | 'hours' | 'where'> = [
  'action',
  'dstPort',
  'hours',
  'where',
];

/** Each byte once, and who opened: where there are filters, told from all records of a connection, whatever they leave. */
export function toldOnce(
  logs: Logs,
  match: Match,
  { located = true, numbered = false, asked = () => true, ...counting }: Telling = {},
): Flow[] {
  const told = numbered || logs.recorded('tcp_flags');
  const filtered = BUT_PROTOCOL.some((name) => logs.asked.options[name] && !counting.but?.includes(name));
  if (!filtered) {
    const once = logs.once(match, located, counting);
    tellOpeners(logs.view, once, told);
    return once.filter(asked);
  }
  tellOpeners(logs.view, logs.among(match), told);
  return logs.once((flow, view) => match(flow, view) && asked(flow), located, counting);
}

type Answering = (logs: Logs) => Row[] | { rows: Row[]; asides: Record<string, number> };

const touching =
  (blocks: readonly string[] | undefined): Match =>
  (flow, view) =>
    view.touches(flow, blocks);

/** Flows, packets, bytes, and when they were seen. */
function sums(logs: Logs, flows: readonly Flow[], counts = (_: Flow) => true): Row {
  const of = (field: string) => sumOf(flows.filter(counts).map((flow) => flow.get(field)));
  return {
    flows: flows.length,
    packets: of('packets'),
    bytes: of('bytes'),
    first_seen: logs.time(Math.min(...flows.map(({ start }) => start))),
    last_seen: logs.time(Math.max(...flows.map(({ end }) => end))),
  };
}

/** Sorted by columns, each down or up, then by the keys. */
function sorted(
  rows: readonly Row[],
  order: ReadonlyArray<[string, typeof compare]>,
  keys: readonly string[],
): Row[] {
  return [...rows].sort((a, b) => {
    for (const [name, by] of [...order, ...keys.map((key) => [key, compare] as const)]) {
      const found = by(a[name]!, b[name]!);
      if (found !== 0) return found;
    }
    return 0;
  });
}

function groups(
  logs: Logs,
  flows: readonly Flow[],
  keys: readonly string[],
  cell = (flow: Flow, key: string): Cell => logs.view.get(flow, key),
): Array<{ key: Row; flows: Flow[] }> {
  const row = (flow: Flow) => Object.fromEntries(keys.map((key) => [key, cell(flow, key)]));
  return groupBy(flows, row).map((group) => ({ key: row(group[0]!), flows: group }));
}

function summed(
  logs: Logs,
  flows: readonly Flow[],
  keys: readonly string[],
  largest: 'bytes' | 'flows',
): Row[] {
  const rows = groups(logs, flows, keys).map(({ key, flows: group }) => ({ ...key, ...sums(logs, group) }));
  return sorted(rows, [[largest, compareDown]], keys);
}

/** Records, or their sums by `--by`. */
function records(logs: Logs, match: Match): Row[] {
  const { by, columns = FLOW_COLUMNS } = logs.asked.options;
  if (by) return summed(logs, logs.once(match, true), by, 'bytes');
  return listed(logs, logs.matching(match), columns);
}

const FLOW_COLUMNS = [
  ...['start_time', 'end_time', 'srcaddr', 'srcport', 'dstaddr', 'dstport', 'protocol', 'packets', 'bytes'],
  'action',
];

function listed(logs: Logs, flows: readonly Flow[], columns: readonly string[]): Row[] {
  const rows = flows.map((flow) => {
    const cells = columns.map((name): [string, Cell] => {
      const field = name.replace(/_time$/, '');
      return [name, name === field ? flow.get(name) : logs.time(flow.number(field))];
    });
    return { ...Object.fromEntries(cells), ' start': flow.start };
  });
  return sorted(rows, [[' start', compare]], columns).map(({ ' start': _, ...row }) => row);
}

/** The parts of all bytes, in hundredths of a percent. */
function withShares(rows: readonly Row[]): Row[] {
  const whole = sumOf(rows.map(({ bytes }) => bytes!)) || null;
  const part = (value: Cell) =>
    value === null || whole === null ? null : Math.round((Number(value) * 10_000) / whole);
  let before: number | null = null;
  return rows.map((row) => {
    before = sumOf([before, row.bytes!]);
    return { ...row, share: part(row.bytes!), cumulative: part(before) };
  });
}

const ADMIN: ReadonlyArray<readonly [name: string, first: number, last: number, protocol: number]> = [
  ['SSH', 22, 22, 6],
  ['Telnet', 23, 23, 6],
  ['RPC', 135, 135, 6],
  ['NetBIOS', 139, 139, 6],
  ['SMB', 445, 445, 6],
  ['rexec, rlogin, rsh', 512, 514, 6],
  ['IPMI', 623, 623, 17],
  ['Docker', 2375, 2376, 6],
  ['RDP', 3389, 3389, 6],
  ['VNC', 5900, 5909, 6],
  ['WinRM', 5985, 5986, 6],
  ['Kubernetes API', 6443, 6443, 6],
  ['kubelet', 10250, 10250, 6],
];

const portAsked = (asked: Asked) => (port: number | null) =>
  port !== null &&
  asked.options.dstPort!.some((text) => {
    const [first, last = first] = text.split('-').map(Number);
    return port >= first! && port <= last!;
  });

const ANSWERS: Readonly<Record<string, Answering>> = {
  egress(logs) {
    const { asked } = logs;
    const { initiated, by } = asked.options;
    if (!initiated) return records(logs, isLeaving(asked));
    const match = isLeaving(asked);
    if (by) return summed(logs, toldOnce(logs, match, { asked: mayOpen }), by, 'bytes');
    tellOpeners(logs.view, logs.among(match), logs.recorded('tcp_flags'));
    return listed(logs, logs.matching(match).filter(mayOpen), asked.options.columns ?? FLOW_COLUMNS);
  },

  ingress(logs) {
    const { subnet = [], exclude = [] } = logs.asked.options;
    return records(
      logs,
      (flow, view) =>
        view.within(view.dst(flow), subnet) &&
        view.beyond(view.src(flow), [...vpcOf(logs.asked.options), ...exclude]),
    );
  },

  internal(logs) {
    const { subnet = [], to, exclude = [] } = logs.asked.options;
    const other = to ? exclude : [...subnet, ...exclude];
    return records(
      logs,
      (flow, view) =>
        view.within(view.src(flow), subnet) &&
        view.within(view.dst(flow), to ?? vpcOf(logs.asked.options)) &&
        view.beyond(view.dst(flow), other),
    );
  },

  talkers(logs) {
    const { by: [by = 'source'] = [], subnet, rare, packetLevel } = logs.asked.options;
    const match = touching(subnet);
    const order: Array<[string, typeof compare]> = [['bytes', rare ? compare : compareDown]];
    const [src, dst] = packetLevel ? ['pkt_srcaddr', 'pkt_dstaddr'] : ['srcaddr', 'dstaddr'];
    const ends: Readonly<Record<string, string[]>> = { source: [src], destination: [dst], pair: [src, dst] };
    const keys = ends[by];
    if (keys) {
      const rows = groups(logs, logs.once(match, subnet !== undefined), keys).map(({ key, flows }) => ({
        ...key,
        ...sums(logs, flows),
      }));
      return withShares(sorted(rows, order, keys));
    }
    const all = logs.matching(match);
    const known = logs.recorded('interface_id') || logs.recorded('flow_direction');
    const told = sentBy(all, logs.recorded);
    const sent = (flow: Flow) => (known ? (told(flow) ?? likelySent(flow)) : null);
    const rows = groups(logs, all, [`${by}_id`]).map(({ key, flows }) => {
      const received = sums(logs, flows, (flow) => sent(flow) === false);
      return {
        ...key,
        ...sums(logs, flows, (flow) => sent(flow) === true),
        ...{ received_packets: received.packets!, received_bytes: received.bytes! },
      };
    });
    return withShares(sorted(rows, order, [`${by}_id`]));
  },

  rejected(logs) {
    const { subnet, by = ['srcaddr', 'dstaddr', 'dstport', 'protocol'] } = logs.asked.options;
    const match: Match = (flow, view) => !flow.accepted && view.touches(flow, subnet);
    return summed(logs, logs.once(match, subnet !== undefined), by, 'flows');
  },

  accepted(logs) {
    const { subnet, by = ['srcaddr', 'dstaddr', 'dstport', 'protocol'] } = logs.asked.options;
    const match: Match = (flow, view) => flow.get('action') === 'ACCEPT' && view.touches(flow, subnet);
    return summed(logs, logs.once(match, subnet !== undefined), by, 'bytes');
  },

  protocols(logs) {
    const { subnet } = logs.asked.options;
    const keys = ['family', 'protocol'];
    const family = (flow: Flow) => (logs.view.src(flow)!.includes(':') ? 'IPv6' : 'IPv4');
    const rows = groups(logs, logs.once(touching(subnet), subnet !== undefined), keys, (flow, key) =>
      key === 'family' ? family(flow) : flow.get(key),
    ).map(({ key, flows }) => ({ ...key, ...sums(logs, flows) }));
    return withShares(sorted(rows, [['bytes', compareDown]], keys));
  },

  ports(logs) {
    const { asked, view } = logs;
    const { subnet = [], dstPort } = asked.options;
    const match = touching(subnet);
    const once = toldOnce(logs, match, { but: ['dstPort'] });
    const flows = once.filter((flow) => !dstPort || servicePort(flow, portAsked(asked)));
    const answers = (flow: Flow) => flow.bySource === false;
    const server = (flow: Flow) => (answers(flow) ? view.src(flow) : view.dst(flow));
    const client = (flow: Flow) => (answers(flow) ? view.dst(flow) : view.src(flow));
    const served = (flow: Flow) => view.within(server(flow), subnet);
    const rows = groups(logs, flows, ['side', 'protocol', 'port'], (flow, key) => {
      if (key === 'side') return served(flow) ? 'served' : 'reached';
      return key === 'port' ? flow.get(answers(flow) ? 'srcport' : 'dstport') : flow.get(key);
    }).map(({ key, flows: group }) => ({
      ...key,
      peers: new Set(group.map((flow) => (served(flow) ? client(flow) : server(flow)))).size,
      ...sums(logs, group),
    }));
    return sorted(
      rows,
      [
        ['side', compareDown],
        ['bytes', compareDown],
      ],
      ['side', 'protocol', 'port'],
    );
  },

  admin(logs) {
    const { asked, view } = logs;
    const { subnet, dstPort } = asked.options;
    const service = (port: number | null, protocol: Cell) =>
      ADMIN.find(
        ([, first, last, of]) => port !== null && port >= first && port <= last && of === protocol,
      )?.[0] ?? null;
    const reaches = (flow: Flow, end: 'srcport' | 'dstport') =>
      dstPort ? portAsked(asked)(flow.number(end)) : service(flow.number(end), flow.get('protocol')) !== null;
    const match: Match = (flow, each) =>
      (reaches(flow, 'dstport') || reaches(flow, 'srcport')) && each.touches(flow, subnet);
    const located = subnet !== undefined;
    const once = toldOnce(logs, match, { located, but: ['dstPort'], asked: mayOpen });
    const flows = once.filter((flow) => reaches(flow, 'dstport'));
    const keys = ['service', 'dstport', 'protocol', 'action', 'srcaddr', 'dstaddr'];
    const rows = groups(logs, flows, keys, (flow, key) =>
      key === 'service' ? service(flow.number('dstport'), flow.get('protocol')) : view.get(flow, key),
    ).map(({ key, flows: group }) => ({ ...key, ...sums(logs, group) }));
    return sorted(rows, [['flows', compareDown]], keys);
  },

  timeline(logs) {
    const { asked } = logs;
    const { egress, subnet, every = 'hour', spread, tz } = asked.options;
    const match = egress ? isLeaving(asked) : touching(subnet);
    const seconds = { minute: 60, hour: 3600, day: 86_400 }[every];
    const bucket = (at: number) => {
      const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(isoTime(at, tz))!;
      const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
      return Math.floor((at + offset) / seconds) * seconds - offset;
    };
    const parts = logs.once(match, subnet !== undefined).flatMap((flow) => partsOf(flow, spread === true));
    const buckets = groupBy(parts, ({ at }) => bucket(at)).map((group) => ({
      at: bucket(group[0]!.at),
      group,
    }));
    const rows: Row[] = [];
    let next = 0;
    for (const { at, group } of buckets.sort((a, b) => a.at - b.at)) {
      for (; rows.length > 0 && next < at; next += seconds) {
        rows.push({ time: logs.time(next), flows: 0, packets: 0, bytes: 0 });
      }
      rows.push({
        time: logs.time(at),
        flows: new Set(group.map(({ flow }) => flow)).size,
        packets: sumOf(group.map(({ packets }) => packets)),
        bytes: sumOf(group.map(({ bytes }) => bytes)),
      });
      next = at + seconds;
    }
    return rows;
  },

  trace(logs) {
    const { asked, view } = logs;
    const match = touching(asked.words);
    const once = toldOnce(logs, match, { merged: true, but: ['dstPort'], numbered: true });
    const flows = once.filter((flow) => !asked.options.dstPort || servicePort(flow, portAsked(asked)));
    const traced = (address: string | null) => view.within(address, asked.words);
    const sent = (flow: Flow) => {
      const [src, dst] = [view.src(flow), view.dst(flow)];
      const order = compare(dst, src) || compare(flow.get('dstport'), flow.get('srcport'));
      return traced(src) && !(traced(dst) && order < 0);
    };
    const side = (flow: Flow, sending: string, receiving: string) =>
      view.get(flow, sent(flow) ? sending : receiving);
    const rows = conversations(logs, flows, sent, (flow) => ({
      address: side(flow, 'srcaddr', 'dstaddr'),
      port: side(flow, 'srcport', 'dstport'),
      peer: side(flow, 'dstaddr', 'srcaddr'),
      peer_port: side(flow, 'dstport', 'srcport'),
      protocol: flow.get('protocol'),
    }));
    return sorted(
      rows,
      [[' first', compare]],
      ['address', 'port', 'peer', 'peer_port', 'protocol', ' connection'],
    );
  },

  nat(logs) {
    const { via, subnet } = logs.asked.options;
    const beyond = (flow: Flow) =>
      (logs.recorded('instance_id') && flow.get('instance_id') === null) ||
      !isPrivate((flow.hidden('srcaddr') ? flow.packet('srcaddr') : flow.packet('dstaddr'))!);
    const sent = (flow: Flow) => (beyond(flow) ? flow.hidden('dstaddr') : flow.hidden('srcaddr'));
    const keys = (flow: Flow) => ({
      via: flow.get(flow.hidden('dstaddr') ? 'dstaddr' : 'srcaddr'),
      address: flow.packet(sent(flow) ? 'srcaddr' : 'dstaddr'),
      peer: flow.packet(sent(flow) ? 'dstaddr' : 'srcaddr'),
      peer_port: flow.get(sent(flow) ? 'dstport' : 'srcport'),
      protocol: flow.get('protocol'),
    });
    const flows = logs.matching((flow, view) => {
      if (!flow.hidden('srcaddr') && !flow.hidden('dstaddr')) return false;
      const { via: gateway, address } = keys(flow);
      return (
        (!via || view.within(gateway as string, via)) && (!subnet || view.within(address as string, subnet))
      );
    });
    for (const flow of flows) flow.connection = 0;
    const rows = conversations(logs, flows, sent, keys).map(({ opened_by: _, evidence: __, ...row }) => row);
    const order: Array<[string, typeof compare]> = [
      ['sent_bytes', compareDown],
      ['received_bytes', compareDown],
    ];
    return sorted(rows, order, ['via', 'address', 'peer', 'peer_port', 'protocol']);
  },

  scan,
  beacons,
  new: newDestinations,
};

interface Part {
  readonly flow: Flow;
  readonly at: number;
  readonly packets: number | null;
  readonly bytes: number | null;
}

/** A record, or its part of each minute: what it has by the end of that minute, less what it had before. */
function partsOf(flow: Flow, spread: boolean): Part[] {
  const { start, end } = flow;
  const [packets, bytes] = [flow.number('packets'), flow.number('bytes')];
  if (!spread) return [{ flow, at: start, packets, bytes }];
  const parts: Part[] = [];
  for (let at = start; at <= end; at = at - (at % 60) + 60) {
    const until = Math.min(at - (at % 60) + 60, end + 1);
    const by = (value: number, time: number) => Math.floor((value * (time - start)) / (end - start + 1));
    const part = (value: number | null) => (value === null ? null : by(value, until) - by(value, at));
    parts.push({ flow, at, packets: part(packets), bytes: part(bytes) });
  }
  return parts;
}

/** A row for each conversation: of records of one direction that overlap in time, those of the interface that saw most. */
function conversations(
  logs: Logs,
  flows: readonly Flow[],
  sent: (flow: Flow) => boolean,
  keys: (flow: Flow) => Row,
): Row[] {
  return groupBy(flows, (flow) => [keys(flow), flow.connection]).map((group) => {
    const key = keys(group[0]!);
    const counted = [true, false].flatMap((side) =>
      stretches(group.filter((flow) => sent(flow) === side)).map((stretch) => {
        const seen = groupBy(stretch, (flow) => flow.get('interface_id')).map((on) => ({
          flows: on.length,
          accepted: on.filter((flow) => flow.get('action') === 'ACCEPT').length,
          rejected: on.filter((flow) => flow.get('action') === 'REJECT').length,
          packets: sumOf(on.map((flow) => flow.get('packets'))),
          bytes: sumOf(on.map((flow) => flow.get('bytes'))),
        }));
        const most = (name: keyof (typeof seen)[number]) =>
          seen.map((each) => each[name]).reduce((a, b) => (compareDown(a, b) <= 0 ? a : b));
        const [packets, bytes] = [most('packets'), most('bytes')];
        return {
          ...{ flows: most('flows'), accepted: most('accepted'), rejected: most('rejected') },
          ...(side
            ? { sent_packets: packets, sent_bytes: bytes }
            : { received_packets: packets, received_bytes: bytes }),
        } as Record<string, Cell>;
      }),
    );
    const sum = (name: string) => sumOf(counted.map((each) => each[name] ?? null));
    const known = group.filter(({ bySource }) => bySource !== null);
    const opens = known.some((flow) => flow.bySource === sent(flow));
    const first = Math.min(...group.map(({ start }) => start));
    return {
      ...key,
      opened_by: known.length === 0 ? null : opens ? key.address! : key.peer!,
      evidence: group.some(({ byFlags }) => byFlags) ? 'flags' : known.length > 0 ? 'ports' : null,
      ...{ flows: sum('flows'), accepted: sum('accepted'), rejected: sum('rejected') },
      ...{ sent_packets: sum('sent_packets'), sent_bytes: sum('sent_bytes') },
      ...{ received_packets: sum('received_packets'), received_bytes: sum('received_bytes') },
      first_seen: logs.time(first),
      last_seen: logs.time(Math.max(...group.map(({ end }) => end))),
      ' first': first,
      ' connection': group[0]!.connection,
    };
  });
}

/** Records of one direction, parted where one ends before the next begins. */
function stretches(flows: readonly Flow[]): Flow[][] {
  const parts: Flow[][] = [];
  let [until, since] = [0, 0];
  for (const flow of [...flows].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const apart = flow.start > until || (flow.start === until && flow.start > since);
    if (parts.length === 0 || apart) parts.push([]);
    parts.at(-1)!.push(flow);
    [until, since] = [Math.max(until, flow.end), Math.max(since, flow.start)];
  }
  return parts;
}
