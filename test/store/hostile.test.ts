import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { flowlog } from '../e2e/bin.js';
import { testFolder, writeFiles } from '../folder.js';
import { logFile, record } from '../records.js';

const PART = 'day=2026-05-28/flowlog-0123456789abcdef.parquet';
const STAGED = '.flowlog/staging/0123456789abcdef.parquet';
const ENTRY = { id: 7, name: 'a', place: null, size: 1, modified: 1, sha256: 'a'.repeat(64), rows: 1 };
const CHANGE = { version: 1, added: [], removed: [], forgotten: [], entries: [] };

/** A store with one log file, and a file beside it that nobody may touch. */
async function store() {
  const folder = await writeFiles(testFolder(), {
    'logs/a.log.gz': logFile([record({ start: 1_780_000_000 })]),
    'precious.txt': 'precious\n',
  });
  const target = join(folder, 'store');
  const take = () => flowlog(['import', join(folder, 'logs'), '--to', target]);
  expect(await take()).toMatchObject({ code: 0 });
  const ask = () => flowlog(['coverage', '--logs', target]);
  return { folder, target, take, ask, own: (name: string) => join(target, '.flowlog', name) };
}

/** All files below a folder and what they say. */
function contentOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [
      join(parentPath, name),
      readFileSync(join(parentPath, name), 'latin1'),
    ]),
  );
}

describe('a store by somebody else', () => {
  it.each<[what: string, change: unknown, says: string]>([
    ['deletes a file', { ...CHANGE, removed: ['../precious.txt'] }, 'not one of a store: "../precious.txt"'],
    ['deletes the logs', { ...CHANGE, removed: ['/etc/passwd'] }, 'not one of a store: "/etc/passwd"'],
    [
      'moves a file in',
      { ...CHANGE, added: [{ staged: '../precious.txt', path: PART }] },
      'not a staged one: "../precious.txt"',
    ],
    [
      'moves a file out',
      { ...CHANGE, added: [{ staged: STAGED, path: '../written.parquet' }] },
      'not one of a store: "../written.parquet"',
    ],
    [
      'climbs behind a good beginning',
      { ...CHANGE, removed: [`${PART}/../../../precious.txt`] },
      'not one of a store',
    ],
    [
      'speaks SQL',
      { ...CHANGE, forgotten: ["1); COPY (SELECT 1) TO 'written.csv'; --"] },
      'is not described',
    ],
    [
      'speaks SQL in a number',
      { ...CHANGE, entries: [{ ...ENTRY, size: '1); DROP TABLE log_files' }] },
      'is not described',
    ],
    ['has a number too large', { ...CHANGE, entries: [{ ...ENTRY, id: 2 ** 31 }] }, 'is not described'],
    ['has no such hash', { ...CHANGE, entries: [{ ...ENTRY, sha256: "'" }] }, 'is not described'],
    ['is of another version', { ...CHANGE, version: 2 }, 'has the version 2, not 1'],
    ['has no version', { added: [], removed: [], forgotten: [], entries: [] }, 'has the version undefined'],
    ['is no object', [], 'has the version undefined'],
    ['names files that are nowhere', { ...CHANGE, added: [{ staged: STAGED, path: PART }] }, 'is missing'],
    ['is not JSON', undefined, 'is not JSON'],
  ])(
    'whose change %s: import and question say what is damaged and touch nothing',
    async (_what, change, says) => {
      const { folder, target, take, ask, own } = await store();
      await writeFile(own('change.json'), change === undefined ? '{"version": 1' : JSON.stringify(change));
      const before = contentOf(folder);
      for (const outcome of [await take(), await ask()]) {
        // A question needs no log files' numbers: it refuses what it would use.
        if (outcome.code === 0) continue;
        expect(outcome.code).toBe(1);
        expect(outcome.stderr).toContain(`The store ${target} is damaged`);
        expect(outcome.stderr).toContain('Rebuild it from the original logs');
      }
      expect((await take()).stderr).toContain(says);
      expect(contentOf(folder)).toEqual(before);
    },
  );

  it('that puts links in the place of its folders leads nowhere', async () => {
    for (const [link, to] of [
      ['.flowlog/staging', 'elsewhere'],
      ['.flowlog/change.json', 'elsewhere/change.json'],
      ['.flowlog/change.json.new', 'elsewhere/new'],
      ['.flowlog/ledger.duckdb.wal', 'elsewhere/wal'],
      ['day=2026-05-29', 'elsewhere'],
    ]) {
      const { folder, target, take } = await store();
      await writeFiles(folder, {
        'elsewhere/keep.txt': 'keep\n',
        'logs/b.log.gz': logFile([record({ start: 1_780_000_000 + 86_400 })]),
      });
      symlinkSync(join(folder, to!), join(target, link!));
      const { code, stderr } = await take();
      expect({ link, code }).toEqual({ link, code: 1 });
      expect(stderr).toContain(`${link} is a symbolic link`);
      expect(Object.keys(contentOf(join(folder, 'elsewhere')))).toEqual([
        join(folder, 'elsewhere', 'keep.txt'),
      ]);
    }
  });

  it.each<[what: string, sql: string]>([
    [
      'a view that reads files',
      "CREATE VIEW log_files AS SELECT 1::INTEGER AS id, content AS name, NULL::VARCHAR AS place, 1::BIGINT AS size, 1::BIGINT AS modified, '' AS sha256, 1::BIGINT AS rows FROM read_text('/etc/hostname')",
    ],
    ['a table of other columns', 'CREATE TABLE log_files (id VARCHAR)'],
    [
      'log files without a hash',
      "CREATE TABLE log_files (id INTEGER, name VARCHAR, place VARCHAR, size BIGINT, modified BIGINT, sha256 VARCHAR, rows BIGINT); INSERT INTO log_files VALUES (1, 'a', NULL, 1, 1, 'x', 1)",
    ],
  ])('whose ledger has %s', async (_what, sql) => {
    const { target, take, own } = await store();
    await rm(own('ledger.duckdb'));
    const instance = await DuckDBInstance.create(own('ledger.duckdb'));
    const connection = await instance.connect();
    for (const statement of sql.split('; ')) await connection.run(statement);
    connection.closeSync();
    instance.closeSync();
    const { code, stderr } = await take();
    expect(code).toBe(1);
    expect(stderr).toContain(`flowlog: The store ${target} is damaged: its ledger .flowlog/ledger.duckdb`);
    expect(stderr).toContain('Rebuild it from the original logs in a new folder');
  });

  it('whose ledger is no database says how to have a good one', async () => {
    const { target, take, ask, own } = await store();
    await writeFile(own('ledger.duckdb'), 'no database');
    for (const outcome of [await take(), await ask()]) {
      expect(outcome.code).toBe(1);
      expect(outcome.stderr).toContain(`The store ${target}`);
      expect(outcome.stderr).toContain('Rebuild it from the original logs');
    }
    expect(existsSync(own('ledger.duckdb'))).toBe(true);
  });
});
