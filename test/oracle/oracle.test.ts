import { describe, expect, it } from 'vitest';
import { runs, SEED } from '../seed.js';
import { compareWorld, KINDS } from './compared.js';

describe('random questions of random logs', () => {
  it.each([1, 2])('are answered as the rules say, world %i', async (number) => {
    expect(await compareWorld(1000 * SEED + number, KINDS, runs(16))).toBeGreaterThan(0);
  });
});
