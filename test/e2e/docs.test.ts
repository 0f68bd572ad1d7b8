import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testFolder } from '../folder.js';
import { flowlog } from './bin.js';
import { exampleFolder, exampleShell } from './examples.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const markdown = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const PAGES = [
  ...readdirSync(ROOT).filter((name) => /^README.*\.md$/.test(name)),
  ...markdown('docs'),
].sort();
const read = (page: string) => readFileSync(join(ROOT, page), 'utf8');

/** An indented `$ ` line, which a backslash continues, and the lines of its output that the page shows. */
interface Example {
  readonly line: string;
  readonly shown: readonly string[];
}

const examples = (text: string): Example[] =>
  [...text.matchAll(/^ {4}\$ ((?:.*\\\n)*.*)\n((?: {4}(?!\$ ).*\n)*)/gm)].map(([, line, output]) => ({
    line: line!,
    shown: output!
      .split('\n')
      .map(comparable)
      .filter((each) => each !== '' && each !== '…'),
  }));

/** Durations differ from run to run. */
const comparable = (line: string) =>
  stripVTControlCharacters(line)
    .trim()
    .replace(/\d+\.\d s\b/g, '0.0 s');

/** What asks AWS has another answer on loopback. */
const ASKS_AWS = /--table |s3:|^flowlog (cache|inventory)/;

const fences = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, content]) => content!);

const WITH_TOML = PAGES.filter((page) => fences(read(page), 'toml').length > 0);

describe('documents', () => {
  let work: string;
  beforeAll(async () => {
    work = await exampleFolder();
    // Networks that it names would stand beside addresses in every answer.
    rmSync(join(work, 'flowlog.toml'));
    expect((await flowlog(['sample', join(work, 'demo-logs'), '--quiet'])).code).toBe(0);
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it.each(PAGES.filter((page) => page.startsWith('README')))('%s has at most 150 lines', (page) =>
    expect(read(page).trimEnd().split('\n').length).toBeLessThanOrEqual(150),
  );

  it.each(PAGES)('every link of %s leads somewhere', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
    for (const [link, path, anchor] of links) {
      const target = path ? join(dirname(page), path) : page;
      expect(existsSync(join(ROOT, target)), link).toBe(true);
      if (anchor) expect(anchors(read(target)), link).toContain(anchor);
    }
  });

  it.each(PAGES.filter((page) => examples(read(page)).length > 0))(
    'the examples of %s run, and print what it shows',
    async (page) => {
      const run = await exampleShell(work, 120);
      for (const { line, shown } of examples(read(page))) {
        const { code, stdout, stderr } = await run(line);
        // A verdict other than closed is an answer too.
        const codes = /^flowlog audit .*--allow[^|]*$/s.test(line) ? [0, 3, 4] : [0];
        expect(codes, `${line}\n${stderr}`).toContain(code);
        expect(stderr, line).not.toMatch(/^flowlog: /m);
        if (ASKS_AWS.test(line)) continue;
        const printed = `${stdout}\n${stderr}`.split('\n').map(comparable);
        expect(printed, line).toEqual(expect.arrayContaining([...shown]));
      }
    },
  );

  it.each(WITH_TOML)('the TOML of %s is what flowlog reads', async (page) => {
    const folder = testFolder();
    for (const content of fences(read(page), 'toml')) {
      const file = join(folder, 'file.toml');
      writeFileSync(file, content);
      const args = content.includes('[[allow]]') ? ['allow', 'check', file] : ['config', '--config', file];
      expect(await flowlog(args, { cwd: folder })).toMatchObject({ code: 0 });
    }
  });
});

/** The anchors that code hosts make of headings. */
const anchors = (text: string) =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
