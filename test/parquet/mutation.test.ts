import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { randomOf } from '../damage.js';
import { flowlog } from '../e2e/bin.js';
import { testFolder } from '../folder.js';
import { runs, SEED } from '../seed.js';

const FILES = fileURLToPath(new URL('files', import.meta.url));
const NAMES = readdirSync(FILES).sort();
/** Damages tried; thousands with FLOWLOG_TEST_MUTATIONS. */
const COUNT = Number(process.env.FLOWLOG_TEST_MUTATIONS ?? runs(12));
/** Records of write.py. */
const RECORDS = 4;

function damaged(bytes: Buffer, below: (limit: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  switch (below(4)) {
    case 0:
      return copy.subarray(0, 4 + below(copy.length - 4));
    case 1: {
      const at = 4 + below(copy.length - 4);
      return copy.fill(0, at, Math.min(copy.length, at + 1 + below(64)));
    }
    default:
      for (let i = 0; i <= below(4); i++) copy[4 + below(copy.length - 4)] = below(256);
      return copy;
  }
}

it(`${COUNT} damages of Parquet: what is lost is counted`, {
  timeout: 120_000 + COUNT * 10_000,
}, async () => {
  const folder = join(testFolder(), 'logs');
  mkdirSync(folder);
  copyFileSync(join(FILES, 'names-old.parquet'), join(folder, 'good.parquet'));
  const outcomes: Record<string, number> = {};
  const count = (outcome: string) => {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  };
  for (let i = 0; i < COUNT; i++) {
    const seed = SEED * 1_000_003 + i;
    const below = randomOf(seed);
    const name = NAMES[below(NAMES.length)]!;
    writeFileSync(join(folder, 'bad.parquet'), damaged(readFileSync(join(FILES, name)), below));
    const { code, stdout, stderr } = await flowlog([
      ...[
        'query',
        'SELECT count(*) AS records, count(DISTINCT srcaddr) AS sources, max("end") AS last FROM {{logs}}',
      ],
      ...['--format', 'json', '--logs', folder],
    ]);
    const what = `seed ${seed}, ${name}: ${stdout}${stderr}`;
    expect(code, what).toBe(0);
    expect(stderr, what).not.toMatch(/internal error|\n\s+at /i);
    const [{ records }] = JSON.parse(stdout) as [{ records: number }];
    if (records === 2 * RECORDS) count('answered whole');
    else {
      count('answered, the loss said');
      expect(records, what).toBeGreaterThanOrEqual(RECORDS);
      expect(stderr, what).toMatch(/damaged|malformed|not a flow log/);
    }
  }
  console.info(outcomes);
});
