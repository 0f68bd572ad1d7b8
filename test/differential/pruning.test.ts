import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { parseKey } from '../../src/flowlog/s3-layout.js';
import { flowlog } from '../e2e/bin.js';
import { testFolder } from '../folder.js';
import { sample } from './datasets.js';
import { Moto } from './moto.js';

const services = inject('services');
const DAYS = 12;
const EGRESS = ['egress', '--subnet', '10.10.24.0/24'];
/** Of Tokyo: from 15:00 UTC of the 4th to 15:00 UTC of the 5th, and an hour and ten minutes of late delivery. */
const ONE_DAY = ['--since', '2026-06-05', '--until', '2026-06-06', '--late', '70m'];
const inDays = (path: string) => ['2026-06-04', '2026-06-05'].includes(parseKey(path)!.day);
const inHours = (path: string) => {
  const { day, hour } = parseKey(path)!;
  return (day === '2026-06-04' && hour! >= 15) || (day === '2026-06-05' && hour! <= 16);
};

async function filesBelow(folder: string): Promise<Array<{ path: string; size: number }>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(paths.map(async (path) => ({ path, size: (await stat(path)).size })));
}

describe.skipIf(!services)('a question about a day of twelve', () => {
  const { env, moto: url } = services ?? { env: {}, moto: '' };

  it.each([
    ['plain', 'daily', inDays],
    ['hive', 'daily', inDays],
    ['plain', 'hourly', inHours],
    ['hive', 'hourly', inHours],
  ] as const)('reads its files only, from %s %s folders', async (layout, folders, mayHold) => {
    const logs = testFolder();
    const hourly = folders === 'hourly' ? ['--hourly'] : [];
    await sample(logs, ['--layout', layout, ...hourly, '--days', String(DAYS), '--records', '6000']);
    const name = `pruned-${layout}-${folders}`;
    const moto = new Moto(url);
    await moto.bucket(name);
    await moto.upload(name, '', logs);
    const files = await filesBelow(logs);
    const needed = files.filter(({ path }) => mayHold(path));
    expect(needed.length).toBeLessThan(files.length / 4);

    const table = `pruning.${layout}_${folders}`;
    const created = await flowlog(
      [
        'create-table',
        '--location',
        `s3://${name}/`,
        '--database',
        'pruning',
        '--table',
        `${layout}_${folders}`,
      ],
      { env },
    );
    expect(created.code).toBe(0);
    const athena = await flowlog([...EGRESS, ...ONE_DAY, '--table', table], { env });
    const local = await flowlog([...EGRESS, ...ONE_DAY, '--logs', logs]);
    expect(local.stdout.split('\n').length).toBeGreaterThan(3);
    expect(athena.stdout).toBe(local.stdout);

    // What Trino says that it read, to the byte.
    const id = /by query (\S+)/.exec(athena.stderr)![1];
    const history = await flowlog(['history', '--limit', '1000', '--format', 'json'], { env });
    const executions = JSON.parse(history.stdout) as Array<{ id: string; bytes: number }>;
    expect(executions.find((each) => each.id === id)?.bytes).toBe(
      needed.reduce((sum, { size }) => sum + size, 0),
    );

    // No other file is opened here: each would be counted.
    for (const { path } of files.filter((file) => !mayHold(file.path))) await writeFile(path, 'no log');
    const again = await flowlog([...EGRESS, ...ONE_DAY, '--logs', logs]);
    expect(again).toMatchObject({ code: 0, stdout: local.stdout });
    expect(again.stderr).toContain(`${files.length - needed.length} files of other days not read.`);
    expect((await flowlog([...EGRESS, '--logs', logs, '--strict'])).code).toBe(1);
  });
});
