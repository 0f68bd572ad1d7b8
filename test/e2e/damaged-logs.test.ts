import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { damaged, randomOf } from '../damage.js';
import { testFolder } from '../folder.js';
import { runs } from '../seed.js';
import { flowlog } from './bin.js';

/** Damages for each kind of input; ten thousand in all with FLOWLOG_DAMAGES=2000, which prints what came of them. */
const DAMAGES = Number(process.env.FLOWLOG_DAMAGES ?? runs(5));
const RECORDS = 40;

const NAMES =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
const LINES = Array.from(
  { length: RECORDS },
  (_, i) =>
    `2 123456789012 eni-0a 10.0.1.${i} 203.0.113.9 ${49_152 + i} 443 6 1 100 ${1_700_000_000 + i} ${1_700_000_060 + i} ACCEPT OK`,
);
const INPUTS: Record<string, Buffer> = {
  text: Buffer.from([NAMES, ...LINES, ''].join('\n')),
  gzip: gzipSync([NAMES, ...LINES, ''].join('\n')),
  JSON: Buffer.from(JSON.stringify({ events: LINES.map((message) => ({ message, timestamp: 1 })) }, null, 1)),
  'JSON lines': Buffer.from(LINES.map((message) => `${JSON.stringify({ message })}\n`).join('')),
  CSV: Buffer.from(['@timestamp,@message', ...LINES.map((line) => `1,"${line}"`), ''].join('\n')),
};

const SUM = ['talkers', '--columns', 'flows', '--format', 'csv'];
const flowsOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .reduce((sum, line) => sum + Number(line), 0);

/**
 * Damages the input, asks it, and asks a store of it.
 *
 * @returns what came of it
 */
async function outcomeOf(kind: string, input: Buffer, seed: number): Promise<string> {
  const path = join(testFolder(), 'log');
  writeFileSync(path, damaged(input, randomOf(seed * 7919)));
  const what = `${kind}, damage ${seed}`;
  const asked = await flowlog([...SUM, '--logs', path]);
  const store = join(testFolder(), 'store');
  const taken = await flowlog(['import', path, '--to', store]);
  for (const { code, stderr } of [asked, taken]) {
    expect(stderr, what).not.toMatch(/internal error|\n\s+at /);
    expect([0, 1, 2], `${what}: ${stderr}`).toContain(code);
  }
  if (asked.code !== 0) {
    // Where the header is damaged, a field that is needed may be unknown.
    const reason = asked.code === 1 ? /is not a flow log|None of the/ : /^flowlog: These logs do not record/;
    expect(asked.stderr, what).toMatch(reason);
    return 'refused';
  }
  const flows = flowsOf(asked.stdout);
  if (flows > 0) {
    const kept = await flowlog([...SUM, '--logs', store]);
    expect(flowsOf(kept.stdout), what).toBe(flows);
  }
  if (/malformed|truncated|damaged/.test(asked.stderr)) return 'answered, the loss said';
  if (flows >= RECORDS) return 'answered whole';
  // Text that is cut off at the end of a line shows no sign of it.
  expect(['text', 'CSV', 'JSON lines'], `${what}: ${flows} flows and ${asked.stderr}`).toContain(kind);
  return 'answered, cut where a line ended';
}

describe.each(Object.entries(INPUTS))('%s that is damaged', (kind, input) => {
  it('is answered or refused, and what is lost is said; a store of it agrees', async () => {
    const outcomes: Record<string, number> = {};
    for (let seed = 1; seed <= DAMAGES; seed++) {
      const outcome = await outcomeOf(kind, input, seed);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    if (process.env.FLOWLOG_DAMAGES) console.info(`${kind}: ${JSON.stringify(outcomes)}`);
    expect(Object.values(outcomes).reduce((sum, count) => sum + count)).toBe(DAMAGES);
  });
});
