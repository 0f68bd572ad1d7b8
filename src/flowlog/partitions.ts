import type { TimeRange } from '../time/range.js';
import { DELIVERY_SLACK } from './s3-layout.js';
import type { TableColumn } from './table.js';

export type TimeUnit = 'year' | 'month' | 'day' | 'hour';
const UNITS: readonly TimeUnit[] = ['year', 'month', 'day', 'hour'];
const LETTERS: Readonly<Record<TimeUnit, string>> = { year: 'yyyy', month: 'MM', day: 'dd', hour: 'HH' };
const HOUR = 3_600;

/** A partition key that tells a part of the UTC time of delivery. */
export interface TimeKey {
  readonly name: string;
  readonly type: 'text' | 'integer' | 'date';
  /** What it tells, one or several, largest first: `yyyy/MM/dd` tells year, month and day. */
  readonly units: readonly TimeUnit[];
  /**
   * How its values are spelled, with yyyy, MM, dd and HH; undefined for a text key whose values nobody has declared,
   * which may be spelled in several ways.
   */
  readonly format: string | undefined;
}

/** The partition keys of a table that tell time, largest unit first, and the times its projection is limited to. */
export interface TimeKeys {
  readonly keys: readonly TimeKey[];
  /** Unix seconds; both undefined without projection. */
  readonly projected: TimeRange;
}

/**
 * Finds the keys that tell time, in the tables of flowlog, in those of AWS's documentation and in the usual hand-made ones:
 * projected `yyyy/MM/dd` or with the hour, `year/month/day/hour`, a `date`. Keys whose values cannot be put in order of
 * time are left out: they save no reading, but lose no rows either.
 *
 * @param properties the table's, `projection.*` among them
 * @param now Unix seconds, for ranges up to NOW
 */
export function timeKeys(
  partitionKeys: readonly TableColumn[],
  properties: ReadonlyMap<string, string>,
  now: number,
): TimeKeys {
  const projected = properties.get('projection.enabled')?.toLowerCase() === 'true';
  const keys = partitionKeys.flatMap((key) => timeKey(key, projected ? properties : undefined) ?? []);
  const ordered = keys.sort((a, b) => UNITS.indexOf(a.units[0]!) - UNITS.indexOf(b.units[0]!));
  const contiguous: TimeKey[] = [];
  let next = 0;
  for (const key of ordered) {
    if (UNITS.indexOf(key.units[0]!) !== next) break;
    contiguous.push(key);
    next += key.units.length;
  }
  const first = contiguous[0];
  const range = projected && first ? projectedRange(first, properties, now) : NO_LIMIT;
  return { keys: contiguous, projected: range };
}

const NO_LIMIT: TimeRange = { since: undefined, until: undefined };

function timeKey(
  { name, type }: TableColumn,
  projection: ReadonlyMap<string, string> | undefined,
): TimeKey | undefined {
  const kind = type === 'date' ? 'date' : /int$/.test(type) ? 'integer' : 'text';
  const property = (of: string) => projection?.get(`projection.${name}.${of}`);
  if (property('type')?.toLowerCase() === 'date') {
    const format = property('format') ?? '';
    const units = unitsOf(format);
    return units && kind === 'text' ? { name, type: kind, units, format } : undefined;
  }
  const named = /^(?:log_)?(year|month|day|hour|date|dt|event_date|log_date)$/.exec(name)?.[1];
  if (named === undefined || property('type')?.toLowerCase() === 'injected') return undefined;
  const dated = /^(?:date|dt|event_date|log_date)$/.test(named);
  if (kind === 'date') {
    // A day that is a date may be called anything: `day date` as well as `date date`.
    return dated || named === 'day'
      ? { name, type: kind, units: ['year', 'month', 'day'], format: 'yyyy-MM-dd' }
      : undefined;
  }
  if (dated)
    return kind === 'text'
      ? { name, type: kind, units: ['year', 'month', 'day'], format: undefined }
      : undefined;
  const unit = named as TimeUnit;
  if (kind === 'integer') return { name, type: kind, units: [unit], format: undefined };
  const digits = Number(property('digits') ?? 0);
  const padded =
    projection && property('type')?.toLowerCase() === 'integer' && digits === LETTERS[unit].length;
  return { name, type: kind, units: [unit], format: padded ? LETTERS[unit] : undefined };
}

/** The units of a date format whose text order is the order of time; undefined for any other. */
function unitsOf(format: string): readonly TimeUnit[] | undefined {
  const letters = format.replace(/[^A-Za-z]+/g, '');
  for (let from = 0; from < UNITS.length; from++) {
    for (let to = from + 1; to <= UNITS.length; to++) {
      const units = UNITS.slice(from, to);
      if (letters === units.map((unit) => LETTERS[unit]).join('')) return units;
    }
  }
  return undefined;
}

/** What a key's value is for a time. */
export function keyValue(format: string, unixSeconds: number): string {
  const [year, month, day, hour] = new Date(unixSeconds * 1000).toISOString().split(/[-T:]/) as [
    string,
    string,
    string,
    string,
  ];
  return format.replace('yyyy', year).replace('MM', month).replace('dd', day).replace('HH', hour);
}

/** The value of one unit as a number. */
export function unitValue(unit: TimeUnit, unixSeconds: number): number {
  return Number(keyValue(LETTERS[unit], unixSeconds));
}

/**
 * The times of delivery between which the records lie whose start is in the range; the last second belongs to it. The same
 * rule as for files: {@link DELIVERY_SLACK}.
 */
export function deliveryWindow(range: TimeRange): { from: number | undefined; to: number | undefined } {
  return {
    from: range.since,
    to: range.until === undefined ? undefined : range.until + DELIVERY_SLACK - 1,
  };
}

const MOMENT = /^\s*NOW\s*(?:([+-])\s*(\d+)\s*(YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?)?\s*$/i;
const SECONDS: Readonly<Record<string, number>> = {
  YEAR: 366 * 86_400,
  MONTH: 31 * 86_400,
  WEEK: 7 * 86_400,
  DAY: 86_400,
  HOUR,
  MINUTE: 60,
  SECOND: 1,
};

/** The first and the last-but-one second that the largest key's projection covers, as far as it can be read. */
function projectedRange(key: TimeKey, properties: ReadonlyMap<string, string>, now: number): TimeRange {
  const [min, max] = (properties.get(`projection.${key.name}.range`) ?? '').split(',');
  const format = key.format ?? key.units.map((unit) => LETTERS[unit]).join('');
  const smallest = key.units.at(-1)!;
  const moment = (text: string | undefined, end: boolean): number | undefined => {
    const relative = MOMENT.exec(text ?? '');
    if (relative) {
      const [, sign, count, unit] = relative;
      const shift = count ? Number(count) * SECONDS[unit!.toUpperCase()]! : 0;
      const at = sign === '-' ? now - shift : now + shift;
      return end ? endOf(smallest, at) : startOf(smallest, at);
    }
    const at = readTime(format, text?.trim() ?? '');
    return at === undefined ? undefined : end ? endOf(smallest, at) : at;
  };
  return { since: moment(min, false), until: moment(max, true) };
}

function readTime(format: string, text: string): number | undefined {
  const part = (letters: string) => {
    const at = format.indexOf(letters);
    return at < 0 ? undefined : text.slice(at, at + letters.length);
  };
  const [year, month = '01', day = '01', hour = '00'] = UNITS.map((unit) => part(LETTERS[unit]));
  const time = Date.parse(`${year}-${month}-${day}T${hour}:00:00Z`) / 1000;
  return Number.isNaN(time) ? undefined : time;
}

function startOf(unit: TimeUnit, unixSeconds: number): number {
  const date = new Date(unixSeconds * 1000);
  if (unit !== 'hour') date.setUTCHours(0);
  if (unit === 'month' || unit === 'year') date.setUTCDate(1);
  if (unit === 'year') date.setUTCMonth(0);
  date.setUTCMinutes(0, 0, 0);
  return date.getTime() / 1000;
}

function endOf(unit: TimeUnit, unixSeconds: number): number {
  const date = new Date(startOf(unit, unixSeconds) * 1000);
  if (unit === 'hour') date.setUTCHours(date.getUTCHours() + 1);
  if (unit === 'day') date.setUTCDate(date.getUTCDate() + 1);
  if (unit === 'month') date.setUTCMonth(date.getUTCMonth() + 1);
  if (unit === 'year') date.setUTCFullYear(date.getUTCFullYear() + 1);
  return date.getTime() / 1000;
}
