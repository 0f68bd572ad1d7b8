import type { Column, Result, Row, Value } from '../result.js';
import { humanSeconds, plural } from '../terminal/units.js';
import { Buckets } from '../time/buckets.js';
import type { TimeRange } from '../time/range.js';
import { isoTime } from '../time/zone.js';
import type { GapUnit } from './coverage-query.js';
import { limited } from './limited.js';
import type { Caveat } from './question.js';

/** The same answer, whose totals say beside its rows how much of the range has no record. */
export function saidGaps(result: Result): Result {
  const at = (name: string) => result.columns.findIndex((column) => column.name === name);
  // The interface, or the attachment of a transit gateway, comes first.
  const [id, gaps, seconds] = [0, at('gaps'), at('gap_s')];
  const open = new Set<string>();
  let found = 0;
  let sum = 0;
  async function* rows(limit?: number): AsyncGenerator<readonly Row[]> {
    for await (const batch of result.rows(limit)) {
      for (const row of batch) {
        const count = gaps < 0 ? 1 : Number(row[gaps] ?? 0);
        if (count === 0) continue;
        open.add(String(row[id]));
        found += count;
        sum += Number(row[seconds] ?? 0);
      }
      yield batch;
    }
  }
  return {
    columns: result.columns,
    rows,
    async totals() {
      const totals = await result.totals();
      const asides = new Map(totals.asides);
      if (found > 0) asides.set('gap', found).set('gap_interface', open.size).set('gap_second', sum);
      return { ...totals, asides };
    },
  };
}

/**
 * From the gaps of interfaces, one after another, what of each hour or day of the zone has no record.
 *
 * @param gaps whose columns are the interface, both ends and the seconds between them
 */
export function gapsBy(gaps: Result, unit: GapUnit, zone: string, range: TimeRange): Result {
  const columns: Column[] = [
    gaps.columns[0]!,
    { name: unit, type: 'time', zone },
    { name: 'gaps', type: 'integer' },
    { name: 'gap_s', type: 'integer' },
  ];
  const epoch = (cell: Value | undefined) => Date.parse(String(cell)) / 1000;
  interface Sum {
    readonly id: Value;
    readonly start: number;
    gaps: number;
    seconds: number;
  }
  const row = ({ id, start, gaps, seconds }: Sum): Row => [id, isoTime(start, zone), gaps, seconds];
  async function* rows(): AsyncGenerator<Row[]> {
    const buckets = new Buckets(zone, unit, range);
    let last: Sum | undefined;
    for await (const batch of gaps.rows()) {
      const done: Row[] = [];
      for (const [id = null, from, to] of batch) {
        const end = epoch(to);
        for (let at = epoch(from); at < end; ) {
          const [start, next] = [buckets.startOf(at), buckets.next(at)];
          if (last?.id !== id || last.start !== start) {
            if (last) done.push(row(last));
            last = { id, start, gaps: 0, seconds: 0 };
          }
          last.gaps++;
          last.seconds += Math.min(next, end) - at;
          at = next;
        }
      }
      yield done;
    }
    if (last) yield [row(last)];
  }
  return limited({ columns, totals: () => gaps.totals() }, rows);
}

/** What to say of gaps, from the numbers beside the answer. */
export function gapCaveats(asides: ReadonlyMap<string, number>): Caveat[] {
  const gaps = asides.get('gap');
  if (!gaps) return [];
  const interfaces = asides.get('gap_interface')!;
  const summary = `${plural(interfaces, 'interface')} ${interfaces === 1 ? 'has' : 'have'} ${plural(gaps, 'gap')}`;
  return [
    { summary, note: `${summary}, ${humanSeconds(asides.get('gap_second')!)} in all (--by gap lists them).` },
  ];
}
