import type { TimeRange } from '../time/range.js';
import { DELIVERY_SLACK } from './s3-layout.js';

/** Records of a file may end so long after the time in its name (seconds). */
const INTERVAL = 600;

/**
 * Of the log files in some folders, those that can hold records whose start lies in the range, by the times in their names.
 *
 * AWS names a file after the five minutes in which its records ended (VPC User Guide, "Flow log files"). Who makes larger
 * files of them may keep one name of many, so a file is taken to reach from the one before it to the one after it of the same
 * flow log, however far that is, with room for late delivery. The first and the last may reach anywhere.
 *
 * @param files of each flow log all those between the first and the last
 * @param late how long after the start of a record its file may come (seconds)
 */
export function narrowByName<T extends { readonly key: string }>(
  files: readonly T[],
  { since, until }: TimeRange,
  late: number = DELIVERY_SLACK,
): T[] {
  const names = files.map(({ key }) => parseName(key));
  const series = new Map<string, Set<number>>();
  for (const name of names) {
    if (!name) continue;
    const times = series.get(name.series) ?? new Set();
    series.set(name.series, times.add(name.time));
  }
  const unfit = new Map([...series].map(([key, times]) => [key, outside([...times], late, since, until)]));
  return files.filter((_, i) => {
    const name = names[i];
    return !name || !unfit.get(name.series)!.has(name.time);
  });
}

/** Of the times of one flow log, those whose files cannot hold the range. */
function outside(
  times: number[],
  late: number,
  since = Number.NEGATIVE_INFINITY,
  until = Number.POSITIVE_INFINITY,
) {
  const sorted = times.sort((a, b) => a - b);
  return new Set(
    sorted.filter((_, i) => {
      const before = sorted[i - 1] ?? Number.NEGATIVE_INFINITY;
      const after = sorted[i + 1] ?? Number.POSITIVE_INFINITY;
      return after + INTERVAL <= since || before >= until + late;
    }),
  );
}

const NAME =
  /^(.*)\/(?:year=)?\d{4}\/(?:month=)?\d\d\/(?:day=)?\d\d\/(?:(?:hour=)?\d\d\/)?([^/]+_fl-[0-9a-z]+)_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z_[^/]+$/;

/** The time in a name (Unix seconds), and what the keys of one flow log share; undefined for any other key. */
function parseName(key: string): { series: string; time: number } | undefined {
  const match = NAME.exec(key);
  if (!match) return undefined;
  const [, place, flowLog, ...time] = match;
  const [year, month, day, hour, minute] = time.map(Number) as [number, number, number, number, number];
  return { series: `${place} ${flowLog}`, time: Date.UTC(year, month - 1, day, hour, minute) / 1000 };
}
