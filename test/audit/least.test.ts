import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FlowKey, type LeastEntry, leastEntries } from '../../src/audit/least.js';
import '../seed.js';

const TCP = 6;
const flow = (from: string, to: string, port: number | null, more: Partial<FlowKey> = {}): FlowKey => ({
  ...{ from, to, port, protocol: TCP, way: undefined },
  ...more,
});

/** What entries say, without the flows that they were made of. */
const said = (entries: ReadonlyArray<LeastEntry<FlowKey>>) =>
  entries.map(({ from, to, ports }) => `${from} > ${to} : ${ports}`);

const allows = (entry: LeastEntry<FlowKey>, { from, to, protocol, port, way }: FlowKey) =>
  entry.from.includes(from) &&
  entry.to.includes(to) &&
  entry.protocol === protocol &&
  entry.way === way &&
  entry.ports.includes(port!);

describe('the least entries', () => {
  it('join sources, destinations and ports where every combination was seen', () => {
    const seen = ['a', 'b'].flatMap((from) =>
      ['x', 'y'].flatMap((to) => [443, 80].map((port) => flow(from, to, port))),
    );
    expect(said(leastEntries(seen))).toEqual(['a,b > x,y : 80,443']);
  });

  it('do not join where a combination was not seen', () => {
    const seen = [flow('a', 'x', 443), flow('a', 'y', 443), flow('b', 'x', 443)];
    expect(said(leastEntries(seen))).toEqual(['b > x : 443', 'a > x,y : 443']);
  });

  it('are as few as any order of joining finds', () => {
    // Joined by ports first, these stay four.
    const seen = [
      ...[443, 80, 22].map((port) => flow('a', 'x', port)),
      ...[443, 80].map((port) => flow('b', 'x', port)),
      ...[443].map((port) => flow('c', 'x', port)),
      flow('a', 'y', 22),
    ];
    expect(said(leastEntries(seen))).toEqual(['a > x,y : 22', 'c > x : 443', 'a,b > x : 80,443']);
  });

  it('keep protocols and ways apart', () => {
    const seen = [
      flow('a', 'x', 53),
      flow('a', 'x', 53, { protocol: 17 }),
      flow('a', 'x', 53, { way: 'internet gateway' }),
    ];
    expect(leastEntries(seen).map(({ protocol, way }) => [protocol, way])).toEqual([
      [17, undefined],
      [6, undefined],
      [6, 'internet gateway'],
    ]);
  });

  it('have no ports where none were recorded', () => {
    expect(leastEntries([flow('a', 'x', null, { protocol: 1 })])[0]!.ports).toEqual([]);
  });

  const values = {
    from: ['a', 'b', 'c'],
    to: ['x', 'y', 'z'],
    port: [22, 80, 443],
    protocol: [6, 17],
    way: ['peering', undefined],
  };
  const universe = values.from.flatMap((from) =>
    values.to.flatMap((to) =>
      values.port.flatMap((port) =>
        values.protocol.flatMap((protocol) =>
          values.way.map((way) => flow(from, to, port, { protocol, way })),
        ),
      ),
    ),
  );

  it('allow each flow once, and no other', () => {
    fc.assert(
      fc.property(fc.subarray(universe), (seen) => {
        const entries = leastEntries(seen);
        for (const each of universe) {
          expect(entries.filter((entry) => allows(entry, each)).length).toBe(seen.includes(each) ? 1 : 0);
        }
      }),
    );
  });

  it('cannot be joined further, and do not depend on the order of the flows', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(universe), (seen) => {
        const entries = leastEntries(seen);
        const ends = entries.flatMap(({ from, to, ports, protocol, way }) => {
          const same = `${protocol} ${way}`;
          return [`${same} ${from} ${to}`, `${same} ${from} : ${ports}`, `${same} > ${to} : ${ports}`];
        });
        expect(new Set(ends).size).toBe(ends.length);
        const sorted = universe.filter((each) => seen.includes(each));
        expect(said(leastEntries(sorted))).toEqual(said(entries));
      }),
    );
  });
});
