import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { testFolder } from '../folder.js';

const BENCH = fileURLToPath(new URL('../bench/bench.js', import.meta.url));

it('the race compares answers and writes a table, a picture and the lines for the README', () => {
  const folder = testFolder();
  const out = join(folder, 'results');
  const asked = ['--records', '20000', '--files', '25', '--cores', 'all', '--runs', '1', '--no-others'];
  const block = execFileSync(
    process.execPath,
    [BENCH, ...asked, '--only', 'text,store,duckdb,bare-node,import', '--out', out],
    {
      encoding: 'utf8',
      env: { ...process.env, FLOWLOG_BENCH_CACHE: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const names = ['flowlog on text', 'flowlog on its store', 'DuckDB, its own script', 'flowlog import'];
  const table = readFileSync(join(out, 'speed.md'), 'utf8');
  expect(table).toMatch(/^The answer has [1-9]\d* rows\.$/m);
  for (const name of names) {
    expect(table).toMatch(new RegExp(`^\\| ${name} \\| [\\d.]+ \\| [\\d.]+ \\| [\\d.]+ \\|`, 'm'));
    expect(block).toMatch(new RegExp(`^\\| ${name} \\| [\\d.]+ \\|$`, 'm'));
  }
  expect(table).toContain("| *Node's zlib in threads: the bare limit* |");
  const results = JSON.parse(readFileSync(join(out, 'speed.json'), 'utf8'));
  expect(results.races).toMatchObject([{ records: 20_000, files: 25 }]);
  const picture = readFileSync(join(out, 'speed.svg'), 'utf8');
  for (const name of names.slice(0, 3)) expect(picture).toContain(`>${name}</text>`);
});
