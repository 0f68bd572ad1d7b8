import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ASSUMED, auditWorld, flow, NOW, quiet } from '../audit/world.js';
import { flowlog } from '../e2e/bin.js';
import { testFolder, writeFiles } from '../folder.js';
import { logFile, record, statusRecord } from '../records.js';

const BROWSER = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path !== undefined && existsSync(path),
);
if (!BROWSER) console.warn('No Chromium is here (CHROMIUM names another place): pages are not looked at.');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What would act if it became part of a page. */
const HOSTILE = `</style></title><script>window.owned=1</script><img src=x onerror="window.owned=1">'"\u202e&amp;`;

/** The report of a world with hostile names, in a language. */
async function report(lang: string): Promise<string> {
  const records = [...quiet({ except: [100, 101, 102] }), ...flow({}), ...flow({ dstaddr: '198.51.100.7' })];
  const { cwd, args } = await auditWorld({ records });
  const item = {
    id: 'eni-0f',
    vpc: 'vpc-1',
    type: 'interface',
    addresses: ['198.51.100.7'],
    tags: { Name: HOSTILE },
  };
  const snapshot = { flowlog: 'inventory', version: 1, taken: '2026-06-01T00:00:00Z', interfaces: [item] };
  await writeFiles(join(cwd, 'inventory'), { 'one.json': JSON.stringify(snapshot) });
  const more = [...ASSUMED, '--format', 'html', '--lang', lang, '--inventory', 'inventory'];
  const { code, stdout } = await flowlog([...args, ...more], { cwd, now: NOW });
  expect(code).toBe(3);
  return stdout;
}

/** A question's answer as a page, of a log with hostile values. */
async function answer(): Promise<string> {
  const records = [
    record({
      srcaddr: '10.10.24.1',
      dstaddr: '203.0.113.9',
      interface_id: '<script>window.owned=1</script>',
    }),
    record({ srcaddr: '10.10.24.2', dstaddr: '203.0.113.9' }),
    statusRecord('SKIPDATA', {}),
  ];
  const cwd = await writeFiles(testFolder(), { 'x.log.gz': logFile(records) });
  const columns = ['--columns', 'start_time,srcaddr,interface_id,bytes'];
  const asked = [
    'egress',
    '--subnet',
    '10.10.24.0/24',
    ...columns,
    '--logs',
    'x.log.gz',
    '-o',
    'answer.html',
  ];
  expect(await flowlog(asked, { cwd })).toMatchObject({ code: 0, stdout: '' });
  return readFileSync(join(cwd, 'answer.html'), 'utf8');
}

describe.skipIf(!BROWSER)('pages in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: BROWSER!, args: ['--no-sandbox'] });
  });
  afterAll(() => browser?.close());

  /** Opens a page as a file, and hears whatever it says, asks for, or breaks. */
  async function opened(
    html: string,
    width: number,
    look: (page: Page) => Promise<void>,
    name = 'page.html',
  ): Promise<void> {
    const path = join(testFolder(), name);
    writeFileSync(path, html);
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const heard: string[] = [];
    page.on('console', (message) => heard.push(message.text()));
    page.on('pageerror', (error) => heard.push(error.message));
    page.on('request', (request) => {
      if (!/^(?:file|data):/.test(request.url())) heard.push(request.url());
    });
    await page.goto(`file://${path}`);
    await look(page);
    expect(await page.evaluate('window.owned')).toBeUndefined();
    expect(heard).toEqual([]);
    await page.close();
  }

  it.each([
    ['English', 'en', 'Not closed'],
    ['Japanese', 'ja', '閉じていませんでした'],
  ])('the report in %s says its verdict, and nothing in it acts', async (_name, lang, verdict) => {
    const html = await report(lang);
    for (const width of [1280, 400]) {
      await opened(html, width, async (page) => {
        expect(await page.getAttribute('html', 'lang')).toBe(lang);
        expect(await page.textContent('.verdict strong')).toBe(verdict);
        // The name stands there as text.
        expect(await page.textContent('main')).toContain('<script>window.owned=1</script>');
        expect(await page.textContent('main')).not.toContain('\u202e');
        // Every picture is drawn, and nothing is wider than the page but what scrolls by itself.
        const pictures = (await page.evaluate(
          '[...document.images].map((img) => img.naturalWidth)',
        )) as number[];
        expect(pictures.length).toBeGreaterThanOrEqual(3);
        expect(Math.min(...pictures)).toBeGreaterThan(0);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      });
    }
  });

  it.each([
    ['the report', () => report('en')],
    ['an answer', answer],
  ])('%s is accessible, in light and in dark, and prints on A4', async (_name, make) => {
    const html = await make();
    for (const colorScheme of ['light', 'dark'] as const) {
      await opened(html, 1280, async (page) => {
        await page.emulateMedia({ colorScheme });
        await page.evaluate(AXE);
        const { violations } = (await page.evaluate('axe.run()')) as { violations: Array<{ id: string }> };
        expect(violations.map(({ id }) => id)).toEqual([]);
        const pdf = await page.pdf({ preferCSSPageSize: true });
        // A4 in points.
        expect(pdf.toString('latin1')).toMatch(/MediaBox\s*\[0 0 59[45](?:\.\d+)? 84[12]/);
      });
    }
  });

  it('an answer has its question, its rows and its notes', async () => {
    await opened(await answer(), 1280, async (page) => {
      expect(await page.textContent('h1')).toBe('flowlog egress');
      expect(await page.textContent('dl')).toContain('10.10.24.0/24');
      expect(await page.$$eval('tbody tr', (rows) => rows.length)).toBe(2);
      expect(await page.textContent('tbody')).toContain('<script>');
      expect(await page.textContent('main ul')).toContain('1 SKIPDATA record');
    });
  });

  it('a picture is drawn by itself and in a page, whatever the names hold', async () => {
    const hostile = record({
      srcaddr: '10.10.24.1',
      dstaddr: '203.0.113.9',
      interface_id: HOSTILE.replaceAll(' ', '/'),
    });
    const cwd = await writeFiles(testFolder(), { 'x.log.gz': logFile([hostile]) });
    const drawn = async (format: string) => {
      const { code, stdout } = await flowlog(
        ['talkers', '--by', 'interface', '--logs', 'x.log.gz', '--format', format],
        { cwd },
      );
      expect(code).toBe(0);
      return stdout;
    };
    await opened(await drawn('html'), 1280, async (page) => {
      expect(await page.evaluate('[...document.images].map((img) => img.naturalWidth)')).toEqual([960]);
    });
    await opened(
      await drawn('svg'),
      1280,
      async (page) => {
        expect(await page.evaluate('document.documentElement.nodeName')).toBe('svg');
        expect(await page.textContent('desc')).toContain('<script>window.owned=1</script>');
        expect(await page.textContent('svg')).not.toContain('\u202e');
      },
      'picture.svg',
    );
  });

  it('shows the columns of the picture one below the other', async () => {
    const svg = readFileSync(new URL('../../docs/egress.svg', import.meta.url), 'utf8');
    const lines = [...svg.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, line]) =>
      line!.replace(/<[^>]+>/g, ''),
    );
    expect(lines.length).toBeGreaterThan(10);
    await opened(`<!doctype html><title>picture</title>${svg}`, 1280, async (page) => {
      const drawn = (await page.evaluate(
        `[...document.querySelectorAll('text')].map((text) => [text.getNumberOfChars(), text.getComputedTextLength()])`,
      )) as Array<[number, number]>;
      expect(drawn.map(([characters]) => characters)).toEqual(lines.map((line) => line.length));
      const widths = drawn.map(([characters, width]) => width / characters);
      expect(Math.max(...widths) / Math.min(...widths)).toBeLessThan(1.05);
    });
  });
});

describe('the language of the report', () => {
  it.each([
    [{ LANG: 'ja_JP.UTF-8' }, [], 'ja'],
    [{ LANG: 'ja_JP.UTF-8', LC_ALL: 'C' }, [], 'en'],
    [{ LANG: 'ja_JP.UTF-8' }, ['--lang', 'en'], 'en'],
    [{ LANG: '' }, [], 'en'],
  ])('is that of %j, unless %j says', async (env, more, lang) => {
    const { cwd, args } = await auditWorld({ records: [...quiet(), ...flow({})] });
    const { stdout } = await flowlog([...args, ...ASSUMED, '--format', 'html', ...more], {
      cwd,
      now: NOW,
      env: env as Record<string, string>,
    });
    expect(stdout).toContain(`<html lang="${lang}">`);
  });
});
