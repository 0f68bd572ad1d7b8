import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from './places.js';

const TIME = '/usr/bin/time';
const measured = existsSync(TIME);

/**
 * Runs a shell command to its end.
 *
 * @returns seconds; peak memory of its largest process (bytes), where the system can tell; what it printed
 */
export function run(command, cores) {
  mkdirSync(CACHE, { recursive: true });
  const report = join(CACHE, 'time.txt');
  const pinned = cores === undefined ? [] : ['taskset', '-c', `0-${cores - 1}`];
  const words = [...(measured ? [TIME, '-o', report, '-f', '%M'] : []), ...pinned, 'sh', '-c', command];
  const begin = process.hrtime.bigint();
  const { stdout, stderr, status } = spawnSync(words[0], words.slice(1), {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  if (status !== 0) throw new Error(`${command}\n${stderr}`);
  return {
    seconds,
    memory: measured ? Number(readFileSync(report, 'utf8').trim().split('\n').at(-1)) * 1024 : undefined,
    stdout: stdout.trim(),
  };
}

export const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/**
 * Runs commands in turn, once to warm up and then so many times.
 *
 * @param commands by name: a command, or `{ command, before }` with what is to be done before each run and takes no time
 * @returns by name: the median of seconds, the greatest of memory, what the last run printed
 */
export function inTurn(commands, { runs, cores }) {
  const results = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let i = -1; i < runs; i++) {
    for (const [name, entry] of Object.entries(commands)) {
      entry.before?.();
      const result = run(entry.command ?? entry, cores);
      if (i >= 0) results[name].push(result);
    }
  }
  return Object.fromEntries(
    Object.entries(results).map(([name, all]) => [
      name,
      {
        seconds: median(all.map(({ seconds }) => seconds)),
        memory: Math.max(...all.map(({ memory }) => memory ?? 0)) || undefined,
        stdout: all.at(-1).stdout,
      },
    ]),
  );
}
