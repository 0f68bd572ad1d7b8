import { UsageError } from '../errors.js';

/**
 * Zones of one offset (seconds east) that are asked for most: to load the system's calendar takes longer than a small question.
 */
export const USUAL_ZONES: ReadonlyMap<string, number> = new Map([
  ['Asia/Tokyo', 9 * 3_600],
  ['UTC', 0],
]);

/** The zone a user meant, in its canonical spelling where it is a name (`asia/tokyo` → `Asia/Tokyo`). */
export function parseZone(text: string): string {
  if (USUAL_ZONES.has(text)) return text;
  if (text.toLowerCase() === 'local') return parseZone(Intl.DateTimeFormat().resolvedOptions().timeZone);
  try {
    // Offsets such as '+09:00' are valid here in newer runtimes only and no name for the SQL engines: names only.
    if (/^[+-]/.test(text)) throw new RangeError(text);
    new Intl.DateTimeFormat('en', { timeZone: text });
  } catch {
    throw new UsageError(
      `'${text}' is not a time zone.`,
      'Write a name of the IANA time zone database, such as Asia/Tokyo, UTC or Europe/Berlin, or local.',
    );
  }
  return canonical(text);
}

function canonical(text: string): string {
  const names = Intl.supportedValuesOf('timeZone');
  return (
    names.find((name) => name.toLowerCase() === text.toLowerCase()) ?? (/^utc$/i.test(text) ? 'UTC' : text)
  );
}

/** The zone's distance from UTC at that moment, in seconds, east positive. */
export function offsetAt(zone: string, unixSeconds: number): number {
  const local: Record<string, number> = {};
  for (const { type, value } of calendarOf(zone).formatToParts(unixSeconds * 1000))
    local[type] = Number(value);
  const { year, month, day, hour, minute, second } = local as Record<Intl.DateTimeFormatPartTypes, number>;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - Math.floor(unixSeconds);
}

/** Asked of the system itself: date-fns-tz is wrong about the hours beside a change of clocks. */
const calendars = new Map<string, Intl.DateTimeFormat>();

function calendarOf(zone: string): Intl.DateTimeFormat {
  const known = calendars.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US-u-ca-iso8601-nu-latn', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  calendars.set(zone, made);
  return made;
}

const YEAR = 365 * 86_400;
const SEASON = 91 * 86_400;
/** Flow logs exist since June 2015. */
const FIRST_FLOW_LOG = 1_433_116_800;

/**
 * The zone's one offset in seconds, when it has only one from the first flow log there was until 30 years after it;
 * undefined for a zone whose clocks change. Tokyo has had +09:00 since 1951.
 */
export function fixedOffset(zone: string): number | undefined {
  const usual = USUAL_ZONES.get(zone);
  if (usual !== undefined) return usual;
  if (last?.zone !== zone) last = { zone, offset: findFixedOffset(zone) };
  return last.offset;
}

/** Every column of times asks, and the calendar takes its time. */
let last: { readonly zone: string; readonly offset: number | undefined } | undefined;

function findFixedOffset(zone: string): number | undefined {
  const offset = offsetAt(zone, FIRST_FLOW_LOG);
  for (let time = FIRST_FLOW_LOG; time < FIRST_FLOW_LOG + 30 * YEAR; time += SEASON) {
    if (offsetAt(zone, time) !== offset) return undefined;
  }
  return offset;
}

/** `+09:00`. */
export function offsetText(offsetSeconds: number): string {
  const minutes = Math.abs(offsetSeconds) / 60;
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  return `${offsetSeconds < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** Unix seconds as ISO 8601 in the zone, `2026-06-01T09:00:00+09:00`. */
export function isoTime(unixSeconds: number, zone: string): string {
  return isoTimeAt(unixSeconds, offsetAt(zone, unixSeconds));
}

/** The same where the offset from UTC is known (seconds, east positive). */
export function isoTimeAt(unixSeconds: number, offset: number): string {
  return `${new Date((unixSeconds + offset) * 1000).toISOString().slice(0, 19)}${offsetText(offset)}`;
}

/** To the minute, as people read it: `2026-06-01 09:00` of the zone. */
export const minuteTime = (unixSeconds: number, zone: string): string =>
  isoTime(unixSeconds, zone).slice(0, 16).replace('T', ' ');

/** `2026-06-01T00:00:00Z`. */
export const utcTime = (unixSeconds: number): string =>
  `${new Date(unixSeconds * 1000).toISOString().slice(0, 19)}Z`;
