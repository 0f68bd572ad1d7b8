import { fromZonedTime } from 'date-fns-tz/fromZonedTime';
import { UsageError } from '../errors.js';
import { offsetAt } from './zone.js';

/** A span of time in Unix seconds: `since` belongs to it, `until` does not. Undefined is open. */
export interface TimeRange {
  readonly since: number | undefined;
  readonly until: number | undefined;
}

const LOCAL = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?$/;
const WITH_OFFSET = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:?\d{2})$/;
const AGO = /^-?(\d+)\s*(m|min|h|d|w)$/;
const SECONDS = { m: 60, min: 60, h: 3_600, d: 86_400, w: 604_800 } as const;
const HOW =
  "Write a date or time of the zone, as 2026-06-01 or '2026-06-01 09:00'; one with offset, as 2026-06-01T00:00:00Z; " +
  '24h, 7d or 30m for that long ago; or now, today, yesterday.';

/**
 * Reads a time as a person writes it and returns Unix seconds.
 *
 * @param zone the IANA zone in which times without offset are meant
 * @param now Unix seconds
 * @throws UsageError when it cannot be read, or names a day or hour that does not exist
 */
export function parseTime(text: string, zone: string, now: number): number {
  const value = text.trim();
  const ago = AGO.exec(value.toLowerCase());
  if (ago) return now - Number(ago[1]) * SECONDS[ago[2] as keyof typeof SECONDS];
  if (/^@\d{1,12}$/.test(value)) return Number(value.slice(1));
  switch (value.toLowerCase()) {
    case 'now':
      return now;
    case 'today':
      return startOfDay(now, zone, 0);
    case 'yesterday':
      return startOfDay(now, zone, -1);
  }
  const local = LOCAL.exec(value);
  if (local && exists(local)) {
    return Math.floor(fromZonedTime(value.replace(' ', 'T'), zone).getTime() / 1000);
  }
  if (WITH_OFFSET.test(value) && exists(LOCAL.exec(value.replace(/(?:Z|[+-]\d{2}:?\d{2})$/, '')))) {
    const time = Date.parse(value.replace(' ', 'T').replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
    if (!Number.isNaN(time)) return Math.floor(time / 1000);
  }
  throw new UsageError(`'${text}' is not a time.`, HOW);
}

/** Whether the calendar has that day and the day that time: 30 February would silently become 2 March. */
function exists(match: RegExpExecArray | null): boolean {
  if (!match) return false;
  const [year, month, day, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => (part === undefined ? undefined : Number(part))) as [number, number, number, ...number[]];
  const date = new Date(Date.UTC(year, month - 1, day));
  return (
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  );
}

function startOfDay(now: number, zone: string, days: number): number {
  const local = new Date((now + offsetAt(zone, now)) * 1000);
  local.setUTCDate(local.getUTCDate() + days);
  return Math.floor(fromZonedTime(`${local.toISOString().slice(0, 10)}T00:00:00`, zone).getTime() / 1000);
}

/**
 * The range of `--since` and `--until` as typed.
 *
 * @throws UsageError when either cannot be read, or nothing lies between them
 */
export function parseRange(
  typed: { since?: string | undefined; until?: string | undefined },
  zone: string,
  now: number,
): TimeRange {
  const since = typed.since === undefined ? undefined : parseTime(typed.since, zone, now);
  const until = typed.until === undefined ? undefined : parseTime(typed.until, zone, now);
  if (since !== undefined && until !== undefined && since >= until) {
    throw new UsageError(
      `--since ${typed.since} is not before --until ${typed.until}.`,
      'The range runs from --since up to, but not including, --until: give the earlier time to --since.',
    );
  }
  return { since, until };
}
