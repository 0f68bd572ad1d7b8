import { type ChildProcess, spawn } from 'node:child_process';
import { constants, cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { FORMATS } from '../../src/output/formats.js';
import { randomOf } from '../damage.js';
import { testFolder } from '../folder.js';
import { SEED } from '../seed.js';
import { BIN, flowlog } from './bin.js';

const EXITS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** A picture is drawn at the end and is short: nobody stops reading it halfway. */
const STREAMED = FORMATS.filter((format) => format !== 'svg');

/** How often each end is tried; 50 with FLOWLOG_ENDS=50, which answers more records and prints what came of them. */
const RUNS = Number(process.env.FLOWLOG_ENDS ?? 1);
const LONG = process.env.FLOWLOG_ENDS !== undefined;
const RECORDS = LONG ? 1_500_000 : 400_000;
const TIMEOUT = 240_000 + RUNS * 30_000;

let logs: string;
const kept: string[] = [];

beforeAll(async () => {
  logs = join(process.env.TMPDIR ?? '/tmp', `flowlog-ends-${process.pid}`);
  kept.push(logs);
  await flowlog(['sample', logs, '--records', String(RECORDS), '--files', '8', '--quiet', '--force']);
  return () => {
    for (const folder of kept) rmSync(folder, { recursive: true, force: true });
  };
}, TIMEOUT);

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; stderr: string }>;
  /** What it leaves in its temp folder. */
  readonly left: () => string[];
}

/** Starts the built program with a temp folder of its own. */
function start(args: readonly string[], temp = testFolder()): Started {
  const child = spawn(process.execPath, [BIN, ...args, '--no-config'], {
    env: { ...process.env, TMPDIR: temp },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr!.on('data', (text) => {
    stderr += text;
  });
  child.stdin!.on('error', () => {});
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    child.on('exit', (code) => resolve({ code, stderr }));
  });
  return { child, ended, left: () => readdirSync(temp) };
}

const everything = () => ['accepted', '--logs', logs, '--limit', String(RECORDS)];
const firstBytes = ({ child }: Started) => new Promise((resolve) => child.stdout!.once('data', resolve));

describe('a run ends at once, and leaves nothing', () => {
  it.each(STREAMED)('when nobody reads its %s any more', { timeout: TIMEOUT }, async (format) => {
    await times(Math.ceil(RUNS / STREAMED.length), format, async () => {
      const run = start([...everything(), '--format', format]);
      await firstBytes(run);
      run.child.stdout!.destroy();
      expect(await run.ended).toEqual({ code: 0, stderr: expect.not.stringContaining('error') });
      expect(run.left()).toEqual([]);
    });
  });

  it('when a log file goes away meanwhile', { timeout: TIMEOUT }, async () => {
    const random = randomOf(SEED);
    const outcomes: Record<string, number> = {};
    await times(RUNS, 'ENOENT', async () => {
      const copy = join(testFolder(), 'logs');
      cpSync(logs, copy, { recursive: true, mode: constants.COPYFILE_FICLONE });
      const files = readdirSync(copy, { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.gz'),
      );
      const run = start(['talkers', '--logs', copy]);
      run.child.stdout!.resume();
      await new Promise((resolve) => setTimeout(resolve, random(1_500)));
      for (const name of files.slice(random(files.length))) rmSync(join(copy, name));
      const { code, stderr } = await run.ended;
      expect([0, 1], stderr).toContain(code);
      if (code === 1) expect(stderr).toMatch(/no such file|went away|No log files|no flow logs/i);
      expect(stderr).not.toContain('internal error');
      expect(run.left()).toEqual([]);
      rmSync(copy, { recursive: true });
      outcomes[`exit ${code}`] = (outcomes[`exit ${code}`] ?? 0) + 1;
    });
    if (LONG) console.info(outcomes);
  });

  it.each(Object.entries(EXITS))(
    'at %s, while its output is blocked',
    { timeout: TIMEOUT },
    async (signal, code) => {
      await times(RUNS, `${signal}, output blocked`, async () => {
        const run = start([...everything(), '--format', 'ndjson']);
        await firstBytes(run);
        run.child.stdout!.pause();
        run.child.kill(signal as keyof typeof EXITS);
        expect(await run.ended).toEqual({ code, stderr: 'Interrupted.\n' });
        expect(run.left()).toEqual([]);
      });
    },
  );

  it.each(Object.entries(EXITS))(
    'at %s, while it waits for standard input',
    { timeout: TIMEOUT },
    async (signal, code) => {
      await times(RUNS, `${signal}, waiting for standard input`, async () => {
        const run = start(['accepted', '--logs', '-']);
        run.child.stdin!.write('a line without an end');
        await until(() => run.left().length > 0);
        run.child.kill(signal as keyof typeof EXITS);
        expect(await run.ended).toEqual({ code, stderr: 'Interrupted.\n' });
        expect(run.left()).toEqual([]);
      });
    },
  );

  it('removes what a killed run has left', { timeout: TIMEOUT }, async () => {
    const temp = testFolder();
    const killed = start(['accepted', '--logs', '-'], temp);
    await until(() => killed.left().length > 0);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const other = `flowlog-${hostname().replace(/[^A-Za-z0-9]/g, '_')}-${process.pid}-abcdef`;
    mkdirSync(join(temp, other));
    expect(killed.left()).toHaveLength(2);
    const next = start(['talkers', '--logs', logs], temp);
    next.child.stdout!.resume();
    expect((await next.ended).code).toBe(0);
    // That of a process which goes on stays.
    expect(next.left()).toEqual([other]);
  });
});

async function times(count: number, what: string, run: () => Promise<void>): Promise<void> {
  for (let i = 0; i < count; i++) await run();
  if (LONG) console.info(`${what}: ${count} runs ended, nothing left`);
}

async function until(test: () => boolean): Promise<void> {
  while (!test()) await new Promise((resolve) => setTimeout(resolve, 20));
}
