import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { flowlog, spawnFlowlog } from '../e2e/bin.js';
import { writeFiles } from '../folder.js';
import { logFile, record } from '../records.js';
import { runs } from '../seed.js';

/** `FLOWLOG_CRASHES=200` kills at that many moments. */
const CRASHES = Number(process.env.FLOWLOG_CRASHES ?? runs(8));
const MOMENTS = ['written', 'decided', 'moving', 'moved', 'removing', 'removed', 'recorded', 'done'];

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
  for (let round = 0; round < CRASHES; round++) {
    const moment = MOMENTS[round % MOMENTS.length]!;
    const source = join(work, `logs-${round}`);
    const target = join(work, `store-${round}`);
    await writeFiles(source, { 'a.log.gz': log(1), 'b.log.gz': log(2) });
    const take = ['import', source, '--to', target, '--quiet'];
    expect((await flowlog(take)).code).toBe(0);
    // One file changes, so that its records are replaced; one is new.
    await writeFiles(source, { 'a.log.gz': log(3 + round), 'c.log.gz': log(4) });
    const at = 1 + (Math.floor(round / MOMENTS.length) % 4);
    const { code } = await spawnFlowlog(take, { env: { FLOWLOG_TEST_FAULT: `${moment}:${at}` } });
    const outcome = code === null ? 'killed' : 'ended';
    counts[`${moment} ${outcome}`] = (counts[`${moment} ${outcome}`] ?? 0) + 1;
    if (at === 1) expect({ moment, outcome }).toEqual({ moment, outcome: 'killed' });
    expect((await flowlog(take)).code).toBe(0);
    expect(await records(target)).toBe(await records(source));
    expect(readdirSync(join(target, '.flowlog'))).toEqual(['ledger.duckdb']);
    expect(existsSync(join(target, '.flowlog', 'change.json'))).toBe(false);
    for (const folder of [source, target]) rmSync(folder, { recursive: true });
  }
  console.info(counts);
});
