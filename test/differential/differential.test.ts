import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { flowlog } from '../e2e/bin.js';
import { CASES } from './cases.js';
import { DATABASE } from './datasets.js';
import { sampled } from './sampled.js';

const services = inject('services');
const began = performance.now();
let same = 0;
let answers = 0;

/** What must be known beside an answer. Athena counts only up to a limit. */
const asides = (stderr: string) => stderr.split('\n').filter((line) => /SKIPDATA/.test(line));

describe.skipIf(!services)('the same answer from both engines', () => {
  const { env, logs, versions } = services ?? { env: {}, logs: '', versions: '' };

  it.concurrent.each(sampled(CASES).map(({ dataset, args }) => [dataset, args.join(' ')] as const))(
    '%s: %s',
    async (dataset, line) => {
      const args = line.split(' ');
      const local = await flowlog([...args, '--logs', join(logs, dataset)]);
      const athena = await flowlog([...args, '--table', `${DATABASE}.${dataset}`], { env });
      for (const { code, stderr } of [local, athena]) if (code !== 0) throw new Error(stderr);
      expect(athena.stdout).toBe(local.stdout);
      if (!args.includes('--limit')) expect(asides(athena.stderr)).toEqual(asides(local.stderr));
      same++;
      if (local.stdout.trimEnd().split('\n').length > 1) answers++;
    },
  );

  afterAll(() => {
    const seconds = Math.round((performance.now() - began) / 1000);
    console.log(
      `${same} of ${sampled(CASES).length} cases the same, ${answers} of them with rows; ${versions}; ${seconds} s.`,
    );
    expect(CASES.length).toBeGreaterThan(200);
    // Two engines that both find nothing prove little. A few of the cases may happen to be the empty ones.
    expect(answers).toBeGreaterThan((sampled(CASES).length === CASES.length ? 0.8 : 0.5) * same);
  });
});
