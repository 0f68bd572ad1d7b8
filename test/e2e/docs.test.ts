import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testFolder } from '../folder.js';
import { flowlog } from './bin.js';
import { exampleFolder, exampleShell, runLine } from './examples.js';

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
    // What took long showed how far it was on the same line.
    .replace(/^.*\r/s, '')
    .trim()
    .replace(/\b(?:\d+ min )?\d+(?:\.\d)? s\b/g, '0.0 s');

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
      const found = statSync(join(ROOT, target), { throwIfNoEntry: false });
      expect(found?.isDirectory() || found?.size, link).toBeTruthy();
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
        const isPrinted = (each: string) =>
          printed.some((text) => text === each || (each.endsWith('…') && text.startsWith(each.slice(0, -1))));
        expect(
          shown.filter((each) => !isPrinted(each)),
          line,
        ).toEqual([]);
      }
    },
  );

  it('README.ja.md lists the questions of README.md', () => {
    const questions = (page: string) =>
      [...read(page).matchAll(/^\| `([^`]*)` \|/gm)].map(([, name]) => name);
    expect(questions('README.ja.md')).toEqual(questions('README.md'));
  });

  it('the bucket policy of docs/ja/athena.md grants what flowlog policy asks of that bucket', async () => {
    const page = read('docs/ja/athena.md');
    const { line } = examples(page).find(
      (each) => each.line.includes('policy egress') && each.line.includes('archive-logs'),
    )!;
    const run = await exampleShell(work);
    const asked = grants(JSON.parse((await run(line)).stdout)).filter((each) =>
      each.includes(':archive-logs'),
    );
    expect(grants(JSON.parse(fences(page, 'json')[0]!))).toEqual(asked);
    expect(asked).not.toEqual([]);
  });

  it.each(PAGES.filter((page) => fences(read(page), 'json').length > 0))('the JSON of %s is JSON', (page) => {
    for (const content of fences(read(page), 'json')) expect(JSON.parse(content)).toBeTypeOf('object');
  });

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

describe.skipIf(process.platform !== 'linux')('the script of docs/ja/monthly-audit.md', () => {
  const page = read('docs/ja/monthly-audit.md');
  let work: string;
  let folder: string;
  beforeAll(async () => {
    work = await exampleFolder();
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));
  beforeEach(() => {
    folder = testFolder();
    cpSync(work, folder, { recursive: true });
    cpSync(join(folder, 'my-names/inventory'), join(folder, 'inventory'), { recursive: true });
    writeFileSync(join(folder, 'flow-logs.json'), '{"FlowLogs": []}');
    writeFileSync(join(folder, 'flowlog.toml'), 'logs = "my-logs"\n');
    const [script] = fences(page, 'sh');
    writeFileSync(join(folder, 'monthly-audit.sh'), script!.replace('/srv/audit', folder));
  });
  const run = (month: string) => runLine(`sh monthly-audit.sh ${month}`, folder, {});
  const mailed = () => readFileSync(join(folder, 'mailed.txt'), 'utf8');

  it('mails the verdict, and leaves signed evidence', async () => {
    expect((await run('2026-06')).code).toBe(3);
    expect(mailed()).toMatch(/^2026-06: 閉じていませんでした\nVerdict: NOT CLOSED/);
    expect(mailed()).toContain('Period:  2026-06-01 00:00 to 2026-07-01 00:00 Asia/Tokyo');
    const pack = join(folder, 'evidence-2026-06.zip');
    const verified = await flowlog(['verify', pack, '--key', join(folder, 'audit.pub.pem')]);
    expect(verified.code).toBe(0);
  });

  it('mails why it cannot be said', async () => {
    expect((await run('2026-02')).code).toBe(4);
    expect(mailed()).toMatch(/^2026-02: 判断できません\nVerdict: CANNOT BE SAID/);
  });

  it('mails why the audit failed', async () => {
    rmSync(join(folder, 'allow.toml'));
    expect((await run('2026-06')).code).toBe(2);
    expect(mailed()).toMatch(/^2026-06: 監査に失敗しました（終了コード 2）\nflowlog: .*allow\.toml/);
  });

  it('mails that all was closed, for the month before unless one is given', async () => {
    writeFileSync(join(folder, 'flowlog'), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
    expect((await run('')).code).toBe(0);
    const [, since, until] = /--since (\S+) --until (\S+)/.exec(mailed())!;
    expect(mailed()).toMatch(new RegExp(`^${since}: 閉じていました\n`));
    const tokyo = new Date(Date.now() + 9 * 3_600_000);
    expect(until).toBe(tokyo.toISOString().slice(0, 7));
    tokyo.setUTCDate(0);
    expect(since).toBe(tokyo.toISOString().slice(0, 7));
  });
});

/** What a policy grants: each action on each resource. */
const grants = ({ Statement }: { Statement: Array<Record<'Action' | 'Resource', string | string[]>> }) =>
  Statement.flatMap(({ Action, Resource }) =>
    [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action} ${resource}`)),
  ).sort();

/** The anchors that code hosts make of headings. */
const anchors = (text: string) =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
