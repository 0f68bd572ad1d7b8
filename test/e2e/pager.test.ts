import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testFolder, writeFiles } from '../folder.js';
import { logText, record } from '../records.js';
import { BIN } from './bin.js';

/** util-linux's `script` runs a command on a terminal of its own. */
const canTry = spawnSync('script', ['--version']).stdout?.toString().includes('util-linux') ?? false;

async function logs(count: number): Promise<string> {
  const records = Array.from({ length: count }, (_, i) =>
    record({ srcaddr: '10.10.24.5', dstaddr: `203.0.113.${i % 250}`, start: 1_780_000_000 + i }),
  );
  return writeFiles(testFolder(), { 'a.log': logText(records) });
}

/** What a person sees who runs the program on a terminal. */
async function onTerminal(args: readonly string[], env: Record<string, string>) {
  const command = [process.execPath, BIN, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { PATH: process.env.PATH, TERM: 'xterm', XDG_CONFIG_HOME: '/nonexistent', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let seen = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    seen += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, lines: seen.replaceAll('\r', '').split('\n') };
}

describe.skipIf(!canTry)('an answer on a terminal', () => {
  const ask = async (count: number, more: readonly string[] = []) => [
    ...['egress', '--subnet', '10.10.24.0/24', '--logs', await logs(count)],
    ...more,
  ];

  it('goes through the pager, and the notes come when that has ended', async () => {
    const { code, lines } = await onTerminal(await ask(3), { PAGER: "sed 's/^/paged: /'" });
    expect(code).toBe(0);
    expect(lines.filter((line) => line.startsWith('paged: ') && line.includes('203.0.113.'))).toHaveLength(3);
    expect(lines.filter((line) => /3 rows/.test(line)).map((line) => line.includes('paged'))).toEqual([
      false,
    ]);
    expect(lines.findIndex((line) => /3 rows/.test(line))).toBeGreaterThan(
      lines.findLastIndex((line) => line.startsWith('paged: ')),
    );
  });

  it.each([
    ['none by the environment', [], { FLOWLOG_PAGER: 'false', PAGER: "sed 's/^/paged: /'" }, ''],
    ['none with --no-pager', ['--no-pager'], { PAGER: "sed 's/^/paged: /'" }, ''],
    ['none where it is cat', [], { PAGER: 'cat' }, ''],
    ['none where it is empty', [], { PAGER: '' }, ''],
  ])('takes %s', async (_, more, env, prefix) => {
    const { code, lines } = await onTerminal(await ask(2, more), env);
    expect(code).toBe(0);
    const rows = lines.filter((line) => line.includes('203.0.113.'));
    expect(rows.map((line) => /^\w*: /.exec(line)?.[0] ?? '')).toEqual([prefix, prefix]);
  });

  it('is no failure when the reader leaves the pager early', async () => {
    const { code, lines } = await onTerminal(await ask(900), { PAGER: 'head -2' });
    expect(code).toBe(0);
    expect(lines.filter((line) => line.includes('203.0.113.'))).toEqual([]);
    expect(lines.some((line) => line.includes('900 rows'))).toBe(true);
  });

  it('is written whole by less where it fits on the screen', async () => {
    const { code, lines } = await onTerminal(await ask(2), {});
    expect(code).toBe(0);
    expect(lines.filter((line) => line.includes('203.0.113.'))).toHaveLength(2);
  });

  it('is no page in a file or a pipe', async () => {
    const { lines } = await onTerminal(await ask(2, ['-o', join(testFolder(), 'a.csv')]), { PAGER: 'false' });
    expect(lines.filter((line) => line.includes('203.0.113.'))).toEqual([]);
    const piped = spawnSync(process.execPath, [BIN, ...(await ask(2))], {
      env: { PATH: process.env.PATH, PAGER: 'false' },
    });
    expect(piped.stdout.toString().split('\n')).toHaveLength(4);
  });
});
