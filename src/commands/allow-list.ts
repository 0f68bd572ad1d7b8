import { readFile } from 'node:fs/promises';
import type { AllowList } from '../audit/allow-file.js';
import { UsageError } from '../errors.js';
import type { Networks } from '../net/networks.js';

/** Reads an allow-list, and gives its text too. */
export async function readAllowList(
  path: string,
  networks: Networks,
): Promise<{ readonly list: AllowList; readonly text: string }> {
  const { parseAllowList } = await import('../audit/allow-file.js');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      `${path}: ${error.code === 'ENOENT' ? 'no such file' : error.code}.`,
      "Name an allow-list; 'flowlog help audit' shows one.",
    );
  });
  return { list: parseAllowList(text, path, networks), text };
}
