import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seeded } from '../../src/sample/random.js';
import { fakeAws } from '../aws/server.js';
import { putLogs } from '../aws/world.js';
import { testFolder, writeFiles } from '../folder.js';
import { logFile, logText, record, statusRecord } from '../records.js';
import { runs, SEED } from '../seed.js';
import { recordsOf } from '../store/rows.js';
import { flowlog, spawnFlowlog, startFlowlog } from './bin.js';

let work: string;
let logs: string;
let store: string;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'flowlog-import-'));
  logs = join(work, 'logs');
  store = join(work, 'store');
  await flowlog(['sample', logs, '--records', '120000', '--days', '4', '--files', '16']);
  const { code, stdout, stderr } = await flowlog(['import', logs, '--to', store]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toMatch(/^120,000 records of 16 files, [\d.]+ MB, imported in/);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const SUBNET = ['egress', '--subnet', '10.10.24.0/24'];
const ask = (path: string, ...more: string[]) => flowlog([...SUBNET, '--logs', path, ...more]);

function partsOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.parquet'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('.flowlog'))
    .sort();
}

describe('a store answers as the logs do', () => {
  it.each([
    [[]],
    [['--since', '2026-06-02', '--until', '2026-06-03']],
    [['--subnet', '10.10.2.0/23', '--subnet', '10.10.24.0/26']],
    [['--subnet', '10.10.0.0/16', '--vpc', '10.10.0.0/16']],
    [['--since', '2026-06-01 23:00', '--until', '2026-06-02 10:30', '--tz', 'UTC']],
    [['--by', 'dstaddr,dstport', '--action', 'accept', '--format', 'json']],
    [
      [
        '--columns',
        'start,account_id,interface_id,srcaddr,dstaddr,log_status,version',
        '--exclude',
        '203.0.113.0/25',
      ],
    ],
  ])('%j', async (options) => {
    const [fromText, fromStore] = await Promise.all([ask(logs, ...options), ask(store, ...options)]);
    expect(fromText.stdout.split('\n').length).toBeGreaterThan(5);
    expect(fromStore.stdout).toBe(fromText.stdout);
    const skipped = /[\d,]+ SKIPDATA records/;
    expect(skipped.exec(fromStore.stderr)?.[0]).toBe(skipped.exec(fromText.stderr)?.[0]);
    expect(fromText.stderr).toMatch(skipped);
  });

  it('record for record, those of nothing and of something skipped included', async () => {
    const fromText = await recordsOf([logs]);
    expect(fromText.rows).toHaveLength(120_000);
    expect(await recordsOf([store])).toMatchObject({ fields: fromText.fields, rows: fromText.rows });
  });

  it('also of the names of log files, by which coverage tells late ones', async () => {
    const start = Date.parse('2026-06-01T08:00:00Z') / 1000;
    const one = logFile([record({ srcaddr: '10.10.24.5', dstaddr: '203.0.113.9', start, end: start + 59 })]);
    const folder = await writeFiles(testFolder(), {
      'logs/123456789012_vpcflowlogs_ap-northeast-1_fl-0a1b2c3d_20260601T0805Z_00000001.log.gz': one,
      'logs/123456789012_vpcflowlogs_ap-northeast-1_fl-0a1b2c3d_20260601T1200Z_00000002.log.gz': logFile([
        record({ srcaddr: '10.10.24.6', dstaddr: '203.0.113.9', start, end: start + 59 }),
      ]),
    });
    const [from, to] = [join(folder, 'logs'), join(folder, 'store')];
    expect((await flowlog(['import', from, '--to', to])).code).toBe(0);
    const coverage = ['coverage', '--columns', 'interface_id,records,late_files,longest_delay_s'];
    const { stdout } = await flowlog([...coverage, '--logs', to]);
    const delay = 4 * 3_600 - 59;
    expect(stdout).toBe(`interface_id,records,late_files,longest_delay_s\neni-0a1b2c3d,2,1,${delay}\n`);
    expect((await flowlog([...coverage, '--logs', from])).stdout).toBe(stdout);
  });

  it('opens only the files of the days asked for, and says how many it left out', async () => {
    const days = join(work, 'days');
    cpSync(store, days, { recursive: true });
    const range = ['--since', '2026-06-02', '--until', '2026-06-03', '--tz', 'UTC'];
    const { stdout } = await ask(store, ...range);
    const others = partsOf(days).filter((path) => !path.includes('day=2026-06-02'));
    for (const path of others) writeFileSync(path, 'no Parquet at all');
    const alone = await ask(days, ...range);
    expect(alone).toMatchObject({ code: 0, stdout });
    expect(alone.stderr).toContain(`${others.length} files of other days not read.`);
    expect(others.length).toBeGreaterThan(2);
  });
});

describe('each log file counts once', () => {
  it('again: nothing; then only what is new', async () => {
    const folder = testFolder();
    const target = join(folder, 'store');
    await writeFiles(folder, { 'logs/a.log.gz': logFile([record({ packets: 1 })]) });
    const run = () => flowlog(['import', join(folder, 'logs'), '--to', target]);
    expect((await run()).stderr).toContain('1 record of 1 file');
    const before = partsOf(target);
    expect((await run()).stderr).toMatch(/^0 records of 0 files.*\n1 file imported before\./);
    expect(partsOf(target)).toEqual(before);
    await writeFiles(folder, { 'logs/b.log.gz': logFile([record({ packets: 2 })]) });
    expect((await run()).stderr).toMatch(/^1 record of 1 file,.*\n1 file imported before\./);
    expect((await recordsOf([target])).rows).toEqual((await recordsOf([join(folder, 'logs')])).rows);
  });

  it('a file that changed replaces its old records, wherever they are', async () => {
    const folder = testFolder();
    const target = join(folder, 'store');
    const day = (n: number) => 1_780_000_000 + n * 86_400;
    const of = (packets: number, days: number[]) =>
      days.map((n) => record({ packets, start: day(n), srcaddr: '10.10.24.1' }));
    const cut = logFile(Array.from({ length: 500 }, (_, i) => record({ packets: i * i, start: day(i % 3) })));
    await writeFiles(folder, {
      'logs/a.log.gz': logFile(of(1, [0, 1, 2])),
      'logs/b.log.gz': logFile(of(2, [0, 1])),
      'logs/cut.log.gz': cut.subarray(0, cut.length / 2),
    });
    const same = async () =>
      expect((await recordsOf([target])).rows).toEqual((await recordsOf([join(folder, 'logs')])).rows);
    const run = () => flowlog(['import', join(folder, 'logs'), '--to', target]);
    expect((await run()).stderr).toContain('1 truncated gzip file');
    await same();
    await writeFiles(folder, {
      'logs/a.log.gz': logFile(of(4, [1, 5])),
      'logs/cut.log.gz': cut,
    });
    const second = await run();
    expect(second.stderr).toContain('502 records of 2 files');
    expect(second.stderr).toContain('2 files changed since: records replaced.');
    expect(second.stderr).not.toContain('truncated');
    await same();
    await writeFiles(folder, { 'logs/a.log.gz': '' });
    expect((await run()).stderr).toContain('1 empty file');
    await same();
  });

  it('a file that was only touched is not read again; one that changed and kept its size is', async () => {
    const folder = testFolder();
    const target = join(folder, 'store');
    const path = join(folder, 'logs/a.log');
    await writeFiles(folder, { 'logs/a.log': logText([record({ packets: 1 })]) });
    const run = async () => (await flowlog(['import', join(folder, 'logs'), '--to', target])).stderr;
    await run();
    utimesSync(path, 1, 1);
    expect(await run()).toContain('1 file imported before.');
    writeFileSync(path, logText([record({ packets: 2 })]));
    utimesSync(path, 2, 2);
    expect(await run()).toContain('1 file changed since: records replaced.');
    expect((await recordsOf([target])).rows).toEqual((await recordsOf([path])).rows);
  });

  it('logs that have moved, or lie there twice, are known by their place in the layout of S3 and their bytes', async () => {
    const moved = join(work, 'moved');
    cpSync(logs, moved, { recursive: true });
    const target = join(work, 'store-of-moved');
    const both = await flowlog(['import', logs, moved, '--to', target]);
    expect(both.stderr).toContain('120,000 records of 16 files');
    expect(both.stderr).toContain('16 files counted once already, as a copy of another.');
    renameSync(moved, `${moved}-again`);
    const again = await flowlog(['import', `${moved}-again`, '--to', target]);
    expect(again.stderr).toContain('0 records of 0 files');
    expect((await ask(target)).stdout).toBe((await ask(logs)).stdout);
  });

  it('logs of the same name that are other logs count as others', async () => {
    const other = join(work, 'other');
    await flowlog(['sample', other, '--records', '2000', '--days', '4', '--files', '16']);
    const target = join(work, 'store-of-both');
    await flowlog(['import', logs, '--to', target]);
    expect((await flowlog(['import', other, '--to', target])).stderr).toContain('2,000 records of 16 files');
    expect((await recordsOf([target])).rows).toHaveLength(122_000);
  });

  it('standard input, by what it says', async () => {
    const target = join(testFolder(), 'store');
    const run = (packets: number) =>
      flowlog(['import', '-', '--to', target], {
        input: logText([record({ packets, srcaddr: '10.10.24.9', dstaddr: '192.0.2.1' })]),
      });
    for (const packets of [1, 1, 2]) expect((await run(packets)).code).toBe(0);
    expect((await ask(target, '--columns', 'packets')).stdout).toBe('packets\n1\n2\n');
  });
});

describe('what comes in', () => {
  it('text and Parquet, several formats, records of no flow and without a start', async () => {
    const folder = testFolder();
    const parquet = join(folder, 'logs/parquet');
    await flowlog([
      'sample',
      parquet,
      '--file-format',
      'parquet',
      '--format',
      '5',
      '--records',
      '3000',
      '--layout',
      'hive',
    ]);
    await writeFiles(folder, {
      'logs/a.log': logText([
        record({ srcaddr: '10.10.24.1' }),
        statusRecord('NODATA'),
        statusRecord('SKIPDATA'),
      ]),
      'logs/b.log.gz': logFile([record({ srcaddr: '10.10.24.2', start: '-' })]),
      'logs/c.log': 'srcaddr tomorrow bytes\n10.10.24.3 x=1 5\n10.10.24.4 - 6\n',
    });
    const target = join(folder, 'store');
    const { code, stderr } = await flowlog(['import', join(folder, 'logs'), '--to', target]);
    expect(code).toBe(0);
    expect(stderr).toContain('3,006 records of');
    const fromText = await recordsOf([join(folder, 'logs')]);
    expect(await recordsOf([target])).toMatchObject({ fields: fromText.fields, rows: fromText.rows });
    expect(readdirSync(target)).toContain('day=__HIVE_DEFAULT_PARTITION__');
  });

  it('flaws are counted and said as in questions, and --strict makes them a failure', async () => {
    const good = logText([record({ srcaddr: '10.10.24.1', dstaddr: '192.0.2.1' })]);
    const folder = await writeFiles(testFolder(), {
      'logs/a.log.gz': gzipSync(`${good}garbage\n${good.split('\n')[1]!.replace(' 6 ', ' six ')}\n`),
      'logs/cut.log.gz': logFile(Array.from({ length: 300 }, (_, i) => record({ packets: i }))).subarray(
        0,
        -50,
      ),
      'logs/README.md': '# logs\n',
      'logs/empty.log': '',
    });
    const run = (to: string, ...more: string[]) =>
      flowlog(['import', join(folder, 'logs'), '--to', join(folder, to), ...more]);
    const { code, stderr } = await run('one');
    expect(code).toBe(0);
    for (const said of [
      /[34] malformed lines/,
      /1 truncated gzip file/,
      /1 empty file/,
      /1 file that is not a flow log/,
    ]) {
      expect(stderr).toMatch(said);
    }
    expect((await run('two', '--verbose')).stderr).toMatch(/a\.log\.gz:3: garbage/);
    const strict = await run('three', '--strict', '--quiet');
    expect(strict).toMatchObject({ code: 1, stdout: '' });
    expect(strict.stderr).toMatch(/^flowlog: --strict: .*malformed/);
    expect((await ask(join(folder, 'three'))).stdout).toBe((await ask(join(folder, 'logs'))).stdout);
  });

  it('many small imports of a day become one file', async () => {
    const folder = testFolder();
    const target = join(folder, 'store');
    for (let i = 0; i < 8; i++) {
      await writeFiles(folder, {
        [`logs/${i}.log`]: logText([record({ packets: i, srcaddr: `10.10.24.${9 - i}` })]),
      });
      await flowlog(['import', join(folder, 'logs'), '--to', target]);
      expect(partsOf(target)).toHaveLength(i < 7 ? i + 1 : 1);
    }
    expect((await recordsOf([target])).rows).toEqual((await recordsOf([join(folder, 'logs')])).rows);
    await writeFiles(folder, { 'logs/3.log': logText([record({ packets: 33 })]) });
    await flowlog(['import', join(folder, 'logs'), '--to', target]);
    expect((await recordsOf([target])).rows).toEqual((await recordsOf([join(folder, 'logs')])).rows);
  });
});

describe('logs in S3', () => {
  it('are fetched once, and count once', async () => {
    const aws = await fakeAws();
    const folder = testFolder();
    const target = join(folder, 'store');
    const of = (n: number) => logFile([record({ srcaddr: '10.10.24.1', dstaddr: `203.0.113.${n}` })]);
    putLogs(aws, ['2026-06-01', '2026-06-02'], { body: of(1) });
    putLogs(aws, ['2026-06-01'], { account: '222222222222', body: of(2) });
    // What is fetched is not kept in the cache: the ledger alone tells that it need not be fetched again.
    const run = (...more: string[]) =>
      flowlog(['import', 's3://logs/p/', '--to', target, '--no-cache', ...more], {
        env: aws.env({ FLOWLOG_CACHE_DIR: join(folder, 'cache') }),
      });
    const fetched = () => aws.operations('GetObject').length;
    expect((await run('--account', '222222222222')).stderr).toContain('1 record of 1 file');
    expect(fetched()).toBe(1);
    expect((await run()).stderr).toMatch(/^.*2 records of 2 files,.*\n1 file imported before\./ms);
    expect(fetched()).toBe(3);
    const again = await run();
    expect(again).toMatchObject({ code: 0, stdout: '' });
    expect(again.stderr).toContain('3 files imported before.');
    expect(fetched()).toBe(3);
    expect((await ask(target, '--columns', 'dstaddr')).stdout.trimEnd().split('\n')).toHaveLength(1 + 3);
  });
});

describe('what is refused', () => {
  it.each([
    ['no folder', ['import', 'logs'], 2, "required option '--to <dir>' not specified"],
    ['no logs', ['import', '--to', 'store'], 2, "missing required argument 'logs'"],
    [
      'logs that are not there',
      ['import', 'nowhere', '--to', 'store'],
      1,
      'nowhere: no such file or directory.',
    ],
    [
      'a folder of other things',
      ['import', 'logs', '--to', 'full'],
      1,
      'full is not empty and is no store of flowlog',
    ],
    ['a file', ['import', 'logs', '--to', 'logs/a.log'], 1, 'logs/a.log cannot be used (ENOTDIR)'],
    [
      'a named file that is no log',
      ['import', 'full/x.txt', '--to', 'store'],
      1,
      'full/x.txt is not a flow log',
    ],
  ])('%s', async (_what, args, code, message) => {
    const cwd = await writeFiles(testFolder(), { 'logs/a.log': logText([record({})]), 'full/x.txt': 'x' });
    const outcome = await flowlog(args, { cwd });
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toContain(message);
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
  });

  it('a store whose ledger is lost, and the store itself as logs', async () => {
    const lost = join(work, 'lost');
    cpSync(store, lost, { recursive: true });
    expect((await flowlog(['import', lost, '--to', lost])).stderr).toContain('is the store itself');
    rmSync(join(lost, '.flowlog'), { recursive: true });
    const { code, stderr } = await flowlog(['import', logs, '--to', lost]);
    expect(code).toBe(1);
    expect(stderr).toContain("its ledger, in the hidden folder '.flowlog', is missing");
  });

  it('a second import at the same time; not one after a kill', async () => {
    const target = join(testFolder(), 'store');
    // Holds the store while it waits for its input.
    const first = startFlowlog(['import', '-', '--to', target]);
    while (!existsSync(join(target, '.flowlog/staging'))) await after(10);
    const second = await flowlog(['import', logs, '--to', target]);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`Another import into this store is running (process ${first.pid}).`);
    await killed(first);
    expect((await flowlog(['import', logs, '--to', target])).code).toBe(0);
    expect((await ask(target)).stdout).toBe((await ask(logs)).stdout);
  });
});

async function killed(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
  const closed = child.exitCode === null && child.signalCode === null ? once(child, 'close') : undefined;
  child.kill(signal);
  await closed;
  return child.exitCode;
}

describe('interrupted', () => {
  /** Times that an import is killed; more of them: FLOWLOG_KILLS=500. */
  const KILLS = Number(process.env.FLOWLOG_KILLS ?? runs(4));

  /** All rows of text and of a store as DuckDB's own readers see them, without the column that is the store's own. */
  const lines = (folder: string) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .flatMap((entry) =>
        gunzipSync(readFileSync(join(entry.parentPath, entry.name)))
          .toString()
          .trimEnd()
          .split('\n')
          .slice(1),
      )
      .sort();

  async function storeLines(folder: string): Promise<string[]> {
    const order = logText([]).trimEnd().replaceAll('-', '_').split(' ');
    const { fields, rows } = await recordsOf([folder]);
    const at = order.map((name) => fields.indexOf(name));
    return rows.map((row) => at.map((i) => row[i] ?? '-').join(' ')).sort();
  }

  it(`kill -9 at any moment loses nothing and doubles nothing (${KILLS} times, seed ${SEED})`, {
    timeout: 60_000 + KILLS * 5_000,
  }, async () => {
    const source = join(work, 'crash-logs');
    await flowlog(['sample', source, '--records', '3000', '--days', '6', '--files', '24']);
    const expected = lines(source);
    const byFile = new Map<string, number>();
    for (const line of expected) byFile.set(line, (byFile.get(line) ?? 0) + 1);
    // How long a whole import takes says when there is something to interrupt.
    const began = performance.now();
    await spawnFlowlog(['import', source, '--to', join(work, 'crash-none')]);
    const whole = performance.now() - began;
    const random = seeded(SEED);
    let kills = 0;
    for (let round = 0; kills < KILLS; round++) {
      const target = join(work, `crash-${round}`);
      for (let i = 0; i < 4 && kills < KILLS; i++) {
        const child = startFlowlog(['import', source, '--to', target]);
        // At any moment; every other time just when a step has been decided and is being carried out.
        const decided = join(target, '.flowlog/change.json');
        const end = performance.now() + whole * (i % 2 === 0 ? random.below(1_000) / 1_000 : 1.5);
        while (performance.now() < end && child.exitCode === null) {
          if (i % 2 === 1 && existsSync(decided)) break;
          await after(i % 2 === 0 ? 5 : 0);
        }
        if (child.exitCode === null) kills++;
        await killed(child);
        // As it stands, a question sees whole steps only: each record at most as often as the logs have it.
        if (!existsSync(target) || partsOf(target).length === 0) continue;
        const seen = new Map<string, number>();
        for (const line of await storeLines(target)) seen.set(line, (seen.get(line) ?? 0) + 1);
        for (const [line, count] of seen) expect(count).toBeLessThanOrEqual(byFile.get(line) ?? 0);
      }
      const { code } = await flowlog(['import', source, '--to', target, '--quiet']);
      expect(code).toBe(0);
      expect(await storeLines(target)).toEqual(expected);
      expect(readdirSync(join(target, '.flowlog')).sort()).toEqual(['ledger.duckdb']);
      rmSync(target, { recursive: true });
    }
  });

  it('kill -9 while records are replaced leaves the old ones or the new ones', {
    timeout: 120_000,
  }, async () => {
    const folder = testFolder();
    const source = join(folder, 'logs');
    const target = join(folder, 'store');
    const versions = [1, 2].map((packets) =>
      logFile(
        Array.from({ length: 3000 }, (_, i) =>
          record({ packets, start: 1_780_000_000 + (i % 5) * 86_400, srcport: i }),
        ),
      ),
    );
    await writeFiles(source, { 'a.log.gz': versions[0]!, 'b.log.gz': logFile([record({ packets: 9 })]) });
    await flowlog(['import', source, '--to', target]);
    let last = 1;
    for (let i = 0; i < 6; i++) {
      const next = 3 - last;
      await writeFiles(source, { 'a.log.gz': versions[next - 1]! });
      const child = startFlowlog(['import', source, '--to', target]);
      while (child.exitCode === null && !existsSync(join(target, '.flowlog/change.json'))) await after(0);
      await after(i);
      await killed(child);
      const { fields, rows } = await recordsOf([target]);
      const packets = rows.map((row) => row[fields.indexOf('packets')]).filter((each) => each !== 9);
      expect(packets).toHaveLength(3000);
      expect(new Set(packets).size).toBe(1);
      await flowlog(['import', source, '--to', target]);
      expect((await recordsOf([target])).rows).toEqual((await recordsOf([source])).rows);
      last = next;
    }
  });

  it('Ctrl-C: 130, what was committed stays, the rest is taken in the next time', async () => {
    const source = join(work, 'big');
    await flowlog(['sample', source, '--records', '1200000', '--days', '12', '--files', '48']);
    const target = join(work, 'interrupted');
    const child = startFlowlog(['import', source, '--to', target]);
    while (child.exitCode === null && partsOfIfAny(target).length === 0) await after(5);
    expect(await killed(child, 'SIGINT')).toBe(130);
    expect(readdirSync(join(target, '.flowlog'))).toEqual(['ledger.duckdb']);
    expect(partsOf(target).length).toBeGreaterThan(0);
    const rest = await flowlog(['import', source, '--to', target]);
    expect(rest.code).toBe(0);
    expect(rest.stderr).toMatch(/[\d,]+ files? imported before\./);
    expect((await ask(target, '--by', 'dstaddr')).stdout).toBe((await ask(source, '--by', 'dstaddr')).stdout);
    expect(count(target)).toBe(1_200_000);
  });
});

const partsOfIfAny = (folder: string) => (existsSync(folder) ? partsOf(folder) : []);

/** Rows, as the files themselves say. */
function count(folder: string): number {
  const script = `
    import { DuckDBInstance } from '@duckdb/node-api';
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const rows = await connection.runAndReadAll("SELECT sum(num_rows)::INT FROM parquet_file_metadata('${folder}/day=*/*.parquet')");
    console.log(rows.getRows()[0][0]);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }));
}
