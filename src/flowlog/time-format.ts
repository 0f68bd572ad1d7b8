export type TimeUnit = 'year' | 'month' | 'day' | 'hour';
export const UNITS: readonly TimeUnit[] = ['year', 'month', 'day', 'hour'];
export const LETTERS: Readonly<Record<TimeUnit, string>> = {
  year: 'yyyy',
  month: 'MM',
  day: 'dd',
  hour: 'HH',
};

/** A partition key that holds a part of a time. */
export interface TimeKey {
  readonly name: string;
  readonly type: 'text' | 'integer' | 'date' | 'timestamp';
  /** What it holds, largest unit first: `yyyy/MM/dd` holds year, month and day. */
  readonly units: readonly TimeUnit[];
  /** The spelling of its values; undefined where nobody has declared it, so that it may be any. */
  readonly format: string | undefined;
  /** A crawler's keys (`partition_0`, …), somewhere in whose values the time is. */
  readonly among?: readonly string[];
}

/** The units of a date format whose text order is the order of time; undefined for any other. Minutes and seconds may follow. */
export function unitsOf(format: string): readonly TimeUnit[] | undefined {
  const letters = format.replace(/'[^']*'|[^A-Za-z]+/g, '').replace(/(?<=HH)mm(?:ss)?S*$/, '');
  for (let from = 0; from < UNITS.length; from++) {
    for (let to = from + 1; to <= UNITS.length; to++) {
      const units = UNITS.slice(from, to);
      if (letters === units.map((unit) => LETTERS[unit]).join('')) return units;
    }
  }
  return undefined;
}

/**
 * What a key's value is for a time.
 *
 * @param last of the values in that hour, where the format has minutes: the last one, not the first
 */
export function keyValue(format: string, unixSeconds: number, last = false): string {
  const [year, month, day, hour] = new Date(unixSeconds * 1000).toISOString().split(/[-T:]/) as [
    string,
    string,
    string,
    string,
  ];
  const values: Readonly<Record<string, string>> = {
    ...{ yyyy: year, MM: month, dd: day, HH: hour },
    ...(last ? { mm: '59', ss: '59' } : { mm: '00', ss: '00' }),
  };
  return format.replace(/'([^']*)'|yyyy|MM|dd|HH|mm|ss|S+/g, (part, text: string | undefined) =>
    text !== undefined ? text : (values[part] ?? (last ? '9' : '0').repeat(part.length)),
  );
}

/** The value of one unit as a number. */
export function unitValue(unit: TimeUnit, unixSeconds: number): number {
  return Number(keyValue(LETTERS[unit], unixSeconds));
}

export function startOf(unit: TimeUnit, unixSeconds: number): number {
  const date = new Date(unixSeconds * 1000);
  if (unit !== 'hour') date.setUTCHours(0);
  if (unit === 'month' || unit === 'year') date.setUTCDate(1);
  if (unit === 'year') date.setUTCMonth(0);
  date.setUTCMinutes(0, 0, 0);
  return date.getTime() / 1000;
}

export function endOf(unit: TimeUnit, unixSeconds: number): number {
  const date = new Date(startOf(unit, unixSeconds) * 1000);
  if (unit === 'hour') date.setUTCHours(date.getUTCHours() + 1);
  if (unit === 'day') date.setUTCDate(date.getUTCDate() + 1);
  if (unit === 'month') date.setUTCMonth(date.getUTCMonth() + 1);
  if (unit === 'year') date.setUTCFullYear(date.getUTCFullYear() + 1);
  return date.getTime() / 1000;
}
