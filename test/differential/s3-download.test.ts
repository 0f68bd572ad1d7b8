import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { REQUESTS } from '../../src/logs/s3/settings.js';
import { flowlog, type Outcome, startFlowlog } from '../e2e/bin.js';
import { testFolder } from '../folder.js';
import { logFile, record } from '../records.js';
import { FaultProxy } from './fault-proxy.js';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** The same logs in a folder and in a bucket of a real S3 server. */
const services = inject('services');
const FILES = 96;
const RANGE = ['--since', '2026-06-01', '--until', '2026-06-04'];
const ASK = ['egress', '--subnet', '10.10.24.0/24', ...RANGE];
let work: string;
let logs: string;
/** What the local files say. */
let truth: string;

const environment = (url: string) => ({
  AWS_ENDPOINT_URL: url,
  AWS_REGION: 'ap-northeast-1',
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_EC2_METADATA_DISABLED: 'true',
});

const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

interface Setting {
  readonly bucket: string;
  readonly s3: S3Client;
  readonly proxy: FaultProxy;
  readonly cache: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  run(args?: readonly string[]): Promise<Outcome>;
  put(key: string, body: Uint8Array): Promise<void>;
  /** Keys of what the cache holds. */
  kept(): string[];
}

let buckets = 0;

/** A bucket with the logs, the program asking it through the proxy, and a cache of its own. */
async function setting(prefix = 'p/'): Promise<Setting> {
  const { moto } = services!;
  const bucket = `s3-download-${process.pid}-${buckets++}`;
  const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = environment(moto);
  const s3 = new S3Client({
    endpoint: moto,
    region: AWS_REGION,
    forcePathStyle: true,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
  });
  await s3.send(
    new CreateBucketCommand({
      Bucket: bucket,
      CreateBucketConfiguration: { LocationConstraint: 'ap-northeast-1' },
    }),
  );
  const put = async (key: string, body: Uint8Array) => {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  };
  for (const path of filesBelow(logs)) await put(`${prefix}${path}`, readFileSync(join(logs, path)));
  const proxy = await FaultProxy.start(moto);
  const cache = join(testFolder(), 'cache');
  const env = { ...environment(proxy.url), FLOWLOG_CACHE_DIR: cache };
  const args = [...ASK, '--logs', `s3://${bucket}/${prefix}`];
  const kept = () =>
    filesBelow(join(cache, 's3')).map((path) => path.slice(bucket.length + 1).replace(/~[^~]*$/, ''));
  return {
    ...{ bucket, s3, proxy, cache, env, args, put, kept },
    run: (more = []) => flowlog([...args, ...more], { env }),
  };
}

const counts = (keys: readonly string[]) => {
  const numbers = new Map<string, number>();
  for (const key of keys) numbers.set(key, (numbers.get(key) ?? 0) + 1);
  return numbers;
};

/**
 * Comes when some files are there, and all that are under way have come by half: of those the rest never comes. What was
 * whole has then been kept, since each way is taken by the next file only after that.
 */
async function untilHalfway(proxy: FaultProxy): Promise<void> {
  let halves = 0;
  proxy.faultOf = (key) => {
    if (proxy.given.length < 20) return undefined;
    halves++;
    return { kind: 'stall', after: Math.floor(sizeOf(key) / 2) };
  };
  while (halves < REQUESTS) await sleep(5);
}

beforeAll(async () => {
  if (!services) return;
  work = mkdtempSync(join(tmpdir(), 'flowlog-s3-'));
  logs = join(work, 'logs');
  const made = await flowlog(['sample', logs, '--records', '200000', '--files', `${FILES}`, '--hourly']);
  expect(made.code).toBe(0);
  truth = (await flowlog([...ASK, '--logs', logs])).stdout;
  expect(truth.split('\n').length).toBeGreaterThan(500);
});
afterAll(() => work && rmSync(work, { recursive: true, force: true }));

describe.skipIf(!services)('downloads from a real S3 server', () => {
  it('give the answer that the same files give here', async () => {
    const { run, proxy, kept } = await setting();
    expect(await run()).toMatchObject({ code: 0, stdout: truth });
    expect(new Set(proxy.asked).size).toBe(FILES);
    expect(proxy.asked).toHaveLength(FILES);
    expect(kept()).toHaveLength(FILES);
    expect(await run()).toMatchObject({ code: 0, stdout: truth });
    expect(proxy.asked).toHaveLength(FILES);
  });

  it('give it through a network where connections break, servers ask to go slower, and some are slow', async () => {
    const { run, proxy } = await setting();
    const order = new Map<string, number>();
    proxy.faultOf = (key, nth) => {
      if (!order.has(key)) order.set(key, order.size);
      const number = order.get(key)!;
      if (number % 4 === 0 && nth <= 2) return { kind: 'slow-down' };
      if (number % 4 === 1 && nth <= 3) return { kind: 'cut', after: 1500 * nth };
      if (number % 4 === 2 && nth === 1) return { kind: 'trickle', pause: 5 };
      if (number % 4 === 3 && nth === 1) return { kind: 'cut', after: 0 };
      return undefined;
    };
    expect(await run()).toMatchObject({ code: 0, stdout: truth });
    const asked = counts(proxy.asked);
    for (const [key, number] of order) {
      expect([key, asked.get(key)]).toEqual([key, [3, 4, 1, 2][number % 4]]);
    }
  });

  it('give it where a connection falls silent', async () => {
    const { run, proxy } = await setting();
    let stalled: string | undefined;
    proxy.faultOf = (key) => {
      if (stalled !== undefined) return undefined;
      stalled = key;
      return { kind: 'stall', after: 1000 };
    };
    expect(await run()).toMatchObject({ code: 0, stdout: truth });
    expect(counts(proxy.asked).get(stalled!)).toBe(2);
    expect(proxy.asked).toHaveLength(FILES + 1);
  });

  it('end with an error where the network is gone for good, and what came before is kept', async () => {
    const { run, proxy, cache, kept } = await setting();
    let before = 0;
    proxy.faultOf = () => (before++ < 10 ? undefined : { kind: 'cut', after: 0 });
    const failed = await run();
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toMatch(/AWS cannot be reached/);
    expect(kept()).toHaveLength(10);
    expect(readdirSync(join(cache, 'runs'))).toEqual([]);
    proxy.faultOf = () => undefined;
    const already = proxy.asked.length;
    expect(await run()).toMatchObject({ code: 0, stdout: truth });
    // A slow machine may ask for a file twice, never for one it has.
    expect(counts(proxy.asked.slice(already)).size).toBe(FILES - 10);
  });

  it('a run that was killed keeps what was whole, and nothing else', async () => {
    const { args, env, run, proxy, cache, kept } = await setting();
    const child = startFlowlog(args, { env });
    await untilHalfway(proxy);
    child.kill('SIGKILL');
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
    const [left] = readdirSync(join(cache, 'runs'));
    const whole = kept();
    expect(readdirSync(join(cache, 'runs', left!))).toHaveLength(whole.length + REQUESTS);
    expect(whole.length).toBeGreaterThanOrEqual(20);
    proxy.faultOf = () => undefined;
    const already = proxy.asked.length;
    expect(await run()).toMatchObject({ code: 0, stdout: truth });
    const again = proxy.asked.slice(already);
    expect(again).toHaveLength(FILES - whole.length);
    expect(again.filter((key) => whole.includes(key))).toEqual([]);
    expect(readdirSync(join(cache, 'runs'))).toEqual([]);
  });

  it('Ctrl-C ends it with 130; what was whole is kept', async () => {
    const { args, env, proxy, cache, kept } = await setting();
    const child = startFlowlog(args, { env });
    await untilHalfway(proxy);
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([130, null]);
    expect(readdirSync(join(cache, 'runs'))).toEqual([]);
    for (const path of filesBelow(join(cache, 's3'))) {
      const key = path.slice(path.indexOf('/') + 1).replace(/~[^~]*$/, '');
      expect(statSync(join(cache, 's3', path)).size).toBe(sizeOf(key));
    }
    expect(kept().length).toBeGreaterThanOrEqual(20);
  });

  it('two runs at once share one cache, and neither takes from the other', async () => {
    const { run, proxy, cache, kept } = await setting();
    proxy.faultOf = () => ({ kind: 'trickle', pause: 10 });
    const first = run();
    while (proxy.given.length < FILES / 3) await sleep(5);
    const already = new Set(kept());
    const both = await Promise.all([first, run()]);
    for (const outcome of both) expect(outcome).toMatchObject({ code: 0, stdout: truth });
    expect(kept()).toHaveLength(FILES);
    // What was there when the second began is asked for once, whoever is faster from there on.
    const asked = counts(proxy.asked);
    expect([...already].filter((key) => asked.get(key) !== 1)).toEqual([]);
    expect(readdirSync(join(cache, 'runs'))).toEqual([]);
  });

  it('a run goes on while another empties the cache under it', async () => {
    const { args, env, run } = await setting();
    expect(await run()).toMatchObject({ code: 0, stdout: truth });
    let cleared = 0;
    const going = { on: true };
    const emptying = (async () => {
      while (going.on) {
        const { code } = await flowlog(['cache', 'clear'], { env });
        expect(code).toBe(0);
        cleared++;
      }
    })();
    try {
      for (let times = 0; times < 4; times++) {
        const { code, stdout, stderr } = await flowlog([...args, '--cache-size', '100kB'], { env });
        expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('cannot') });
        expect(stdout === truth).toBe(true);
      }
    } finally {
      going.on = false;
      await emptying;
    }
    expect(cleared).toBeGreaterThan(0);
  });

  it('objects that are replaced and deleted while they are read', async () => {
    const { run, proxy, put, bucket, s3 } = await setting();
    const extra = 'p/AWSLogs/123456789012/vpcflowlogs/ap-northeast-1/2026/06/02/01/x.log.gz';
    const gone = 'p/AWSLogs/123456789012/vpcflowlogs/ap-northeast-1/2026/06/02/01/y.log.gz';
    const start = Date.parse('2026-06-02T01:00:00Z') / 1000;
    const body = (dstaddr: string, more = 0) =>
      logFile([
        record({ srcaddr: '10.10.24.1', dstaddr, start, end: start + 1 }),
        // Longer than what is cut off.
        ...Array.from({ length: more }, (_, i) =>
          record({ srcaddr: '10.9.0.1', dstaddr: `10.9.${i >> 8}.${i & 255}`, srcport: i, start }),
        ),
      ]);
    await put(extra, body('192.0.2.241', 5000));
    await put(gone, body('192.0.2.242'));
    proxy.faultOf = async (key, nth) => {
      if (key === gone) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
      if (key === extra && nth === 1) return { kind: 'cut', after: 5000 };
      // In the middle of the object, when the rest of it is asked for.
      if (key === extra && nth === 2) await put(extra, body('192.0.2.243'));
      return undefined;
    };
    const { code, stdout, stderr } = await run();
    expect(code).toBe(0);
    const lines = truth.trimEnd().split('\n');
    const added = stdout
      .trimEnd()
      .split('\n')
      .filter((line) => !lines.includes(line));
    expect(added).toEqual([expect.stringContaining('192.0.2.243')]);
    expect(stdout.trimEnd().split('\n')).toHaveLength(lines.length + 1);
    expect(stderr).toContain(`s3://${bucket}/${extra} changed after the listing: read as it is now.`);
    expect(stderr).toContain('1 object deleted before it could be read');
  });

  it('keys with all that a key may hold', async () => {
    const { put, bucket, env } = await setting('other/');
    const keys = [
      'odd/a b/ü/日本/100%.log',
      'odd/AWSLogs-not/../x.log',
      'odd//twice/./y.log',
      `odd/${'long'.repeat(60)}/z.log`,
      "odd/it's/q'uote\".log",
      'odd/brackets[1]/{2}/~3.log',
    ];
    for (const [i, key] of keys.entries()) {
      await put(key, logFile([record({ srcaddr: '10.10.24.1', dstaddr: `192.0.2.${i}` })]));
    }
    const ask = ['egress', '--subnet', '10.10.24.0/24', '--columns', 'dstaddr'];
    for (let times = 0; times < 2; times++) {
      const { stdout } = await flowlog([...ask, '--logs', `s3://${bucket}/odd`], { env });
      expect(stdout.trimEnd().split('\n').slice(1)).toEqual(keys.map((_, i) => `192.0.2.${i}`));
    }
    for (const [i, key] of keys.entries()) {
      const { stdout } = await flowlog([...ask, '--logs', `s3://${bucket}/${key}`], { env });
      expect(stdout).toBe(`dstaddr\n192.0.2.${i}\n`);
    }
  });
});

/** Of the file that an object was put from (bytes). */
function sizeOf(key: string): number {
  return statSync(join(logs, key.slice('p/'.length))).size;
}
