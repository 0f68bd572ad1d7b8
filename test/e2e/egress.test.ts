import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_FORMAT } from '../../src/flowlog/log-format.js';
import { parseKey } from '../../src/flowlog/s3-layout.js';
import { testFolder, writeFiles } from '../folder.js';
import { logText, record } from '../records.js';
import { flowlog, startFlowlog } from './bin.js';

let logs: string;
let work: string;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'flowlog-e2e-'));
  logs = join(work, 'logs');
  // More than is gone over in one thread.
  const { code } = await flowlog(['sample', logs, '--records', '200000', '--files', '20']);
  expect(code).toBe(0);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

const SUBNET = ['egress', '--subnet', '10.10.24.0/24'];

/** What awk says, on what zcat says: a second opinion on the original question. */
function secondOpinion(folder: string): string[] {
  const program =
    '$4 ~ /^10\\.10\\.24\\./ && $5 !~ /^10\\.10\\./ { print $11 "," $12 "," $4 "," $6 "," $5 "," $7 "," $8 "," $9 "," $10 "," $13 }';
  const input = filesBelow(folder).map((path) =>
    path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path),
  );
  const out = execFileSync('awk', [program], {
    input: Buffer.concat(input),
    maxBuffer: 1 << 28,
    encoding: 'utf8',
  });
  return out.trimEnd().split('\n');
}

const COLUMNS = 'start,end,srcaddr,srcport,dstaddr,dstport,protocol,packets,bytes,action';

describe('egress on the sample logs', () => {
  it('gives the rows that zcat and awk give', async () => {
    const { code, stdout, stderr } = await flowlog([...SUBNET, '--logs', logs, '--columns', COLUMNS]);
    expect(code).toBe(0);
    const [header, ...rows] = stdout.trimEnd().split('\n');
    expect(header).toBe(COLUMNS);
    expect(rows.length).toBeGreaterThan(500);
    expect([...rows].sort()).toEqual(secondOpinion(logs).sort());
    expect(stderr).toContain('Assuming the VPC is 10.10.0.0/16 (override with --vpc).');
    expect(stderr).toMatch(/[\d,]+ SKIPDATA records in this range/);
  });

  it('gives the same rows in the same order from text and Parquet, plain and Hive folders, days and hours', async () => {
    const sample = ['--records', '20000', '--seed', '7'];
    const variants = [
      [],
      ['--file-format', 'parquet'],
      ['--layout', 'hive', '--hourly', '--files', '48'],
      ['--format', '5'],
    ];
    const answers = await Promise.all(
      variants.map(async (options, i) => {
        const folder = join(work, `variant-${i}`);
        expect((await flowlog(['sample', folder, ...sample, ...options])).code).toBe(0);
        return (await flowlog([...SUBNET, '--logs', folder, '--tz', 'UTC'])).stdout;
      }),
    );
    expect(answers[0]!.split('\n').length).toBeGreaterThan(50);
    expect(answers[1]).toBe(answers[0]);
    expect(answers[3]).toBe(answers[0]);
    // Other files, other times: but as many of each kind.
    expect(answers[2]!.split('\n').length).toBeGreaterThan(50);
  });

  it('reads text, plain and packed, Parquet and standard input in one run', async () => {
    const parquet = join(work, 'variant-1');
    const plain = logText([record({ srcaddr: '10.10.24.250', dstaddr: '203.0.113.1' })]);
    const packed = gzipSync(logText([record({ srcaddr: '10.10.24.251', dstaddr: '203.0.113.2' })]));
    const noHeader = logText([record({ srcaddr: '10.10.24.252', dstaddr: '203.0.113.3' })])
      .split('\n')
      .slice(1)
      .join('\n');
    const folder = await writeFiles(testFolder(), {
      'a.log': plain,
      'misnamed.log': packed,
      'no-header.txt': noHeader,
    });
    const input = logText([record({ srcaddr: '10.10.24.253', dstaddr: '203.0.113.4' })]);
    const count = async (...paths: string[]) => {
      const { stdout } = await flowlog(
        [...SUBNET, ...paths.flatMap((path) => ['--logs', path]), '--columns', 'srcaddr'],
        { input },
      );
      return stdout.trimEnd().split('\n').slice(1);
    };
    const alone = await count(parquet);
    expect(await count(folder)).toEqual(['10.10.24.250', '10.10.24.251', '10.10.24.252']);
    expect(await count('-')).toEqual(['10.10.24.253']);
    const together = await count(parquet, folder, '-');
    expect([...together].sort()).toEqual(
      [...alone, '10.10.24.250', '10.10.24.251', '10.10.24.252', '10.10.24.253'].sort(),
    );
    expect(await count(join(folder, '*.log'))).toEqual(['10.10.24.250', '10.10.24.251']);
  });

  it('opens only the files of days that can hold the range', async () => {
    const folder = join(work, 'days');
    await flowlog(['sample', folder, '--days', '6', '--files', '12', '--records', '12000']);
    const range = ['--since', '2026-06-03', '--until', '2026-06-04'];
    const whole = await flowlog([...SUBNET, '--logs', folder, ...range]);
    const days = new Set(filesBelow(folder).map((path) => parseKey(path)!.day));
    expect(days.size).toBe(6);
    expect(whole.stderr).toContain('2 files of other days not read.');
    // A file of another day that is not even a log goes unnoticed: it is not opened.
    const other = filesBelow(folder).find((path) => parseKey(path)!.day === '2026-06-05')!;
    await writeFiles(folder, { [other.slice(folder.length + 1)]: 'no log at all' });
    expect((await flowlog([...SUBNET, '--logs', folder, ...range])).stdout).toBe(whole.stdout);
    expect(whole.stdout.split('\n').length).toBeGreaterThan(10);
  });

  it('of very many files of a flow log, those that are not like the others are read as what they are', async () => {
    const folder = join(work, 'many');
    await flowlog(['sample', folder, '--files', '300', '--records', '6000']);
    const files = filesBelow(folder).sort();
    const lines = [7, 8, 9].map((n) => record({ srcaddr: `10.10.24.${n}`, dstaddr: `192.0.2.${n}` }));
    const text = logText(lines);
    const [, ...records] = text.split('\n');
    const others: Array<string | Uint8Array> = [
      gzipSync(logText(lines, [...DEFAULT_FORMAT].reverse())),
      gzipSync(records.join('\n')),
      gzipSync(text.replaceAll('\n', '\r\n')),
      gzipSync(''),
      text,
      gzipSync(text).subarray(0, -9),
      '',
    ];
    for (const [i, content] of others.entries()) writeFileSync(files[10 + i]!, content);
    const whole = await flowlog([...SUBNET, '--logs', folder]);
    expect(whole.code).toBe(0);
    // Fewer files are all looked at.
    const half = (from: number, to: number) => files.slice(from, to).flatMap((path) => ['--logs', path]);
    const [first, second] = await Promise.all([
      flowlog([...SUBNET, ...half(0, 150)]),
      flowlog([...SUBNET, ...half(150, 300)]),
    ]);
    expect([first!.code, second!.code], first!.stderr).toEqual([0, 0]);
    const rows = ({ stdout }: { stdout: string }) => stdout.trimEnd().split('\n').slice(1);
    expect(rows(whole).sort()).toEqual([...rows(first!), ...rows(second!)].sort());
    expect(rows(whole).filter((row) => row.includes('192.0.2.7'))).toHaveLength(4 + 1);
    for (const said of ['2 empty files', '1 truncated gzip file']) {
      expect(whole.stderr).toContain(said);
      expect(first!.stderr).toContain(said);
    }
    writeFileSync(files[20]!, 'no log at all');
    const foreign = await flowlog([...SUBNET, '--logs', folder]);
    expect(foreign.code).toBe(0);
    expect(foreign.stderr).toContain('1 file that is not a flow log');
    expect(await flowlog([...SUBNET, '--logs', folder, '--strict'])).toMatchObject({ code: 1 });
  });

  it('sums up, and the sums are those of the rows', async () => {
    const { stdout } = await flowlog([...SUBNET, '--logs', logs, '--by', 'dstaddr', '--format', 'json']);
    const groups = JSON.parse(stdout) as Array<{
      dstaddr: string;
      flows: number;
      bytes: number;
      first_seen: string;
    }>;
    const rows = secondOpinion(logs).map((line) => line.split(','));
    expect(groups.reduce((sum, { flows }) => sum + flows, 0)).toBe(rows.length);
    for (const { dstaddr, bytes } of groups) {
      expect(bytes).toBe(
        rows.filter((row) => row[4] === dstaddr).reduce((sum, row) => sum + Number(row[8]), 0),
      );
    }
    expect(groups.map(({ bytes }) => bytes)).toEqual(groups.map(({ bytes }) => bytes).sort((a, b) => b - a));
    expect(groups[0]!.first_seen).toMatch(/^2026-06-\d\dT\d\d:\d\d:\d\d\+09:00$/);
  });

  it('prints the statement and its parameters and runs nothing', async () => {
    const { code, stdout } = await flowlog([...SUBNET, '--logs', logs, '--sql', '--limit', '5']);
    expect(code).toBe(0);
    expect(stdout).toContain('starts_with("srcaddr", ?)');
    expect(stdout).toContain('LIMIT 5');
    expect(stdout).toContain('-- parameter 1: "10.10.24."');
    expect(stdout).not.toContain('2026-06');
  });

  it('shows so many rows as --limit says, and says how many more there are', async () => {
    const table = await flowlog([
      ...SUBNET,
      '--logs',
      logs,
      '--format',
      'table',
      '--columns',
      'srcaddr,dstaddr',
      '--limit',
      '3',
    ]);
    const total = secondOpinion(logs).length;
    expect(table.stdout.trimEnd().split('\n')).toHaveLength(2 + 3);
    expect(table.stderr).toContain(
      `Showing 3 of ${total.toLocaleString('en')} rows (--limit ${total} for all).`,
    );
    const unlimited = await flowlog([
      ...SUBNET,
      '--logs',
      logs,
      '--format',
      'table',
      '--columns',
      'srcaddr,dstaddr',
    ]);
    expect(unlimited.stdout.trimEnd().split('\n')).toHaveLength(2 + Math.min(total, 1000));
  });

  it('writes a file that appears whole, or not at all', async () => {
    const folder = testFolder();
    const path = join(folder, 'egress.csv');
    const { code, stdout } = await flowlog([...SUBNET, '--logs', logs, '--output', path]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(readdirSync(folder)).toEqual(['egress.csv']);
    expect(readFileSync(path, 'utf8')).toBe((await flowlog([...SUBNET, '--logs', logs])).stdout);
  });

  it('takes settings from the environment, and flags before them', async () => {
    const env = { FLOWLOG_LOGS: logs, FLOWLOG_TZ: 'UTC', FLOWLOG_FORMAT: 'ndjson' };
    const first = (await flowlog([...SUBNET, '--limit', '1'], { env })).stdout;
    expect(JSON.parse(first)).toMatchObject({ start_time: expect.stringMatching(/\+00:00$/) });
    expect((await flowlog([...SUBNET, '--limit', '1', '--format', 'csv'], { env })).stdout).toMatch(
      /^start_time,/,
    );
  });
});

describe('pipes and signals', () => {
  it('ends quietly when the reader has seen enough', async () => {
    const script = `set -o pipefail; "$0" "$1" egress --subnet 10.10.24.0/24 --logs "$2" | head -1`;
    const bin = new URL('../../bin/flowlog.js', import.meta.url).pathname;
    const out = execFileSync('bash', ['-c', script, process.execPath, bin, logs], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(out).toBe('start_time,end_time,srcaddr,srcport,dstaddr,dstport,protocol,packets,bytes,action\n');
  });

  it('ends with 130 at Ctrl-C, leaves no temporary file and no half answer', async () => {
    const temporary = testFolder();
    const big = join(work, 'big');
    await flowlog(['sample', big, '--records', '1500000', '--files', '24']);
    const output = join(temporary, 'answer.csv');
    const child = startFlowlog([...SUBNET, '--logs', big, '--output', output], {
      env: { TMPDIR: temporary },
    });
    // Once it has begun to keep lines it is in the middle of its work.
    while (!readdirSync(temporary).some((name) => name.startsWith('flowlog-')) && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect(code).toBe(130);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('leaves no temporary file when it is done, or fails', async () => {
    const temporary = testFolder();
    await flowlog([...SUBNET, '--logs', logs], { env: { TMPDIR: temporary } });
    await flowlog([...SUBNET, '--logs', '-'], { env: { TMPDIR: temporary }, input: 'no log' });
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe('sample', () => {
  it('same seed, same bytes; another seed, others', async () => {
    const make = async (name: string, ...options: string[]) => {
      const folder = join(work, name);
      await flowlog(['sample', folder, '--records', '3000', ...options]);
      return filesBelow(folder).map((path) => [
        path.slice(folder.length),
        readFileSync(path).toString('base64'),
      ]);
    };
    const first = await make('seed-a', '--seed', '5');
    expect(await make('seed-b', '--seed', '5')).toEqual(first);
    expect(await make('seed-c', '--seed', '6')).not.toEqual(first);
  });

  it('does not write into a folder that holds something', async () => {
    const folder = await writeFiles(testFolder(), { 'mine.txt': 'x' });
    const { code, stderr } = await flowlog(['sample', folder]);
    expect(code).toBe(1);
    expect(stderr).toContain('is not empty');
    expect(readdirSync(folder)).toEqual(['mine.txt']);
  });

  it.each([
    [['--format', '${srcaddr} ${srcaddr}'], 'twice: srcaddr'],
    [['--account', '12'], "'12' is not an account id"],
    [['--records', '0'], '--records 0 writes nothing'],
    [['--layout', 'flat'], "'flat' is invalid"],
  ])('%j is wrong usage', async (options, message) => {
    const { code, stderr } = await flowlog(['sample', join(testFolder(), 'x'), ...options]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

it('the version is that of the package, and help has examples', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect((await flowlog(['--version'])).stdout).toBe(`${version}\n`);
  const help = await flowlog(['egress', '--help']);
  expect(help.code).toBe(0);
  expect(help.stdout).toContain('Examples:');
  expect(existsSync(new URL('../../dist/THIRD-PARTY-LICENSES.txt', import.meta.url))).toBe(true);
  expect(statSync(new URL('../../bin/flowlog.js', import.meta.url)).mode & 0o111).toBeTruthy();
});
