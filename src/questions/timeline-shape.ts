import type { Result, Row } from '../result.js';
import { Buckets, type BucketUnit } from '../time/buckets.js';
import type { TimeRange } from '../time/range.js';
import { isoTime } from '../time/zone.js';
import { limited } from './limited.js';

/** What a chart of a timeline may show. */
export const TIMELINE_MEASURES = ['flows', 'packets', 'bytes'] as const;
export type TimelineMeasure = (typeof TIMELINE_MEASURES)[number];

/** The same timeline with a row of zeros for each unit of time between two others in which nothing was. */
export function filledTimeline(result: Result, unit: BucketUnit, zone: string, range: TimeRange): Result {
  const zeros = result.columns.slice(1).map(() => 0);
  async function* filled(): AsyncGenerator<Row[]> {
    const buckets = new Buckets(zone, unit, range);
    let next: number | undefined;
    for await (const batch of result.rows()) {
      const rows: Row[] = [];
      for (const row of batch) {
        const at = Date.parse(String(row[0])) / 1000;
        for (; next !== undefined && next < at; next = buckets.next(next)) {
          rows.push([isoTime(next, zone), ...zeros]);
        }
        rows.push(row);
        next = buckets.next(at);
      }
      yield rows;
    }
  }
  return limited(result, filled);
}
