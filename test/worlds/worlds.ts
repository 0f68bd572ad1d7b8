import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Planted } from '../../src/sample/planted.js';
import { flowlog } from '../e2e/bin.js';

/** Logs of the sample with known traffic, and what was planted. */
export interface World {
  readonly logs: string;
  readonly truth: readonly Planted[];
}

/** @param kinds values of `--with` */
export async function world(
  folder: string,
  kinds: readonly string[],
  { seed = 1, format = '5' } = {},
): Promise<World> {
  const [logs, truth] = [join(folder, 'logs'), join(folder, 'truth.json')];
  const planted = kinds.flatMap((kind) => ['--with', kind]);
  const words = ['--days', '1', '--seed', String(seed), '--format', format, '--quiet', '--truth', truth];
  const { code, stderr } = await flowlog(['sample', logs, ...words, ...planted]);
  expect([code, stderr]).toEqual([0, '']);
  return { logs, truth: JSON.parse(readFileSync(truth, 'utf8')) };
}

/** The rows of an answer. */
export async function ask(
  { logs }: World,
  question: string,
  ...words: string[]
): Promise<Record<string, string | number | null>[]> {
  const shown = ['--format', 'json', '--limit', '100000', '--logs', logs];
  const { code, stdout, stderr } = await flowlog([question, ...words, ...shown]);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
