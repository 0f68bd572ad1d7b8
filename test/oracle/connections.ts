import { compare, type Flow, groupBy, type View } from './flow.js';

const IDLE = 350;
const TIME_WAIT = 60;
const [FIN, SYN, RST, ACK] = [1, 2, 4, 16];

/** By ports alone: the side with a port of a lower range is the service. */
function byPorts(flow: Flow): boolean | null {
  const range = (port: number) => (port < 1024 ? 0 : port < 32_768 ? 1 : 2);
  const [src, dst] = [flow.number('srcport'), flow.number('dstport')];
  if (src === null || dst === null || range(src) === range(dst)) return null;
  return range(src) > range(dst);
}

/**
 * Tells each record who opened its connection, and which one it is of those over the same ports. Walks the records of one
 * pair of ends in the order of time and keeps in mind what was seen of each side.
 *
 * @param told whether flags, or the times between records, are looked at
 */
export function tellOpeners(view: View, flows: readonly Flow[], told: boolean): void {
  for (const flow of flows) {
    flow.bySource = byPorts(flow);
    flow.byFlags = false;
    flow.connection = 0;
  }
  if (!told) return;
  const forward = (flow: Flow) => {
    const order = compare(view.src(flow), view.dst(flow));
    return order < 0 || (order === 0 && compare(flow.get('srcport'), flow.get('dstport')) <= 0);
  };
  const ends = (flow: Flow) => {
    const [src, dst] = [
      [view.src(flow), flow.get('srcport')],
      [view.dst(flow), flow.get('dstport')],
    ];
    return [...(forward(flow) ? [src, dst] : [dst, src]), flow.get('protocol')];
  };
  for (const group of groupBy(flows, ends)) walk(group, forward);
}

interface Side {
  /** The latest end, and the latest start, of what it said after its handshake. */
  settled: number;
  answered: number;
  /** When a handshake last said that this side opens. */
  opened: number;
}

function walk(group: readonly Flow[], forward: (flow: Flow) => boolean): void {
  const flag = (flow: Flow, bit: number) =>
    flow.get('protocol') === 6 && ((flow.number('tcp_flags') ?? 0) & bit) !== 0;
  const seen = group.map((flow) => {
    const [syn, ack] = [flag(flow, SYN!), flag(flow, ACK!)];
    const fin = flag(flow, FIN!) || flag(flow, RST!);
    return { flow, syn, ack, fin, a: forward(flow) };
  });
  seen.sort(
    (x, y) =>
      x.flow.start - y.flow.start ||
      Number(x.ack) - Number(y.ack) ||
      x.flow.end - y.flow.end ||
      Number(x.a) - Number(y.a) ||
      Number(x.fin) - Number(y.fin),
  );
  const side = (): Side => ({ settled: -1, answered: -1, opened: -1 });
  const [a, b] = [side(), side()];
  let [until, ended, asked] = [-1, -1, -1];
  let connection: Array<(typeof seen)[number]> = [];
  let number = 0;
  const conclude = () => {
    const openers = connection.filter(({ syn }) => syn).map((each) => each.a !== each.ack);
    for (const { flow, a: isA } of connection) {
      flow.connection = number;
      if (openers.length === 0) continue;
      flow.bySource = openers.includes(true) === isA;
      flow.byFlags = true;
    }
  };
  for (const each of seen) {
    const { flow, syn, ack, fin, a: isA } = each;
    const { start, end } = flow;
    const [own, opens] = [isA ? a : b, isA !== ack];
    const opened = Math.max(a.opened, b.opened);
    const settled = Math.max(a.settled, b.settled);
    const begins =
      until < 0 ||
      start - until > IDLE ||
      // The other side opens now.
      (syn && (opens ? b.opened > a.opened : a.opened > b.opened)) ||
      // It asks again, though its last connection was under way.
      (syn && !ack && settled >= opened && (own.settled >= 0 ? own.settled : settled) < start) ||
      // It answers again, and nobody asked since.
      (syn && ack && own.settled >= 0 && own.settled < start && own.answered >= asked) ||
      // What came before has ended.
      (!syn && ended >= 0 && start > ended + TIME_WAIT && until <= ended + TIME_WAIT && opened <= ended);
    if (begins) {
      conclude();
      connection = [];
      number++;
    }
    connection.push(each);
    until = Math.max(until, end);
    if (fin) ended = Math.max(ended, end);
    if (fin || !syn) {
      own.settled = Math.max(own.settled, end);
      own.answered = Math.max(own.answered, start);
    }
    if (syn && !ack) asked = Math.max(asked, start);
    if (syn) (opens ? a : b).opened = Math.max((opens ? a : b).opened, start);
  }
  conclude();
}

/** That the source opened, or that nothing tells. */
export const mayOpen = ({ bySource }: Flow): boolean => bySource !== false;

/** The port of the side that was opened to is one of these; either port, where nothing tells. */
export function servicePort(flow: Flow, isOne: (port: number | null) => boolean): boolean {
  const [src, dst] = [isOne(flow.number('srcport')), isOne(flow.number('dstport'))];
  return flow.bySource === null ? src || dst : flow.bySource ? dst : src;
}
