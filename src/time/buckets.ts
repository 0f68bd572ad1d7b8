import { offsetSpans } from './offsets.js';

export type BucketUnit = 'minute' | 'hour' | 'day';
export const BUCKET_SECONDS: Readonly<Record<BucketUnit, number>> = { minute: 60, hour: 3_600, day: 86_400 };

/**
 * A stretch of time, from `from` to the next stretch, in which either all belongs to the bucket that began at `start`, or
 * buckets begin whenever the clock, `offset` seconds east of UTC, shows a whole unit.
 */
export type BucketStretch = { readonly from: number } & (
  | { readonly start: number; readonly offset?: undefined }
  | { readonly offset: number; readonly start?: undefined }
);

/**
 * The minutes, hours or days of a zone as stretches of time, so that code and SQL agree on them.
 *
 * - A day begins with the first second of a new date, also where midnight is skipped (01:00) or comes twice (the first).
 * - An hour begins when the clock shows a full hour, also when it shows the same one again. Where a change of half an hour
 *   repeats only part of an hour, that part belongs to the hour; where it skips a full hour, the next one begins late.
 */
export function bucketStretches(
  zone: string,
  unit: BucketUnit,
  { since, until }: { readonly since?: number | undefined; readonly until?: number | undefined } = {},
): BucketStretch[] {
  const seconds = BUCKET_SECONDS[unit];
  const spans = offsetSpans(zone, since, until === undefined ? undefined : until + 2 * 86_400);
  const stretches: BucketStretch[] = [{ from: Number.NEGATIVE_INFINITY, offset: spans[0]!.offset }];
  /** The latest date that was shown, as days since 1970. */
  let latest = Number.NEGATIVE_INFINITY;
  for (let i = 1; i < spans.length; i++) {
    const { from, offset } = spans[i]!;
    const before = from - 1 + spans[i - 1]!.offset;
    const now = from + offset;
    const shown = Math.floor(now / seconds);
    latest = Math.max(latest, Math.floor(before / seconds));
    let boundary = Math.ceil(now / seconds);
    let begins = shown !== Math.floor(before / seconds);
    if (unit === 'day') {
      boundary = Math.max(boundary, latest + 1);
      begins = shown > latest;
    }
    const next = boundary * seconds - offset;
    if (next > from) stretches.push({ from, start: begins ? from : startIn(stretches, from - 1, seconds) });
    if (next < (spans[i + 1]?.from ?? Number.POSITIVE_INFINITY)) stretches.push({ from: next, offset });
  }
  return stretches;
}

/** The Unix second at which the bucket of a moment began. */
function startIn(stretches: readonly BucketStretch[], time: number, seconds: number): number {
  const { start, offset } = stretches.findLast(({ from }) => from <= time)!;
  return start ?? time - modulo(time + offset, seconds);
}

const modulo = (value: number, by: number) => ((value % by) + by) % by;

/** The buckets of a zone, one after another. */
export class Buckets {
  private readonly stretches: readonly BucketStretch[];
  private readonly seconds: number;

  constructor(
    zone: string,
    unit: BucketUnit,
    range: { since?: number | undefined; until?: number | undefined },
  ) {
    this.stretches = bucketStretches(zone, unit, range);
    this.seconds = BUCKET_SECONDS[unit];
  }

  startOf(time: number): number {
    return startIn(this.stretches, time, this.seconds);
  }

  /** When the bucket after that of a moment begins: always later than the moment. */
  next(time: number): number {
    const start = this.startOf(time);
    let i = this.stretches.findLastIndex(({ from }) => from <= time);
    for (;;) {
      const { offset } = this.stretches[i]!;
      const end = this.stretches[i + 1]?.from ?? Number.POSITIVE_INFINITY;
      const within = offset === undefined ? end : time - modulo(time + offset, this.seconds) + this.seconds;
      if (within < end) return within;
      const following = this.stretches[++i]!;
      if (following.start === undefined || following.start > start) return following.from;
      time = following.from;
    }
  }
}
