import type { TimeRange } from '../../time/range.js';

const DAY = 86_400;

/** How long after a day its last events may come (seconds): flow logs deliver at best effort. */
const LATE = DAY;

const startOf = (day: string) => Date.parse(`${day}T00:00:00Z`) / 1000;

/** Whether what was fetched of a day at some time (milliseconds) is all there will ever be. */
export const isSettled = (day: string, fetched: number): boolean =>
  fetched / 1000 >= startOf(day) + DAY + LATE;

/** The parts of a range without days that need not be fetched. */
export function unsettled({ since, until }: TimeRange, settled: ReadonlySet<string>): TimeRange[] {
  const parts: TimeRange[] = [];
  let from = since;
  for (const day of [...settled].sort()) {
    const start = startOf(day);
    if (from === undefined || from < start) parts.push({ since: from, until: start });
    from = start + DAY;
  }
  parts.push({ since: from, until });
  return parts;
}
