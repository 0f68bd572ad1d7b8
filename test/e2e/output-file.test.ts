import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testFolder, writeFiles } from '../folder.js';
import { logFile, record } from '../records.js';
import { flowlog, spawnFlowlog } from './bin.js';

async function folder() {
  const folder = await writeFiles(testFolder(), {
    'logs/a.log.gz': logFile([record({ srcaddr: '10.10.24.17', dstaddr: '203.0.113.9' })]),
    'victim.txt': 'keep\n',
  });
  const ask = ['egress', '--subnet', '10.10.24.0/24', '--logs', join(folder, 'logs'), '--quiet'];
  return { folder, ask };
}

describe('--output', () => {
  it('replaces a planted link, and follows none of a name that could be guessed', async () => {
    const { folder: cwd, ask } = await folder();
    symlinkSync('victim.txt', join(cwd, 'out.csv'));
    symlinkSync('victim.txt', join(cwd, 'out.csv.partial'));
    expect(await flowlog([...ask, '-o', 'out.csv'], { cwd })).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(join(cwd, 'victim.txt'), 'utf8')).toBe('keep\n');
    expect(lstatSync(join(cwd, 'out.csv')).isFile()).toBe(true);
    expect(readFileSync(join(cwd, 'out.csv'), 'utf8')).toContain('203.0.113.9');
    expect(readdirSync(cwd).sort()).toEqual(['logs', 'out.csv', 'out.csv.partial', 'victim.txt']);
  });

  it.each([
    ['a folder that is not there', 'none/out.csv', 'none/out.csv cannot be written (ENOENT).'],
    ['a folder', 'logs', 'logs cannot be written (EISDIR).'],
  ])('%s: one line, and no file', async (_what, path, says) => {
    const { folder: cwd, ask } = await folder();
    const { code, stderr } = await flowlog([...ask, '-o', path], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain(says);
    expect(readdirSync(cwd).sort()).toEqual(['logs', 'victim.txt']);
  });

  it.each([
    ['out.md', '| --- |'],
    ['out.JSON', '[\n{"'],
    ['out.jsonl', '{"'],
    ['out.csv', 'start_time,'],
    ['out.xlsx', 'xl/worksheets/sheet2.xml'],
    ['out.parquet', 'PAR1'],
    ['out.txt', 'start_time  '],
    ['out', 'start_time,'],
  ])('%s takes its format from its ending', async (name, holds) => {
    const { folder: cwd, ask } = await folder();
    expect(await flowlog([...ask, '-o', name], { cwd })).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(join(cwd, name), 'utf8')).toContain(holds);
  });

  it.each([
    ['an ending of no format', ['-o', 'out.pdf'], '-o out.pdf: no format has the ending .pdf.'],
    [
      'another format than the ending says',
      ['-o', 'out.csv', '-f', 'json'],
      '-o out.csv ends like csv, but the format is json.',
    ],
    [
      'notes where they have no place',
      ['-o', 'out.ndjson', '--with-notes'],
      '--with-notes: ndjson has no place for notes.',
    ],
  ])('refuses %s, and writes no file', async (_what, more, says) => {
    const { folder: cwd, ask } = await folder();
    const { code, stderr } = await flowlog([...ask, ...more], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain(says);
    expect(readdirSync(cwd).sort()).toEqual(['logs', 'victim.txt']);
  });

  it('takes --format where the ending is of no format', async () => {
    const { folder: cwd, ask } = await folder();
    await flowlog([...ask, '-o', 'out.log', '-f', 'ndjson'], { cwd });
    expect(readFileSync(join(cwd, 'out.log'), 'utf8')).toMatch(/^\{"/);
  });

  it.runIf(existsSync('/dev/full'))('a full disk: one line that says so', async () => {
    const { ask } = await folder();
    const { code, stderr } = await flowlog([...ask, '-o', '/dev/full']);
    expect(code).toBe(1);
    expect(stderr).toContain('/dev/full cannot be written: the disk is full (ENOSPC).');
  });
});

describe('--max-input', () => {
  it.each(['egress', 'import'])('bounds standard input of %s, and leaves nothing', async (command) => {
    const { folder: cwd, ask } = await folder();
    const args = command === 'egress' ? [...ask.slice(0, 4), '-'] : ['import', '-', '--to', 'store'];
    const temp = testFolder();
    const settings = { cwd, input: Buffer.alloc(2_000_000, 'x'), env: { TMPDIR: temp } };
    const { code, stderr } = await spawnFlowlog([...args, '--max-input', '1MB'], settings);
    expect(code).toBe(1);
    expect(stderr).toContain('standard input is larger than 1.0 MB');
    expect(stderr).toContain('--max-input');
    expect(readdirSync(temp)).toEqual([]);
  });

  it.runIf(existsSync('/dev/zero'))('bounds a device', async () => {
    const { stderr } = await flowlog([
      ...['egress', '--subnet', '10.10.24.0/24', '--logs', '/dev/zero', '--max-input', '1MB'],
    ]);
    expect(stderr).toContain('/dev/zero is larger than 1.0 MB');
  });
});
