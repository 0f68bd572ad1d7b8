import { type Flow, groupBy, inBlocks, inRange, passes, View } from './flow.js';

/** Whether a record is what a question asks about, by the addresses that the view sees. */
export type Match = (flow: Flow, view: View) => boolean;

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];
export const isPrivate = (address: string) => inBlocks(address, PRIVATE);
const hourOf = (epoch: number) => epoch - (epoch % 3600);

/** The hours in which something was recorded, or within ten minutes of it. */
function* hoursNear({ start, end }: Flow): Generator<number> {
  for (let hour = hourOf(start - 600); hour <= end + 600; hour += 3600) yield hour;
}

/** Which hours something is known for, by text. */
class Hours {
  private readonly known = new Set<string>();

  add(key: string, flow: Flow): void {
    for (const hour of hoursNear(flow)) this.known.add(`${key} ${hour}`);
  }

  has(key: string, flow: Flow): boolean {
    return this.known.has(`${key} ${hourOf(flow.start)}`);
  }
}

/** Whether an address that the packets hide is beyond a gateway, rather than a pod or another address of the interface. */
function passedOn(flow: Flow, recorded: (field: string) => boolean): boolean {
  if (!flow.hidden('srcaddr') && !flow.hidden('dstaddr')) return false;
  if (recorded('instance_id') && flow.get('instance_id') === null) return true;
  return !isPrivate(flow.hidden('srcaddr') ? flow.packet('srcaddr')! : flow.packet('dstaddr')!);
}

/** The address of each interface, of each family: the one that all its records have in common. */
function ownersOf(flows: readonly Flow[]): (flow: Flow, address: string | null) => boolean {
  const told = flows.filter((flow) => flow.get('interface_id') !== null && flow.get('srcaddr') !== null);
  const six = (flow: Flow) => flow.text('srcaddr')!.includes(':');
  const seen = groupBy(told, (flow) => [flow.get('interface_id'), six(flow)]).map((group) => {
    const ends = group.map((flow) => new Set([flow.text('srcaddr')!, flow.text('dstaddr')!]));
    const common = [...ends[0]!].filter((address) => ends.every((each) => each.has(address))).sort();
    return { interface: group[0]!.text('interface_id')!, six: six(group[0]!), common };
  });
  const alone = new Set<string>();
  const owners = new Map<string, string>();
  const give = (to: { interface: string; six: boolean }, address: string) => {
    owners.set(`${to.interface} ${to.six}`, address);
    return address;
  };
  const both: typeof seen = [];
  for (const each of seen) {
    const [low, high] = each.common;
    if (low === undefined) continue;
    if (high === undefined) alone.add(give(each, low));
    else if (isPrivate(low) !== isPrivate(high)) alone.add(give(each, isPrivate(low) ? low : high));
    else both.push(each);
  }
  for (const pair of groupBy(both, ({ common }) => common)) {
    const [low, high] = pair[0]!.common as [string, string];
    const sorted = pair.sort((a, b) => (a.interface < b.interface ? -1 : 1));
    if (alone.has(low) !== alone.has(high))
      for (const each of sorted) give(each, alone.has(low) ? high : low);
    else if (sorted.length > 1) for (const each of sorted) give(each, each === sorted[0] ? low : high);
  }
  return (flow, address) =>
    address !== null && owners.get(`${flow.text('interface_id')} ${address.includes(':')}`) === address;
}

/** Whether the interface that recorded a flow sent it; null where that cannot be told. */
export function sentBy(
  flows: readonly Flow[],
  recorded: (field: string) => boolean,
): (flow: Flow) => boolean | null {
  const directed = (flow: Flow) => flow.get('flow_direction') !== null;
  const undirected = flows.filter((flow) => !directed(flow));
  const owns = recorded('interface_id') ? ownersOf(undirected) : () => false;
  return (flow) => {
    if (directed(flow)) return flow.get('flow_direction') === 'egress';
    if (owns(flow, flow.text('srcaddr'))) return true;
    const owned = undirected.some(
      (other) => other.get('interface_id') === flow.get('interface_id') && owns(other, other.text('srcaddr')),
    );
    const owning = undirected.some(
      (other) => other.get('interface_id') === flow.get('interface_id') && owns(other, other.text('dstaddr')),
    );
    return recorded('interface_id') && (owned || owning) ? false : null;
  };
}

/** An interface that has several addresses is taken for the end that is not on the internet. */
export function likelySent(flow: Flow): boolean | null {
  const [src, dst] = [isPrivate(flow.text('srcaddr')!), isPrivate(flow.text('dstaddr')!)];
  return src === dst ? null : src;
}

/**
 * The records of a question without those that say again what another one says.
 *
 * @param located whether the question is about some addresses only
 * @param merged whether the question itself compares what interfaces recorded
 */
export function countedOnce(
  view: View,
  flows: readonly Flow[],
  recorded: (field: string) => boolean,
  match: Match,
  {
    located,
    merged = false,
    but = [],
  }: { located: boolean; merged?: boolean; but?: Parameters<typeof passes>[2] },
): Flow[] {
  const { options } = view.asked;
  const read = flows.filter((flow) => inRange(options, flow) && passes(view, flow, but));
  const asked = read.filter((flow) => match(flow, view));
  const packets = recorded('pkt_srcaddr');
  if (options.countAllRecords || (!recorded('interface_id') && !recorded('flow_direction'))) return asked;
  if (merged && !packets) return asked;
  // By the addresses of interfaces, what a gateway passes on for these addresses is another record.
  const behindToo = packets && located && view.level === 'recorded';
  const inside = new View(view.asked, 'packet');
  const behind = (flow: Flow) => match(flow, inside);
  const looked = behindToo ? read.filter((flow) => match(flow, view) || behind(flow)) : asked;
  const sent = sentBy(looked, recorded);
  const through = (flow: Flow) =>
    behindToo ? flow.hidden('srcaddr') || flow.hidden('dstaddr') : packets && passedOn(flow, recorded);
  const [sends, gets] = [new Hours(), new Hours()];
  const address = (flow: Flow, end: 'srcaddr' | 'dstaddr') =>
    (packets && !behindToo ? flow.packet(end) : flow.text(end)) ?? '';
  const directed = (flow: Flow) => flow.get('flow_direction') !== null;
  const owns = recorded('interface_id') ? ownersOf(looked.filter((flow) => !directed(flow))) : () => false;
  const ownAddresses = groupBy(
    looked.filter((flow) => !directed(flow) && flow.get('interface_id') !== null),
    (flow) => flow.get('interface_id'),
  );
  for (const group of ownAddresses) {
    const own = new Set(
      group.flatMap((flow) =>
        [flow.text('srcaddr'), flow.text('dstaddr')].filter((each) => owns(flow, each)),
      ),
    );
    for (const flow of group.filter(({ accepted }) => accepted)) {
      for (const each of own) for (const hours of [sends, gets]) hours.add(each!, flow);
    }
  }
  for (const flow of looked.filter(({ accepted }) => accepted)) {
    const known = !recorded('interface_id') || flow.get('interface_id') !== null;
    if (packets && !behindToo && flow.hidden('srcaddr') && !through(flow) && sent(flow)) {
      for (const hours of [sends, gets]) hours.add(flow.packet('srcaddr')!, flow);
    }
    if (!directed(flow) || !known || through(flow)) continue;
    if (flow.get('flow_direction') === 'egress') sends.add(address(flow, 'srcaddr'), flow);
    else gets.add(address(flow, 'dstaddr'), flow);
  }
  const again = (flow: Flow): boolean => {
    if (!flow.accepted) return false;
    if (through(flow)) {
      if (behindToo && !behind(flow)) return false;
      if (flow.hidden('srcaddr') && flow.hidden('dstaddr')) return false;
      return flow.hidden('srcaddr')
        ? gets.has(flow.packet('dstaddr')!, flow)
        : sends.has(flow.packet('srcaddr')!, flow);
    }
    return !merged && sent(flow) !== true && sends.has(flow.packet('srcaddr') ?? '', flow);
  };
  // With whom a gateway speaks for those behind it: its other side repeats that, where all of these are asked about.
  const inner = packets ? looked.filter((flow) => flow.accepted && passedOn(flow, recorded)) : [];
  const [spoken, partly] = [new Set<string>(), new Set<string>()];
  const party = (flow: Flow) =>
    flow.hidden('srcaddr')
      ? `${flow.get('srcaddr')} ${flow.packet('srcaddr')}`
      : `${flow.get('dstaddr')} ${flow.packet('dstaddr')}`;
  for (const group of groupBy(inner, (flow) => [party(flow), hourOf(flow.start)])) {
    const covered = group.every((flow) => !behindToo || match(flow, view) || again(flow));
    for (const flow of group) {
      for (const hour of hoursNear(flow)) (covered ? spoken : partly).add(`${party(flow)} ${hour}`);
    }
  }
  const outer = (flow: Flow) => {
    if (!flow.accepted || flow.hidden('srcaddr') || flow.hidden('dstaddr')) return false;
    const [gateway, peer] = sent(flow) === true ? ['srcaddr', 'dstaddr'] : ['dstaddr', 'srcaddr'];
    const key = `${flow.get(gateway!)} ${flow.get(peer!)} ${hourOf(flow.start)}`;
    return spoken.has(key) && !partly.has(key);
  };
  return looked.filter((flow) => match(flow, view) && !again(flow) && !outer(flow));
}
