import { stringify } from 'smol-toml';
import type { RunOptions, Session } from '../engines/engine.js';
import type { FieldSet } from '../flowlog/fields.js';
import { protocolName } from '../flowlog/protocols.js';
import type { Flaw } from '../logs/flaws.js';
import { cleanText } from '../names/clean-text.js';
import type { Inventory } from '../names/inventory.js';
import type { Names } from '../names/names.js';
import { mergeBlocks, parseCidr } from '../net/cidr.js';
import type { Networks } from '../net/networks.js';
import { humanBytes, plural } from '../terminal/units.js';
import type { TimeRange } from '../time/range.js';
import { isoTime, minuteTime } from '../time/zone.js';
import { VERSION } from '../version.js';
import { type AllowList, type AllowScope, portText } from './allow-file.js';
import { Asking, insideOf, outwardGroups, trafficOf } from './asking.js';
import type { ExceptionKind } from './facts.js';
import { endsOf, type FlowGroup, refusalOf } from './flow-group.js';
import { type FlowKey, type LeastEntry, leastEntries } from './least.js';
import {
  isDomain,
  listedService,
  matchesTarget,
  parseTarget,
  type TargetAddress,
  targetText,
} from './target.js';

/** What entries are learned from, and what is known beside it. */
export interface SuggestRequest {
  readonly scope: AllowScope;
  readonly range: TimeRange;
  readonly zone: string;
  readonly names: Names;
  readonly networks: Networks;
  /** Whether ends are named by addresses only. */
  readonly addresses: boolean;
  /** What its entries allow, or would once approved, is not suggested again. */
  readonly list: AllowList | undefined;
}

export interface Suggestion {
  /** An allow-list; entries to append where there is one already. */
  readonly text: string;
  readonly entries: number;
  readonly flows: number;
  /** Flows that were refused or not answered: nothing is suggested for them. */
  readonly attempts: number;
  /** What the reader should know of the logs, a sentence each. */
  readonly notes: readonly string[];
  readonly flaws: readonly Flaw[];
  /** SKIPDATA records. */
  readonly skipped: number;
}

/** The ports of other protocols mean nothing. */
const WITH_PORTS: ReadonlySet<number | null> = new Set([6, 17, null]);

/**
 * Services whose published addresses are, or serve, hosts and applications of any customer (AWS General Reference, "AWS IP
 * address ranges"; AMAZON holds all others): such a name says nothing of who is there.
 */
const OF_CUSTOMERS: ReadonlySet<string> = new Set([
  ...['AMAZON', 'EC2', 'API_GATEWAY', 'CLOUD9', 'CLOUDFRONT', 'CLOUDFRONT_ORIGIN_FACING', 'CODEBUILD'],
  ...['GLOBALACCELERATOR', 'WORKSPACES_GATEWAYS'],
]);

/** At most this many addresses stand in a comment. */
const SHOWN = 5;

/** Learns the least entries that allow what left, attempts excepted. */
export async function suggest(
  session: Session,
  request: SuggestRequest,
  options: RunOptions,
): Promise<Suggestion> {
  const { source } = session;
  const asking = new Asking(session, options);
  const learner = new Learner(request, source.fields);
  const asked = trafficOf(request.scope, { ...request.range, zone: request.zone });
  for await (const group of outwardGroups(asking, asked, source, request.names)) learner.add(group);
  const { runs, flaws, skipped } = await asking.ended();
  const { entries, flows, attempts } = learner.finish();
  const notes = [...widenings(source.fields), ...new Set(runs.flatMap((run) => run.notes))];
  const text = [head(request, attempts), ...entries].join('\n');
  return { text, entries: entries.length, flows, attempts, notes, flaws, skipped };
}

/** What of a flow is known by name. */
interface End {
  /** As an entry has it: an address, or what stands for it. */
  readonly text: string;
  readonly isAddress: boolean;
  /** The owner of the interface that has the address, by the inventory; undefined where it is not the same for all flows. */
  owner: string | undefined;
  readonly interfaceId: string | undefined;
}

/** Flows of one key, and the evidence of them. */
interface Learned extends FlowKey {
  readonly ends: { readonly from: End; readonly to: End };
  /** Addresses seen, with their names. */
  readonly seen: {
    readonly from: Map<string, string | undefined>;
    readonly to: Map<string, string | undefined>;
  };
  readonly kinds: Map<ExceptionKind, number>;
  /** By the Unix second at which the day began. */
  readonly days: Map<number, number>;
  flows: number;
  bytes: number;
  first: number;
  last: number;
}

/** Collects flows and makes entries of them. */
export class Learner {
  private readonly learned = new Map<string, Learned>();
  private readonly recordsWays: boolean;
  private flows = 0;
  private attempts = 0;

  constructor(
    private readonly request: SuggestRequest,
    fields: FieldSet,
  ) {
    this.recordsWays = fields.has('traffic_path');
  }

  add(group: FlowGroup): void {
    const { list, names, zone } = this.request;
    if (group.kind === 'attempt') {
      this.attempts += group.flows;
      return;
    }
    if (list?.entries.some((entry) => refusalOf(entry, group, names, zone) === undefined)) return;
    this.flows += group.flows;
    const { from, to } = endsOf(group);
    const ends = { from: this.end(from, false), to: this.end(to, true) };
    const { way } = group.way;
    const key: FlowKey = {
      from: ends.from.text,
      to: ends.to.text,
      protocol: group.protocol,
      port: WITH_PORTS.has(group.protocol) ? group.port : null,
      // Where the record could tell the way, "unknown" is a way too: an entry without one allows all.
      way: way === 'unknown' && !this.recordsWays ? undefined : way,
    };
    const id = [key.from, key.to, key.protocol, key.port, key.way].join('\n');
    const known = this.learned.get(id) ?? {
      ...key,
      ends,
      ...{ flows: 0, bytes: 0, first: group.first, last: group.last },
      ...{ kinds: new Map(), days: new Map(), seen: { from: new Map(), to: new Map() } },
    };
    this.learned.set(id, known);
    this.count(known, group, from, to);
    for (const side of ['from', 'to'] as const) {
      if (known.ends[side].owner !== ends[side].owner) known.ends[side].owner = undefined;
    }
  }

  /** Entries as TOML, with their evidence, those of the most bytes first. To be asked once, when all groups are added. */
  finish(): { entries: string[]; flows: number; attempts: number } {
    const { inventory } = this.request.names;
    const owners = this.request.addresses ? new Map<string, ReadonlySet<string>>() : ownersOf(inventory);
    const entries = leastEntries([...this.learned.values()])
      .map((entry) => ({ entry, bytes: entry.flows.reduce((sum, { bytes }) => sum + bytes, 0) }))
      .sort((a, b) => b.bytes - a.bytes)
      .map(({ entry }) => this.entry(entry, owners));
    return { entries, flows: this.flows, attempts: this.attempts };
  }

  private end(end: TargetAddress, byName: boolean): End {
    const { names, networks, addresses } = this.request;
    const { address, at, vpcId } = end;
    const text = byName && !addresses ? this.nameOf(end) : undefined;
    if (text !== undefined) return { text, isAddress: false, owner: undefined, interfaceId: undefined };
    const host = addresses ? undefined : names.inventory.host(address, at, vpcId)?.seen;
    const owner = host?.owner?.name;
    const isOwner = owner !== undefined && matchesTarget(parseTarget(`owner:${owner}`, networks), end, names);
    return { text: address, isAddress: true, owner: isOwner ? owner : undefined, interfaceId: host?.item.id };
  }

  /** What stands for a destination whose addresses change: an endpoint, the domain that was asked for, or an AWS service. */
  private nameOf(end: TargetAddress): string | undefined {
    const { names, networks } = this.request;
    const { address, at, vpcId, host } = end;
    const { inventory } = names;
    const owner = inventory.host(address, at, vpcId)?.seen.item.id;
    const endpoint = owner === undefined ? undefined : inventory.endpointOf(owner, at);
    const domain = names.domainOf(address, at, { vpcId, host });
    const services = [names.awsRange(address, at)?.range, listedService(address, at, names)];
    const candidates = [
      endpoint?.id,
      domain && isDomain(domain) && `domain:${domain.toLowerCase().replace(/\.$/, '')}`,
      ...services.map((each) =>
        each && !OF_CUSTOMERS.has(each.service) ? `aws:${each.service}@${each.region}` : undefined,
      ),
    ];
    return candidates.find((text): text is string => {
      if (!text) return false;
      // A name that an entry cannot hold would be read as something else.
      const target = parseTarget(text, networks);
      return target.kind !== 'blocks' && targetText(target) === text && matchesTarget(target, end, names);
    });
  }

  private count(known: Learned, group: FlowGroup, from: TargetAddress, to: TargetAddress): void {
    const { names } = this.request;
    const { kind, day, flows, bytes, first, last } = group;
    known.flows += flows;
    known.bytes += bytes;
    known.first = Math.min(known.first, first);
    known.last = Math.max(known.last, last);
    known.kinds.set(kind, (known.kinds.get(kind) ?? 0) + flows);
    known.days.set(day, (known.days.get(day) ?? 0) + bytes);
    for (const [seen, end] of [
      [known.seen.from, from],
      [known.seen.to, to],
    ] as const) {
      if (seen.has(end.address)) continue;
      const name = names.of(end.address, end.at, end);
      seen.set(end.address, name && name.kind !== 'class' ? cleanText(name.name) : undefined);
    }
  }

  private entry(entry: LeastEntry<Learned>, owners: ReadonlyMap<string, ReadonlySet<string>>): string {
    const { flows, protocol, ports, way } = entry;
    const [from, to] = (['from', 'to'] as const).map((side) => endTexts(entry, side, owners));
    const one = <T>(values: readonly T[]) => (values.length === 1 ? values[0] : values);
    const table = {
      from: one(from!),
      to: one(to!),
      ...(ports.length === 0 ? {} : { ports: portRuns(ports) }),
      ...(protocol === null ? {} : { protocol: protocolName(protocol).toLowerCase() }),
      ...(way === undefined ? {} : { way }),
      ...{ reason: '', owner: '', approved: '' },
    };
    const comments = evidence(flows, this.request.zone).map((line) => `# ${line}\n`);
    return `${comments.join('')}${stringify({ allow: [table] }).trimStart()}`;
  }
}

/** The interfaces of each owner that the inventory knows. */
function ownersOf(inventory: Inventory): Map<string, Set<string>> {
  const owners = new Map<string, Set<string>>();
  const ids = new Set(inventory.snapshots.flatMap(({ interfaces = [] }) => interfaces.map(({ id }) => id)));
  for (const id of ids) {
    for (const { owner } of inventory.sightings(id)) {
      if (owner) owners.set(owner.name, (owners.get(owner.name) ?? new Set()).add(id));
    }
  }
  return owners;
}

/** One end of an entry. An owner stands for its addresses only where each of its interfaces was seen: else it would allow more. */
function endTexts(
  { flows, ...entry }: LeastEntry<Learned>,
  side: 'from' | 'to',
  owners: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  const ends = new Map<string, End>();
  for (const flow of flows) {
    const end = flow.ends[side];
    const known = ends.get(end.text);
    ends.set(end.text, known && known.owner !== end.owner ? { ...end, owner: undefined } : end);
  }
  const seen = new Map<string, Set<string>>();
  for (const { owner, interfaceId } of ends.values()) {
    if (owner !== undefined) seen.set(owner, (seen.get(owner) ?? new Set()).add(interfaceId!));
  }
  const named = [...seen].flatMap(([owner, ids]) =>
    [...(owners.get(owner) ?? [''])].every((id) => ids.has(id)) ? [owner] : [],
  );
  const texts = new Set<string>(named.map((owner) => `owner:${owner}`));
  const addresses: string[] = [];
  for (const text of entry[side]) {
    const { owner, isAddress } = ends.get(text)!;
    if (owner !== undefined && named.includes(owner)) continue;
    if (isAddress) addresses.push(text);
    else texts.add(text);
  }
  const blocks = mergeBlocks(addresses.map(parseCidr)).sort((a, b) =>
    a.family !== b.family ? a.family - b.family : a.first < b.first ? -1 : 1,
  );
  return [...[...texts].sort(), ...blocks.map(({ text }) => text)];
}

/** Ports as an entry has them: numbers, and ranges where each of it was seen. */
function portRuns(ports: readonly number[]): Array<number | string> {
  const runs: Array<{ first: number; last: number }> = [];
  for (const port of ports) {
    const run = runs.at(-1);
    if (run && run.last + 1 === port) run.last = port;
    else runs.push({ first: port, last: port });
  }
  return runs.map((run) => (run.first === run.last ? run.first : portText(run)));
}

function evidence(flows: readonly Learned[], zone: string): string[] {
  const sum = (of: (flow: Learned) => number) => flows.reduce((total, flow) => total + of(flow), 0);
  const days = new Map<number, number>();
  for (const flow of flows) for (const [day, bytes] of flow.days) days.set(day, (days.get(day) ?? 0) + bytes);
  const most = Math.max(...days.values());
  const bytes = sum((flow) => flow.bytes);
  const first = flows.reduce((least, flow) => Math.min(least, flow.first), Number.POSITIVE_INFINITY);
  const last = flows.reduce((latest, flow) => Math.max(latest, flow.last), 0);
  const kinds = (kind: ExceptionKind) => sum((flow) => flow.kinds.get(kind) ?? 0);
  const lines = [
    `${plural(
      sum((flow) => flow.flows),
      'flow',
    )}, ${humanBytes(bytes)}${days.size > 1 ? ` (at most ${most} bytes a day)` : ''}, ${minuteTime(first, zone)} to ${minuteTime(last, zone)} (${zone})`,
    `From ${seenText(flows, 'from')} to ${seenText(flows, 'to')}.`,
  ];
  const replies = kinds('reply');
  if (replies > 0) lines.push(`Replies to connections from outside: ${plural(replies, 'flow')}.`);
  const undecided = kinds('undecided');
  if (undecided > 0) {
    lines.push(
      `Replies to connections from outside, or connections of their own: ${plural(undecided, 'flow')}.`,
    );
  }
  return lines;
}

function seenText(flows: readonly Learned[], side: 'from' | 'to'): string {
  const seen = new Map(flows.flatMap((flow) => [...flow.seen[side]]));
  const shown = [...seen]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, SHOWN)
    .map(([address, name]) => (name === undefined ? address : `${address} (${name})`));
  const more = seen.size - shown.length;
  return more > 0
    ? `${shown.join(', ')} and ${plural(more, 'more address', 'more addresses')}`
    : shown.join(', ');
}

/** What the logs do not record, so that entries allow more than was seen. */
function widenings(fields: FieldSet): string[] {
  const notes: string[] = [];
  const lacking = (name: string) => !fields.has(name);
  if (lacking('protocol')) notes.push('The logs do not record protocol: the entries are for all protocols.');
  if (lacking('dstport') || lacking('srcport'))
    notes.push('The logs do not record srcport and dstport: the entries may be for all ports.');
  if (lacking('traffic_path')) {
    notes.push(
      'The logs do not record traffic-path (version 5): where the inventory does not tell the way either, entries are for any way.',
    );
  }
  if (lacking('action'))
    notes.push('The logs do not record action: what was refused is suggested as if it had left.');
  return notes;
}

function head({ scope, range, zone, list }: SuggestRequest, attempts: number): string {
  const { since, until } = range;
  const from = since === undefined ? '' : ` from ${isoTime(since, zone)}`;
  const to = until === undefined ? '' : ` until ${isoTime(until, zone)}`;
  const period = from === '' && to === '' ? 'all logs' : `the logs${from}${to} (${zone})`;
  const lines = [
    `# Suggested by flowlog ${VERSION} from ${period}.`,
    '# An entry allows nothing until "approved" says who approved it, or the ticket.',
    ...(attempts > 0
      ? [`# Nothing is suggested for ${plural(attempts, 'attempt')}: refused, or not answered.`]
      : []),
    '',
  ];
  if (list) return lines.join('\n');
  const texts = (blocks: AllowScope['subnets']) => blocks.map(({ text }) => text);
  const table = {
    subnets: texts(scope.subnets),
    vpc: texts(insideOf(scope)),
    ...(scope.exclude.length === 0 ? {} : { exclude: texts(scope.exclude) }),
  };
  return `${lines.join('\n')}\n${stringify({ scope: table }).trimStart()}`;
}
