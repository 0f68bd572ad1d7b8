import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Licences that let their code be given on under the MIT licence, with a notice. */
const ALLOWED =
  /^(?:MIT|MIT-0|ISC|0BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|BlueOak-1\.0\.0|Python-2\.0|Unlicense|CC0-1\.0)$/;

it('what is bundled has a licence that allows it', () => {
  const text = readFileSync(new URL('../dist/THIRD-PARTY-LICENSES.txt', import.meta.url), 'utf8');
  const names = text
    .split(`\n${'-'.repeat(80)}\n\n`)
    .map((notice) => /^(\S+) \d\S*$/m.exec(notice)?.[1] ?? '');
  expect(names.length).toBeGreaterThan(20);
  for (const name of names) {
    const about = new URL(`../node_modules/${name}/package.json`, import.meta.url);
    const { license } = JSON.parse(readFileSync(about, 'utf8')) as { license?: string };
    expect({ name, allowed: ALLOWED.test(license ?? '') || license }).toEqual({ name, allowed: true });
  }
});

it('workflows use actions by commit only', () => {
  for (const name of ['test', 'release']) {
    const text = readFileSync(new URL(`../.github/workflows/${name}.yml`, import.meta.url), 'utf8');
    const used = [...text.matchAll(/uses: (\S+)/g)].map(([, action]) => action);
    expect(used.length).toBeGreaterThan(0);
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  }
});

it('every test that SECURITY.md names is there, by its file and its title', () => {
  const text = readFileSync(new URL('../SECURITY.md', import.meta.url), 'utf8');
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1);
  expect(rows.length).toBeGreaterThan(15);
  for (const row of rows) {
    const tests = [...row.matchAll(/`(test\/\S+\.test\.ts)`: `([^`]+)`/g)];
    expect(tests, row).not.toEqual([]);
    for (const [, path, title] of tests) {
      const source = readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
      expect(source.includes(title!), `${path}: ${title}`).toBe(true);
    }
  }
});
