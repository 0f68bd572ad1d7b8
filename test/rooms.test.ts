import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { biomeRules, ROOMS, roomsTable, TABLE } from '../rooms.js';
import { testFolder, writeFiles } from './folder.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const textOf = (name: string) => readFileSync(join(ROOT, name), 'utf8');

describe('the rooms of src/', () => {
  it('are all in the list', () => {
    const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
    // What was generated may be left from before.
    const sources = files.filter((path) => /[/].*[.]ts$/.test(path) && !path.includes('.generated.'));
    const folders = [...new Set(sources.map((path) => path.split('/')[0]))];
    const listed = ROOMS.map(({ name }) => name).filter((name) => !name.includes('/'));
    expect(listed.sort()).toEqual(folders.sort());
  });

  it('import only rooms below them, so that there is no circle', () => {
    const names = ROOMS.map(({ name }) => name);
    for (const [i, { name, imports }] of ROOMS.entries()) {
      for (const room of imports) expect(names.indexOf(room), `${name} imports ${room}`).toBeGreaterThan(i);
    }
  });

  it('are what the linter and CONTRIBUTING.md say; `node rooms.js` writes both', () => {
    expect(JSON.parse(textOf('biome.rooms.json'))).toEqual(biomeRules());
    expect(TABLE.exec(textOf('CONTRIBUTING.md'))?.[0]).toBe(roomsTable());
  });
});

describe('the linter', () => {
  /** The errors in a folder with the configuration of this one. */
  async function errorsIn(files: Record<string, string>): Promise<string> {
    const folder = await writeFiles(testFolder(), files);
    for (const name of ['biome.json', 'biome.rooms.json', '.gitignore'])
      cpSync(join(ROOT, name), join(folder, name));
    const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
    try {
      execFileSync(process.execPath, [biome, 'lint', '.'], { cwd: folder, stdio: 'pipe' });
      return '';
    } catch (error) {
      return String((error as { stderr: Buffer }).stderr);
    }
  }

  it.each([
    ['src/net/a.ts', "import '../commands/scan.js';", 'net imports no other room'],
    ['src/net/a.ts', "export * from '../main.js';", 'net imports no other room'],
    ['src/store/column-kernel/a.ts', "import '../../engines/engine.js';", 'store imports only'],
    ['src/engines/athena/a.ts', "import '../duckdb/engine.js';", 'engines/athena imports only'],
    ['src/engines/engine.ts', "import './duckdb/engine.js';", 'engines/engine.ts imports only'],
    ['src/questions/a.ts', "await import('../engines/engine.js');", 'questions imports only'],
    ['src/scan/a.ts', "import type {} from '../duckdb/database.js';", 'scan imports only'],
    ['src/errors.ts', "import './net/cidr.js';", 'This file imports no room'],
  ])('refuses in %s: %s', async (path, text, message) => {
    expect(await errorsIn({ [path]: `${text}\n` })).toContain(message);
  });

  it('refuses a circle of files, of types as well', async () => {
    const files = {
      'src/net/a.ts': "import type { B } from './b.js';\n\nexport type A = B;\n",
      'src/net/b.ts': "import type { A } from './a.js';\n\nexport type B = A;\n",
    };
    expect(await errorsIn(files)).toContain('part of a cycle');
  });

  it('allows what is listed, and the own room', async () => {
    const text =
      "import '../../sql/sql.js';\nimport '../engine.js';\nimport './cost.js';\nimport '../../errors.js';\n";
    expect(await errorsIn({ 'src/engines/athena/a.ts': text })).toBe('');
  });
});
