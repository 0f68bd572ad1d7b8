/** A flow as an entry of an allow-list sees it. Each end is an address, or the name that stands for it. */
export interface FlowKey {
  readonly from: string;
  readonly to: string;
  /** IANA number; null where an entry does not ask for it. */
  readonly protocol: number | null;
  /** Null where an entry does not ask for it. */
  readonly port: number | null;
  /** Undefined where an entry does not ask for it. */
  readonly way: string | undefined;
}

/** Flows of one protocol and way: each of these sources to each of these destinations on each of these ports. */
export interface LeastEntry<F> {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly protocol: number | null;
  /** In ascending order; empty where an entry does not ask for them. */
  readonly ports: readonly number[];
  readonly way: string | undefined;
  /** The flows that it was made of. */
  readonly flows: readonly F[];
}

/** What an entry has several of. */
const SIDES = ['from', 'to', 'port'] as const;
type Side = (typeof SIDES)[number];

/** Every value of one side with every value of the others: all of them were seen. */
interface Box<F> {
  readonly values: Readonly<Record<Side, readonly string[]>>;
  /** Equal numbers for equal values of a side. */
  readonly keys: Readonly<Record<Side, number>>;
  readonly flows: readonly F[];
}

/** Orders in which sides are joined. None makes the fewest entries of all flows. */
const ORDERS: ReadonlyArray<readonly Side[]> = [
  ['port', 'to', 'from'],
  ['port', 'from', 'to'],
  ['to', 'port', 'from'],
  ['to', 'from', 'port'],
  ['from', 'to', 'port'],
  ['from', 'port', 'to'],
];

/**
 * Few entries that allow these flows and no others: two are made one only where they differ in their sources, their
 * destinations or their ports alone. The same for every order of the flows.
 *
 * @param flows each once
 */
export function leastEntries<F extends FlowKey>(flows: readonly F[]): LeastEntry<F>[] {
  const kinds = groupBy(flows, ({ protocol, way }) => `${protocol} ${way ?? ''}`);
  return [...kinds].sort(byKey).flatMap(([, ofKind]) => {
    const { protocol, way } = ofKind[0]!;
    return joined(ofKind).map(({ values, flows }) => ({
      from: values.from,
      to: values.to,
      protocol,
      ports: values.port.filter((port) => port !== '').map(Number),
      way,
      flows,
    }));
  });
}

function joined<F extends FlowKey>(flows: readonly F[]): Box<F>[] {
  const numbers = new Map<string, number>();
  const numberOf = (values: readonly string[]) => {
    const key = values.join('\n');
    const known = numbers.get(key) ?? numbers.size;
    numbers.set(key, known);
    return known;
  };
  const boxes = flows.map((flow): Box<F> => {
    const values = { from: [flow.from], to: [flow.to], port: [flow.port === null ? '' : String(flow.port)] };
    const keys = { from: numberOf(values.from), to: numberOf(values.to), port: numberOf(values.port) };
    return { values, keys, flows: [flow] };
  });
  let best: Box<F>[] | undefined;
  for (const order of ORDERS) {
    const made = joinedInOrder(boxes, order, numberOf);
    if (!best || made.length < best.length) best = made;
  }
  return best!.sort((a, b) => byKey([sortKey(a)], [sortKey(b)]));
}

function joinedInOrder<F>(
  boxes: Box<F>[],
  order: readonly Side[],
  numberOf: (values: readonly string[]) => number,
): Box<F>[] {
  let made = boxes;
  for (let before = Number.POSITIVE_INFINITY; made.length < before; ) {
    before = made.length;
    for (const side of order) made = joinedBy(made, side, numberOf);
  }
  return made;
}

/** Makes boxes one that differ in one side alone. */
function joinedBy<F>(
  boxes: readonly Box<F>[],
  side: Side,
  numberOf: (values: readonly string[]) => number,
): Box<F>[] {
  const [one, two] = SIDES.filter((each) => each !== side) as [Side, Side];
  const alike = groupBy(boxes, ({ keys }) => `${keys[one]} ${keys[two]}`);
  return [...alike.values()].map((group) => {
    const first = group[0]!;
    if (group.length === 1) return first;
    const all = group.flatMap(({ values }) => values[side]).sort(side === 'port' ? byNumber : byText);
    return {
      values: { ...first.values, [side]: all },
      keys: { ...first.keys, [side]: numberOf(all) },
      flows: group.flatMap(({ flows }) => flows),
    };
  });
}

function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

const sortKey = ({ values }: Box<unknown>) => `${values.port[0]}\n${values.to.join()}\n${values.from.join()}`;
const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const byNumber = (a: string, b: string) => Number(a) - Number(b);
const byKey = ([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]) => byText(a, b);
