import { isWay } from '../names/ways.js';
import type { Cidr } from '../net/cidr.js';
import type { AllowEntry, AllowList } from './allow-file.js';
import { type Target, targetText } from './target.js';

/** Whole numbers of one kind: addresses of a family, or ports. */
interface Interval {
  readonly kind: 'v4' | 'v6' | 'port';
  readonly first: bigint;
  readonly last: bigint;
}

/** One end of an entry: addresses, and targets that are not known by address. */
interface Ends {
  readonly intervals: readonly Interval[];
  readonly targets: readonly Target[];
}

/** An approved entry, as what it allows. */
interface Extent {
  readonly entry: AllowEntry;
  readonly from: Ends;
  readonly to: Ends;
  readonly ports: readonly Interval[];
}

const ALL_PORTS: Interval = { kind: 'port', first: 0n, last: 65_535n };

/** What the approved entries of a list allow together. */
export class Cover {
  private readonly extents: readonly Extent[];

  constructor(private readonly list: AllowList) {
    this.extents = list.entries
      .filter(({ approved }) => approved !== undefined)
      .map((entry) => extentOf(entry, list));
  }

  /**
   * Whether they allow all that an entry allows, for as long and as many bytes. Targets of different kinds are not compared:
   * a domain is not taken to be a block.
   *
   * @param of the list that the entry is from, whose scope it has where it names no source
   */
  covers(entry: AllowEntry, of: AllowList = this.list): boolean {
    if (entry.approved === undefined) return true;
    const wanted = extentOf(entry, of);
    const able = this.extents.filter((each) => atLeast(each.entry, entry));
    const froms = pieces(
      wanted.from,
      able.map(({ from }) => from),
    );
    const tos = pieces(
      wanted.to,
      able.map(({ to }) => to),
    );
    const ports = cut(
      wanted.ports,
      able.flatMap((each) => each.ports),
    );
    const protocols = entry.protocols.length === 0 ? [undefined] : entry.protocols;
    const ways = entry.ways.length === 0 ? [undefined] : entry.ways;
    return tos.every((to) => {
      const here = able.filter((each) => holds(each.to, to));
      return froms.every((from) =>
        ports.every((port) =>
          protocols.every((protocol) =>
            ways.every((way) =>
              here.some(
                (each) =>
                  holds(each.from, from) &&
                  each.ports.some((range) => isWithin(port, range)) &&
                  hasProtocol(each.entry, protocol) &&
                  hasWay(each.entry, way),
              ),
            ),
          ),
        ),
      );
    });
  }
}

/** Whether an entry allows for as long, and as many bytes, as another. */
function atLeast(entry: AllowEntry, other: AllowEntry): boolean {
  const longer = entry.expires === undefined || (other.expires ?? '9999-12-31') <= entry.expires;
  const most = (limit: number | undefined) => limit ?? Number.POSITIVE_INFINITY;
  return longer && most(other.maxBytesPerDay) <= most(entry.maxBytesPerDay);
}

const hasProtocol = ({ protocols }: AllowEntry, protocol: number | undefined) =>
  protocols.length === 0 || (protocol !== undefined && protocols.includes(protocol));

const hasWay = ({ ways }: AllowEntry, way: string | undefined) =>
  ways.length === 0 || (way !== undefined && ways.some((each) => isWay(way, each)));

function extentOf(entry: AllowEntry, { scope }: AllowList): Extent {
  const subnets = scope.subnets.map(intervalOf);
  const from = endsOf(entry.from);
  return {
    entry,
    from:
      entry.from.length === 0
        ? { intervals: subnets, targets: [] }
        : // What is not audited needs no permission.
          {
            ...from,
            intervals: from.intervals.flatMap((each) => subnets.flatMap((subnet) => common(each, subnet))),
          },
    to: endsOf(entry.to),
    ports:
      entry.ports.length === 0
        ? [ALL_PORTS]
        : entry.ports.map(({ first, last }) => ({ kind: 'port', first: BigInt(first), last: BigInt(last) })),
  };
}

function endsOf(targets: readonly Target[]): Ends {
  return {
    intervals: targets.flatMap((target) => (target.kind === 'blocks' ? target.blocks.map(intervalOf) : [])),
    targets: targets.filter(({ kind }) => kind !== 'blocks'),
  };
}

const intervalOf = ({ family, first, last }: Cidr): Interval => ({
  kind: family === 4 ? 'v4' : 'v6',
  first,
  last,
});

const isWithin = (inner: Interval, outer: Interval) =>
  inner.kind === outer.kind && outer.first <= inner.first && inner.last <= outer.last;

function common(a: Interval, b: Interval): Interval[] {
  const first = a.first > b.first ? a.first : b.first;
  const last = a.last < b.last ? a.last : b.last;
  return a.kind === b.kind && first <= last ? [{ kind: a.kind, first, last }] : [];
}

type Piece = Interval | Target;

/** An end in pieces, each of which lies in an end of the others as a whole or not at all. */
const pieces = (wanted: Ends, others: readonly Ends[]): Piece[] => [
  ...wanted.targets,
  ...cut(
    wanted.intervals,
    others.flatMap(({ intervals }) => intervals),
  ),
];

/** Intervals cut where others begin and end. */
function cut(intervals: readonly Interval[], others: readonly Interval[]): Interval[] {
  return intervals.flatMap((interval) => {
    const starts = others
      .filter(({ kind }) => kind === interval.kind)
      .flatMap(({ first, last }) => [first, last + 1n])
      .filter((at) => at > interval.first && at <= interval.last);
    const sorted = [...new Set([interval.first, ...starts])].sort((a, b) => (a < b ? -1 : 1));
    return sorted.map((first, i) => ({
      kind: interval.kind,
      first,
      last: i + 1 < sorted.length ? sorted[i + 1]! - 1n : interval.last,
    }));
  });
}

function holds({ intervals, targets }: Ends, piece: Piece): boolean {
  if (targets.some(({ kind }) => kind === 'anywhere')) return true;
  if ('first' in piece) return intervals.some((interval) => isWithin(piece, interval));
  return targets.some((target) => includes(target, piece));
}

/** Whether a target that is not known by address includes another. */
function includes(target: Target, other: Target): boolean {
  if (targetText(target) === targetText(other)) return true;
  if (target.kind === 'service' && other.kind === 'service') {
    return target.service === other.service && target.region === undefined;
  }
  if (target.kind === 'domain' && other.kind === 'domain') {
    return target.below && other.name.endsWith(`.${target.name}`);
  }
  return false;
}
