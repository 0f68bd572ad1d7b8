import { protocolName } from '../flowlog/protocols.js';
import { type Cidr, containsBlock, mergeBlocks } from '../net/cidr.js';
import { type AllowEntry, type AllowList, entryText, portText } from './allow-file.js';
import { insideOf } from './asking.js';
import { Cover } from './cover.js';
import { type Target, targetText } from './target.js';

/** What differs between two allow-lists. */
export interface AllowChange {
  readonly change: 'added' | 'removed' | 'changed' | 'scope';
  /** `allows more`, `allows less`, `audits less` … */
  readonly effect: string;
  /** The entry; of a change, as it is now. */
  readonly what: string;
  readonly oldLine: number | undefined;
  readonly newLine: number | undefined;
  /** `ports: 443 -> 443, 8443` */
  readonly details: readonly string[];
}

/** Compares two allow-lists by what they say; the order of their entries does not matter. */
export function diffAllowLists(before: AllowList, after: AllowList): AllowChange[] {
  const [old, now] = [new Cover(before), new Cover(after)];
  const effectOf = (was: AllowEntry | undefined, is: AllowEntry | undefined): string => {
    const more = is !== undefined && !old.covers(is, after);
    const less = was !== undefined && !now.covers(was, before);
    if (more && less) return 'allows other';
    return more ? 'allows more' : less ? 'allows less' : 'none';
  };
  const changes: AllowChange[] = scopeChanges(before, after);
  for (const [was, is] of pairs(before.entries, after.entries)) {
    const details = was && is ? detailsOf(was, is) : [];
    if (was && is && details.length === 0) continue;
    changes.push({
      change: was && is ? 'changed' : is ? 'added' : 'removed',
      effect: effectOf(was, is),
      what: entryText((is ?? was)!),
      oldLine: was?.line,
      newLine: is?.line,
      details,
    });
  }
  return changes;
}

type Pair = readonly [was: AllowEntry | undefined, is: AllowEntry | undefined];

/** Entries of both lists that are the same one: by all they say, else by the flows that they allow, else by fewer of it. */
function pairs(before: readonly AllowEntry[], after: readonly AllowEntry[]): Pair[] {
  const found: Pair[] = [];
  let [old, now] = [before, after];
  const likenesses: ReadonlyArray<(entry: AllowEntry) => unknown> = [
    (entry) => FIELDS.map(([, of]) => of(entry)),
    (entry) => FLOW_FIELDS.map(([, of]) => of(entry)),
    ({ from, to, protocols }) => [sorted(from), sorted(to), protocols],
    ({ from, to }) => [sorted(from), sorted(to)],
    ({ to }) => sorted(to),
  ];
  for (const likeness of likenesses) {
    const left = new Map<string, AllowEntry[]>();
    for (const entry of old) {
      const key = JSON.stringify(likeness(entry));
      left.set(key, [...(left.get(key) ?? []), entry]);
    }
    now = now.filter((entry) => {
      const same = left.get(JSON.stringify(likeness(entry)))?.shift();
      if (same) found.push([same, entry]);
      return same === undefined;
    });
    const paired = new Set(found.map(([was]) => was));
    old = old.filter((entry) => !paired.has(entry));
  }
  const rest: Pair[] = [
    ...old.map((was): Pair => [was, undefined]),
    ...now.map((is): Pair => [undefined, is]),
  ];
  return [...found, ...rest].sort(([was, is], [otherWas, otherIs]) => {
    const place = (is?.line ?? was!.line) - (otherIs?.line ?? otherWas!.line);
    return place || (is ? 1 : 0) - (otherIs ? 1 : 0);
  });
}

/** Targets so that the same ones are the same text, however they are written. */
function sorted(targets: readonly Target[]): string[] {
  const blocks = mergeBlocks(targets.flatMap((target) => (target.kind === 'blocks' ? target.blocks : [])));
  const others = targets.flatMap((target) => (target.kind === 'blocks' ? [] : [targetText(target)]));
  return [...new Set([...blocks.map(({ text }) => text), ...others])].sort();
}

type Field = readonly [name: string, of: (entry: AllowEntry) => string];

/** What says which flows are allowed. */
const FLOW_FIELDS: readonly Field[] = [
  ['from', ({ from }) => sorted(from).join(', ')],
  ['to', ({ to }) => sorted(to).join(', ')],
  [
    'ports',
    ({ ports }) =>
      [...ports]
        .sort((a, b) => a.first - b.first)
        .map(portText)
        .join(', '),
  ],
  [
    'protocol',
    ({ protocols }) =>
      [...protocols]
        .sort((a, b) => a - b)
        .map(protocolName)
        .join(', '),
  ],
  ['way', ({ ways }) => [...ways].sort().join(', ')],
];

const FIELDS: readonly Field[] = [
  ...FLOW_FIELDS,
  ['approved', ({ approved = '' }) => approved],
  ['expires', ({ expires = '' }) => expires],
  ['max_bytes_per_day', ({ maxBytesPerDay }) => String(maxBytesPerDay ?? '')],
  ['reason', ({ reason = '' }) => reason],
  ['owner', ({ owner = '' }) => owner],
];

function detailsOf(was: AllowEntry, is: AllowEntry): string[] {
  return FIELDS.flatMap(([name, of]) => {
    const [before, after] = [of(was), of(is)];
    return before === after ? [] : [`${name}: ${before || 'none'} -> ${after || 'none'}`];
  });
}

function scopeChanges(before: AllowList, after: AllowList): AllowChange[] {
  const keys = ['subnets', 'vpc', 'exclude'] as const;
  return keys.flatMap((key): AllowChange[] => {
    const blocks = ({ scope }: AllowList) => mergeBlocks(key === 'vpc' ? insideOf(scope) : scope[key]);
    const [was, is] = [blocks(before), blocks(after)];
    const beyond = (some: readonly Cidr[], others: readonly Cidr[]) =>
      some.filter((block) => !others.some((other) => containsBlock(other, block)));
    const [gone, come] = [beyond(was, is), beyond(is, was)];
    if (gone.length === 0 && come.length === 0) return [];
    // What is inside, or left out, is not audited.
    const [more, less] = key === 'subnets' ? [come, gone] : [gone, come];
    return [
      {
        change: 'scope',
        effect: more.length === 0 ? 'audits less' : less.length === 0 ? 'audits more' : 'audits other',
        what: `[scope] ${key}`,
        oldLine: undefined,
        newLine: undefined,
        details: [`${blockTexts(was)} -> ${blockTexts(is)}`],
      },
    ];
  });
}

const blockTexts = (blocks: readonly Cidr[]) => blocks.map(({ text }) => text).join(', ') || 'none';
