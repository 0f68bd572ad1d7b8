import { AthenaClient, StartQueryExecutionCommand } from '@aws-sdk/client-athena';
import { describe, expect, inject, it } from 'vitest';
import { DEFAULT_FORMAT, formatString } from '../../src/flowlog/log-format.js';
import { flowlog } from '../e2e/bin.js';
import { bucketOf, DATABASE } from './datasets.js';
import { day } from './days.js';
import { Moto, REGION } from './moto.js';

const services = inject('services');
const EGRESS = ['egress', '--subnet', '10.10.24.0/24'];

describe.skipIf(!services)('against a moto', () => {
  const { env, moto: url } = services ?? { env: {}, moto: '' };
  const run = (args: readonly string[], more = {}) => flowlog(args, { env: { ...env, ...more } });

  it.each([
    [
      'text_plain_daily_version5',
      'text, plain daily keys, 123456789012, 210987654321, ap-northeast-1, us-east-1',
    ],
    [
      'text_hive_hourly_default',
      'text, Hive-compatible hourly keys, 123456789012, 210987654321, ap-northeast-1',
    ],
    [
      'parquet_plain_hourly_default',
      'parquet, plain hourly keys, 123456789012, 210987654321, ap-northeast-1',
    ],
    [
      'parquet_hive_daily_version5',
      'parquet, Hive-compatible daily keys, 123456789012, 210987654321, ap-northeast-1, us-east-1',
    ],
  ])('create-table finds what lies in %s', async (dataset, found) => {
    const location = `s3://${bucketOf(dataset)}/some/prefix/`;
    const { code, stderr } = await run(['create-table', '--location', location, '--dry-run']);
    const fields = dataset.endsWith('version5') ? 29 : 14;
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `${location}: ${found}, since ${day(0)}, ${fields} fields.\n`,
    });
  });

  it('create-table asks EC2 about a flow log', async () => {
    const bucket = bucketOf('text_plain_daily_version5');
    const format = formatString([...DEFAULT_FORMAT].reverse());
    const id = await new Moto(url).flowLog(`arn:aws:s3:::${bucket}`, format);
    const { code, stdout, stderr } = await run([
      'create-table',
      ...['--flow-log', id, '--location', `s3://${bucket}/some/prefix/`],
      '--region',
      REGION,
      '--dry-run',
    ]);
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`${id}, s3://${bucket}/some/prefix/: text`),
    });
    expect(stdout).toContain('  `log_status` string,\n  `action` string,\n  `end` bigint,');
    const missing = await run(['create-table', '--flow-log', 'fl-00000000', '--region', REGION]);
    expect(missing).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no flow log fl-00000000'),
    });
  });

  it('reads a log group in the format of its flow log', async () => {
    const start = Math.floor(Date.now() / 1000) - 3600;
    const line = (host: number) =>
      `203.0.113.${host} 10.10.24.5 ${start + host} ${start + host + 59} ${host * 100}`;
    const records = new Map([1, 2, 3].map((host) => [start + host, line(host)]));
    const group = `/vpc/flow-logs-${start}`;
    const format = '${dstaddr} ${srcaddr} ${start} ${end} ${bytes}';
    await new Moto(url).logGroup(group, format, 'eni-0a1b2c3d', records);
    const own = { AWS_ENDPOINT_URL: url, AWS_REGION: REGION };
    const asked = 'SELECT interface_id, dstaddr, bytes FROM {{logs}} ORDER BY dstaddr';
    const args = [
      'query',
      asked,
      '--logs',
      `cloudwatch:${group}`,
      '--format',
      'csv',
      '--since',
      String(start + 2),
    ];
    expect(await run(args, own)).toMatchObject({
      code: 0,
      stdout: 'interface_id,dstaddr,bytes\neni-0a1b2c3d,203.0.113.2,200\neni-0a1b2c3d,203.0.113.3,300\n',
    });
  });

  it('asks in an assumed role', async () => {
    const role = 'arn:aws:iam::123456789012:role/investigator';
    const args = [
      ...EGRESS,
      '--table',
      `${DATABASE}.edges`,
      '--since',
      day(0),
      '--role-arn',
      role,
      '--external-id',
      'x',
    ];
    const { code, stdout } = await run(args);
    expect(code).toBe(0);
    expect(stdout).toBe((await run(args.slice(0, -4))).stdout);
    expect(stdout.split('\n').length).toBeGreaterThan(10);
  });

  it('shows what its Athena has of a result, and stops what runs there', async () => {
    const rows = [
      ['srcaddr', 'bytes', 'aside'],
      ['10.10.24.5', '840', null],
      [null, null, 'skipdata'],
    ];
    const names = ['srcaddr', 'bytes', 'aside'];
    const result = {
      rows: rows.map((row) => ({
        Data: row.map((value) => (value === null ? {} : { VarCharValue: value })),
      })),
      column_info: names.map((Name) => ({ Name, Type: Name === 'bytes' ? 'bigint' : 'varchar' })),
    };
    await fetch(`${url}/moto-api/static/athena/query-results`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ region: REGION, results: [result] }),
    });
    const athena = new AthenaClient({
      endpoint: url,
      region: REGION,
      credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
    });
    const { QueryExecutionId: id = '' } = await athena.send(
      new StartQueryExecutionCommand({ QueryString: '-- flowlog: egress\nSELECT 1', WorkGroup: 'primary' }),
    );
    const own = { AWS_ENDPOINT_URL: url };
    const cancelled = await run(['cancel', id], own);
    expect(cancelled).toMatchObject({ code: 0, stderr: expect.stringContaining(`Query ${id} `) });
    const shown = await run(['result', id, '--format', 'json'], own);
    expect({ code: shown.code, stderr: shown.stderr }).toMatchObject({ code: 0 });
    expect(JSON.parse(shown.stdout)).toEqual([{ srcaddr: '10.10.24.5', bytes: 840 }]);
  });
});
