import { cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localEngine } from '../../src/engines/duckdb/engine.js';
import { parseCidr } from '../../src/net/cidr.js';
import { egress } from '../../src/questions/egress.js';
import { ingress } from '../../src/questions/ingress.js';
import { internal } from '../../src/questions/internal.js';
import type { Row, Totals } from '../../src/result.js';
import type { Query, Source } from '../../src/sql/query.js';
import { isPrivate, rowGroups } from '../../src/store/record-order.js';
import { ANYTHING, ask, rowsOf } from '../engines/local.js';
import { type LogRecord, record, statusRecord } from '../records.js';
import { runs } from '../seed.js';
import { duckdb, partsOf, storeOf } from './imported.js';

const DAY = 1_780_272_000;
const blocks = (...texts: string[]) => texts.map(parseCidr);

describe('what is private', () => {
  it.each([
    ['10.0.0.1', '172.16.0.1', '172.31.255.254', '192.168.1.1', '100.64.0.1', '100.127.255.1', '169.254.1.1'],
    ['fd12:3456::1', 'fc00::1', 'FD00::1', 'fe80::1', 'febf::1'],
  ])('%s …', (...addresses) => {
    expect(addresses.filter((address) => !isPrivate(address))).toEqual([]);
  });

  it.each([
    [
      '11.0.0.1',
      '172.15.0.1',
      '172.32.0.1',
      '192.169.1.1',
      '100.63.0.1',
      '100.128.0.1',
      '110.0.0.1',
      '1.10.0.1',
    ],
    ['2001:db8::1', 'fd::1', 'fec0::1', 'ff02::1', '::ffff:10.0.0.1', 'nonsense'],
  ])('not %s …', (...addresses) => {
    expect(addresses.filter(isPrivate)).toEqual([]);
  });
});

describe('row groups', () => {
  it.each([
    ['a day of few records is one', [10, 20, 0, 400, 3], [433]],
    ['kinds are apart, and there is none of what is not there', [0, 200, 0, 30_000, 9], [200, 30_000, 9]],
    ['large ones are even', [0, 0, 0, 130_000, 0], [43_333, 43_333, 43_334]],
    ['no records at all', [0, 0, 0, 0, 0], []],
  ])('%s', (_what, kinds, groups) => {
    expect(rowGroups(kinds, 61_440)).toEqual(groups);
  });
});

/** Some of each kind, more than a row group of one, in no order. */
const MANY: LogRecord[] = Array.from({ length: 75_000 }, (_, i) => {
  const n = (i * 7919) % 75_000;
  const times = { start: DAY + (i % 80_000), end: DAY + (i % 80_000) + 59 };
  const inside = `10.10.${n % 3 === 0 ? 24 : n % 40}.${n % 250}`;
  const other = `10.10.${n % 60}.${n % 200}`;
  const outside = `${[8, 52, 203][n % 3]}.0.113.${n % 250}`;
  if (n < 500)
    return statusRecord(n % 5 === 0 ? 'SKIPDATA' : 'NODATA', { start: times.start, end: times.end });
  if (n < 6_000) return record({ ...times, srcaddr: inside, dstaddr: outside });
  if (n < 11_000) return record({ ...times, srcaddr: outside, dstaddr: inside });
  if (n < 13_000) return record({ ...times, srcaddr: outside, dstaddr: `2001:db8::${n.toString(16)}` });
  return record({ ...times, srcaddr: inside, dstaddr: other });
});

const KIND = `CASE WHEN srcaddr IS NULL THEN 'no flow' ELSE
  (CASE WHEN srcaddr LIKE '10.%' THEN 'in' ELSE 'out' END) || ' to ' || (CASE WHEN dstaddr LIKE '10.%' THEN 'in' ELSE 'out' END) END`;

describe('a large day', () => {
  it('is in row groups of one kind each, in the order of the address that is inside', async () => {
    const { store } = await storeOf(MANY);
    const [file] = partsOf(store);
    expect(partsOf(store)).toHaveLength(1);
    const groups = await duckdb(`
      WITH sizes AS (SELECT DISTINCT row_group_id AS id, row_group_num_rows AS size FROM parquet_metadata('${file}')),
      groups AS (SELECT id, sum(size) OVER (ORDER BY id) - size AS first, size FROM sizes),
      records AS (SELECT ${KIND} AS kind, CASE WHEN kind = 'out to in' THEN dstaddr ELSE srcaddr END AS address,
        file_row_number AS row FROM read_parquet('${file}', file_row_number = true))
      SELECT id, string_agg(DISTINCT kind), count(*)::INT, bool_and(address >= before IS NOT FALSE)
      FROM (SELECT *, lag(address) OVER (PARTITION BY kind ORDER BY row) AS before FROM records)
      JOIN groups ON row >= first AND row < first + size GROUP BY id ORDER BY id`);
    expect(groups.map(([, kind]) => kind)).toEqual([
      'no flow',
      'in to out',
      'out to in',
      'in to in',
      'in to in',
      'out to out',
    ]);
    expect(groups.map(([, , rows]) => rows)).toEqual([500, 5_500, 5_000, 31_000, 31_000, 2_000]);
    expect(groups.every(([, , , ordered]) => ordered)).toBe(true);
  });

  it.each([
    ['egress', 'only what left', (source: Source) => egress.query({ ...ANYTHING, ...VPC }, source), [0, 1]],
    [
      'ingress',
      'only what came in',
      (source: Source) => ingress.query({ ...ANYTHING, ...VPC }, source),
      [0, 2],
    ],
    [
      'internal',
      'only what the subnet sent to others',
      (source: Source) => internal.query({ ...ANYTHING, ...VPC, to: [] }, source),
      [0, 3, 4],
    ],
  ])('%s reads %s, and what was skipped', async (_question, _what, query, needed) => {
    const { logs, store } = await storeOf(MANY);
    const [file] = partsOf(store) as [string];
    const whole = readFileSync(file);
    const chunks = (await duckdb(
      `SELECT row_group_id, coalesce(dictionary_page_offset, data_page_offset)::INT, total_compressed_size::INT FROM parquet_metadata('${file}')`,
    )) as Array<[string, number, number]>;
    const without = (spoilt: (group: number) => boolean) => {
      const bytes = Buffer.from(whole);
      for (const [group, from, size] of chunks)
        if (spoilt(Number(group))) bytes.fill(0xee, from, from + size);
      writeFileSync(file, bytes);
    };
    const expected = await ask([logs], query);
    expect(expected.rows.length).toBeGreaterThan(1_000);
    expect(expected.totals.asides).toEqual(new Map([['skipdata', 100]]));
    without((group) => !needed.includes(group));
    const answer = await ask([store], query);
    expect(answer.rows).toEqual(expected.rows);
    expect(answer.totals).toEqual(expected.totals);
    // And those it does read are needed.
    for (const each of needed) {
      without((group) => group === each);
      await expect(ask([store], query)).rejects.toThrow();
    }
  });
});

const VPC = { subnets: blocks('10.10.24.0/24'), vpc: blocks('10.10.0.0/16') };

const ADDRESSES = [
  ...[
    '10.10.24.5',
    '10.10.24.200',
    '10.10.240.1',
    '10.10.2.9',
    '10.10.3.9',
    '10.1.0.1',
    '10.100.0.1',
    '172.16.3.4',
  ],
  ...['100.64.1.1', '192.168.0.9', '192.168.1.77', '203.0.113.9', '8.8.8.8', '1.10.10.2', '-'],
  ...[
    'fd12:3456::7',
    'FD12:3456:0::8',
    '2001:db8::1',
    '2001:db8:1::1',
    '::ffff:10.10.24.5',
    'nonsense',
    '10.10',
  ],
];
const BLOCKS = [
  ...[
    '10.10.24.0/24',
    '10.10.24.0/26',
    '10.10.2.0/23',
    '10.10.0.0/16',
    '10.0.0.0/8',
    '10.10.24.5/32',
    '0.0.0.0/0',
  ],
  ...[
    '192.168.0.0/16',
    '192.168.1.0/24',
    '172.16.0.0/12',
    '203.0.113.0/25',
    'fd12:3456::/32',
    '2001:db8::/32',
  ],
];

/** What questions have for an answer, all asked in one session. */
async function answers(
  folder: string,
  questions: ReadonlyArray<(source: Source) => Query>,
): Promise<Array<{ rows: Row[]; totals: Totals }>> {
  const session = await localEngine({ logs: [folder] }).open(ANYTHING.range, new AbortController().signal);
  try {
    const all: Array<{ rows: Row[]; totals: Totals }> = [];
    for (const question of questions) {
      const { result } = await session.run(question(session.source), {
        onProgress: () => {},
        onNote: () => {},
      });
      all.push({ rows: await rowsOf(result), totals: await result.totals() });
    }
    return all;
  } finally {
    await session.close();
  }
}

describe('any question of what went where has the answer of the text', () => {
  const address = fc.constantFrom(...ADDRESSES);
  const records = fc.array(
    fc
      .tuple(
        address,
        address,
        fc.constantFrom('OK', 'OK', 'OK', 'NODATA', 'SKIPDATA', '-'),
        fc.nat({ max: 2 }),
      )
      .map(([srcaddr, dstaddr, log_status, day]) =>
        record({ srcaddr, dstaddr, log_status, start: DAY + day * 86_400 }),
      ),
    { minLength: 20, maxLength: 300 },
  );
  const some = (most: number) => fc.subarray(BLOCKS, { minLength: 0, maxLength: most });
  const request = fc.record({
    subnets: fc.subarray(BLOCKS, { minLength: 1, maxLength: 7 }),
    more: some(2),
    exclude: some(2),
    to: some(3),
  });

  it('in this order, and in that of older stores', { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(records, fc.array(request, { minLength: 1, maxLength: 2 }), async (rows, requests) => {
        const { logs, store } = await storeOf(rows);
        const older = `${store}-older`;
        cpSync(store, older, { recursive: true });
        for (const path of partsOf(older)) {
          await duckdb(
            `COPY (FROM read_parquet('${path}', hive_partitioning = false) ORDER BY srcaddr NULLS FIRST) TO '${path}.new' (FORMAT parquet)`,
          );
          renameSync(`${path}.new`, path);
        }
        const questions = requests.flatMap(({ subnets, more, exclude, to }) => {
          const asked = {
            ...ANYTHING,
            subnets: blocks(...subnets),
            // A VPC holds its subnets.
            vpc: blocks(...subnets, ...more),
            exclude: blocks(...exclude),
          };
          return [
            (source: Source) => egress.query(asked, source),
            (source: Source) => ingress.query(asked, source),
            (source: Source) => internal.query({ ...asked, to: blocks(...to) }, source),
          ];
        });
        const text = await answers(logs, questions);
        for (const folder of [store, older]) expect(await answers(folder, questions)).toEqual(text);
      }),
      { numRuns: runs(3) },
    );
  });
});
