import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { narrowByName } from '../../src/flowlog/delivery.js';
import { fileName, folderOf } from '../../src/flowlog/s3-layout.js';

const MIDNIGHT = Date.parse('2026-06-01T00:00:00Z') / 1000;
const MINUTE = 60;
const HOUR = 3600;

/** The keys of a flow log's files at some times (seconds after midnight). */
function keys(times: readonly number[], flowLogId = 'fl-0a', layout: 'plain' | 'hive' = 'plain') {
  const owner = { account: '123456789012', region: 'us-east-1' };
  return times.map((time) => {
    const unixSeconds = MIDNIGHT + time;
    const folder = folderOf({ ...owner, layout, hourly: false }, unixSeconds);
    return {
      key: `p/${folder}${fileName({ ...owner, flowLogId, unixSeconds, hash: 'ab', format: 'text' })}`,
      time,
    };
  });
}

const every = (step: number, until: number) => Array.from({ length: until / step }, (_, i) => i * step);

const between = (since: number, until: number) => ({ since: MIDNIGHT + since, until: MIDNIGHT + until });

describe('files of some days, by the times in their names', () => {
  it('those of an hour are the ones around it, with an hour more for late ones', () => {
    for (const layout of ['plain', 'hive'] as const) {
      const files = keys(every(5 * MINUTE, 24 * HOUR), 'fl-0a', layout);
      const times = narrowByName(files, between(12 * HOUR, 13 * HOUR)).map(({ time }) => time);
      expect([times[0], times.at(-1)]).toEqual([11 * HOUR + 50 * MINUTE, 14 * HOUR + 10 * MINUTE]);
      expect(times).toHaveLength(29);
    }
  });

  it('a file that may reach far is kept, and so is one whose name says nothing', () => {
    const sixHours = keys(every(6 * HOUR, 24 * HOUR));
    const range = between(13 * HOUR, 14 * HOUR);
    expect(narrowByName(sixHours, range).map(({ time }) => time / HOUR)).toEqual([12, 18]);
    expect(narrowByName(keys([0]), range)).toHaveLength(1);
    const other = [{ key: 'p/x.log.gz' }, { key: 'p/AWSLogs/1/2026/06/01/x.log.gz' }];
    expect(narrowByName(other, range)).toEqual(other);
  });

  it('each flow log is looked at for itself', () => {
    const often = keys(every(5 * MINUTE, 24 * HOUR));
    const seldom = keys([0, 23 * HOUR], 'fl-0b');
    const kept = narrowByName([...often, ...seldom], between(12 * HOUR, 13 * HOUR));
    expect(kept.filter(({ key }) => key.includes('fl-0b'))).toHaveLength(2);
    expect(kept).toHaveLength(29 + 2);
  });

  it('an open range keeps the side that is open', () => {
    const files = keys(every(5 * MINUTE, 24 * HOUR));
    expect(narrowByName(files, { since: undefined, until: undefined })).toEqual(files);
    const after = narrowByName(files, { since: MIDNIGHT + 23 * HOUR, until: undefined });
    expect(after[0]!.time).toBe(23 * HOUR - 10 * MINUTE);
    expect(after.at(-1)!.time).toBe(24 * HOUR - 5 * MINUTE);
    const before = narrowByName(files, { since: undefined, until: MIDNIGHT + HOUR });
    expect([before[0]!.time, before.at(-1)!.time]).toEqual([0, 2 * HOUR + 10 * MINUTE]);
  });

  it('no record is lost that was delivered within an hour, at whatever times files are made', () => {
    const day = fc.integer({ min: 0, max: 24 * HOUR });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 287 }), { minLength: 1, maxLength: 40 }),
        day,
        day,
        fc.integer({ min: 0, max: 10 * MINUTE }),
        fc.integer({ min: 0, max: HOUR }),
        day,
        (slots, since, length, duration, late, end) => {
          const files = keys(slots.map((slot) => slot * 5 * MINUTE));
          const range = between(since, since + length + 1);
          // A record is in the first file of after its end and delay, or in the last of all.
          const sorted = [...files].sort((a, b) => a.time - b.time);
          const file = sorted.find(({ time }) => time + 5 * MINUTE > end + late) ?? sorted.at(-1)!;
          const start = MIDNIGHT + end - duration;
          const wanted = start >= range.since && start < range.until;
          if (wanted) expect(narrowByName(files, range)).toContain(file);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
