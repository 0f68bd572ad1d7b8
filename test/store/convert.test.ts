import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_FORMAT, headerLine, parseFormat, VERSION_5_FORMAT } from '../../src/flowlog/log-format.js';
import { testFolder } from '../folder.js';
import { runs } from '../seed.js';
import { duckdb, imported } from './imported.js';
import { recordsOf } from './rows.js';

const number = (max: number) => fc.oneof(fc.nat({ max: 20 }), fc.nat({ max })).map(String);
const bigint = fc.oneof(
  fc.nat({ max: 5000 }).map(String),
  fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }).map(String),
);
const address = fc.oneof(fc.constantFrom('10.10.24.7', '203.0.113.9', '2001:db8::1'), fc.ipV4(), fc.ipV6());
/** Some that differ after many bytes only, as identifiers do. */
const alike = fc.constantFrom(
  ...['', '0', '1', '01', '0123456701', '0123456702'].map((end) => `eni-0123456789ab${end}`),
);
const word = fc.oneof(
  alike,
  fc.stringMatching(/^[!-~]{1,40}$/).filter((text) => text !== '-'),
);
const VALUES: Record<string, fc.Arbitrary<string>> = {
  srcaddr: address,
  dstaddr: address,
  pkt_srcaddr: address,
  pkt_dstaddr: address,
  srcport: number(65_536),
  dstport: number(65_536),
  protocol: fc.oneof(number(255), fc.constantFrom('TCP', 'udp', '256')),
  action: fc.constantFrom('ACCEPT', 'REJECT', 'accept', 'ACCEPTED'),
  log_status: fc.constantFrom('OK', 'OK', 'NODATA', 'ok', 'SKIPDATA'),
  end: fc.integer({ min: 1_780_200_000, max: 1_780_500_000 }).map(String),
  start: fc.oneof(
    fc.integer({ min: 1_780_000_000, max: 1_780_300_000 }).map(String),
    fc.constantFrom('0', '86399', '86400', '253402300799', '253402300800', '1780000000000'),
  ),
};

function value(name: string, type: string): fc.Arbitrary<string> {
  const own = VALUES[name] ?? (type === 'text' ? word : type === 'integer' ? number(2 ** 31 - 1) : bigint);
  return fc.oneof({ weight: 6, arbitrary: own }, { weight: 1, arbitrary: fc.constant('-') });
}

/** Lines that no AWS writes, which must mean to a store what they mean to a question on the text. */
const strange = fc.constantFrom(
  'garbage',
  '',
  '2 3',
  '2 a eni-1 10.0.0.1 10.0.0.2 1 2 6 1.5 1 1780000000 1780000001 ACCEPT OK',
  '2 a eni-1 10.0.0.1 10.0.0.2 1 99999999999 6 1 1 1780000000 1780000001 ACCEPT OK',
  '2 a eni-1 10.0.0.1 10.0.0.2 1 2 6 1 1 1780000000 1780000001 ACCEPT ÖK',
  '2 "a eni-1 10.0.0.1 10.0.0.2 1 2 -6 1 1 -5 1780000001 ACCEPT O\\K',
  '2 a eni-1 10.0.0.1 10.0.0.2 one 2 6 1 1 1780000000 1780000001 ACCEPT OK',
  '2 a eni-1 10.0.0.1 10.0.0.2 1 2 6 1 1 178000000: 1780000001 ACCEPT OK',
  '2 a eni-1 10.0.0.1 10.0.0.2 1 2 6 1 1 1780000000 /780000001 ACCEPT OK',
  '2 a eni-1 10.0.0.1 10.0.0.2 1 2 6 1 12345678/123456789 1780000000 1780000001 ACCEPT OK',
  '2 a eni-1 10.0.0.1 10.0.0.2 1 2 6 1 1 178000000\x7f 1780000001 ACCEPT OK',
  '2 a eni-1  10.0.0.2 1 2 6 1 1 1780000000 1780000001 ACCEPT OK',
  '2 a eni-1 10.0.0.1 10.0.0.2 1 2 6 007 9223372036854775807 1780000000 1780000001 ACCEPT OK',
);

describe('a store', () => {
  it.each([
    ['the default format', DEFAULT_FORMAT],
    ['the format of version 5', VERSION_5_FORMAT],
    ['fields in another order, one of them unknown', parseFormat('${bytes} ${tomorrow} ${start} ${srcaddr}')],
    ['no start and no address', parseFormat('${bytes} ${action}')],
  ])('holds what a question on the text sees: %s', async (_what, fields) => {
    const record = fc
      .tuple(...fields.map(({ column, type }) => value(column, type)))
      .map((all) => all.join(' '));
    const lines = fc.array(fc.oneof({ weight: 12, arbitrary: record }, { weight: 1, arbitrary: strange }), {
      minLength: 1,
      maxLength: 400,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(lines, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('\n', '\r\n'),
        async (texts, end) => {
          const logs = join(testFolder(), 'logs');
          mkdirSync(logs);
          texts.forEach((text, i) => {
            const whole = [headerLine(fields), ...text, ''].join(end);
            writeFileSync(join(logs, `${i}.log.gz`), gzipSync(whole));
          });
          const { directory, summary } = await imported(logs);
          const source = await recordsOf([logs]).catch((error) => {
            if (!/^None of the /.test(error.message)) throw error;
            return undefined;
          });
          if (!source) {
            expect(summary.records).toBe(0);
            return;
          }
          // Of logs without a single record there is nothing to keep.
          if (source.rows.length > 0) {
            expect(await recordsOf([directory])).toMatchObject({ rows: source.rows, fields: source.fields });
          }
          expect(summary.records).toBe(source.rows.length);
          const malformed = (flaws: typeof summary.flaws) =>
            flaws.find(({ summary }) => /malformed/.test(summary))?.count;
          expect(malformed(summary.flaws)).toBe(malformed(source.summary.flaws));
        },
      ),
      { numRuns: runs(4) },
    );
  });

  it('is Parquet in a folder for each UTC day, packed with Zstandard', async () => {
    const logs = join(testFolder(), 'logs');
    mkdirSync(logs);
    // More than a row group of one day, and a few of the next.
    const lines = Array.from({ length: 150_000 }, (_, i) => {
      const start = i < 149_000 ? 1_780_272_000 + (i % 86_400) : 1_780_358_400 + i - 149_000;
      return `2 1 eni-1 10.${i % 7}.${i % 251}.${i % 13} 203.0.113.${i % 256} 40000 443 6 1 60 ${start} ${start + 59} ACCEPT OK`;
    });
    writeFileSync(join(logs, 'a.log.gz'), gzipSync([headerLine(DEFAULT_FORMAT), ...lines, ''].join('\n')));
    const { directory } = await imported(logs);
    expect(readdirSync(directory).filter((name) => !name.startsWith('.'))).toEqual([
      'day=2026-06-01',
      'day=2026-06-02',
    ]);
    const files = `'${directory}/*/*.parquet'`;
    expect(await duckdb(`SELECT DISTINCT compression FROM parquet_metadata(${files})`)).toEqual([['ZSTD']]);
    // Any reader finds the day in the path, and the day is that of the start.
    expect(
      await duckdb(
        `SELECT count(*), count(*) FILTER (epoch(day) // 86400 = start // 86400) FROM read_parquet(${files}, hive_partitioning = true)`,
      ),
    ).toEqual([['150000', '150000']]);
    expect((await recordsOf([directory])).rows).toEqual((await recordsOf([logs])).rows);
  });
});
