import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../src/aws/policies.js';
import { AwsError, type FakeAws, fakeAws } from '../aws/server.js';
import { putLogs } from '../aws/world.js';
import { testFolder, writeFiles } from '../folder.js';
import { logFile, logText, record } from '../records.js';
import { flowlog, type Outcome, type RunSettings, spawnFlowlog } from './bin.js';

const DAYS = ['2026-06-01', '2026-06-02', '2026-06-03'];

interface Setting {
  readonly aws: FakeAws;
  readonly cache: string;
  run(args?: readonly string[], settings?: RunSettings): Promise<Outcome>;
  /** Keys of GetObject since the last time, in order of keys. */
  fetched(): string[];
}

/** A bucket, the program, and a cache of its own. */
async function setting(): Promise<Setting> {
  const aws = await fakeAws();
  const cache = join(testFolder(), 'cache');
  let seen = 0;
  return {
    aws,
    cache,
    run: (args = [], { env, ...settings } = {}) =>
      flowlog(['egress', '--subnet', '10.10.24.0/24', '--columns', 'srcaddr,dstaddr', ...args], {
        ...settings,
        env: aws.env({ FLOWLOG_CACHE_DIR: cache, ...env }),
      }),
    fetched: () => {
      const gets = aws.operations('GetObject').slice(seen);
      seen += gets.length;
      return gets.map(({ input }) => String(input.key)).sort();
    },
  };
}

/** A log whose record tells where it lay. */
const logOf = (dstaddr: string, day = '2026-06-01', srcaddr = '10.10.24.1') => {
  const start = Date.parse(`${day}T12:00:00Z`) / 1000;
  return logFile([record({ srcaddr, dstaddr, start, end: start + 59 })]);
};

/** A bucket with a day, account and region each that only one record comes from. */
function putEach(aws: FakeAws): void {
  let host = 0;
  for (const account of ['111111111111', '222222222222']) {
    for (const region of ['ap-northeast-1', 'us-east-1']) {
      for (const day of DAYS) {
        host++;
        putLogs(aws, [day], { account, region, body: logOf(`203.0.113.${host}`, day) });
      }
    }
  }
}

const hosts = (stdout: string) =>
  [...stdout.matchAll(/203\.0\.113\.(\d+)/g)].map((found) => Number(found[1])).sort((a, b) => a - b);

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

const LOGS = ['--logs', 's3://logs/p/'];

describe('what is fetched', () => {
  it.each([
    ['all', [], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
    ['an account', ['--account', '222222222222'], [7, 8, 9, 10, 11, 12]],
    ['a region', ['--aws-region', 'us-east-1'], [4, 5, 6, 10, 11, 12]],
    [
      'a day',
      ['--since', '2026-06-02T10:00Z', '--until', '2026-06-02T20:00Z', '--late', '1h'],
      [2, 5, 8, 11],
    ],
    [
      'one of each',
      ['--account', '111111111111', '--aws-region', 'us-east-1', '--since', '2026-06-03T10:00Z'],
      [6],
    ],
  ])('%s', async (_name, args, expected) => {
    const { aws, run, fetched } = await setting();
    putEach(aws);
    const outcome = await run([...LOGS, ...args]);
    expect(outcome).toMatchObject({ code: 0 });
    expect(hosts(outcome.stdout)).toEqual(expected);
    expect(fetched()).toHaveLength(expected.length);
    // Nor is anything listed that cannot hold it.
    const listed = aws.operations('ListObjectsV2').map(({ input }) => String(input.prefix));
    const days = listed.filter((prefix) => /\/\d{4}\/\d\d\/\d\d\/$/.test(prefix));
    expect(days).toHaveLength(expected.length);
  });

  it('of a day, the files around the range, by the times in their names', async () => {
    const { aws, run, fetched } = await setting();
    const folder = 'p/AWSLogs/123456789012/vpcflowlogs/ap-northeast-1/2026/06/01';
    for (let slot = 0; slot < 144; slot++) {
      const time = new Date(Date.UTC(2026, 5, 1, 0, slot * 10));
      const stamp = time.toISOString().replace(/[-:]/g, '').slice(0, 13);
      const start = time.getTime() / 1000 - 300;
      const body = logText([record({ srcaddr: '10.10.24.1', dstaddr: `203.0.113.${slot}`, start })]);
      aws
        .bucket('logs')
        .put(`${folder}/123456789012_vpcflowlogs_ap-northeast-1_fl-0a_${stamp}Z_ab.log`, body);
    }
    const range = ['--since', '2026-06-01T12:00Z', '--until', '2026-06-01T13:00Z', '--late', '70m'];
    const outcome = await run([...LOGS, ...range]);
    expect(hosts(outcome.stdout)).toEqual([73, 74, 75, 76, 77, 78]);
    expect(fetched()).toHaveLength(15);
    expect(outcome.stderr).toContain(
      '129 files of those days are of other times by their names, and not read.',
    );
  });

  it('all pages of every listing', async () => {
    const { aws, run } = await setting();
    putEach(aws);
    for (let i = 0; i < 5; i++)
      putLogs(aws, ['2026-06-01'], { id: `fl-${i}`, body: logOf(`203.0.113.${20 + i}`) });
    aws.bucket('logs').pageSize = 2;
    expect(hosts((await run(LOGS)).stdout)).toHaveLength(17);
  });

  it('a prefix without a slash, below AWSLogs, and one object', async () => {
    const { aws, run } = await setting();
    putEach(aws);
    const below = 's3://logs/p/AWSLogs/111111111111/vpcflowlogs/us-east-1/2026';
    expect(hosts((await run(['--logs', 's3://logs/p'])).stdout)).toHaveLength(12);
    expect(hosts((await run(['--logs', below])).stdout)).toEqual([4, 5, 6]);
    const key = [...aws.bucket('logs').objects.keys()].find((each) => each.includes('222222222222'))!;
    // Even where keys cannot be listed.
    aws.denied.add('s3:ListBucket');
    expect(hosts((await run(['--logs', `s3://logs/${key}`])).stdout)).toEqual([7]);
  });

  it('several places and local files together, each once', async () => {
    const { aws, run, fetched } = await setting();
    putEach(aws);
    aws
      .bucket('more')
      .put('copied/x.log', logText([record({ srcaddr: '10.10.24.1', dstaddr: '203.0.113.77' })]));
    const local = await writeFiles(testFolder(), { 'a.log.gz': logOf('203.0.113.88') });
    const outcome = await run([
      ...LOGS,
      ...['--logs', 's3://logs/p/AWSLogs/', '--logs', 's3://more', '--logs', local],
    ]);
    expect(hosts(outcome.stdout)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 77, 88]);
    expect(fetched()).toHaveLength(13);
  });

  it('nothing that only lies beside the logs', async () => {
    const { aws, run, fetched } = await setting();
    putLogs(aws, ['2026-06-01'], { body: logOf('203.0.113.1') });
    const service = 'p/AWSLogs/123456789012/CloudTrail/ap-northeast-1/2026/06/01/trail.json.gz';
    aws
      .bucket('logs')
      .put('p/other/huge.gz', 'x')
      .put('p/AWSLogs/', '')
      .put('p/AWSLogs/_SUCCESS', '')
      .put('p/page.html', 'x')
      .put(service, 'x');
    const outcome = await run(LOGS);
    expect(outcome).toMatchObject({ code: 0 });
    expect(hosts(outcome.stdout)).toEqual([1]);
    expect(fetched()).toHaveLength(1);
    expect(outcome.stderr).toContain('1 object under s3://logs/p/ not named like a log, and not read.');
  });

  it('--account and --aws-region choose among local files in the folders of AWS as well', async () => {
    const { aws, run } = await setting();
    putEach(aws);
    const folder = await writeFiles(testFolder(), Object.fromEntries(aws.bucket('logs').objects));
    await writeFiles(folder, { 'loose.log.gz': logOf('203.0.113.99') });
    const args = ['--logs', folder, '--account', '222222222222', '--aws-region', 'us-east-1'];
    const outcome = await run([...args, '--format', 'table']);
    expect(hosts(outcome.stdout)).toEqual([10, 11, 12]);
    expect(outcome.stderr).toContain('10 files of other days, accounts or regions not read.');
  });

  it('--sql reads beginnings only, and shows places in S3', async () => {
    const { aws, run, cache } = await setting();
    putLogs(aws, DAYS, { body: logOf('203.0.113.1') });
    putLogs(aws, DAYS, { id: 'fl-ffff', body: logOf('203.0.113.2') });
    const { code, stdout } = await run([...LOGS, '--sql']);
    expect(code).toBe(0);
    expect(stdout).toContain(
      "'s3://logs/p/AWSLogs/123456789012/vpcflowlogs/ap-northeast-1/2026/06/03/123456789012_vpcflowlogs_ap-northeast-1_fl-ffff",
    );
    expect(stdout.match(/\.log\.gz/g)).toHaveLength(6);
    const gets = aws.operations('GetObject');
    expect(gets).toHaveLength(2);
    for (const { input } of gets) expect(input.range).toBe('bytes=0-262143');
    expect(existsSync(cache)).toBe(false);
  });

  it('a bucket of another region, asked there at once', async () => {
    const { aws, run } = await setting();
    putEach(aws);
    aws.bucket('logs').region = 'eu-west-1';
    const outcome = await run(LOGS);
    expect(hosts(outcome.stdout)).toHaveLength(12);
    // One request learns the region; the others need not be sent twice.
    expect(aws.operations('GetObject')).toHaveLength(12);
    expect(aws.operations('HeadBucket')).toHaveLength(2);
  });

  it('a bucket whose owner lets others pay, and one whose owner is told', async () => {
    const { aws, run } = await setting();
    putEach(aws);
    aws.bucket('logs').requesterPays = true;
    expect(await run(LOGS)).toMatchObject({ code: 1, stdout: '' });
    const options = ['--requester-pays', '--logs-bucket-owner'];
    expect(await run([...LOGS, ...options, '999999999999'])).toMatchObject({ code: 1 });
    const { stdout } = await run([...LOGS, ...options, '123456789012']);
    expect(hosts(stdout)).toHaveLength(12);
  });

  it('with no other permissions than flowlog policy prints', async () => {
    const { aws, run } = await setting();
    putEach(aws);
    const args = ['policy', 'read-logs', '--region', 'ap-northeast-1', '--location', 's3://logs/p/'];
    const printed = await flowlog(args, { cwd: testFolder() });
    expect(printed).toMatchObject({ code: 0, stderr: '' });
    const policy = JSON.parse(printed.stdout) as Policy;
    aws.policy = policy;
    expect(hosts((await run(LOGS)).stdout)).toHaveLength(12);
    // For one object it need not be listed.
    aws.policy = { ...policy, Statement: policy.Statement.filter(({ Sid }) => Sid === 'ReadLogs') };
    const [key] = [...aws.bucket('logs').objects.keys()];
    expect(hosts((await run(['--logs', `s3://logs/${key}`, '--no-cache'])).stdout)).toEqual([1]);
    expect((await run([...LOGS, '--no-cache'])).stderr).toContain('Access denied: s3:ListBucket');
  });

  it('with an assumed role', async () => {
    const { aws, run } = await setting();
    putEach(aws);
    aws.role = { arn: 'arn:aws:iam::123456789012:role/auditor', externalId: 'x' };
    const { stdout } = await run([...LOGS, '--role-arn', aws.role.arn, '--external-id', 'x']);
    expect(hosts(stdout)).toHaveLength(12);
    expect(aws.operations('AssumeRole').length).toBeGreaterThan(0);
  });
});

describe('the cache', () => {
  it('nothing is fetched twice, and the answer is the same', async () => {
    const { aws, run, fetched } = await setting();
    putEach(aws);
    const first = await run([...LOGS, '--format', 'table']);
    expect(fetched()).toHaveLength(12);
    expect(first.stderr).toMatch(/^Downloading 12 files, 2\.\d kB\.$/m);
    expect(first.stderr).toMatch(/12 files, 2\.\d kB read \(2\.\d kB downloaded in .* s\)/);
    const second = await run([...LOGS, '--format', 'table']);
    expect(second.stdout).toBe(first.stdout);
    expect(fetched()).toEqual([]);
    expect(second.stderr).not.toContain('Downloading');
    expect(second.stderr).toMatch(/12 files, 2\.\d kB read \(2\.\d kB from the cache\) in/);
    putLogs(aws, ['2026-06-04'], { account: '111111111111', body: logOf('203.0.113.13', '2026-06-04') });
    const third = await run(LOGS);
    expect(hosts(third.stdout)).toHaveLength(13);
    expect(fetched()).toEqual([expect.stringContaining('/2026/06/04/')]);
    expect(third.stderr).toMatch(/^Downloading 1 file, \d{3} B; 12 files, 2\.\d kB are in the cache\.$/m);
    // What was paid for is said wherever the answer goes.
    expect(third.stderr).toMatch(/13 rows; 13 files/);
  });

  it('another version of an object is another file', async () => {
    const { aws, run, fetched } = await setting();
    putLogs(aws, ['2026-06-01'], { body: logOf('203.0.113.1') });
    expect(hosts((await run(LOGS)).stdout)).toEqual([1]);
    putLogs(aws, ['2026-06-01'], { body: logOf('203.0.113.2') });
    expect(hosts((await run(LOGS)).stdout)).toEqual([2]);
    expect(fetched()).toHaveLength(2);
  });

  it('only its owner may look into it', async () => {
    const { aws, run, cache } = await setting();
    putEach(aws);
    await run(LOGS);
    const all = readdirSync(cache, { recursive: true, withFileTypes: true });
    expect(all.length).toBeGreaterThan(12);
    for (const entry of all) {
      const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777;
      expect([entry.name, mode]).toEqual([entry.name, entry.isDirectory() ? 0o700 : 0o600]);
    }
    expect(statSync(cache).mode & 0o777).toBe(0o700);
  });

  it('keeps to its size: what has not been used for longest goes first', async () => {
    const { aws, run, cache, fetched } = await setting();
    putEach(aws);
    await run(LOGS);
    fetched();
    const files = filesBelow(join(cache, 's3'));
    const sizes = files.map((path) => statSync(path).size);
    // The later in the list, the longer ago.
    files.forEach((path, i) => {
      utimesSync(path, 1_790_000_000 - i, 1_790_000_000 - i);
    });
    putLogs(aws, ['2026-06-04'], { account: '111111111111', body: logOf('203.0.113.13', '2026-06-04') });
    const limit = sizes.slice(0, 3).reduce((sum, size) => sum + size, 0) + 600;
    await run(['--logs', 's3://logs/p/', '--since', '2026-06-04T10:00Z', '--cache-size', `${limit}`]);
    const kept = filesBelow(join(cache, 's3'));
    expect(kept.filter((path) => !files.includes(path))).toHaveLength(1);
    expect(kept.filter((path) => files.includes(path))).toEqual(files.slice(0, kept.length - 1));
    expect(kept.reduce((sum, path) => sum + statSync(path).size, 0)).toBeLessThanOrEqual(limit);
    expect(kept.length).toBeLessThan(files.length);
    // Folders that have become empty are gone, too; and a run that needs more than fits still has its answer.
    expect(hosts((await run([...LOGS, '--cache-size', '1kB'])).stdout)).toHaveLength(13);
    const left = filesBelow(join(cache, 's3'));
    expect(left.reduce((sum, path) => sum + statSync(path).size, 0)).toBeLessThanOrEqual(1000);
    expect(left.length).toBeGreaterThan(0);
  });

  it('--no-cache keeps nothing, and takes nothing', async () => {
    const { aws, run, cache, fetched } = await setting();
    putEach(aws);
    await run(LOGS);
    fetched();
    expect(hosts((await run([...LOGS, '--no-cache'])).stdout)).toHaveLength(12);
    expect(fetched()).toHaveLength(12);
    const empty = join(testFolder(), 'other');
    await run([...LOGS, '--no-cache'], { env: { FLOWLOG_CACHE_DIR: empty } });
    expect(filesBelow(empty)).toEqual([]);
    expect(filesBelow(join(cache, 'runs'))).toEqual([]);
  });

  it('a file of it that is not whole is fetched again', async () => {
    const { aws, run, cache, fetched } = await setting();
    putEach(aws);
    await run(LOGS);
    fetched();
    const [broken] = filesBelow(join(cache, 's3'));
    await writeFiles('/', { [broken!]: 'half' });
    expect(hosts((await run(LOGS)).stdout)).toHaveLength(12);
    expect(fetched()).toHaveLength(1);
  });

  it('is shown by bucket, and emptied', async () => {
    const { aws, run, cache } = await setting();
    putEach(aws);
    aws.bucket('more').put('x.log.gz', logOf('203.0.113.77'));
    await run([...LOGS, '--logs', 's3://more/']);
    const env = { FLOWLOG_CACHE_DIR: cache };
    const shown = await flowlog(['cache', '--format', 'json', '--cache-size', '5GB'], { env });
    const rows = JSON.parse(shown.stdout);
    expect(rows).toMatchObject([
      { bucket: 'logs', files: 12 },
      { bucket: 'more', files: 1 },
    ]);
    expect(rows[0].last_used).toMatch(/^\d{4}-\d\d-\d\dT.*\+09:00$/);
    expect(shown.stderr).toMatch(/^13 files, 2\.\d kB of at most 5\.0 GB in .*\/cache\.$/m);
    const trimmed = await flowlog(['cache', 'trim', '--cache-size', '1kB'], { env });
    expect(trimmed.stderr).toMatch(/^\d files, 1\.\d kB removed of 13 files, 2\.\d kB in /m);
    const cleared = await flowlog(['cache', 'clear'], { env });
    expect(cleared).toMatchObject({ code: 0, stdout: '' });
    expect(filesBelow(cache)).toEqual([]);
    expect(readdirSync(join(cache, 's3'))).toEqual([]);
    expect((await flowlog(['cache', '--format', 'json'], { env })).stdout).toBe('[]\n');
    expect((await flowlog(['cache', 'burn'], { env })).code).toBe(2);
  });
});

describe('what is not as it was listed', () => {
  it('an object that is deleted meanwhile is counted and said', async () => {
    const { aws, run } = await setting();
    putEach(aws);
    const bucket = aws.bucket('logs');
    const [gone] = [...bucket.objects.keys()];
    bucket.onGet = (key) => void (key === gone && bucket.objects.delete(key));
    const outcome = await run([...LOGS, '--verbose']);
    expect(outcome.code).toBe(0);
    expect(hosts(outcome.stdout)).toHaveLength(11);
    expect(outcome.stderr).toContain('1 object deleted before it could be read:');
    expect(outcome.stderr).toContain(`s3://logs/${gone}`);
  });

  it('an object that is replaced meanwhile is read as it is now, and kept under its own version', async () => {
    const { aws, run, fetched } = await setting();
    putEach(aws);
    const bucket = aws.bucket('logs');
    const [changed] = [...bucket.objects.keys()];
    bucket.onGet = (key) => {
      if (key === changed) bucket.put(key, logOf('203.0.113.200'));
    };
    const outcome = await run(LOGS);
    expect(hosts(outcome.stdout)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 200]);
    expect(outcome.stderr).toContain(`s3://logs/${changed} changed after the listing: read as it is now.`);
    fetched();
    expect(hosts((await run(LOGS)).stdout)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 200]);
    expect(fetched()).toEqual([]);
  });

  it('an object that always changes is an error', async () => {
    const { aws, run } = await setting();
    const bucket = aws.bucket('logs');
    // Large enough that the connection can be cut: the rest is then of another version.
    const body = (n: number) => Buffer.alloc(200_000, `${n}`);
    bucket.put('x.log', body(0));
    bucket.cuts = { after: 65_536, times: 99 };
    let version = 0;
    bucket.onGet = (key) => void bucket.put(key, body(++version));
    const outcome = await run(['--logs', 's3://logs/x.log']);
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toContain('s3://logs/x.log changes while it is read.');
  });

  it('objects in an archive are counted and said; when there are no others, that is an error', async () => {
    const { aws, run } = await setting();
    putEach(aws);
    const bucket = aws.bucket('logs');
    const keys = [...bucket.objects.keys()];
    bucket.archived.add(keys[0]!);
    const some = await run(LOGS);
    expect(some.code).toBe(0);
    expect(hosts(some.stdout)).toHaveLength(11);
    expect(some.stderr).toContain('1 object archived in S3 Glacier, not read');
    expect((await run([...LOGS, '--strict'])).code).toBe(1);
    for (const key of keys) bucket.archived.add(key);
    const all = await run([...LOGS, '--no-cache']);
    expect(all.code).toBe(1);
    expect(all.stderr).toMatch(/is archived in S3 Glacier and cannot be read as it is\.\nRestore/);
  });

  it('a connection that is cut is taken up where it broke', async () => {
    const { aws, run } = await setting();
    const bucket = aws.bucket('logs');
    const many = Array.from({ length: 20_000 }, (_, i) =>
      record({ srcaddr: '10.10.24.1', dstaddr: `203.0.113.${i % 256}`, srcport: i }),
    );
    const body = Buffer.from(logText(many));
    bucket.put('x.log', body);
    bucket.cuts = { after: 1_000_000, times: 2 };
    const outcome = await run(['--logs', 's3://logs/x.log']);
    expect(outcome.stdout.trimEnd().split('\n')).toHaveLength(20_001);
    const ranges = aws.operations('GetObject').map(({ input }) => input.range);
    expect(ranges).toEqual([
      undefined,
      expect.stringMatching(/^bytes=\d+-$/),
      expect.stringMatching(/^bytes=\d+-$/),
    ]);
    expect(body.length).toBeGreaterThan(2_000_000);
  });

  it.each([
    ['by its MD5', undefined, false],
    ['by its checksum', 'aws:kms', true],
  ])(
    'an object that comes damaged is known %s, fetched again, and never kept',
    async (_how, encryption, checksums) => {
      const { aws, run } = await setting();
      const bucket = aws.bucket('logs');
      bucket.put('x.log', logText([record({ srcaddr: '10.10.24.1', dstaddr: '203.0.113.1' })]));
      Object.assign(bucket, { encryption, checksums, corrupt: 3 });
      const lost = await run(['--logs', 's3://logs/x.log']);
      expect(lost).toMatchObject({ code: 1, stdout: '' });
      expect(lost.stderr).toMatch(/flowlog: s3:\/\/logs\/x\.log came damaged 3 times: .*\nRun it again\. /);
      bucket.corrupt = 2;
      const outcome = await run(['--logs', 's3://logs/x.log']);
      expect(outcome).toMatchObject({ code: 0 });
      expect(outcome.stdout).toContain('203.0.113.1');
      expect(aws.operations('GetObject')).toHaveLength(6);
      expect((await run(['--logs', 's3://logs/x.log'])).stdout).toBe(outcome.stdout);
      expect(aws.operations('GetObject')).toHaveLength(6);
    },
  );

  it('the ETag of an object that KMS encrypts is no MD5', async () => {
    const { aws, run } = await setting();
    aws.bucket('logs').encryption = 'aws:kms';
    aws.bucket('logs').put('x.log', logText([record({ srcaddr: '10.10.24.1', dstaddr: '203.0.113.1' })]));
    expect((await run(['--logs', 's3://logs/x.log'])).stdout).toContain('203.0.113.1');
  });

  it('malformed lines and broken files are told by their place in S3', async () => {
    const { aws, run } = await setting();
    const text = `${logText([record({ srcaddr: '10.10.24.1', dstaddr: '203.0.113.1' })])}this is no record\n`;
    aws
      .bucket('logs')
      .put('a/bad.log', text)
      .put('a/cut.log.gz', logOf('203.0.113.2').subarray(0, -6))
      .put('a/empty.log', '');
    const outcome = await run(['--logs', 's3://logs/a/', '--verbose']);
    expect(hosts(outcome.stdout)).toContain(1);
    expect(outcome.stderr).toContain('s3://logs/a/bad.log:3: this is no record');
    expect(outcome.stderr).toContain('  s3://logs/a/cut.log.gz\n');
    expect(outcome.stderr).toContain('  s3://logs/a/empty.log\n');
    expect(outcome.stderr).not.toContain('/runs/');
    aws.bucket('logs').put('b/no.log.gz', 'no gzip');
    const wrong = await run(['--logs', 's3://logs/b/']);
    expect(wrong.stderr).toContain('s3://logs/b/no.log.gz: its first line is no header and no record.');
  });
});

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  readonly prepare?: (aws: FakeAws) => void;
  readonly env?: Record<string, string>;
  readonly code?: number;
  readonly says: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: 'no such bucket',
    args: ['--logs', 's3://nowhere/'],
    says: ['There is no bucket nowhere.', 'one account and one region'],
  },
  {
    name: 'nothing under the prefix',
    args: ['--logs', 's3://logs/q/'],
    says: ['There are no flow logs under s3://logs/q/.', 'AWSLogs/'],
  },
  {
    name: 'nothing of the account',
    args: [...LOGS, '--account', '333333333333'],
    says: ['There are no flow logs under s3://logs/p/ of 333333333333.'],
  },
  {
    name: 'no permission to list',
    args: LOGS,
    prepare: (aws) => aws.denied.add('s3:ListBucket'),
    says: ['Access denied: s3:ListBucket on', "'flowlog policy' prints what is enough"],
  },
  {
    name: 'no permission to read',
    args: LOGS,
    prepare: (aws) => aws.denied.add('s3:GetObject'),
    says: ['Access denied: s3:GetObject on'],
  },
  {
    name: 'credentials that have expired',
    args: LOGS,
    env: { AWS_SESSION_TOKEN: 'expired' },
    says: ['The AWS credentials have expired', 'Sign in again'],
  },
  {
    name: 'no credentials',
    args: LOGS,
    env: { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
    says: ['There are no AWS credentials', '--profile'],
  },
  { name: 'no region', args: LOGS, env: { AWS_REGION: '' }, says: ['No AWS region is set'] },
  {
    name: 'a server that stays busy',
    args: ['--logs', 's3://logs/p/', '--aws-region', 'us-east-1', '--since', '2026-06-03T10:00Z'],
    prepare: (aws) =>
      aws.faults.push({
        operation: 'ListObjectsV2',
        times: 99,
        kind: new AwsError('InternalError', 'We encountered an internal error. Please try again.', 500),
      }),
    says: ['s3:ListBucket failed: We encountered an internal error', 'AWS-side error; try again later'],
  },
  {
    name: 'more than may be downloaded',
    args: [...LOGS, '--max-download', '1kB'],
    says: [
      '12 files, 2.',
      'would be downloaded, more than --max-download 1.0 kB allows. Nothing was downloaded.',
    ],
  },
  {
    name: 'a pattern',
    args: ['--logs', 's3://logs/p/AWSLogs/*/x.gz'],
    code: 2,
    says: ['is a pattern, which S3 cannot list', '--account'],
  },
  { name: 'no bucket', args: ['--logs', 's3:///x'], code: 2, says: ["'s3:///x' is not an S3 location"] },
  {
    name: 'an account that is none',
    args: [...LOGS, '--account', '12'],
    code: 2,
    says: ["'12' is not an account id"],
  },
  {
    name: 'a folder that cannot be written to',
    args: LOGS,
    env: { FLOWLOG_CACHE_DIR: '/dev/null/cache' },
    says: ['The logs cannot be kept in /dev/null/cache (ENOTDIR)', 'FLOWLOG_CACHE_DIR'],
  },
];

describe('an error says what was wrong and what to do', () => {
  it.each(CASES)('$name', async ({ prepare, args, env, says, code = 1 }) => {
    const { aws, run, cache } = await setting();
    putEach(aws);
    prepare?.(aws);
    const outcome = await run(args, env ? { env } : {});
    expect(outcome).toMatchObject({ code, stdout: '' });
    for (const text of says) expect(outcome.stderr).toContain(text);
    expect(outcome.stderr).not.toMatch(/internal error:|\n\s+at |Warning/);
    expect(filesBelow(join(cache, 'runs'))).toEqual([]);
  });

  it('a range of time without files is an answer, not an error', async () => {
    const { aws, run, fetched } = await setting();
    putEach(aws);
    const outcome = await run([...LOGS, '--since', '2027-01-01', '--format', 'json']);
    expect(outcome).toMatchObject({ code: 0, stdout: '[]\n' });
    expect(outcome.stderr).toContain('No file is of the range of time asked for.');
    // The beginning of one file tells which fields there are.
    expect(fetched()).toHaveLength(1);
    expect(aws.operations('GetObject')[0]!.input.range).toBe('bytes=0-262143');
    const columns = ['--columns', 'vpc_id'];
    const lacking = await run([...LOGS, '--since', '2027-01-01', ...columns]);
    expect(lacking.code).toBe(0);
    expect(lacking.stderr).toContain('These logs do not record vpc_id: the answer does without.');
  });

  it('what the cache has is said where the rest is too much', async () => {
    const { aws, run } = await setting();
    putEach(aws);
    await run([...LOGS, '--account', '111111111111']);
    const outcome = await run([...LOGS, '--max-download', '1kB']);
    expect(outcome.stderr).toMatch(
      /6 files, 1\.\d kB would be downloaded.* allows; 6 files, 1\.\d kB are in the cache\. Nothing/,
    );
  });

  it('is throttled now and then without anybody noticing', async () => {
    const { aws, run } = await setting();
    putEach(aws);
    const kind = new AwsError('SlowDown', 'Please reduce your request rate.', 503);
    aws.faults.push(
      { operation: 'GetObject', times: 8, kind },
      { operation: 'GetObject', times: 4, kind: 'reset' },
      { operation: 'ListObjectsV2', times: 3, kind },
    );
    expect(hosts((await run(LOGS)).stdout)).toHaveLength(12);
  });
});

it('the AWS SDK is loaded for places in S3 alone', async () => {
  const { aws } = await setting();
  putEach(aws);
  const folder = await writeFiles(testFolder(), {
    'logs/a.log.gz': logOf('203.0.113.1'),
    'report.cjs': `process.on('exit', () => {
      const loaded = Object.keys(require.cache).filter((path) => path.includes('@aws-sdk'));
      process.stderr.write('SDK modules: ' + loaded.length + '\\n');
    });`,
  });
  const env = aws.env({ NODE_OPTIONS: `--require ${join(folder, 'report.cjs')}` });
  const run = (logs: readonly string[]) =>
    spawnFlowlog(['egress', '--subnet', '10.10.24.0/24', '--columns', 'srcaddr,dstaddr', ...logs], { env });
  const local = await run(['--logs', join(folder, 'logs')]);
  expect(hosts(local.stdout)).toEqual([1]);
  expect(local.stderr).toContain('SDK modules: 0\n');
  expect((await run(LOGS)).stderr).toMatch(/SDK modules: [1-9]/);
});
