import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Workspace } from '../../src/cache/workspace.js';
import { Database } from '../../src/duckdb/database.js';
import { bucketStart } from '../../src/sql/buckets.js';
import { sql } from '../../src/sql/sql.js';
import { BUCKET_SECONDS, Buckets, type BucketUnit } from '../../src/time/buckets.js';
import { isoTime, offsetAt } from '../../src/time/zone.js';
import { runs } from '../seed.js';

const ZONES = Intl.supportedValuesOf('timeZone');
const YEAR_1970 = 0;
const YEAR_2041 = Date.UTC(2041, 0) / 1000;
const DAY = 86_400;
const utc = (text: string) => Date.parse(text) / 1000;

/** The beginnings of buckets from one moment to another, as the zone's clocks show them. */
function starts(zone: string, unit: BucketUnit, from: string, to: string): string[] {
  const range = { since: utc(from), until: utc(to) };
  const buckets = new Buckets(zone, unit, range);
  const times: string[] = [];
  for (let at = buckets.startOf(range.since); at < range.until; at = buckets.next(at)) {
    times.push(isoTime(at, zone).replace(/:00(?=[+-])/, ''));
  }
  return times;
}

describe('buckets', () => {
  it.each<[string, BucketUnit, string, string, string[]]>([
    // The clock goes from 23:59 to 01:00.
    [
      'America/Santiago',
      'day',
      '2026-09-05T12:00Z',
      '2026-09-08T00:00Z',
      ['2026-09-05T00:00-04:00', '2026-09-06T01:00-03:00', '2026-09-07T00:00-03:00'],
    ],
    // Midnight comes twice: one day of 25 hours.
    [
      'Atlantic/Azores',
      'day',
      '2026-10-24T12:00Z',
      '2026-10-26T12:00Z',
      ['2026-10-24T00:00+00:00', '2026-10-25T00:00+00:00', '2026-10-26T00:00-01:00'],
    ],
    [
      'Atlantic/Azores',
      'hour',
      '2026-10-25T00:00Z',
      '2026-10-25T03:00Z',
      ['2026-10-25T00:00+00:00', '2026-10-25T00:00-01:00', '2026-10-25T01:00-01:00'],
    ],
    // Half an hour is shown twice, and half an hour is skipped.
    [
      'Australia/Lord_Howe',
      'hour',
      '2026-04-04T13:00Z',
      '2026-04-04T17:00Z',
      [
        '2026-04-05T00:00+11:00',
        '2026-04-05T01:00+11:00',
        '2026-04-05T02:00+10:30',
        '2026-04-05T03:00+10:30',
      ],
    ],
    [
      'Australia/Lord_Howe',
      'hour',
      '2026-10-03T14:30Z',
      '2026-10-03T17:00Z',
      ['2026-10-04T01:00+10:30', '2026-10-04T02:30+11:00', '2026-10-04T03:00+11:00'],
    ],
    // A date that Samoa never had.
    [
      'Pacific/Apia',
      'day',
      '2011-12-29T12:00Z',
      '2012-01-01T00:00Z',
      ['2011-12-29T00:00-10:00', '2011-12-31T00:00+14:00', '2012-01-01T00:00+14:00'],
    ],
  ])('of %s by the %s', (zone, unit, from, to, expected) => {
    expect(starts(zone, unit, from, to)).toEqual(expected);
  });

  it('follow one another in every zone and year, and each begins as the clock says', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.constantFrom<BucketUnit>('minute', 'hour', 'day'),
        fc.integer({ min: YEAR_1970 + 3 * DAY, max: YEAR_2041 }),
        (zone, unit, time) => {
          checkBucket(zone, unit, time);
        },
      ),
      { numRuns: runs(250), seed: 20_261_126 },
    );
  }, 120_000);

  it('follow one another beside every change of clocks', () => {
    for (const [i, zone] of ZONES.entries()) {
      // A year each, other ones for each zone, and the day buckets of all of it.
      const since = Date.UTC(1970 + ((i * 7) % 71), 0) / 1000;
      const buckets = new Buckets(zone, 'day', { since, until: since + 366 * DAY });
      let days = 0;
      for (let at = buckets.startOf(since); at < since + 366 * DAY; days++) {
        const next = buckets.next(at);
        expect(next - at, `${zone} ${isoTime(at, zone)}`).toBeGreaterThanOrEqual(12 * 3_600);
        if ((next - at) % DAY !== 0) checkBucket(zone, 'hour', at + 2 * 3_600);
        at = next;
      }
      expect(days, zone).toBeGreaterThanOrEqual(365);
      expect(days, zone).toBeLessThanOrEqual(368);
    }
  }, 120_000);

  it('are the same in SQL', async () => {
    const workspace = new Workspace();
    const database = new Database(workspace);
    try {
      for (const zone of [
        'America/Santiago',
        'Australia/Lord_Howe',
        'Africa/Cairo',
        'Asia/Tokyo',
        'Asia/Beirut',
      ]) {
        for (const unit of ['minute', 'hour', 'day'] as const) {
          const since = utc('2024-01-01T00:00Z');
          const range = { since, until: since + 3 * 365 * DAY };
          const buckets = new Buckets(zone, unit, range);
          const text = bucketStart(sql`"start"`, zone, unit, range).sql;
          const rows = await database.query(
            `SELECT "start", ${text} FROM (SELECT ${since} + range * 1799 AS "start" FROM range(50000))`,
          );
          const wrong = rows.filter(([at, start]) => buckets.startOf(Number(at)) !== Number(start));
          expect(wrong, `${zone} ${unit}`).toEqual([]);
        }
      }
    } finally {
      await database.close();
      workspace.remove();
    }
  }, 120_000);
});

function checkBucket(zone: string, unit: BucketUnit, time: number): void {
  const range = { since: time - 3 * DAY, until: time + 3 * DAY };
  const buckets = new Buckets(zone, unit, range);
  const start = buckets.startOf(time);
  const next = buckets.next(time);
  const said = `${zone} ${unit} ${isoTime(time, zone)}`;
  expect(start, said).toBeLessThanOrEqual(time);
  expect(next, said).toBeGreaterThan(time);
  expect([buckets.startOf(start), buckets.startOf(next - 1)], said).toEqual([start, start]);
  expect([buckets.startOf(next), buckets.next(start), buckets.next(next - 1)], said).toEqual([
    next,
    next,
    next,
  ]);
  const shown = (at: number) => at + offsetAt(zone, at);
  const count = (at: number) => Math.floor(shown(at) / BUCKET_SECONDS[unit]);
  const whole = shown(start) % BUCKET_SECONDS[unit] === 0;
  const changed = offsetAt(zone, start) !== offsetAt(zone, start - 1);
  expect(whole || changed, said).toBe(true);
  if (unit === 'day') {
    expect(count(start), said).toBeGreaterThan(count(start - 1));
    expect(count(next), said).toBeGreaterThan(count(start));
  }
}
