import { UsageError } from '../errors.js';
import { momentsOf } from './local-time.js';
import { isoTime, offsetAt } from './zone.js';

/** A span of time in Unix seconds: `since` belongs to it, `until` does not. Undefined is open. */
export interface TimeRange {
  readonly since: number | undefined;
  readonly until: number | undefined;
}

const LOCAL =
  /^(\d{4})(?:([-/])(\d{1,2})(?:\2(\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?)?)?$/;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/;
const OFFSET = /\s*(Z|[+-]\d{2}:?\d{2})$/i;
const AGO = /^-?(\d+)\s*(m|min|minutes?|h|hours?|d|days?|w|weeks?)(?:\s+ago)?$/;
const SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400, w: 604_800 };
const PERIOD = /^(this|last)\s+(week|month|year)$/;
const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const HOW =
  "Write a date or time of the zone, as 2026-06-01 or '2026-06-01 09:00'; one with offset, as 2026-06-01T00:00:00Z; " +
  "24h, 7d, '2 days ago', 'last month'; @1780239600 (Unix seconds); or now, today, yesterday.";

/** What clocks are changed for: which of two moments is meant, and who is told. */
export interface TimeReading {
  /** Of a local time that comes twice or is skipped, the later moment. */
  readonly later?: boolean;
  /** Hears that a local time came twice, or never. */
  readonly note?: (sentence: string) => void;
}

/**
 * Reads a time as a person writes it and returns Unix seconds. A day, month or year stands for its first moment.
 *
 * @param zone the IANA zone in which times without offset are meant
 * @param now Unix seconds
 * @throws UsageError when it cannot be read, or names a day or hour that does not exist
 */
export function parseTime(text: string, zone: string, now: number, reading: TimeReading = {}): number {
  const value = text.trim().replace(/\s+/g, ' ');
  const word = value.toLowerCase();
  if (word === 'now') return now;
  const ago = AGO.exec(word);
  if (ago) return now - Number(ago[1]) * SECONDS[ago[2]![0]!]!;
  const unix = /^@?(\d{9,13})$/.exec(value) ?? /^@(\d{1,8})$/.exec(value);
  if (unix) return unixSeconds(unix[1]!, text);
  const local = localTime(word, value, now, zone, text);
  if (local !== undefined) return momentOf(local, zone, text, reading);
  if (OFFSET.test(value)) {
    const parts = LOCAL.exec(value.replace(OFFSET, ''));
    const [, sign, hours, minutes] = /([+-])(\d{2}):?(\d{2})$/.exec(value) ?? ['', '+', '0', '0'];
    if (parts?.[5]) {
      const offset = (Number(hours) * 3_600 + Number(minutes) * 60) * (sign === '-' ? -1 : 1);
      return calendarSeconds(parts, text) - offset;
    }
  }
  throw new UsageError(`'${text}' is not a time.`, HOW);
}

function unixSeconds(digits: string, text: string): number {
  if (digits.length < 12) return Number(digits);
  throw new UsageError(
    `'${text}' is not a time in seconds.`,
    `Did you mean ${digits.slice(0, -3)}? Unix milliseconds have three digits more.`,
  );
}

/** What the clock of the zone shows then, as if it were UTC, in Unix seconds; undefined for what is no such time. */
function localTime(word: string, value: string, now: number, zone: string, text: string): number | undefined {
  const shown = now + offsetAt(zone, now);
  const today = shown - (shown % 86_400);
  if (word === 'today') return today;
  if (word === 'yesterday') return today - 86_400;
  const date = new Date(today * 1000);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const [, which, period] = PERIOD.exec(word) ?? [];
  const back = which === 'last' ? 1 : 0;
  if (period === 'year') return Date.UTC(year - back, 0) / 1000;
  if (period === 'month') return Date.UTC(year, month - back) / 1000;
  // A week begins on Monday.
  if (period === 'week') return today - ((date.getUTCDay() + 6) % 7) * 86_400 - back * 604_800;
  const clock = CLOCK.exec(value);
  if (clock) {
    return calendarSeconds(['', year, '-', month + 1, day, ...clock.slice(1)].map(String), text);
  }
  const parts = LOCAL.exec(value);
  return parts ? calendarSeconds(parts, text) : undefined;
}

/** @throws UsageError for a day or time that no calendar or clock has: 30 February would silently become 2 March */
function calendarSeconds(parts: ReadonlyArray<string | undefined>, text: string): number {
  const part = (place: number, usual: number) => {
    const given = parts[place];
    return given === undefined || given === 'undefined' ? usual : Number(given);
  };
  const [year, month, day] = [part(1, 1970), part(3, 1), part(4, 1)];
  const [hour, minute, second] = [part(5, 0), part(6, 0), part(7, 0)];
  if (month < 1 || month > 12)
    throw new UsageError(`'${text}' is not a time.`, `There is no month ${month}. ${HOW}`);
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (day < 1 || day > days) {
    throw new UsageError(`'${text}' is not a time.`, `${MONTHS[month - 1]} ${year} has ${days} days. ${HOW}`);
  }
  if (hour > 23 || minute > 59 || second > 59) {
    throw new UsageError(`'${text}' is not a time.`, `The last second of a day is 23:59:59. ${HOW}`);
  }
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

function momentOf(local: number, zone: string, text: string, { later = false, note }: TimeReading): number {
  const moments = momentsOf(local, zone);
  const moment = later ? moments.later : moments.earlier;
  // A day whose midnight is skipped just begins later.
  const silent = moments.kind === 'once' || (moments.kind === 'skipped' && local % 86_400 === 0);
  if (!silent) {
    const why = moments.kind === 'twice' ? 'comes twice' : 'is skipped';
    note?.(`'${text}' ${why} in ${zone}, where clocks are changed then. Taking ${isoTime(moment, zone)}.`);
  }
  return moment;
}

/**
 * The range of `--since` and `--until` as typed. Of a local time that comes twice, `--since` is the earlier and `--until` the
 * later one.
 *
 * @throws UsageError when either cannot be read, or nothing lies between them
 */
export function parseRange(
  typed: { since?: string | undefined; until?: string | undefined },
  zone: string,
  now: number,
  note?: (sentence: string) => void,
): TimeRange {
  const read = (text: string | undefined, later: boolean) =>
    text === undefined ? undefined : parseTime(text, zone, now, { later, ...(note ? { note } : {}) });
  const since = read(typed.since, false);
  const until = read(typed.until, true);
  if (since !== undefined && since === until) {
    throw new UsageError(
      `--since ${typed.since} and --until ${typed.until} are the same time, so nothing lies between them.`,
      'The range does not include --until: for one day, give the next day to --until.',
    );
  }
  if (since !== undefined && until !== undefined && since > until) {
    throw new UsageError(
      `--since ${typed.since} is not before --until ${typed.until}.`,
      'The range runs from --since up to, but not including, --until: give the earlier time to --since.',
    );
  }
  return { since, until };
}
