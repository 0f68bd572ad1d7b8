import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_FORMAT } from '../../src/flowlog/log-format.js';
import { fileName, folderOf } from '../../src/flowlog/s3-layout.js';
import { coverage } from '../../src/questions/coverage.js';
import type { CoverageRequest } from '../../src/questions/coverage-query.js';
import type { Result } from '../../src/result.js';
import { openParquetWriter } from '../../src/sample/write-parquet.js';
import { ALL, ask } from '../engines/local.js';
import { testFolder, writeFiles } from '../folder.js';
import { at, fieldsNamed, flow, page, utc } from '../page.js';
import { type LogRecord, logFile, logText, statusRecord } from '../records.js';

const COMPLETE: CoverageRequest = {
  ...ALL,
  interfaces: [],
  interval: 600,
  lateAfter: 1200,
  until: undefined,
  by: undefined,
};
const midnight = at('00:00:00');

/** A record of an interface from one second after midnight to another. */
const ok = (interface_id: string, start: number, end: number): LogRecord =>
  flow(['10.10.24.5', 40_000], ['203.0.113.9', 443], '00:00:00', {
    interface_id,
    start: midnight + start,
    end: midnight + end,
  });
const status = (kind: 'NODATA' | 'SKIPDATA', interface_id: string, start: number, end: number): LogRecord =>
  statusRecord(kind, { interface_id, start: midnight + start, end: midnight + end });

const PAGE = [
  ok('eni-a', 0, 59),
  // A second less than two intervals later: an interval's last second, and the next one's first, may be that far apart.
  ok('eni-a', 1258, 1300),
  // Two intervals later: of one in between there is no record.
  status('NODATA', 'eni-a', 2500, 2600),
  status('SKIPDATA', 'eni-a', 3200, 3260),
  ok('eni-a', 4200, 4260),
  ok('eni-a', 6000, 6060),
  // What lasts covers, whatever else ends before it does; in the file it comes last.
  ok('eni-b', 4100, 4160),
  ok('eni-b', 10, 20),
  ok('eni-b', 0, 3000),
];

const asked = async (request: Partial<CoverageRequest> = {}, records = PAGE) => {
  const meant = { ...COMPLETE, ...request };
  return ask(await page(records), (source) => coverage.query(meant, source), { range: meant.range });
};

describe('coverage', () => {
  it('finds the time of which an interface has no record, not even one of no traffic', async () => {
    const answer = await asked();
    expect(answer.rows).toEqual([
      // Records: with traffic, without, skipped; gaps of 1200, 1600 (a skipped interval covers nothing) and 1740 seconds;
      // no file has a time in its name.
      ['eni-a', 6, 4, 1, 1, utc('00:00:00'), utc('01:41:00'), 3, 4540, 1740, null, null, 600],
      // Silent for the last 1900 seconds, in which another interface is not.
      ['eni-b', 3, 3, 0, 0, utc('00:00:00'), utc('01:09:20'), 1, 1900, 1900, null, null, 600],
    ]);
    expect(answer.totals).toMatchObject({ rows: 2, asides: new Map() });
    expect(await answer.table(80)).toMatchInlineSnapshot(`
      "interface_id    nodata  first_seen                    gaps       late_files
      records       skipdata  last_seen                    gap_s  longest_delay_s
      ok                                           longest_gap_s       interval_s
      ────────────  ────────  ───────────────────  ─────────────  ───────────────
      eni-a                1  2026-06-01 00:00:00              3                -
      6                    1  2026-06-01 01:41:00           4540                -
      4                                                     1740              600
      eni-b                0  2026-06-01 00:00:00              1                -
      3                    0  2026-06-01 01:09:20           1900                -
      3                                                     1900              600
      "
    `);
    expect(await answer.table(160)).toMatchInlineSnapshot(`
      "interface_id  records  ok  nodata  skipdata  first_seen           last_seen            gaps  gap_s  longest_gap_s  late_files  longest_delay_s  interval_s
      ────────────  ───────  ──  ──────  ────────  ───────────────────  ───────────────────  ────  ─────  ─────────────  ──────────  ───────────────  ──────────
      eni-a               6   4       1         1  2026-06-01 00:00:00  2026-06-01 01:41:00     3   4540           1740           -                -         600
      eni-b               3   3       0         0  2026-06-01 00:00:00  2026-06-01 01:09:20     1   1900           1900           -                -         600
      "
    `);
  });

  it('finds more of them in the log of shorter intervals', async () => {
    expect((await asked({ interval: 60 })).pick('interface_id', 'gaps', 'gap_s', 'longest_gap_s')).toEqual([
      ['eni-a', 4, 1199 + 1200 + 1600 + 1740, 1740],
      ['eni-b', 2, 1100 + 1900, 1900],
    ]);
  });

  it('of some interfaces, and of a range', async () => {
    const range = { since: midnight + 1258, until: midnight + 4200 };
    const until = range.until;
    const names = ['interface_id', 'records', 'gaps', 'gap_s', 'longest_gap_s'];
    expect((await asked({ range, until })).pick(...names)).toEqual([
      ['eni-a', 3, 2, 1200 + 1600, 1600],
      // It begins 2842 seconds late.
      ['eni-b', 1, 1, 2842, 2842],
    ]);
    // One that is never seen has no record, all the time.
    expect((await asked({ range, until, interfaces: ['eni-b', 'eni-x'] })).pick(...names)).toEqual([
      ['eni-b', 1, 1, 2842, 2842],
      ['eni-x', 0, 1, 2942, 2942],
    ]);
    expect((await asked({ interfaces: ['eni-x'] })).pick(...names)).toEqual([['eni-x', 0, null, null, null]]);
  });

  it('takes an interval without a record for a gap only where it was skipped itself', async () => {
    const withSkipped = (start: number) =>
      asked({}, [ok('eni-a', 0, 60), ok('eni-a', 661, 900), status('SKIPDATA', 'eni-a', start, start + 30)]);
    expect((await withSkipped(300)).pick('gaps', 'gap_s')).toEqual([[1, 601]]);
    expect((await withSkipped(700)).pick('gaps', 'gap_s')).toEqual([[0, 0]]);
  });

  it('measures an interface without a record by the interval that is given', async () => {
    const range = { since: midnight, until: midnight + 900 };
    const unseen = { range, until: range.until, interfaces: ['eni-x'], interval: 60 };
    expect((await asked(unseen)).pick('interface_id', 'gaps', 'gap_s', 'interval_s')).toEqual([
      ['eni-x', 1, 900, 60],
    ]);
  });

  it('sums the gaps of each hour or day of the zone', async () => {
    const range = { since: midnight - 3600, until: midnight + 4200 };
    const by = async (unit: 'hour' | 'day', limit = 100) => {
      const request: CoverageRequest = {
        ...COMPLETE,
        range,
        until: range.until,
        by: unit,
        zone: 'Asia/Tokyo',
      };
      const shape = (result: Result) => coverage.finish!(result, request);
      const answer = await ask(await page(PAGE), (source) => coverage.query(request, source), {
        range,
        shape,
      });
      return { ...answer, rows: answer.rows.slice(0, limit) };
    };
    const hours = await by('hour');
    expect(hours.columns).toEqual(['interface_id', 'hour', 'gaps', 'gap_s']);
    expect(hours.rows).toEqual([
      ['eni-a', '2026-06-01T08:00:00+09:00', 1, 3600],
      ['eni-a', '2026-06-01T09:00:00+09:00', 2, 1200 + 1000],
      ['eni-a', '2026-06-01T10:00:00+09:00', 1, 600],
      ['eni-b', '2026-06-01T08:00:00+09:00', 1, 3600],
    ]);
    expect(hours.totals).toMatchObject({
      rows: 4,
      asides: new Map([
        ['gap', 4],
        ['gap_interface', 2],
        ['gap_second', 10_000],
      ]),
    });
    expect((await by('day')).rows).toEqual([
      ['eni-a', '2026-06-01T00:00:00+09:00', 3, 6400],
      ['eni-b', '2026-06-01T00:00:00+09:00', 1, 3600],
    ]);
  });

  it('lists the gaps', async () => {
    const range = { since: midnight - 3600, until: midnight + 4200 };
    const answer = await asked({ range, until: range.until, by: 'gap' });
    expect(answer.columns).toEqual(['interface_id', 'gap_start', 'gap_end', 'gap_s']);
    expect(answer.rows).toEqual([
      ['eni-a', '2026-05-31T23:00:00+00:00', utc('00:00:00'), 3600],
      ['eni-a', utc('00:21:40'), utc('00:41:40'), 1200],
      ['eni-a', utc('00:43:20'), utc('01:10:00'), 1600],
      ['eni-b', '2026-05-31T23:00:00+00:00', utc('00:00:00'), 3600],
    ]);
  });

  it('takes the interval from the records of each interface', async () => {
    const minutes = (id: string, numbers: readonly number[]) =>
      numbers.map((minute) => ok(id, minute * 60, minute * 60 + 40));
    const logs = await page([
      ...minutes('eni-a', [0, 1, 2, 3, 8, 9, 10]),
      ...minutes('eni-b', [0, 10]),
      // Nobody but a log of ten minutes has a record of five.
      ok('eni-c', 0, 300),
      ...minutes('eni-c', [6, 7, 8, 9, 10]),
    ]);
    const answer = await ask(logs, (source) => coverage.query({ ...COMPLETE, interval: undefined }, source));
    expect(answer.pick('interface_id', 'interval_s', 'gaps', 'gap_s')).toEqual([
      ['eni-a', 60, 1, 260],
      ['eni-b', 600, 0, 0],
      ['eni-c', 600, 0, 0],
    ]);
  });

  it('finds files that came late, by the time in their names, text and Parquet', async () => {
    const owner = { account: '123456789012', region: 'ap-northeast-1' };
    const path = (minute: number, hash: string, format: 'text' | 'parquet') => {
      const unixSeconds = midnight + minute * 60;
      const folder = folderOf({ layout: 'plain', hourly: false, ...owner }, unixSeconds);
      return folder + fileName({ ...owner, flowLogId: 'fl-0123456789abcdef0', unixSeconds, hash, format });
    };
    const folder = await writeFiles(testFolder(), {
      // Delivered at 00:25:00: records that end then or in the minutes after, and one that ended 20 minutes ago.
      [path(25, '00000001', 'text')]: logFile([ok('eni-c', 1400, 1600), ok('eni-c', 200, 300)]),
    });
    const write = await openParquetWriter(DEFAULT_FORMAT, join(folder, 'work'));
    const parquet = (minute: number, hash: string, records: LogRecord[]) =>
      write(join(folder, path(minute, hash, 'parquet')), Buffer.from(logText(records)));
    // A second more than 20 minutes ago; and two records of an hour ago in one file.
    await parquet(25, '00000002', [ok('eni-d', 200, 299), ok('eni-d', 1400, 1500)]);
    await parquet(60, '00000003', [ok('eni-d', 0, 0), ok('eni-d', 0, 10)]);

    const late = async (lateAfter: number) =>
      (
        await ask([join(folder, 'AWSLogs')], (source) => coverage.query({ ...COMPLETE, lateAfter }, source))
      ).pick('interface_id', 'records', 'late_files', 'longest_delay_s');
    expect(await late(1200)).toEqual([
      ['eni-c', 2, 0, 1200],
      ['eni-d', 4, 2, 3600],
    ]);
    expect(await late(1199)).toEqual([
      ['eni-c', 2, 1, 1200],
      ['eni-d', 4, 2, 3600],
    ]);
    expect(await late(3600)).toEqual([
      ['eni-c', 2, 0, 1200],
      ['eni-d', 4, 0, 3600],
    ]);
  });

  it('has a row for a regional NAT gateway, which has no interface', async () => {
    const logs = await page([ok('-', 0, 59), ok('-', 1000, 1059)]);
    const answer = await ask(logs, (source) => coverage.query(COMPLETE, source));
    expect(answer.pick('interface_id', 'records', 'gaps')).toEqual([[null, 2, 0]]);
  });

  it('names the field that is missing', async () => {
    const logs = await page(PAGE, fieldsNamed('srcaddr', 'dstaddr', 'start', 'end', 'log-status'));
    await expect(ask(logs, (source) => coverage.query(COMPLETE, source))).rejects.toMatchObject({
      message: 'These logs do not record interface-id, which coverage needs.',
      hint: expect.stringContaining('version 2'),
    });
  });
});
