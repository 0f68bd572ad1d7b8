import { type Logs, type Row, toldOnce } from './answers.js';
import { mayOpen, tellOpeners } from './connections.js';
import { type Cell, compare, type Flow, groupBy, passes, sumOf } from './flow.js';
import { isLeaving } from './places.js';

const bySteps = (steps: ReadonlyArray<(a: Row, b: Row) => number>) => (a: Row, b: Row) => {
  for (const step of steps) {
    const found = step(a, b);
    if (found !== 0) return found;
  }
  return 0;
};
const up = (name: string) => (a: Row, b: Row) => compare(a[name]!, b[name]!);
const down = (name: string) => (a: Row, b: Row) => Number(b[name]) - Number(a[name]);
const least = (values: readonly number[]) => (values.length === 0 ? null : Math.min(...values));

const KEYS = ['srcaddr', 'dstaddr', 'dstport', 'protocol'] as const;

export function scan(logs: Logs): Row[] {
  const { asked, view } = logs;
  const [minPorts, minHosts] = [Number(asked.options.minPorts ?? 20), Number(asked.options.minHosts ?? 20)];
  const within = asked.options.within ? Number(asked.options.within.replace('m', '')) * 60 : 1800;
  const among = logs.among((flow, each) => each.touches(flow, asked.options.subnet));
  tellOpeners(view, among, logs.recorded('tcp_flags'));
  const data = (flow: Flow) => {
    const [packets, bytes] = [flow.number('packets'), flow.number('bytes')];
    if (packets === null || bytes === null || !flow.accepted) return false;
    return [6, 17].includes(flow.number('protocol')!) && (packets > 7 || bytes > packets * 80);
  };
  const attempts = among.filter(
    (flow) => passes(view, flow) && (!flow.accepted || (flow.bySource ?? !data(flow))),
  );
  const targets = groupBy(attempts, (flow) => KEYS.map((key) => view.get(flow, key))).map((group) => ({
    group,
    at: Math.min(...group.map(({ start }) => start)),
    bare: !group.some(data),
    src: view.src(group[0]!)!,
    dst: view.dst(group[0]!)!,
    port: group[0]!.number('dstport'),
    protocol: group[0]!.number('protocol'),
  }));
  type Target = (typeof targets)[number];
  /** Whether so many of them were first tried within the time. */
  const quick = (tried: readonly Target[], count: number) => {
    const times = tried.map(({ at }) => at).sort((a, b) => a - b);
    return times.some((at, i) => i >= count - 1 && at - times[i - Math.max(count - 1, 0)]! <= within);
  };
  const row = (kind: string, tried: readonly Target[], counted: number, key: Row): Row => {
    const flows = tried.flatMap(({ group }) => group);
    return {
      ...{ kind, srcaddr: tried[0]!.src, dstaddr: null, dstport: null, protocol: tried[0]!.protocol, ...key },
      targets: counted,
      flows: flows.length,
      rejected: flows.filter((flow) => flow.get('action') === 'REJECT').length,
      packets: sumOf(flows.map((flow) => flow.get('packets'))),
      bytes: sumOf(flows.map((flow) => flow.get('bytes'))),
      first_seen: logs.time(least(flows.map(({ start }) => start))),
      last_seen: logs.time(Math.max(...flows.map(({ end }) => end))),
    };
  };
  const rows: Row[] = [];
  for (const source of groupBy(targets, ({ src, protocol }) => [src, protocol])) {
    const found: Row[] = [];
    for (const host of groupBy(source, ({ dst }) => dst)) {
      const ports = new Set(host.map(({ port }) => port)).size;
      if (ports >= minPorts && quick(host, minPorts))
        found.push(row('ports of a host', host, ports, { dstaddr: host[0]!.dst }));
    }
    const bare = source.filter((target) => target.bare);
    for (const tried of groupBy(bare, ({ port }) => port)) {
      const hosts = new Set(tried.map(({ dst }) => dst)).size;
      if (hosts >= minHosts && quick(tried, minHosts))
        found.push(row('hosts with a port', tried, hosts, { dstport: tried[0]!.port }));
    }
    const [ports, hosts] = [
      new Set(bare.map(({ port }) => port)).size,
      new Set(bare.map(({ dst }) => dst)).size,
    ];
    if (
      found.length === 0 &&
      bare.length > 0 &&
      ports >= minPorts &&
      hosts >= minHosts &&
      quick(bare, Math.max(minPorts, minHosts))
    ) {
      found.push(row('ports of hosts', bare, bare.length, {}));
    }
    rows.push(...found);
  }
  return rows.sort(bySteps([down('targets'), up('kind'), ...KEYS.map(up)]));
}

export function newDestinations(logs: Logs): { rows: Row[]; asides: Record<string, number> } {
  const { asked, view } = logs;
  const { options } = asked;
  const seconds = (text: string) => Date.parse(text) / 1000;
  const [since, until] = [seconds(options.since!), seconds(options.until!)];
  const before = options.before ? Number(options.before.replace('h', '')) * 3600 : until - since;
  const begin = since - before;
  const by = options.by ?? ['dstaddr'];
  const both = logs.since(begin);
  const once = toldOnce(both, isLeaving(asked), { but: ['hours', 'action'], asked: mayOpen });
  const flows = once.filter((flow) => flow.start < since || passes(view, flow));
  const skipped = both.skipped();
  const known = least(flows.map(({ start }) => start));
  const margin = Math.max(3600, Math.floor(before * 0.1));
  const aside = known !== null && known > begin + margin ? 'partly-known' : 'known';
  const rows: Array<Row & { ' first': number }> = [];
  let old = 0;
  for (const destination of groupBy(flows, (flow) => by.map((key) => view.get(flow, key)))) {
    const kinds = groupBy(destination, ({ accepted }) => accepted);
    const firstOf = (group: readonly Flow[]) => Math.min(...group.map(({ start }) => start));
    const reached = kinds.find((group) => group[0]!.accepted);
    for (const group of kinds) {
      const refused = !group[0]!.accepted;
      const isNew = firstOf(group) >= since && (!refused || !reached || firstOf(reached) >= since);
      if (!isNew) {
        old += group.length;
        continue;
      }
      rows.push({
        ...Object.fromEntries(by.map((key) => [key, view.get(group[0]!, key)])),
        kind: refused ? 'refused' : 'reached',
        flows: group.length,
        packets: sumOf(group.map((flow) => flow.get('packets'))),
        bytes: sumOf(group.map((flow) => flow.get('bytes'))),
        first_seen: logs.time(firstOf(group)),
        last_seen: logs.time(Math.max(...group.map(({ end }) => end))),
        ' first': firstOf(group),
      });
    }
  }
  rows.sort(bySteps([up(' first'), ...by.map(up), up('kind')]) as (a: Row, b: Row) => number);
  return {
    rows,
    asides: { ...(old > 0 ? { [aside]: old } : {}), ...(skipped > 0 ? { skipdata: skipped } : {}) },
  };
}

interface Contact {
  readonly start: number;
  readonly end: number;
  readonly flows: readonly Flow[];
  readonly size: number | null;
  readonly longest: number;
}

interface Series {
  readonly key: Row;
  readonly own: Cell;
  readonly contacts: readonly Contact[];
}

export function beacons(logs: Logs): Row[] {
  const { asked, view } = logs;
  const option = (text: string | undefined, none: number) => (text === undefined ? none : Number(text));
  const minContacts = option(asked.options.minContacts, 10);
  const maxJitter = option(asked.options.maxJitter, 50);
  const maxBytes = option(asked.options.maxBytes, 10_000);
  const minScore = option(asked.options.minScore, 0);
  const flows = toldOnce(logs, isLeaving(asked), { numbered: true, asked: mayOpen });
  const keyOf = (flow: Flow): Row => Object.fromEntries(KEYS.map((key) => [key, view.get(flow, key)]));
  const series: Series[] = groupBy(flows, keyOf).flatMap((group) => {
    const connections: Array<{ own: Cell; flows: Flow[] }> = [];
    for (const same of groupBy(group, (flow) => flow.get('srcport'))) {
      const spoken = groupBy(same, ({ connection }) => connection).map(parted);
      const count = spoken.reduce((sum, each) => sum + each.length, 0);
      const own = count - spoken.length >= minContacts - 1 ? same[0]!.get('srcport') : null;
      for (const each of spoken) {
        if (count >= minContacts) for (const part of each) connections.push({ own, flows: part });
        else connections.push({ own, flows: each.flat() });
      }
    }
    return groupBy(connections, ({ own }) => own).map((of) => ({
      key: keyOf(group[0]!),
      own: of[0]!.own,
      contacts: contactsOf(of.map((each) => each.flows)),
    }));
  });
  const every = series.flatMap(({ key, contacts }) => contacts.map((contact) => ({ key, contact })));
  const begin = Math.min(...every.map(({ contact }) => contact.start));
  const finish = Math.max(...every.map(({ contact }) => contact.end));
  const allHosts = new Set(every.map(({ key }) => key.srcaddr)).size;
  const rows: Row[] = [];
  for (const { key, own, contacts } of series) {
    if (contacts.length < minContacts) continue;
    const pauses = contacts.slice(1).map(({ start }, i) => start - contacts[i]!.start);
    const sizes = contacts.map(({ size }) => size).filter((size) => size !== null);
    const period = quarter(pauses, 2)!;
    const size = quarter(sizes, 2);
    const jitter = middle(pauses.map((pause) => Math.abs(pause - period)))!;
    if (jitter * 100 > period * maxJitter || (size ?? 0) > maxBytes) continue;
    const toward = every.filter((each) => each.key.dstaddr === key.dstaddr);
    const hosts = new Set(toward.map((each) => each.key.srcaddr)).size;
    const since = Math.min(...toward.map(({ contact }) => contact.start));
    const longest = Math.max(...contacts.map((each) => each.longest));
    const tolerance = own === null ? 10 : longest > 60 ? 600 : 60;
    const sizeStray = size === null ? null : middle(sizes.map((each) => Math.abs(each - size)));
    const regular = part(pauses, jitter, tolerance, 1);
    const alike = size === null ? 0 : part(sizes, sizeStray!, 10, 0);
    const hours = [...new Set(contacts.map(({ start }) => Math.floor(start / 3600)))];
    const [firstStart, lastEnd] = [contacts[0]!.start, Math.max(...contacts.map(({ end }) => end))];
    const covered = (lastEnd - firstStart) / Math.max(finish - begin, 1);
    const duration = hours.length >= 6 ? Math.min(1, Math.max(covered, inARow(hours) / 12)) : 0;
    const bins = Array<number>(24).fill(0);
    for (const { start } of contacts) bins[Math.floor(((start - begin) * 24) / (finish - begin + 1))]!++;
    const squares = bins.reduce((sum, count) => sum + count * count, 0);
    const count = contacts.length;
    const spread = Math.max(0, 1 - Math.sqrt(Math.max(0, 24 * squares - count * count)) / count);
    const prevalence = hosts * 50 <= allHosts ? 15 : allHosts >= 10 && hosts * 2 >= allHosts ? -15 : 0;
    const age =
      finish - since >= 30 * 86_400
        ? -15
        : finish - since <= 7 * 86_400 && since - begin >= 7 * 86_400
          ? 15
          : 0;
    const score = Math.min(
      100,
      Math.max(0, Math.round(25 * (regular + alike + duration + spread)) + prevalence + age),
    );
    if (score < minScore) continue;
    const heard = contacts.flatMap((contact) => contact.flows);
    rows.push({
      ...key,
      ...{
        contacts: count,
        period_s: period,
        jitter_s: jitter,
        median_bytes: size,
        score,
        hosts,
        own_srcport: own,
      },
      flows: heard.length,
      packets: sumOf(heard.map((flow) => flow.get('packets'))),
      bytes: sumOf(heard.map((flow) => flow.get('bytes'))),
      first_seen: logs.time(firstStart),
      last_seen: logs.time(lastEnd),
    });
  }
  const none = (row: Row) => (row.own_srcport === null ? -1 : Number(row.own_srcport));
  return rows.sort(bySteps([down('score'), down('contacts'), ...KEYS.map(up), (a, b) => none(a) - none(b)]));
}

/** The records of a connection, parted where it pauses for more than 10 seconds. */
function parted(flows: readonly Flow[]): Flow[][] {
  const parts: Flow[][] = [];
  let until = 0;
  for (const flow of [...flows].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (parts.length === 0 || flow.start - until > 10) parts.push([]);
    parts.at(-1)!.push(flow);
    until = Math.max(until, flow.end);
  }
  return parts;
}

/** Connections that begin within two seconds of one another are one contact. */
function contactsOf(connections: ReadonlyArray<readonly Flow[]>): Contact[] {
  const begun = connections
    .map((flows) => ({ flows, start: Math.min(...flows.map(({ start }) => start)) }))
    .sort((a, b) => a.start - b.start);
  const together: Flow[][] = [];
  let before: number | undefined;
  for (const { flows, start } of begun) {
    if (before === undefined || start - before > 2) together.push([]);
    together.at(-1)!.push(...flows);
    before = start;
  }
  return together.map((flows) => ({
    flows,
    start: Math.min(...flows.map(({ start }) => start)),
    end: Math.max(...flows.map(({ end }) => end)),
    size: sumOf(flows.map((flow) => flow.get('bytes'))),
    longest: Math.max(...flows.map(({ start, end }) => end - start)),
  }));
}

/** The value at so many quarters of some values, in order: of four the first, second, third. */
function quarter(values: readonly number[], quarters: number): number | null {
  const place = Math.ceil((values.length * quarters) / 4);
  return [...values].sort((a, b) => a - b)[Math.max(place, 1) - 1] ?? null;
}

const middle = (values: readonly number[]) => quarter(values, 2);

/** How regular values are, from 0 to 1: half by Bowley's skew, half by their median deviation. */
function part(values: readonly number[], deviation: number, tolerance: number, least: number): number {
  const [first, median, third] = [1, 2, 3].map((n) => quarter(values, n)!) as [number, number, number];
  const skewed = third - first >= tolerance && median !== first && median !== third;
  const skew = skewed ? Math.abs((first + third - 2 * median) / (third - first)) : 0;
  const close = median >= 1 ? Math.max(0, (median - deviation) / median) : least;
  return (1 - skew + close) / 2;
}

/** The most hours that follow one another. */
function inARow(hours: readonly number[]): number {
  const sorted = [...hours].sort((a, b) => a - b);
  let [longest, run] = [0, 0];
  sorted.forEach((hour, i) => {
    run = i > 0 && hour === sorted[i - 1]! + 1 ? run + 1 : 1;
    longest = Math.max(longest, run);
  });
  return longest;
}
