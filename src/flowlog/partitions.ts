import type { TimeRange } from '../time/range.js';
import { projectedRange } from './projection.js';
import { DELIVERY_SLACK } from './s3-layout.js';
import type { TableColumn } from './table.js';
import { LETTERS, type TimeKey, type TimeUnit, UNITS, unitsOf } from './time-format.js';

/** The partition keys of a table that hold time, largest unit first, and the times its projection is limited to. */
export interface TimeKeys {
  readonly keys: readonly TimeKey[];
  /** Unix seconds; both undefined without projection. */
  readonly projected: TimeRange;
  /** Seconds by which a partition may begin before the moment in its key, and end after it. */
  readonly slack: { readonly before: number; readonly after: number };
}

/** Clocks are at most 12 hours behind UTC and 14 ahead of it. */
const ZONES = { behind: 12 * 3_600, ahead: 14 * 3_600 };

/** Paths that AWS's own services write, in UTC days and hours. */
const DELIVERED = /(?:^|\/)AWSLogs\/|vpcflowlogs|(?:^|\/)aws\/VPC_FLOW\//i;

/**
 * Whether AWS itself wrote the files of a table: records as delivered, folders in UTC.
 *
 * @returns undefined where the catalog does not say where they are
 */
export function isDelivered(properties: ReadonlyMap<string, string>): boolean | undefined {
  const places = ['storage.location.template', 'location'].flatMap((name) => properties.get(name) ?? []);
  return places.length === 0 ? undefined : places.some((place) => DELIVERED.test(place));
}

/**
 * Finds the keys that hold time: those whose spelling is declared, by projection or by the user; dates and timestamps; a year
 * with its month, day and hour; and other keys by their names, whose values may be spelled in any way that begins with the
 * year. Keys that no condition can be put on are left out: they save no reading, but lose no rows either.
 *
 * @param properties the table's, `projection.*` among them
 * @param now Unix seconds, for ranges up to NOW
 * @param declared formats by the names of keys, which count before the catalog's
 */
export function timeKeys(
  partitionKeys: readonly TableColumn[],
  properties: ReadonlyMap<string, string>,
  now: number,
  declared: ReadonlyMap<string, string> = new Map(),
): TimeKeys {
  const projection = projectionOf(properties);
  const named = partitionKeys.map((key) => ({ key, word: unitIn(key.name) }));
  const has = (word: TimeUnit) => named.some((each) => each.word === word);
  const candidates = partitionKeys.flatMap((key) => {
    const found = candidate(key, {
      declared,
      projection,
      hasYear: has('year'),
      hasDay: hasDay(partitionKeys),
    });
    return found ? [found] : [];
  });
  const keys = contiguous(candidates.length > 0 ? candidates : crawled(partitionKeys));
  const first = keys[0];
  const projected = first && projection ? projectedRange(first, projection, now) : NO_LIMIT;
  return { keys, projected, slack: slackOf(first, projection, properties) };
}

const NO_LIMIT: TimeRange = { since: undefined, until: undefined };

/** Of a projected table; names in lower case, since the catalog keeps those of columns so. */
export function projectionOf(
  properties: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> | undefined {
  if (properties.get('projection.enabled')?.trim().toLowerCase() !== 'true') return undefined;
  return new Map([...properties].map(([name, value]) => [name.toLowerCase(), value.trim()]));
}

interface Candidate extends TimeKey {
  /** How sure it is; the surest counts where several hold the same. */
  readonly rank: number;
}

interface Context {
  readonly declared: ReadonlyMap<string, string>;
  readonly projection: ReadonlyMap<string, string> | undefined;
  readonly hasYear: boolean;
  readonly hasDay: boolean;
}

const WHOLE: readonly TimeUnit[] = ['year', 'month', 'day'];

function candidate({ name, type }: TableColumn, context: Context): Candidate | undefined {
  const kind = kindOf(type);
  if (kind === undefined) return undefined;
  const property = (of: string) => context.projection?.get(`projection.${name}.${of}`);
  const projected = property('type')?.toLowerCase();
  const said = context.declared.get(name);
  const format = said ?? (projected === 'date' ? (property('format') ?? '') : undefined);
  if (format !== undefined) {
    if (kind === 'date' || kind === 'timestamp')
      return { name, type: kind, units: WHOLE, format: undefined, rank: 4 };
    const units = unitsOf(format);
    return units && { name, type: kind, units, format, rank: said === undefined ? 3 : 4 };
  }
  if (projected === 'injected') return undefined;
  if (kind === 'date' || kind === 'timestamp')
    return { name, type: kind, units: WHOLE, format: undefined, rank: 2 };
  const unit = unitIn(name);
  if (unit !== undefined && (context.hasYear || (unit === 'hour' && context.hasDay))) {
    const digits = Number(property('digits') ?? 0);
    const padded = projected === 'integer' && digits === LETTERS[unit].length;
    return {
      name,
      type: kind,
      units: [unit],
      format: kind === 'text' && padded ? LETTERS[unit] : undefined,
      rank: 1,
    };
  }
  if (!isTimeName(name)) return undefined;
  return { name, type: kind, units: UNITS, format: undefined, rank: 0 };
}

function kindOf(type: string): TimeKey['type'] | undefined {
  if (type === 'date') return 'date';
  if (type.startsWith('timestamp')) return 'timestamp';
  if (/^(?:tinyint|smallint|int|integer|bigint)$/.test(type)) return 'integer';
  return /^(?:string|varchar|char)/.test(type) ? 'text' : undefined;
}

const WORDS: Readonly<Record<string, TimeUnit>> = {
  ...{ year: 'year', yyyy: 'year', yr: 'year' },
  ...{ month: 'month', mon: 'month', mm: 'month' },
  ...{ day: 'day', dd: 'day' },
  ...{ hour: 'hour', hh: 'hour', hr: 'hour' },
};

/** The unit that a name is of: `year`, `log_month`, `partition_day`. */
function unitIn(name: string): TimeUnit | undefined {
  const words = name.split(/[^a-z]+/).flatMap((word) => WORDS[word] ?? []);
  return words.length === 1 ? words[0] : undefined;
}

/** `dt`, `flow_date`, `eventday`, `ingestdatetime`, `datehour`, `date_partition`. */
const isTimeName = (name: string) =>
  /date|day|time|hour|month|(?:^|_)(?:dt|ds|ts|ymd|y|yyyymmdd)(?:_|$)/.test(name);

/** Whether a key holds whole days, beside which one of hours holds the hour only. */
const hasDay = (keys: readonly TableColumn[]) =>
  keys.some(({ name, type }) => unitIn(name) !== 'hour' && (isTimeName(name) || kindOf(type) === 'date'));

/** The surest keys that follow each other from the year on. */
function contiguous(candidates: readonly Candidate[]): TimeKey[] {
  const found: TimeKey[] = [];
  for (let next = 0; next < UNITS.length; ) {
    const fitting = candidates.filter(({ units }) => UNITS.indexOf(units[0]!) === next);
    const best = fitting.sort((a, b) => b.rank - a.rank)[0];
    if (!best) break;
    const { rank: _, ...key } = best;
    // A separate key of hours says more than the hour that another spelling might end with.
    const hour = candidates.some((other) => other !== best && other.units[0] === 'hour');
    found.push(
      hour && key.format === undefined && key.units.length === UNITS.length ? { ...key, units: WHOLE } : key,
    );
    next += found.at(-1)!.units.length;
  }
  return found;
}

/** A Glue crawler names the folders that are not `key=value` by their numbers. */
function crawled(keys: readonly TableColumn[]): Candidate[] {
  const among = keys.filter(({ name }) => /^partition_\d+$/.test(name)).map(({ name }) => name);
  if (among.length === 0) return [];
  return [{ name: among[0]!, among, type: 'text', units: UNITS, format: undefined, rank: 0 }];
}

const SECONDS: Readonly<Record<string, number>> = {
  ...{ YEARS: 366 * 86_400, MONTHS: 31 * 86_400, WEEKS: 7 * 86_400, DAYS: 86_400, HOURS: 3_600 },
  ...{ MINUTES: 60, SECONDS: 1 },
};
const UNIT_SECONDS: Readonly<Record<TimeUnit, number>> = {
  year: 366 * 86_400,
  month: 31 * 86_400,
  day: 86_400,
  hour: 3_600,
};

/** What tables by other hands make of days: several in one partition, or days of another zone than UTC. */
function slackOf(
  key: TimeKey | undefined,
  projection: ReadonlyMap<string, string> | undefined,
  properties: ReadonlyMap<string, string>,
): TimeKeys['slack'] {
  if (!key) return { before: 0, after: 0 };
  const property = (of: string) => projection?.get(`projection.${key.name}.${of}`);
  const step =
    Number(property('interval') ?? 1) * (SECONDS[(property('interval.unit') ?? '').toUpperCase()] ?? 0);
  const long = step > UNIT_SECONDS[key.units.at(-1)!] ? step : 0;
  const foreign =
    isDelivered(properties) === false || /NOW\s*[+-]\s*\d+\s*HOUR/i.test(property('range') ?? '');
  return {
    before: long + (foreign ? ZONES.behind : 0),
    after: foreign ? ZONES.ahead : 0,
  };
}

/**
 * The times of delivery between which the records lie whose start is in the range; the last second belongs to it. The same
 * rule as for files: {@link DELIVERY_SLACK}.
 */
export function deliveryWindow(
  range: TimeRange,
  { before, after }: TimeKeys['slack'] = { before: 0, after: 0 },
): { from: number | undefined; to: number | undefined } {
  return {
    from: range.since === undefined ? undefined : range.since - before,
    to: range.until === undefined ? undefined : range.until + DELIVERY_SLACK - 1 + after,
  };
}
