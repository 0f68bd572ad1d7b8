import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { randomOf } from '../damage.js';
import { flowlog, spawnFlowlog } from '../e2e/bin.js';
import { writeFiles } from '../folder.js';
import { logFile, record } from '../records.js';
import { runs, SEED } from '../seed.js';

/** `FLOWLOG_CRASHES=200` kills at that many moments. */
const CRASHES = Number(process.env.FLOWLOG_CRASHES ?? runs(8));
/** The steps of an import, and how often it comes to each with these logs. */
const MOMENTS = {
  written: 1,
  decided: 1,
  moving: 4,
  moved: 1,
  removing: 4,
  removed: 1,
  recorded: 1,
  done: 1,
} as const;
const ALL = Object.entries(MOMENTS).flatMap(([moment, times]) =>
  Array.from({ length: times }, (_, i) => `${moment}:${i + 1}`),
);

const work = mkdtempSync(join(tmpdir(), 'flowlog-crash-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const log = (packets: number) =>
  logFile(
    Array.from({ length: 40 }, (_, i) =>
      record({ packets, start: 1_780_000_000 + (i % 4) * 86_400, srcport: i, dstaddr: '203.0.113.9' }),
    ),
  );

/** Every record, whichever way it is kept. */
async function records(logs: string): Promise<string> {
  const statement = 'SELECT * FROM {{logs}} ORDER BY ALL';
  const { stdout, stderr, code } = await flowlog(['query', statement, '--logs', logs, '--format', 'csv']);
  expect(code, stderr).toBe(0);
  return stdout;
}

it(`an import killed inside its steps leaves a store equal to the logs (${CRASHES} times)`, {
  timeout: 120_000 + CRASHES * 20_000,
}, async () => {
  const counts: Record<string, number> = {};
  const random = randomOf(SEED);
  for (let round = 0; round < CRASHES; round++) {
    const source = join(work, `logs-${round}`);
    const target = join(work, `store-${round}`);
    await writeFiles(source, { 'a.log.gz': log(1), 'b.log.gz': log(2) });
    const take = ['import', source, '--to', target, '--quiet'];
    const killed = async (fault: string) =>
      (await spawnFlowlog(take, { env: { FLOWLOG_TEST_FAULT: fault } })).code === null;
    expect((await flowlog(take)).code).toBe(0);
    // One file changes, so that its records are replaced; one is new.
    await writeFiles(source, { 'a.log.gz': log(3 + round), 'c.log.gz': log(4) });
    const fault = ALL[round % ALL.length]!;
    expect({ fault, killed: await killed(fault) }).toEqual({ fault, killed: true });
    const [moment] = fault.split(':');
    counts[moment!] = (counts[moment!] ?? 0) + 1;
    // The import that takes up what was left is killed as well, where it comes to that step.
    if (random(2) === 0 && (await killed(ALL[random(ALL.length)]!))) counts.again = (counts.again ?? 0) + 1;
    expect((await flowlog(take)).code).toBe(0);
    expect(await records(target)).toBe(await records(source));
    expect(readdirSync(join(target, '.flowlog'))).toEqual(['ledger.duckdb']);
    for (const folder of [source, target]) rmSync(folder, { recursive: true });
  }
  console.info(counts);
});
