import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { beaconTable, byteTable, FEW_PORTS, scanTable } from './recall.js';

const PAGE = new URL('../../docs/recall.md', import.meta.url);
const SEEDS = Number(process.env.FLOWLOG_WORLDS ?? '1');

/**
 * The tables of the page are those of the first seed. FLOWLOG_WORLDS=20 prints those of twenty, and FLOWLOG_WORLDS_WRITE=1 writes
 * the page's.
 */
async function check(name: string, made: (seeds: readonly number[]) => Promise<string>): Promise<void> {
  const text = await made(Array.from({ length: SEEDS }, (_, index) => index + 1));
  if (SEEDS !== 1) {
    process.stdout.write(`\n${name}, ${SEEDS} seeds\n${text}\n`);
    return;
  }
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [`<!-- ${name} -->\n\n`, `\n\n<!-- /${name} -->`];
  const [before, rest] = page.split(begin) as [string, string];
  const [told, after] = rest.split(end) as [string, string];
  if (process.env.FLOWLOG_WORLDS_WRITE) writeFileSync(PAGE, before + begin + text + end + after);
  else expect(told).toBe(text);
}

describe('known traffic in the sample is found', () => {
  it(
    'beacons of every period and jitter',
    () => check('beacons', (seeds) => beaconTable(seeds, SEEDS === 1 ? FEW_PORTS : undefined)),
    3_600_000,
  );
  it('scans of four shapes', () => check('scans', scanTable), 3_600_000);
  it(
    'bytes to high ports, through NAT, of pods and amid a failover',
    () => check('bytes', byteTable),
    3_600_000,
  );
});
