import type { TimeRange } from '../time/range.js';
import { endOf, LETTERS, startOf, type TimeKey, UNITS } from './time-format.js';

const MOMENT = /^\s*NOW\s*(?:([+-])\s*(\d+)\s*(YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?)?\s*$/i;
const SECONDS: Readonly<Record<string, number>> = {
  YEAR: 366 * 86_400,
  MONTH: 31 * 86_400,
  WEEK: 7 * 86_400,
  DAY: 86_400,
  HOUR: 3_600,
  MINUTE: 60,
  SECOND: 1,
};

/** The first and the last-but-one second that the largest key's projection covers, as far as it can be read. */
export function projectedRange(
  key: TimeKey,
  properties: ReadonlyMap<string, string>,
  now: number,
): TimeRange {
  const property = (of: string) => properties.get(`projection.${key.name}.${of}`);
  const [min, max] = (property('range') ?? '').split(',');
  const format = key.format ?? property('format') ?? key.units.map((unit) => LETTERS[unit]).join('');
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
