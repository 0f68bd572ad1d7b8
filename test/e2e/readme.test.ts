import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, flowlog } from './bin.js';
import { runLine } from './examples.js';

const EQUIVALENTS = readFileSync(new URL('../../docs/equivalents.md', import.meta.url), 'utf8');

/** The commands in the last columns of the tables. */
const INSTEAD = EQUIVALENTS.split('\n').flatMap(
  (line) => /^\| .* \| `(flowlog .*)` \|$/.exec(line)?.[1] ?? [],
);

describe('what others answer, flowlog answers', () => {
  let work: string;
  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'flowlog-readme-'));
    writeFileSync(join(work, 'flowlog'), `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`, {
      mode: 0o755,
    });
    expect((await flowlog(['sample', join(work, 'logs'), '--format', '5', '--quiet'])).code).toBe(0);
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('has a command for each', () => expect(INSTEAD).toHaveLength(16 + 12 + 4));

  it.each(INSTEAD)('%s', async (line) => {
    const { code, stdout, stderr } = await runLine(line, work, { FLOWLOG_LOGS: join(work, 'logs') });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('flowlog: ') });
    // The sample has something of everything, but for paths that lose packets.
    const rows = line.includes('packets > 1000') ? 0 : 1;
    expect(stdout.split('\n').length - 2).toBeGreaterThanOrEqual(rows);
  });
});
