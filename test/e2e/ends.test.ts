import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { FORMATS } from '../../src/output/formats.js';
import { testFolder } from '../folder.js';
import { BIN, flowlog } from './bin.js';

const EXITS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

let logs: string;
const kept: string[] = [];

beforeAll(async () => {
  logs = join(process.env.TMPDIR ?? '/tmp', `flowlog-ends-${process.pid}`);
  kept.push(logs);
  await flowlog(['sample', logs, '--records', '400000', '--files', '8', '--quiet', '--force']);
  return () => {
    for (const folder of kept) rmSync(folder, { recursive: true, force: true });
  };
}, 240_000);

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

const everything = () => ['accepted', '--logs', logs, '--limit', '400000'];
const firstBytes = ({ child }: Started) => new Promise((resolve) => child.stdout!.once('data', resolve));

describe('a run ends at once, and leaves nothing', () => {
  it.each(FORMATS)('when nobody reads its %s any more', { timeout: 240_000 }, async (format) => {
    const run = start([...everything(), '--format', format]);
    await firstBytes(run);
    run.child.stdout!.destroy();
    expect(await run.ended).toEqual({ code: 0, stderr: expect.not.stringContaining('error') });
    expect(run.left()).toEqual([]);
  });

  it.each(Object.entries(EXITS))(
    'at %s, while its output is blocked',
    { timeout: 240_000 },
    async (signal, code) => {
      const run = start([...everything(), '--format', 'ndjson']);
      await firstBytes(run);
      run.child.stdout!.pause();
      run.child.kill(signal as keyof typeof EXITS);
      expect(await run.ended).toEqual({ code, stderr: 'Interrupted.\n' });
      expect(run.left()).toEqual([]);
    },
  );

  it.each(Object.entries(EXITS))(
    'at %s, while it waits for standard input',
    { timeout: 240_000 },
    async (signal, code) => {
      const run = start(['accepted', '--logs', '-']);
      run.child.stdin!.write('a line without an end');
      await until(() => run.left().length > 0);
      run.child.kill(signal as keyof typeof EXITS);
      expect(await run.ended).toEqual({ code, stderr: 'Interrupted.\n' });
      expect(run.left()).toEqual([]);
    },
  );

  it('removes what a killed run has left', { timeout: 240_000 }, async () => {
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

async function until(test: () => boolean): Promise<void> {
  while (!test()) await new Promise((resolve) => setTimeout(resolve, 20));
}
