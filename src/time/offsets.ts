import { fixedOffset, offsetAt, USUAL_ZONES } from './zone.js';

/** An offset from UTC (seconds, east positive) and the Unix second from which a zone has it. */
export interface OffsetSpan {
  readonly from: number;
  readonly offset: number;
}

/** No zone changes its clocks twice within this time (seconds). */
const STEP = 5 * 86_400;

/** The years that are covered where a range is open: flow logs exist since 2015. */
const OPEN = { since: Date.UTC(2015, 0) / 1000, until: Date.UTC(2045, 0) / 1000 } as const;

/**
 * The offsets of a zone from `since` to `until` (Unix seconds; undefined for the years of flow logs), in order. The first
 * one also holds before `since`, the last one after `until`.
 */
export function offsetSpans(
  zone: string,
  since: number = OPEN.since,
  until: number = OPEN.until,
): OffsetSpan[] {
  // That a zone has one offset only is known of the years of flow logs.
  const fixed = since >= OPEN.since ? fixedOffset(zone) : USUAL_ZONES.get(zone);
  if (fixed !== undefined) return [{ from: Number.NEGATIVE_INFINITY, offset: fixed }];
  const from = Math.floor(since);
  const spans: OffsetSpan[] = [{ from: Number.NEGATIVE_INFINITY, offset: offsetAt(zone, from) }];
  for (let time = from; time < until; time += STEP) {
    const offset = offsetAt(zone, time + STEP);
    if (offset === spans.at(-1)!.offset) continue;
    spans.push({ from: changeBetween(zone, time, time + STEP), offset });
  }
  return spans;
}

/** The first second with the offset of `late`, between two moments of different offsets. */
function changeBetween(zone: string, early: number, late: number): number {
  const offset = offsetAt(zone, late);
  let [before, after] = [early, late];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(zone, middle) === offset) after = middle;
    else before = middle;
  }
  return after;
}
