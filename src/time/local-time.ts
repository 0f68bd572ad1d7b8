import { offsetSpans } from './offsets.js';

/** What a clock of a zone shows may have happened once, twice, or never, when clocks are changed. */
export interface LocalMoments {
  /** Unix seconds; the same where the time came once, or never (then when the clock went past it). */
  readonly earlier: number;
  readonly later: number;
  readonly kind: 'once' | 'twice' | 'skipped';
}

/** The most that a zone was ever ahead of UTC, and behind it. */
const [AHEAD, BEHIND] = [15 * 3_600, 13 * 3_600];

/** When the clock of a zone shows a time. @param local that time as if it were UTC, in Unix seconds */
export function momentsOf(local: number, zone: string): LocalMoments {
  const spans = offsetSpans(zone, local - AHEAD, local + BEHIND);
  const moments = spans.flatMap(({ from, offset }, i) => {
    const moment = local - offset;
    return moment >= from && moment < (spans[i + 1]?.from ?? Number.POSITIVE_INFINITY) ? [moment] : [];
  });
  if (moments.length > 0) {
    return { earlier: moments[0]!, later: moments.at(-1)!, kind: moments.length > 1 ? 'twice' : 'once' };
  }
  const change = spans.find(({ from, offset }) => from + offset > local)!.from;
  return { earlier: change, later: change, kind: 'skipped' };
}
