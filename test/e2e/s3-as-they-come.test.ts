import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Zstd } from '../../src/store/parquet/zstd.js';
import { type FakeAws, fakeAws } from '../aws/server.js';
import { testFolder } from '../folder.js';
import { flowlog } from './bin.js';

const NAMES =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
const LINES = [
  '2 123456789012 eni-0a 10.0.1.5 203.0.113.9 49152 443 6 20 4249 1700000000 1700000060 ACCEPT OK',
  '2 123456789012 eni-0b 10.0.1.6 203.0.113.7 50000 22 6 3 180 1700000060 1700000120 REJECT OK',
  '2 123456789012 eni-0a - - - - - - - 1700000120 1700000180 - NODATA',
];
const text = (...lines: string[]) => `${lines.join('\n')}\n`;
const iso = '2023-11-14T22:13:20.000Z';
const subscription = JSON.stringify({
  messageType: 'DATA_MESSAGE',
  logStream: 'eni-0a-all',
  logEvents: LINES.map((message, id) => ({ id, message })),
});
const TASK = 'exportedlogs/4b1d8a1e-5c0c-4b1b-8f0e-0d9b5f0a1c2d';
const HOUR = '2023/11/14/22/flows-1-2023-11-14-22-13-20-0a1b2c3d';

/** Objects as services name them, which hold the same records. */
const OBJECTS: Record<string, readonly [key: string, body: string | Uint8Array]> = {
  'an export of CloudWatch Logs': [
    `${TASK}/eni-0a-all/000000.gz`,
    gzipSync(text(...LINES.map((line) => `${iso} ${line}`))),
  ],
  'Data Firehose': [HOUR, LINES.map((message) => JSON.stringify({ message })).join('')],
  'a subscription through Data Firehose': [HOUR, gzipSync(subscription)],
  zstd: ['flows.zst', new Zstd().compress(Buffer.from(text(NAMES, ...LINES)))],
  'UTF-16': ['flows.csv', Buffer.from(`\ufeff${text(NAMES, ...LINES)}`, 'utf16le')],
  'no header line': ['2023-11-14', text(...LINES)],
};

const QUESTION = ['talkers', '--by', 'pair', '--format', 'csv'];

async function inBucket(key: string, body: string | Uint8Array) {
  const aws = await fakeAws();
  aws.bucket('logs').put(`flows/${key}`, body);
  const run = (args: readonly string[]) =>
    flowlog(args, { env: aws.env({ FLOWLOG_CACHE_DIR: join(testFolder(), 'cache') }) });
  return { aws, run };
}

function local(body: string | Uint8Array) {
  const path = join(testFolder(), 'log');
  writeFileSync(path, body);
  return flowlog([...QUESTION, '--logs', path, '--strict']);
}

describe.each(Object.entries(OBJECTS))('%s in S3, where AWS delivers no flow logs', (_name, [key, body]) => {
  it.each(['s3://logs/flows/', 's3://logs'])('is answered as on this machine, from %s', async (place) => {
    const { run } = await inBucket(key, body);
    const { code, stdout, stderr } = await run([...QUESTION, '--strict', '--logs', place]);
    const here = await local(body);
    expect(here.stdout.trimEnd().split('\n')).toHaveLength(3);
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: here.stdout });
  });

  it('is imported as it is on this machine', async () => {
    const { run } = await inBucket(key, body);
    const store = join(testFolder(), 'store');
    const { code, stderr } = await run(['import', 's3://logs/flows/', '--to', store, '--strict']);
    expect(code, stderr).toBe(0);
    expect((await flowlog([...QUESTION, '--logs', store])).stdout).toBe((await local(body)).stdout);
  });
});

describe('objects that services put beside logs', () => {
  const beside = (aws: FakeAws) =>
    aws
      .bucket('logs')
      .put('flows/aws-logs-write-test', 'Permission Check Successful')
      .put('flows/page.html', '<html><body>no log</body></html>');

  it('are skipped and counted; the test of an export is no flaw', async () => {
    const [key, body] = OBJECTS['an export of CloudWatch Logs']!;
    const { aws, run } = await inBucket(key, body);
    beside(aws);
    const { code, stdout, stderr } = await run([...QUESTION, '--logs', 's3://logs/flows/']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: (await local(body)).stdout });
    expect(stderr).toContain('1 object under s3://logs/flows/ not named like a log, and not read.');
    expect(stderr).toContain('1 file that is not a flow log');
    const fetched = aws.operations('GetObject').map(({ input }) => input.key);
    expect(fetched).not.toContain('flows/aws-logs-write-test');
    aws.bucket('logs').objects.delete('flows/page.html');
    expect((await run([...QUESTION, '--logs', 's3://logs/flows/', '--strict'])).code).toBe(0);
  });

  it('alone are no logs', async () => {
    const { aws, run } = await inBucket('aws-logs-write-test', 'Permission Check Successful');
    expect(await run([...QUESTION, '--logs', 's3://logs/flows/'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There are no flow logs under s3://logs/flows/: 1 object'),
    });
    beside(aws);
    expect(await run([...QUESTION, '--logs', 's3://logs/flows/'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There are no flow logs under'),
    });
  });
});

it('--sql shows a statement for objects whose format --log-format says', async () => {
  const { run } = await inBucket('2023-11-14', text('10.0.1.5 203.0.113.9 443', '10.0.1.6 203.0.113.9 22'));
  const asked = ['--logs', 's3://logs/flows/', '--sql', '--log-format', 'srcaddr dstaddr dstport'];
  const shown = await run(['egress', '--subnet', '10.0.1.0/24', ...asked]);
  expect(shown.code, shown.stderr).toBe(0);
  expect(shown.stdout).toContain('dstport');
});
