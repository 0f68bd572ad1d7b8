import { fromZonedTime } from 'date-fns-tz/fromZonedTime';
import { offsetAt } from './zone.js';

/** The Unix second at which the next minute, hour or day of the zone begins after one that begins then. */
export function nextBucket(start: number, zone: string, unit: 'minute' | 'hour' | 'day'): number {
  if (unit === 'minute') return start + 60;
  if (unit === 'hour') return start + 3_600;
  const local = new Date((start + offsetAt(zone, start)) * 1000);
  local.setUTCDate(local.getUTCDate() + 1);
  return Math.floor(fromZonedTime(`${local.toISOString().slice(0, 10)}T00:00:00`, zone).getTime() / 1000);
}
