import { expect } from 'vitest';
import { flowlog } from './bin.js';

export type AnswerRow = Readonly<Record<string, string | number | null>>;

/** The rows of an answer. */
export async function asked(args: readonly string[]): Promise<AnswerRow[]> {
  const { code, stdout, stderr } = await flowlog([...args, '--format', 'json', '--quiet']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as AnswerRow[];
}
