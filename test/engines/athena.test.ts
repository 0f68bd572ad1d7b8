import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costText, estimatedCost } from '../../src/athena/cost.js';
import { interval } from '../../src/athena/execution.js';
import { csvRows, rawResult } from '../../src/athena/results.js';
import { literal } from '../../src/engines/athena/literal.js';
import { AddressParameter } from '../../src/sql/athena.js';
import { parseBytes, parseDuration } from '../../src/terminal/units.js';

describe('looking at a query', () => {
  it('adds at most a tenth, or half a second, to a query of 1 to 600 seconds', () => {
    for (const luck of [0, 0.5, 1]) {
      for (let length = 1; length <= 600; length += 0.37) {
        let seen = 0;
        while (seen < length) seen += interval(seen, () => luck);
        expect(seen - length).toBeLessThanOrEqual(Math.max(0.1 * length, 0.5));
      }
    }
  });

  it('begins within a few hundred milliseconds and ends at a few seconds', () => {
    expect(interval(0, () => 1)).toBeLessThan(0.3);
    expect(interval(10_000, () => 1)).toBeLessThan(5);
    expect(interval(10_000, () => 0)).toBeGreaterThan(3);
    expect(new Set(Array.from({ length: 20 }, () => interval(30))).size).toBeGreaterThan(10);
  });
});

describe('a parameter', () => {
  it.each([
    [1_780_000_000, '1780000000'],
    [0, '0'],
    ['ACCEPT', "'ACCEPT'"],
    ["it's", "'it''s'"],
    ['1 OR 1=1', "'1 OR 1=1'"],
    ['', "''"],
    [new AddressParameter('2001:db8::1'), "IPADDRESS '2001:db8::1'"],
  ])('%j is %s', (value, text) => expect(literal(value)).toBe(text));

  it('may be an integer of any size', () => {
    expect(literal(12345678901234567890n)).toBe('12345678901234567890');
  });

  it.each([1.5, Number.NaN, null, undefined, {}])('%s is none', (value) => {
    expect(() => literal(value)).toThrow(TypeError);
  });

  it('is at most 1,024 characters', () => {
    expect(literal('a'.repeat(1022))).toHaveLength(1024);
    expect(() => literal('a'.repeat(1023))).toThrow('1025 characters is too long');
  });
});

describe('cost', () => {
  it.each([
    [0, 5, '0.00005 USD'],
    [10_000_001, 5, '0.000055 USD'],
    [1_000_000_000_000, 5, '5.00 USD'],
    [250_000_000_000, 6.5, '1.63 USD'],
  ])('of %i bytes at %d USD is %s', (bytes, price, text) =>
    expect(costText(estimatedCost(bytes, price))).toBe(text),
  );
});

describe('sizes and durations', () => {
  it.each([
    ['10GB', 1e10],
    ['1.5 TB', 1.5e12],
    ['500mb', 5e8],
    ['1GiB', 2 ** 30],
    ['12', 12],
    ['7b', 7],
    ['lots', undefined],
    ['-1GB', undefined],
  ])('%s', (text, bytes) => expect(parseBytes(text)).toBe(bytes));
  it.each([
    ['90s', 90],
    ['10m', 600],
    ['1.5h', 5400],
    ['7d', 604_800],
    ['30', 30],
    ['soon', undefined],
  ])('%s', (text, seconds) => expect(parseDuration(text)).toBe(seconds));
});

const NAMES = ['start_time', 'srcaddr', 'dstaddr', 'dstport', 'bytes', 'aside'];
const LINE = '"2026-06-01T09:00:00+09:00","10.10.24.17","203.0.113.9","443","840",\n';

describe('a result', () => {
  it('has a row for an empty line: one column that is NULL', async () => {
    const rows = [];
    for await (const batch of csvRows([Buffer.from('"a"\n\n""\n"x"\n\n')], ['a'])) rows.push(...batch);
    expect(rows).toEqual([[null], [''], ['x'], [null]]);
  });

  it('tells empty text from NULL, whatever stands beside it', async () => {
    const values = [null, '', 'x', '"', '""', ',', 'a "b", c\n', '日本', '\r\n'];
    const quote = (value: string | null) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`);
    const table = fc.array(fc.tuple(...Array.from({ length: 4 }, () => fc.constantFrom(...values))));
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 40 }), async (expected, size) => {
        const bytes = Buffer.from(
          ['"a","b","c","d"', ...expected.map((row) => row.map(quote).join(','))].join('\n').concat('\n'),
        );
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
          bytes.subarray(i * size, (i + 1) * size),
        );
        const rows = [];
        for await (const batch of csvRows(chunks, ['a', 'b', 'c', 'd'])) rows.push(...batch);
        expect(rows).toEqual(expected);
      }),
    );
  });

  it.each([
    ['another order of columns', '"b","a"\n"1","2"\n', 'its columns are b, a, expected a, b'],
    ['another number of columns', '"a"\n"1"\n', 'its columns are a, expected a, b'],
    ['ciphertext', '\x9b\x01\xfe\x00,\n\xaa', /not that of the query|is damaged/],
    ['nothing', '', 'The file of the result is empty'],
    ['a broken line', '"a","b"\n"1"\n', 'The file of the result is damaged'],
  ])('with %s is refused before any row', async (_name, text, message) => {
    const read = async () => {
      for await (const _batch of csvRows([Buffer.from(text, 'latin1')], ['a', 'b'])) throw new Error('a row');
    };
    await expect(read()).rejects.toThrow(message);
  });

  it('of a million rows passes without being kept', async () => {
    const block = Buffer.from(LINE.repeat(1000));
    let pulled = 0;
    async function* file() {
      yield Buffer.from('"start_time","srcaddr","dstaddr","dstport","bytes","aside"\n');
      for (; pulled < 1000; pulled++) yield block;
    }
    const result = rawResult(csvRows(file(), NAMES), {
      columns: [
        { name: 'start_time', type: 'time', zone: 'Asia/Tokyo' },
        { name: 'srcaddr', type: 'text' },
        { name: 'dstaddr', type: 'text' },
        { name: 'dstport', type: 'integer' },
        { name: 'bytes', type: 'bytes' },
      ],
      asides: true,
      limit: undefined,
    });
    let rows = 0;
    let ahead = 0;
    for await (const batch of result.rows()) {
      rows += batch.length;
      // The file is read little further than the rows that were taken.
      ahead = Math.max(ahead, pulled * 1000 - rows);
    }
    expect(rows).toBe(1_000_000);
    expect(ahead).toBeLessThan(10_000);
    expect(await result.totals()).toEqual({
      rows: 1_000_000,
      cut: false,
      bytes: 840_000_000n,
      asides: new Map(),
    });
  }, 300_000);
});
