import { describe, expect, it } from 'vitest';
import { parseCidr } from '../../src/net/cidr.js';
import { barsOf, textBars } from '../../src/output/bars.js';
import { type TimelineRequest, timeline } from '../../src/questions/timeline.js';
import { filledTimeline } from '../../src/questions/timeline-shape.js';
import { parseRange } from '../../src/time/range.js';
import { ALL, ask } from '../engines/local.js';
import { at, type End, fieldsNamed, flow, page, utc } from '../page.js';
import { type LogRecord, statusRecord } from '../records.js';

const HOURS: TimelineRequest = { ...ALL, subnets: [], vpc: [], every: 'hour' };
const inside: End = ['10.10.24.5', 40000];
const outside: End = ['203.0.113.9', 443];

const PAGE = [
  // The last second of one hour and the first of the next one.
  flow(inside, outside, '01:00:00', { bytes: 1000, packets: 3 }),
  flow(inside, outside, '00:59:59', {
    bytes: 100,
    packets: 1,
    end: Date.parse('2026-06-01T01:00:30Z') / 1000,
  }),
  flow(outside, inside, '01:30:00', { bytes: 2000, packets: 4 }),
  flow(['10.10.2.7', 40000], ['10.10.2.8', 443], '04:10:00', { bytes: 10, packets: 2 }),
  statusRecord('NODATA', { start: 1_780_290_000, end: 1_780_290_059 }),
  statusRecord('SKIPDATA', { start: 1_780_290_000, end: 1_780_290_059 }),
];

const asked = async (request: Partial<TimelineRequest> = {}, records: readonly LogRecord[] = PAGE) => {
  const meant = { ...HOURS, ...request };
  return ask(await page(records), (source) => timeline.query(meant, source), {
    range: meant.range,
    shape(result) {
      return filledTimeline(result, meant.every, meant.zone, meant.range);
    },
  });
};

/** One record at each of these moments. */
const moments = (...times: string[]) =>
  times.map((time) => {
    const start = Date.parse(time) / 1000;
    return flow(inside, outside, '00:00:00', { start, end: start + 1, bytes: 100, packets: 1 });
  });

describe('timeline', () => {
  it('adds up each hour by where a record starts, and an hour of nothing is one of zeros', async () => {
    const answer = await asked();
    expect(answer.rows).toEqual([
      [utc('00:00:00'), 1, 1, 100],
      [utc('01:00:00'), 2, 7, 3000],
      [utc('02:00:00'), 0, 0, 0],
      [utc('03:00:00'), 0, 0, 0],
      [utc('04:00:00'), 1, 2, 10],
    ]);
    expect(answer.totals).toMatchObject({ rows: 5, bytes: 3110n, asides: new Map([['skipdata', 1]]) });
    expect(answer.csv.split('\n')[2]).toBe('2026-06-01 02:00:00,0,0,0');
  });

  it('draws what is asked for', async () => {
    const { rows, columns } = await asked();
    const types = columns.map((name) => ({ name, type: name === 'bytes' ? 'bytes' : 'integer' }) as const);
    const drawn = (chart?: 'flows') => {
      const picture = timeline.picture!({ ...HOURS, ...(chart && { chart }) });
      return textBars(barsOf(picture, types, rows)!, 30);
    };
    expect(drawn()).toEqual(['█', '█'.repeat(30), '', '', '▏']);
    // Thirty columns for the most, which is two.
    expect(drawn('flows')).toEqual(['█'.repeat(15), '█'.repeat(30), '', '', '█'.repeat(15)]);
  });

  it('shares a record out over the rows that it lasts for, in whole numbers that add up', async () => {
    const long = flow(inside, outside, '00:59:30', { end: at('01:02:09'), bytes: 1600, packets: 7 });
    const records = [
      long,
      flow(inside, outside, '01:02:00', { bytes: 5, packets: 1 }),
      statusRecord('SKIPDATA'),
    ];
    const minutes = await asked({ every: 'minute', spread: true }, records);
    expect(minutes.rows).toEqual([
      // 30 of 160 seconds, and so on.
      [utc('00:59:00'), 1, 1, 300],
      [utc('01:00:00'), 1, 2, 600],
      [utc('01:01:00'), 1, 3, 600],
      [utc('01:02:00'), 2, 2, 105],
    ]);
    expect(minutes.totals).toMatchObject({ bytes: 1605n, asides: new Map([['skipdata', 1]]) });
    expect((await asked({ every: 'hour', spread: true }, records)).rows).toEqual([
      [utc('00:00:00'), 1, 1, 300],
      [utc('01:00:00'), 2, 7, 1305],
    ]);
    // A condition is on the record, not on its parts.
    const where = [{ field: 'bytes', not: false, none: false, ranges: [[1000, 9999]] as const }];
    expect((await asked({ every: 'hour', spread: true, where }, records)).rows).toEqual([
      [utc('00:00:00'), 1, 1, 300],
      [utc('01:00:00'), 1, 6, 1300],
    ]);
  });

  it('shares out the largest numbers, and leaves what lasts for days where it starts', async () => {
    const large = flow(inside, outside, '00:59:30', { end: at('01:00:29'), bytes: '90071992547409931' });
    const days = flow(inside, outside, '01:00:00', { end: at('23:59:59') + 86_400, bytes: 7 });
    expect((await asked({ spread: true }, [large, days])).rows.map((row) => row[3])).toEqual([
      45035996273704965n,
      45035996273704973n,
    ]);
  });

  it('of a subnet, at either end; with the VPC only what left it', async () => {
    const subnets = [parseCidr('10.10.24.0/24')];
    expect((await asked({ subnets })).pick('flows', 'bytes')).toEqual([
      [1, 100],
      [2, 3000],
    ]);
    const vpc = [parseCidr('10.10.0.0/16')];
    expect((await asked({ subnets, vpc })).pick('flows', 'bytes')).toEqual([
      [1, 100],
      [1, 1000],
    ]);
  });

  it('counts the hours and days of the zone', async () => {
    // Kathmandu is 5:45 before UTC.
    const records = moments('2026-06-01T18:14:59Z', '2026-06-01T18:15:00Z');
    expect((await asked({ zone: 'Asia/Kathmandu' }, records)).pick('time', 'flows')).toEqual([
      ['2026-06-01T23:00:00+05:45', 1],
      ['2026-06-02T00:00:00+05:45', 1],
    ]);
    expect((await asked({ zone: 'Asia/Kathmandu', every: 'day' }, records)).pick('time', 'flows')).toEqual([
      ['2026-06-01T00:00:00+05:45', 1],
      ['2026-06-02T00:00:00+05:45', 1],
    ]);
    expect((await asked({ every: 'minute' }, records)).pick('time', 'flows')).toEqual([
      ['2026-06-01T18:14:00+00:00', 1],
      ['2026-06-01T18:15:00+00:00', 1],
    ]);
  });

  it('knows the day of 23 hours', async () => {
    const zone = 'Europe/Berlin';
    const range = parseRange({ since: '2026-03-28', until: '2026-03-31' }, zone, 0);
    const records = moments(
      '2026-03-27T22:59:59Z',
      '2026-03-27T23:00:00Z',
      '2026-03-28T22:59:59Z',
      // The whole of the 29th: from 23:00 UTC to 22:00.
      '2026-03-28T23:00:00Z',
      '2026-03-29T00:59:59Z',
      '2026-03-29T01:00:00Z',
      '2026-03-29T21:59:59Z',
      '2026-03-29T22:00:00Z',
      '2026-03-30T22:00:00Z',
    );
    expect((await asked({ zone, every: 'day', range }, records)).pick('time', 'flows')).toEqual([
      ['2026-03-28T00:00:00+01:00', 2],
      ['2026-03-29T00:00:00+01:00', 4],
      ['2026-03-30T00:00:00+02:00', 1],
    ]);
    const hours = await asked(
      { zone, range: parseRange({ since: '2026-03-29', until: '2026-03-30' }, zone, 0) },
      records,
    );
    expect(hours.rows).toHaveLength(23);
    expect(hours.pick('time', 'flows').slice(0, 4)).toEqual([
      ['2026-03-29T00:00:00+01:00', 1],
      ['2026-03-29T01:00:00+01:00', 1],
      ['2026-03-29T03:00:00+02:00', 1],
      ['2026-03-29T04:00:00+02:00', 0],
    ]);
  });

  it('knows the day of 25 hours, of which the clocks show one twice', async () => {
    const zone = 'Europe/Berlin';
    const range = parseRange({ since: '2026-10-25', until: '2026-10-26' }, zone, 0);
    const records = moments(
      '2026-10-24T22:00:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-25T00:40:00Z',
      '2026-10-25T01:30:00Z',
      '2026-10-25T22:59:59Z',
    );
    const hours = await asked({ zone, range }, records);
    expect(hours.rows).toHaveLength(25);
    expect(hours.pick('time', 'flows').slice(0, 5)).toEqual([
      ['2026-10-25T00:00:00+02:00', 1],
      ['2026-10-25T01:00:00+02:00', 0],
      ['2026-10-25T02:00:00+02:00', 2],
      ['2026-10-25T02:00:00+01:00', 1],
      ['2026-10-25T03:00:00+01:00', 0],
    ]);
    const minutes = await asked({ zone, range, every: 'minute' }, records);
    expect(minutes.rows).toHaveLength(25 * 60);
    expect((await asked({ zone, range, every: 'day' }, records)).pick('time', 'flows')).toEqual([
      ['2026-10-25T00:00:00+02:00', 5],
    ]);
  });

  it('has nothing where nothing was', async () => {
    const answer = await asked({ range: { since: 0, until: 1 } });
    expect(answer.rows).toEqual([]);
    expect(answer.totals).toMatchObject({ rows: 0, asides: new Map() });
  });

  it('names the field that is missing', async () => {
    const logs = await page(PAGE, fieldsNamed('srcaddr', 'dstaddr', 'start', 'end', 'packets'));
    await expect(ask(logs, (source) => timeline.query(HOURS, source))).rejects.toMatchObject({
      message: 'These logs do not record bytes, which timeline needs.',
    });
  });
});
