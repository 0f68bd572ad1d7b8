import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRange, parseTime } from '../../src/time/range.js';
import { fixedOffset, offsetAt, offsetText, parseZone, USUAL_ZONES } from '../../src/time/zone.js';

const NOW = Date.parse('2026-06-10T12:34:56Z') / 1000;
const utc = (text: string) => Date.parse(text) / 1000;

describe('parseTime', () => {
  it.each([
    ['2026-06-01', 'Asia/Tokyo', '2026-05-31T15:00:00Z'],
    ['2026-06-01 09:30', 'Asia/Tokyo', '2026-06-01T00:30:00Z'],
    ['2026-06-01T09:30:15', 'Asia/Tokyo', '2026-06-01T00:30:15Z'],
    ['2026-06-01T09:30:15Z', 'Asia/Tokyo', '2026-06-01T09:30:15Z'],
    ['2026-06-01T09:30:15+0530', 'Asia/Tokyo', '2026-06-01T04:00:15Z'],
    ['2026-06-01 09:30-03:00', 'UTC', '2026-06-01T12:30:00Z'],
    ['2026-07-01', 'Europe/Berlin', '2026-06-30T22:00:00Z'],
    ['2026-01-01', 'Europe/Berlin', '2025-12-31T23:00:00Z'],
    ['24h', 'UTC', '2026-06-09T12:34:56Z'],
    ['-7d', 'UTC', '2026-06-03T12:34:56Z'],
    ['30m', 'UTC', '2026-06-10T12:04:56Z'],
    ['now', 'Asia/Tokyo', '2026-06-10T12:34:56Z'],
    ['today', 'Asia/Tokyo', '2026-06-09T15:00:00Z'],
    ['yesterday', 'Asia/Tokyo', '2026-06-08T15:00:00Z'],
    ['today', 'America/Los_Angeles', '2026-06-10T07:00:00Z'],
    ['@1780000000', 'UTC', '2026-05-28T20:26:40Z'],
    ['1780000000', 'UTC', '2026-05-28T20:26:40Z'],
    ['2026/06/01', 'Asia/Tokyo', '2026-05-31T15:00:00Z'],
    ['2026-6-1', 'Asia/Tokyo', '2026-05-31T15:00:00Z'],
    ['2026-06-01 9:00', 'Asia/Tokyo', '2026-06-01T00:00:00Z'],
    ['2026-06', 'Asia/Tokyo', '2026-05-31T15:00:00Z'],
    ['09:00', 'Asia/Tokyo', '2026-06-10T00:00:00Z'],
    ['2 days ago', 'UTC', '2026-06-08T12:34:56Z'],
    ['24 hours ago', 'UTC', '2026-06-09T12:34:56Z'],
    ['last month', 'Asia/Tokyo', '2026-04-30T15:00:00Z'],
    ['this week', 'UTC', '2026-06-08T00:00:00Z'],
    // Midnight is skipped.
    ['2026-09-06', 'America/Santiago', '2026-09-06T04:00:00Z'],
  ])('reads %s in %s as %s', (text, zone, expected) => {
    expect(parseTime(text, zone, NOW)).toBe(utc(expected));
  });

  it.each([
    ['2026-02-30'],
    ['2026-13-01'],
    ['2026-06-01 24:00'],
    ['2026-06-01 09:60'],
    ['2026-06-31'],
    ['01/06/2026'],
    ['soon'],
    [''],
  ])('refuses %s', (text) => {
    expect(() => parseTime(text, 'Asia/Tokyo', NOW)).toThrowError(
      expect.objectContaining({ message: `'${text}' is not a time.`, exitCode: 2 }),
    );
  });
});

describe('parseRange', () => {
  it('takes the earlier of two moments for --since and the later for --until, and says so', () => {
    const notes: string[] = [];
    const typed = { since: '2026-10-25 02:30', until: '2026-10-25 02:30' };
    const range = parseRange(typed, 'Europe/Berlin', NOW, (note) => notes.push(note));
    expect(range).toEqual({ since: utc('2026-10-25T00:30:00Z'), until: utc('2026-10-25T01:30:00Z') });
    expect(notes).toEqual([
      "'2026-10-25 02:30' comes twice in Europe/Berlin, where clocks are changed then. Taking 2026-10-25T02:30:00+02:00.",
      "'2026-10-25 02:30' comes twice in Europe/Berlin, where clocks are changed then. Taking 2026-10-25T02:30:00+01:00.",
    ]);
    const skipped: string[] = [];
    expect(
      parseRange({ since: '2026-03-29 02:30' }, 'Europe/Berlin', NOW, (note) => skipped.push(note)).since,
    ).toBe(utc('2026-03-29T01:00:00Z'));
    expect(skipped[0]).toContain('is skipped');
  });

  it('says how many days a month has, and that equal bounds hold nothing', () => {
    expect(() => parseTime('2026-06-31', 'UTC', NOW)).toThrowError(
      expect.objectContaining({ hint: expect.stringContaining('June 2026 has 30 days.') }),
    );
    expect(() => parseRange({ since: '2026-06-01', until: '2026-06-01' }, 'UTC', NOW)).toThrowError(
      expect.objectContaining({ message: expect.stringContaining('are the same time') }),
    );
  });

  it('refuses a range that ends before it begins, with both values', () => {
    expect(() => parseRange({ since: '2026-06-02', until: '2026-06-01' }, 'UTC', NOW)).toThrowError(
      expect.objectContaining({
        message: expect.stringContaining('--since 2026-06-02 is not before --until 2026-06-01'),
      }),
    );
  });

  it('leaves open what is not given', () => {
    expect(parseRange({}, 'UTC', NOW)).toEqual({ since: undefined, until: undefined });
  });
});

describe('zones', () => {
  it.each([
    ['asia/tokyo', 'Asia/Tokyo'],
    ['utc', 'UTC'],
    ['Europe/Berlin', 'Europe/Berlin'],
  ])('reads %s as %s', (text, zone) => expect(parseZone(text)).toBe(zone));

  it.each(['Tokyo', 'JST+9', '+09:00', "UTC'; DROP", ''])('refuses %s', (text) => {
    expect(() => parseZone(text)).toThrowError(
      expect.objectContaining({ message: `'${text}' is not a time zone.`, exitCode: 2 }),
    );
  });

  it('knows which zones keep one offset', () => {
    expect(fixedOffset('Asia/Tokyo')).toBe(32_400);
    expect(fixedOffset('Asia/Kolkata')).toBe(19_800);
    expect(fixedOffset('UTC')).toBe(0);
    expect(fixedOffset('Europe/Berlin')).toBeUndefined();
    expect(fixedOffset('America/New_York')).toBeUndefined();
  });

  it.each([...USUAL_ZONES])('knows by heart what the calendar says of %s', (zone, offset) => {
    for (let year = 2015; year < 2045; year++) {
      for (const month of ['01', '04', '07', '10']) {
        expect(offsetAt(zone, utc(`${year}-${month}-01T00:00:00Z`))).toBe(offset);
      }
    }
  });

  it('knows the hours beside a change of clocks', () => {
    const at = (zone: string, time: string) => offsetText(offsetAt(zone, Date.parse(time) / 1000));
    expect(at('Europe/Berlin', '2015-10-25T00:59:59Z')).toBe('+02:00');
    expect(at('Europe/Berlin', '2015-10-25T01:00:00Z')).toBe('+01:00');
    expect(at('Europe/Berlin', '2016-03-27T00:59:59Z')).toBe('+01:00');
    expect(at('Europe/Berlin', '2016-03-27T01:00:00Z')).toBe('+02:00');
    expect(at('America/St_Johns', '2015-11-01T04:29:59Z')).toBe('-02:30');
    expect(at('America/St_Johns', '2015-11-01T04:30:00Z')).toBe('-03:30');
  });

  it('writes offsets as the system does', () => {
    const zones = [
      'Asia/Tokyo',
      'UTC',
      'Asia/Kathmandu',
      'America/St_Johns',
      'Europe/Berlin',
      'Pacific/Marquesas',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 1_433_116_800, max: 2_000_000_000 }),
        (zone, time) => {
          const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
          const said = format.formatToParts(time * 1000).find(({ type }) => type === 'timeZoneName')!.value;
          expect(`GMT${offsetText(offsetAt(zone, time))}`).toBe(said === 'GMT' ? 'GMT+00:00' : said);
        },
      ),
    );
  });
});
