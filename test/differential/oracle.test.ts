import { afterAll, describe, expect, inject, it } from 'vitest';
import { flowlog } from '../e2e/bin.js';
import type { Row } from '../oracle/answers.js';
import { commandLine } from '../oracle/asked.js';
import { compareWorld, expectedRows, KINDS } from '../oracle/compared.js';
import { SEED } from '../seed.js';
import { DATABASE } from './datasets.js';
import { ORACLE_WORLDS, oracleQuestions } from './oracle-worlds.js';
import { sampled } from './sampled.js';

const WORLDS = 25;
const QUESTIONS = 40;
const long = process.env.FLOWLOG_TEST_LONG !== undefined;

describe(`${WORLDS * QUESTIONS} random questions of random logs`, () => {
  let rows = 0;
  // Each of text, Parquet or a store in turn; in the long form of each.
  for (const kinds of long ? KINDS.map((kind) => [kind]) : [KINDS]) {
    it.each(Array.from({ length: WORLDS }, (_, i) => i + 1))(
      `are answered as the rules say, ${kinds}, world %i`,
      async (number) => {
        rows += await compareWorld(1000 * SEED + 100 + number, kinds, QUESTIONS);
      },
    );
  }
  afterAll(() => {
    console.log(`${rows} rows compared, seed ${SEED} (FLOWLOG_TEST_SEED).`);
    expect(rows).toBeGreaterThan(WORLDS * QUESTIONS);
  });
});

const services = inject('services');

/** JSON has percents, the rows of an engine hundredths of them. */
function inHundredths(row: Row): Row {
  const { share, cumulative } = row;
  const whole = (value: Row[string]) => (value === null ? null : Math.round(Number(value) * 100));
  return share === undefined ? row : { ...row, share: whole(share), cumulative: whole(cumulative!) };
}

describe.skipIf(!services)('random questions to Athena', () => {
  const { env } = services ?? { env: {} };
  const asked = ORACLE_WORLDS.flatMap(({ name, world }) =>
    oracleQuestions(name).map((question) => ({ name, world, question })),
  );

  it.each(sampled(asked).map((each) => [each.name, commandLine(each.question).join(' '), each] as const))(
    '%s: %s',
    async (_, __, { name, world, question }) => {
      const args = [...commandLine(question), '--format', 'json'];
      const { code, stdout, stderr } = await flowlog([...args, '--table', `${DATABASE}.${name}`], { env });
      expect(code, stderr).toBe(0);
      const rows = (JSON.parse(stdout) as Row[]).map(inHundredths);
      expect(rows).toEqual(expectedRows(question, world, rows));
    },
  );
});
