import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fewRecords, isForFew } from '../../src/engines/duckdb/few-records.js';
import { DEFAULT_FORMAT } from '../../src/flowlog/log-format.js';
import { parseCidr } from '../../src/net/cidr.js';
import { type EgressRequest, egress } from '../../src/questions/egress.js';
import type { Query } from '../../src/sql/query.js';
import { addressNear } from '../arbitraries.js';
import { testFolder, writeFiles } from '../folder.js';
import { fieldsUpTo } from '../page.js';
import { type LogRecord, logText, record, statusRecord } from '../records.js';
import { ANYTHING, ask, rowsOf, sourceOf } from './local.js';

const T = 1_780_000_000;
const subnet = parseCidr('10.10.24.0/24');
const vpc = [parseCidr('10.10.0.0/16')];

/** Looks at lines as they stand: no narrowing has left any out. */
function look(text: string, request: EgressRequest, fields = DEFAULT_FORMAT) {
  const query = egress(request, sourceOf(fields));
  if (!isForFew(query)) return undefined;
  const records = { ...query.records, tests: query.records.tests.map(({ narrowed: _, ...test }) => test) };
  const lines = text.slice(text.indexOf('\n') + 1);
  return fewRecords([{ columns: fields, texts: [Buffer.from(lines)] }], [], { ...query, records });
}

const REQUEST: EgressRequest = {
  ...ANYTHING,
  subnets: [subnet],
  vpc,
  columns: ['start_time', 'dstaddr', 'bytes'],
};

describe('a look at few records', () => {
  it('answers without DuckDB: in order, in the zone, with what is set aside', async () => {
    const result = look(
      logText([
        record({ srcaddr: '10.10.24.5', dstaddr: '203.0.113.9', start: T + 9, bytes: 40 }),
        record({ srcaddr: '10.10.24.5', dstaddr: '203.0.113.9', start: T, bytes: 100 }),
        record({ srcaddr: '10.10.24.5', dstaddr: '203.0.113.9', start: T, bytes: 40 }),
        record({ srcaddr: '10.10.24.5', dstaddr: '203.0.113.10', start: T, bytes: 40 }),
        record({ srcaddr: '10.10.25.5', dstaddr: '203.0.113.9', start: T }),
        statusRecord('SKIPDATA'),
      ]),
      REQUEST,
    )!;
    expect(await rowsOf(result)).toEqual([
      ['2026-05-29T05:26:40+09:00', '203.0.113.10', 40],
      ['2026-05-29T05:26:40+09:00', '203.0.113.9', 40],
      ['2026-05-29T05:26:40+09:00', '203.0.113.9', 100],
      ['2026-05-29T05:26:49+09:00', '203.0.113.9', 40],
    ]);
    expect(await result.totals()).toEqual({
      rows: 4,
      cut: false,
      bytes: 220n,
      asides: new Map([['skipdata', 1]]),
    });
  });

  it.each([
    ['a number with a leading zero', { bytes: '040' }],
    ['a number that is none', { bytes: '4e1' }],
    ['more digits than are exact', { bytes: '1234567890123456' }],
    ['a port beyond INTEGER', { bytes: 40, dstport: '2147483648' }],
    ['no start', { start: '-' }],
    ['a time after 2106', { start: 2 ** 32 }],
    ['quotes', { interface_id: '"eni-1"' }],
    ['other than ASCII', { interface_id: 'eni-é' }],
    ['an address that is none', { dstaddr: '203.0.113.256' }],
    ['two spaces', { interface_id: '' }],
  ])('leaves %s to DuckDB', (_what, values) => {
    const columns = [...REQUEST.columns, 'dstport'];
    const plain = { srcaddr: '10.10.24.5', dstaddr: '203.0.113.9' };
    expect(look(logText([record(plain)]), { ...REQUEST, columns })).toBeDefined();
    expect(
      look(logText([record(plain), record({ ...plain, ...values })]), { ...REQUEST, columns }),
    ).toBeUndefined();
  });

  it('leaves zones whose clocks change, and questions that only a statement can put, to DuckDB', () => {
    const text = logText([record({ srcaddr: '10.10.24.5', dstaddr: '203.0.113.9' })]);
    expect(look(text, { ...REQUEST, zone: 'Europe/Berlin' })).toBeUndefined();
    expect(look(text, { ...REQUEST, initiated: true })).toBeUndefined();
    expect(look(text, { ...REQUEST, hours: [9, 18] })).toBeUndefined();
    expect(look(text, { ...REQUEST, by: ['dstaddr'] })).toBeUndefined();
  });

  const strange = fc.constantFrom('007', '-', 'x', '4294967296', '99999999999999999999', '"1"', '+1', '1.5');
  const some = <T>(usual: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 60, arbitrary: usual as fc.Arbitrary<T | string> }, { weight: 1, arbitrary: strange });
  const address = fc.oneof(
    { weight: 6, arbitrary: addressNear(subnet) },
    { weight: 4, arbitrary: addressNear(vpc[0]!) },
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        '203.0.113.9',
        '198.51.100.200',
        '2001:db8::1',
        '2001:0DB8:1::5',
        '2001:db9::5',
        '::ffff:10.10.24.7',
      ),
    },
    { weight: 1, arbitrary: fc.constantFrom('-', '10.10.24.x', '10.10.24.007', '10.10.24') },
  );
  const anyRecord: fc.Arbitrary<LogRecord> = fc
    .record({
      srcaddr: address,
      dstaddr: address,
      srcport: some(fc.nat(65_535)),
      dstport: some(fc.constantFrom(22, 443, 53)),
      protocol: some(fc.constantFrom(6, 17, 1)),
      bytes: some(fc.oneof(fc.nat(3), fc.maxSafeNat())),
      start: some(fc.integer({ min: T - 2, max: T + 2 })),
      end: some(fc.nat(2 ** 34)),
      action: fc.constantFrom('ACCEPT', 'REJECT', '-'),
      log_status: fc.constantFrom('OK', 'OK', 'OK', 'NODATA', 'SKIPDATA'),
      interface_id: fc.constantFrom('eni-1', 'eni-2', '-'),
      resource_id: fc.constantFrom('-', '-', 'nat-1'),
    })
    .map(record);
  const request: fc.Arbitrary<EgressRequest> = fc
    .record({
      subnets: fc.constantFrom(
        [subnet],
        [parseCidr('10.10.24.128/25')],
        [subnet, parseCidr('10.10.25.0/28')],
        [parseCidr('10.10.24.7/32')],
        [parseCidr('2001:db8::/32')],
        [subnet, parseCidr('2001:db8:1::/48')],
      ),
      vpc: fc
        .constantFrom(vpc, [...vpc, parseCidr('198.51.100.128/25')], [parseCidr('10.10.16.0/20')])
        .map((blocks) => [...blocks, parseCidr('2001:db8::/32')]),
      exclude: fc.constantFrom([], [parseCidr('203.0.113.9/32')], [parseCidr('2001:db8::/32')]),
      range: fc.constantFrom(ANYTHING.range, { since: T, until: T + 1 }, { since: T + 1, until: undefined }),
      action: fc.constantFrom(undefined, undefined, 'ACCEPT' as const),
      protocols: fc.constantFrom([], [], [6, 1]),
      dstPorts: fc.constantFrom(
        [],
        [],
        [
          { first: 0, last: 400 },
          { first: 443, last: 443 },
        ],
      ),
      where: fc.constantFrom(
        undefined,
        new Map([['interface_id', ['eni-1', '-']]]),
        new Map([['srcport', ['7', '-']]]),
      ),
      columns: fc.constantFrom(
        [],
        ['srcaddr', 'end_time', 'log_status', 'dstport'],
        ['bytes', 'start', 'bytes', 'end'],
      ),
      zone: fc.constantFrom('Asia/Tokyo', 'UTC', 'America/Phoenix', 'Asia/Kathmandu'),
      keepRepeats: fc.boolean(),
    })
    .map((values) => ({ ...ANYTHING, ...values }));

  it('says what DuckDB says', async () => {
    let looked = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRecord, { minLength: 1, maxLength: 40 }),
        fc.constantFrom(DEFAULT_FORMAT, fieldsUpTo(11)),
        request,
        async (records, fields, request) => {
          const folder = await writeFiles(testFolder(), { 'page.log': logText(records, fields) });
          const asked = (change: (query: Query) => Query) =>
            ask([folder], (source) => change(egress(request, source)), { range: request.range });
          const quick = await asked((query) => query);
          const slow = await asked(({ records: _, ...query }) => query);
          expect(quick.rows).toEqual(slow.rows);
          expect(quick.csv).toBe(slow.csv);
          expect(quick.totals).toEqual(slow.totals);
          expect(quick.summary).toEqual(slow.summary);
          if (look(logText(records, fields), request, [...fields])) looked++;
        },
      ),
      { numRuns: 60 },
    );
    expect(looked).toBeGreaterThan(10);
  });
});
