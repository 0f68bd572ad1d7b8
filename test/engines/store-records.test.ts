import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fewRecords, isForFew } from '../../src/engines/duckdb/few-records.js';
import { DEFAULT_FORMAT } from '../../src/flowlog/log-format.js';
import { parseCidr } from '../../src/net/cidr.js';
import { type EgressRequest, egress } from '../../src/questions/egress.js';
import type { Result } from '../../src/result.js';
import type { Query } from '../../src/sql/query.js';
import { testFolder, writeFiles } from '../folder.js';
import { fieldsUpTo } from '../page.js';
import { type LogRecord, logText, record, statusRecord } from '../records.js';
import { duckdb, partsOf, storeOf } from '../store/imported.js';
import { ANYTHING, ask, rowsOf, sourceOf } from './local.js';

const DAY = 1_780_272_000;
const REQUEST: EgressRequest = {
  ...ANYTHING,
  subnets: [parseCidr('10.10.24.0/24')],
  vpc: [parseCidr('10.10.0.0/16')],
  columns: ['start', 'end', 'srcaddr', 'srcport', 'dstaddr', 'bytes', 'action'],
};

/** What is answered without DuckDB, if anything is. */
function look(paths: readonly string[], request = REQUEST, fields = DEFAULT_FORMAT): Result | undefined {
  const query = egress(request, sourceOf(fields));
  return isForFew(query) ? fewRecords([], [{ fields, paths }], query) : undefined;
}

/** What DuckDB says of the same files. */
const slowly = (store: string, request = REQUEST) =>
  ask([store], (source) => withoutPlan(egress(request, source)), { range: request.range });
const withoutPlan = ({ records: _, ...query }: Query): Query => query;

/** Another writer's file in the place of the store's only one. */
async function rewrite(store: string, select: string, options: string): Promise<void> {
  const [path] = partsOf(store) as [string];
  const copy = join(testFolder(), 'copy.parquet');
  await duckdb(
    `COPY (SELECT ${select} FROM read_parquet('${path}', hive_partitioning = false)) TO '${copy}' (FORMAT parquet${options})`,
  );
  writeFileSync(path, readFileSync(copy));
}

/** Of a day: what left the subnet, what did not, and what tells of no flow. */
const MIXED: LogRecord[] = Array.from({ length: 40_000 }, (_, i) => {
  const n = (i * 7919) % 40_000;
  const times = { start: DAY + ((i * 31) % 86_000), end: DAY + ((i * 31) % 86_000) + (n % 600) };
  if (n < 300) return statusRecord(n % 7 === 0 ? 'SKIPDATA' : 'NODATA', times);
  return record({
    ...times,
    srcaddr: `10.10.${n % 5 === 0 ? 24 : n % 40}.${n % 250}`,
    dstaddr: n % 3 === 0 ? `203.0.${n % 200}.${n % 251}` : `10.10.${n % 60}.${n % 200}`,
    srcport: n % 11 === 0 ? '-' : 1024 + (n % 60_000),
    bytes: n % 13 === 0 ? 9_876_543_210 + n * 7 : n,
    packets: n % 17,
    action: n % 4 === 0 ? 'REJECT' : 'ACCEPT',
  });
});

describe('a look at the records of a store', () => {
  it('answers without DuckDB what DuckDB answers', async () => {
    const { store } = await storeOf(MIXED);
    const expected = await slowly(store);
    expect(expected.rows.length).toBeGreaterThan(1_000);
    const result = look(partsOf(store))!;
    expect(await rowsOf(result)).toEqual(expected.rows);
    expect(await result.totals()).toEqual(expected.totals);
    expect(expected.totals.asides.get('skipdata')).toBe(43);
    let csv = '';
    for await (const text of result.csv!()) csv += Buffer.from(text as Uint8Array).toString();
    expect(csv).toBe(expected.csv);
  });

  it.each([
    ['with dictionaries', '*', ''],
    ['with values as they stand', '*', ', DICTIONARY_SIZE_LIMIT 1'],
    ['not packed', '*', ', COMPRESSION uncompressed'],
    ['packed with Zstandard, in small row groups', '*', ', COMPRESSION zstd, ROW_GROUP_SIZE 2048'],
    ['with numbers as differences', '*', ', COMPRESSION zstd, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 1'],
    ['with absent columns', '* REPLACE (NULL::VARCHAR AS action, NULL::INTEGER AS srcport)', ''],
    ['with other columns between', '12 AS more, *, 1.5 AS another', ', COMPRESSION zstd'],
  ])('says what DuckDB says of a file of another writer: %s', async (_what, select, options) => {
    const { store } = await storeOf(MIXED);
    await rewrite(store, select, options);
    const expected = await slowly(store);
    const answer = await ask([store], (source) => egress(REQUEST, source));
    expect(expected.rows.length).toBeGreaterThan(1_000);
    expect(answer.rows).toEqual(expected.rows);
    expect(answer.csv).toBe(expected.csv);
    expect(answer.totals).toEqual(expected.totals);
  });

  it('reads what DuckDB writes when it puts files of a store together', async () => {
    const { store } = await storeOf(MIXED);
    await rewrite(store, '*', ', COMPRESSION zstd, ROW_GROUP_SIZE 61440');
    expect(look(partsOf(store))).toBeDefined();
    await rewrite(store, '*', ', COMPRESSION zstd, DICTIONARY_SIZE_LIMIT 1');
    expect(look(partsOf(store))).toBeDefined();
  });

  it.each([
    ['text with quotes', `* REPLACE ('"ACCEPT"' AS action)`],
    ['text that is not ASCII', "* REPLACE ('JÁ' AS action)"],
    ['empty text', "* REPLACE ('' AS action)"],
    ['a hyphen', "* REPLACE ('-' AS action)"],
    ['text with a space', "* REPLACE ('A B' AS action)"],
    ['very long text', "* REPLACE (repeat('A', 70000) AS action)"],
    ['a negative number', '* REPLACE (-5::BIGINT AS bytes)'],
    ['more digits than are exact', '* REPLACE (1234567890123456 AS bytes)'],
    ['numbers of another type', '* REPLACE (bytes::DOUBLE AS bytes)'],
    ['numbers of another width', '* REPLACE (srcport::BIGINT AS srcport)'],
    ['no start', '* REPLACE (NULL::BIGINT AS start)'],
    ['a start after 2106', '* REPLACE (4294967296 AS start)'],
    ['a column that nests', "* REPLACE ({'a': action} AS action)"],
    ['an address that is none', "* REPLACE ('203.0.113.256' AS dstaddr)"],
  ])('leaves %s to DuckDB', async (_what, select) => {
    const { store } = await storeOf(MIXED.slice(0, 2_000));
    const request = { ...REQUEST, vpc: [parseCidr('10.10.16.0/20')] };
    expect(look(partsOf(store), request)).toBeDefined();
    await rewrite(store, select, ', COMPRESSION zstd');
    expect(look(partsOf(store), request)).toBeUndefined();
  });

  it('leaves what is packed in another way, and pages of another kind, to DuckDB', async () => {
    for (const options of [', COMPRESSION gzip', ', COMPRESSION snappy']) {
      const { store } = await storeOf(MIXED.slice(0, 2_000));
      await rewrite(store, '*', options);
      expect(look(partsOf(store))).toBeUndefined();
    }
  });

  it('lets a record without an address alone unless it is to be set aside', async () => {
    const { store } = await storeOf([
      statusRecord('NODATA'),
      statusRecord('SKIPDATA'),
      statusRecord('SKIPDATA', { srcaddr: '10.10.25.9', dstaddr: '203.0.113.9' }),
      statusRecord('SKIPDATA', { srcaddr: '10.10.24.9', dstaddr: '203.0.113.9' }),
      record({ srcaddr: '10.10.24.9', dstaddr: '203.0.113.9' }),
      record({ srcaddr: '10.10.24.9' }),
    ]);
    const expected = await slowly(store);
    const result = look(partsOf(store))!;
    expect(await rowsOf(result)).toEqual(expected.rows);
    expect(await result.totals()).toEqual(expected.totals);
  });

  it('is no look at very many records', async () => {
    const { store } = await storeOf(MIXED.slice(0, 100));
    const [path] = partsOf(store) as [string];
    const copy = join(testFolder(), 'copy.parquet');
    await duckdb(
      `COPY (SELECT * REPLACE ('10.10.24.9' AS srcaddr, '203.0.113.9' AS dstaddr) FROM read_parquet('${path}', hive_partitioning = false), range(11000)) TO '${copy}' (FORMAT parquet)`,
    );
    expect(look([copy])).toBeUndefined();
  });

  it('asks stores and texts together', async () => {
    const { store } = await storeOf(MIXED.slice(0, 3_000));
    const folder = await writeFiles(testFolder(), { 'more.log': logText(MIXED.slice(3_000, 5_000)) });
    const both = [store, folder];
    const quick = await ask(both, (source) => egress(REQUEST, source));
    const slow = await ask(both, (source) => withoutPlan(egress(REQUEST, source)));
    expect(quick.rows.length).toBeGreaterThan(100);
    expect(quick.rows).toEqual(slow.rows);
    expect(quick.totals).toEqual(slow.totals);
  });

  it('does not take rubbish for an answer, nor for ever', async () => {
    const { store } = await storeOf(MIXED.slice(0, 1_500));
    const [path] = partsOf(store) as [string];
    const whole = readFileSync(path);
    const expected = await rowsOf(look([path])!);
    let refused = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const bytes = Buffer.from(whole);
          for (const [at, byte] of changes) bytes[at] = byte;
          writeFileSync(path, bytes);
          // Nothing is thrown, whatever it is.
          if (!look([path])) refused++;
        },
      ),
      { numRuns: 200 },
    );
    expect(refused).toBeGreaterThan(10);
    for (const length of [0, 3, 11, 200, whole.length - 9, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, length));
      expect(look([path])).toBeUndefined();
    }
    writeFileSync(path, whole);
    expect(await rowsOf(look([path])!)).toEqual(expected);
  });
});

describe('any records of a store', () => {
  const address = fc.oneof(
    { weight: 5, arbitrary: fc.nat(255).map((n) => `10.10.24.${n}`) },
    { weight: 3, arbitrary: fc.nat(255).map((n) => `10.10.2.${n}`) },
    { weight: 4, arbitrary: fc.constantFrom('203.0.113.9', '2001:db8::1', '2001:db9::1', 'nonsense', '-') },
  );
  const number = fc.oneof(
    fc.nat(9),
    fc.nat(70_000),
    fc.maxSafeNat(),
    fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }).map(Number),
    fc.constantFrom('-', 99_999_999, 100_000_000, 2 ** 31 - 1, 2 ** 31, 999_999_999_999_999),
  );
  const anyRecord = fc
    .record({
      srcaddr: address,
      dstaddr: address,
      srcport: fc.oneof(fc.nat(65_535), fc.constant('-')),
      packets: number,
      bytes: number,
      start: fc.oneof(
        fc.integer({ min: DAY, max: DAY + 3 }),
        fc.nat(2 ** 31),
        fc.constantFrom(0, 2 ** 32 - 1),
      ),
      end: fc.oneof(fc.integer({ min: DAY, max: DAY + 90 }), fc.constantFrom('-', 0, 2 ** 32 - 1, 2 ** 33)),
      action: fc.constantFrom('ACCEPT', 'REJECT', '-'),
      log_status: fc.constantFrom('OK', 'OK', 'OK', 'NODATA', 'SKIPDATA', '-'),
      resource_id: fc.constantFrom('-', 'nat-1'),
      interface_id: fc.constantFrom('eni-1', 'eni-2', '-'),
    })
    .map(record);
  const request: fc.Arbitrary<EgressRequest> = fc
    .record({
      subnets: fc.constantFrom(
        REQUEST.subnets,
        [parseCidr('10.10.24.128/25')],
        [parseCidr('10.10.24.7/32'), parseCidr('10.10.2.0/23')],
        [parseCidr('2001:db8::/32')],
      ),
      exclude: fc.constantFrom([], [parseCidr('203.0.113.9/32')]),
      range: fc.constantFrom(
        ANYTHING.range,
        { since: DAY + 1, until: DAY + 2 },
        { since: DAY - 86_400, until: undefined },
      ),
      action: fc.constantFrom(undefined, 'ACCEPT' as const),
      where: fc.constantFrom(undefined, new Map([['srcport', ['7', '-']]])),
      columns: fc.constantFrom(
        REQUEST.columns,
        ['bytes', 'packets', 'start_time', 'end_time'],
        ['log_status', 'end', 'srcaddr', 'srcport'],
      ),
      keepRepeats: fc.boolean(),
    })
    .map((values) => ({
      ...ANYTHING,
      ...values,
      vpc: [parseCidr('10.10.0.0/16'), parseCidr('2001:db8::/32')],
    }));

  it('are told as DuckDB tells them', { timeout: 120_000 }, async () => {
    let looked = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRecord, { minLength: 1, maxLength: 300 }),
        fc.constantFrom(DEFAULT_FORMAT, fieldsUpTo(11)),
        fc.array(request, { minLength: 2, maxLength: 4 }),
        async (records, fields, requests) => {
          const { store } = await storeOf(records, fields);
          for (const request of requests) {
            const asked = (change: (query: Query) => Query) =>
              ask([store], (source) => change(egress(request, source)), { range: request.range });
            const [quick, slow] = [await asked((query) => query), await asked(withoutPlan)];
            expect(quick.rows).toEqual(slow.rows);
            expect(quick.csv).toBe(slow.csv);
            expect(quick.totals).toEqual(slow.totals);
            if (look(partsOf(store), request, [...fields])) looked++;
          }
        },
      ),
      { numRuns: 10 },
    );
    expect(looked).toBeGreaterThan(4);
  });

  it('come in order, however many there are and however far apart', async () => {
    const records = Array.from({ length: 30_000 }, (_, i) => {
      const n = (i * 7919) % 30_000;
      return record({
        srcaddr: `10.10.24.${n % 7}`,
        dstaddr: `203.0.113.${n % 5}`,
        // Few times with very many records each, and many with one.
        start: n < 20_000 ? DAY + (n % 3) * 1_000 : DAY + ((n * 2_654_435_761) % 86_400),
        end: DAY + (n % 2),
        bytes: n,
      });
    });
    const { store } = await storeOf(records);
    const expected = await slowly(store);
    expect(expected.rows).toHaveLength(30_000);
    expect(await rowsOf(look(partsOf(store))!)).toEqual(expected.rows);
  });
});
