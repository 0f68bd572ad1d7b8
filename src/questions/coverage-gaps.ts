import type { Result, Row } from '../result.js';
import { humanSeconds, plural } from '../terminal/units.js';
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
