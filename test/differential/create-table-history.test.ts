import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { parseFormat } from '../../src/flowlog/log-format.js';
import { fileName, folderOf, type Layout } from '../../src/flowlog/s3-layout.js';
import { flowlog } from '../e2e/bin.js';
import { testFolder } from '../folder.js';
import { logFile, record } from '../records.js';
import { Moto } from './moto.js';

const services = inject('services');

const OTHER_ORDER = parseFormat(
  'version account-id interface-id dstaddr srcaddr dstport srcport protocol bytes packets start end action log-status',
);
/** The beginning and the end of a transit gateway's default format (Transit Gateway Guide). */
const TRANSIT_GATEWAY = parseFormat(
  'version resource-type account-id tgw-id tgw-attachment-id srcaddr dstaddr srcport dstport protocol packets bytes start end log-status',
);

/** Files of one flow log, one a day (or an hour) at the time of day. */
interface Delivered {
  readonly id: string;
  readonly days: readonly string[];
  readonly time?: string;
  readonly layout?: Layout;
  readonly hourly?: boolean;
  readonly account?: string;
  readonly region?: string;
  readonly below?: string;
  readonly body?: () => Promise<Uint8Array>;
}

let buckets = 0;
const OLD = 'fl-0aaaaaaaaaaaaaaaa';
const NEW = 'fl-0bbbbbbbbbbbbbbbb';
const days = (from: number, to: number) =>
  [...new Array(to - from + 1)].map((_, i) => `2026-03-${String(from + i).padStart(2, '0')}`);
const text = (fields?: ReturnType<typeof parseFormat>) => async () => logFile([record({})], fields);

async function parquet(): Promise<Uint8Array> {
  const folder = testFolder();
  const options = ['--file-format', 'parquet', '--records', '20', '--files', '1', '--quiet'];
  expect((await flowlog(['sample', folder, ...options])).code).toBe(0);
  const { globSync } = await import('tinyglobby');
  return readFileSync(join(folder, globSync('**/*.parquet', { cwd: folder })[0]!));
}

describe.skipIf(!services)('the history of a bucket', () => {
  const { env, moto } = services ?? { env: {}, moto: '' };

  /** Delivers, and creates the table of it. */
  async function created(deliveries: readonly Delivered[], args: readonly string[] = [], folder = '') {
    const bucket = `history-${process.pid}-${buckets++}`;
    const s3 = new Moto(moto);
    await s3.bucket(bucket);
    for (const {
      id,
      days,
      time = '10:05',
      layout = 'plain',
      hourly = false,
      body = text(),
      ...more
    } of deliveries) {
      const { account = '123456789012', region = 'ap-northeast-1', below = '' } = more;
      const bytes = await body();
      const format = Buffer.from(bytes.subarray(0, 4)).toString() === 'PAR1' ? 'parquet' : 'text';
      for (const day of days) {
        const unixSeconds = Date.parse(`${day}T${time}Z`) / 1000;
        const place = folderOf({ layout, hourly, account, region }, unixSeconds).replace(
          'AWSLogs/',
          `AWSLogs/${below}`,
        );
        const name = fileName({ account, region, flowLogId: id, unixSeconds, hash: 'abcd1234', format });
        await s3.put(bucket, `${place}${name}`, bytes);
      }
    }
    const location = `s3://${bucket}/${folder}`;
    const outcome = await flowlog(['create-table', '--dry-run', '--location', location, ...args], { env });
    const property = (name: string) => new RegExp(`'${name}'='([^']*)'`).exec(outcome.stdout)?.[1];
    return { ...outcome, property, location };
  }

  it('format changed: the table has the newest columns, from the day after the change', async () => {
    const deliveries = [
      { id: OLD, days: days(1, 5) },
      { id: NEW, days: days(5, 9), time: '11:00', body: text(OTHER_ORDER) },
    ];
    const { code, stdout, stderr, property, location } = await created(deliveries);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('`dstaddr` string,\n  `srcaddr` string,\n');
    expect(property('projection.log_day.range')).toBe('2026/03/06,NOW');
    expect(stderr).toContain('since 2026-03-06, 14 fields');
    expect(stderr).toContain(`Not in it: ${OLD}`);
    expect(stderr).toContain(`--logs ${location}`);
    const older = await created(deliveries, ['--end-date', '2026-03-04']);
    expect(older.code, older.stderr).toBe(0);
    expect(older.stdout).toContain('`srcaddr` string,\n  `dstaddr` string,\n');
    expect(older.property('projection.log_day.range')).toBe('2026/03/01,2026/03/04');
    const early = await created(deliveries, ['--start-date', '2026-03-02']);
    expect(early).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('--start-date 2026-03-06'),
    });
  });

  it('format changed on the newest day: no table yet', async () => {
    const { code, stdout, stderr } = await created([
      { id: OLD, days: days(1, 5) },
      { id: NEW, days: days(5, 5), time: '11:00', body: text(OTHER_ORDER) },
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('The format changed on 2026-03-05');
  });

  it('formats side by side are refused', async () => {
    const { code, stdout, stderr } = await created([
      { id: OLD, days: days(1, 9) },
      { id: NEW, days: days(5, 9), body: text(OTHER_ORDER) },
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('differ in their fields at the same time');
    for (const id of [OLD, NEW]) expect(stderr).toContain(id);
  });

  it('a flow log beside another for some days only is found, and the way past it', async () => {
    const deliveries = [
      { id: NEW, days: days(1, 28) },
      { id: OLD, days: days(14, 15), body: text(OTHER_ORDER) },
    ];
    const { code, stderr } = await created(deliveries);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('--start-date 2026-03-16') });
    const after = await created(deliveries, ['--start-date', '2026-03-16']);
    expect(after.code, after.stderr).toBe(0);
    expect(after.property('projection.log_day.range')).toBe('2026/03/16,NOW');
  });

  it('layout changed from plain to Hive-compatible', async () => {
    const { code, stderr, property } = await created([
      { id: OLD, days: days(1, 5) },
      { id: NEW, days: days(5, 9), time: '11:00', layout: 'hive' },
    ]);
    expect(code, stderr).toBe(0);
    expect(property('storage.location.template')).toContain('aws-account-id=');
    expect(stderr).toContain('The table starts on 2026-03-05');
    expect(stderr).toContain(`Not in it: ${OLD} (123456789012, ap-northeast-1: text, plain daily keys`);
  });

  it('layouts side by side are refused; --layout decides', async () => {
    const deliveries: Delivered[] = [
      { id: OLD, days: days(1, 9) },
      { id: NEW, days: days(1, 9), layout: 'hive' },
    ];
    const { code, stderr } = await created(deliveries);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('differ in layout at the same time'),
    });
    const plain = await created(deliveries, ['--layout', 'plain']);
    expect(plain.code, plain.stderr).toBe(0);
    expect(plain.property('projection.log_day.range')).toBe('2026/03/01,NOW');
    expect(plain.stderr).toContain(`Not in it: ${NEW}`);
  });

  it('hourly folders after daily ones', async () => {
    const { code, stderr, property } = await created([
      { id: OLD, days: days(1, 5) },
      { id: NEW, days: days(5, 9), time: '11:00', hourly: true },
    ]);
    expect(code, stderr).toBe(0);
    expect(property('projection.log_hour.range')).toBe('2026/03/05/00,NOW');
    expect(stderr).toContain(`Not in it: ${OLD} (123456789012, ap-northeast-1: text, plain daily keys`);
  });

  it('file type changed from text to Parquet', async () => {
    const { code, stdout, stderr, property } = await created([
      { id: OLD, days: days(1, 5) },
      { id: NEW, days: days(6, 9), body: parquet },
    ]);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('STORED AS PARQUET');
    expect(property('projection.log_day.range')).toBe('2026/03/06,NOW');
    expect(stderr).toContain(`Not in it: ${OLD} (123456789012, ap-northeast-1: text`);
  });

  it('file types side by side are refused', async () => {
    const { code, stderr } = await created([
      { id: OLD, days: days(1, 9) },
      { id: NEW, days: days(1, 9), body: parquet },
    ]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('differ in file format') });
  });

  it('accounts of different formats: a table for each', async () => {
    const deliveries: Delivered[] = [
      { id: OLD, days: days(1, 9) },
      { id: NEW, days: days(1, 9), account: '210987654321', body: text(OTHER_ORDER) },
    ];
    const { code, stderr } = await created(deliveries);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/one table for each account with --account \d{12} and --account \d{12}/),
    });
    const one = await created(deliveries, [], 'AWSLogs/210987654321/');
    expect(one.code, one.stderr).toBe(0);
    expect(one.property('projection.log_account.values')).toBe('210987654321');
    expect(one.stdout).toContain('`dstaddr` string,\n  `srcaddr` string,\n');
  });

  it('organisation levels are found; several are one table each', async () => {
    const first = { id: OLD, days: days(1, 3), below: 'o-abc123def4/' };
    const found = await created([first]);
    expect(found.code, found.stderr).toBe(0);
    expect(found.property('storage.location.template')).toContain(
      '/AWSLogs/o-abc123def4/${log_account}/vpcflowlogs/',
    );
    const both = [first, { id: NEW, days: days(1, 3), below: 'o-fff123def4/', body: text(OTHER_ORDER) }];
    const { code, stderr, location } = await created(both);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('on several levels') });
    expect(stderr).toContain(`--location ${location}AWSLogs/o-fff123def4/`);
    const one = await created(both, [], 'AWSLogs/o-fff123def4/');
    expect(one.code, one.stderr).toBe(0);
    expect(one.stdout).toContain('`dstaddr` string,\n  `srcaddr` string,\n');
  });

  it('transit gateway flow logs beside those of a VPC are refused, before them left out, alone refused', async () => {
    const gateway = { id: OLD, body: text(TRANSIT_GATEWAY) };
    const vpc = { id: NEW, days: days(1, 9) };
    const beside = await created([{ ...gateway, days: days(1, 9) }, vpc]);
    expect({ code: beside.code, stdout: beside.stdout }).toEqual({ code: 1, stdout: '' });
    expect(beside.stderr).toContain(
      `Transit gateway flow logs lie in the same folders as VPC flow logs: ${OLD}`,
    );
    const before = await created([{ ...gateway, days: days(1, 5) }, vpc]);
    expect(before.code, before.stderr).toBe(0);
    expect(before.property('projection.log_day.range')).toBe('2026/03/06,NOW');
    expect(before.stderr).toContain(`Left out transit gateway flow logs: ${OLD}`);
    const elsewhere = await created([{ ...gateway, days: days(1, 9), region: 'us-east-1' }, vpc]);
    expect(elsewhere.code, elsewhere.stderr).toBe(0);
    expect(elsewhere.property('projection.log_region.values')).toBe('ap-northeast-1');
    const alone = await created([{ ...gateway, days: days(1, 9) }]);
    expect({ code: alone.code, stdout: alone.stdout }).toEqual({ code: 1, stdout: '' });
    expect(alone.stderr).toContain('there are only transit gateway flow logs');
  });
});
