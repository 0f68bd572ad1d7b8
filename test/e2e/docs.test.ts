import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

/** Each indented `$ ` line, which a backslash continues. */
const examples = (text: string): string[] =>
  [...text.matchAll(/^ {4}\$ ((?:.*\\\n)*.*)$/gm)].map(([, command]) => command!);

describe('documents', () => {
  let work: string;
  beforeAll(async () => {
    work = await exampleFolder();
    expect((await flowlog(['sample', join(work, 'demo-logs'), '--quiet'])).code).toBe(0);
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('the README has at most 150 lines', () =>
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(150));

  it.each(PAGES)('every link of %s leads somewhere', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
    for (const [link, path, anchor] of links) {
      const target = path ? join(dirname(page), path) : page;
      expect(existsSync(join(ROOT, target)), link).toBe(true);
      if (anchor) expect(anchors(read(target)), link).toContain(anchor);
    }
  });

  it.each(PAGES.filter((page) => examples(read(page)).length > 0))('the examples of %s run', async (page) => {
    const run = await exampleShell(work);
    for (const line of examples(read(page))) {
      const { code, stderr } = await run(line);
      // A verdict other than closed is an answer too.
      const codes = /^flowlog audit .*--allow[^|]*$/s.test(line) ? [0, 3, 4] : [0];
      expect(codes, `${line}\n${stderr}`).toContain(code);
      expect(stderr, line).not.toMatch(/^flowlog: /m);
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
