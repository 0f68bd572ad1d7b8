import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { barsOf, shortTimes, textBars } from '../../src/output/bars.js';
import { QUESTIONS } from '../../src/questions/index.js';
import type { Column } from '../../src/result.js';
import { flowlog } from '../e2e/bin.js';
import { testFolder, writeFiles } from '../folder.js';
import { logFile, record } from '../records.js';

const COLUMNS: readonly Column[] = [
  { name: 'srcaddr', type: 'text', address: true },
  { name: 'srcaddr_name', type: 'text' },
  { name: 'dstaddr', type: 'text', address: true },
  { name: 'bytes', type: 'bytes' },
];
const PICTURE = { title: 'Bytes sent', labels: ['srcaddr', 'dstaddr'], value: 'bytes' };

/** Two hosts that send, one of them three times as much as the other, in two hours. */
async function logs(): Promise<string> {
  const sent = (srcaddr: string, bytes: number, start: number) =>
    record({ srcaddr, dstaddr: '203.0.113.9', bytes, start, end: start + 59, interface_id: 'eni-0a' });
  const records = [
    sent('10.10.24.1', 3_000_000, 1_780_272_000),
    sent('10.10.24.2', 1_000_000, 1_780_279_200),
  ];
  return writeFiles(testFolder(), { 'x.log.gz': logFile(records) });
}
const ASKED = ['--logs', 'x.log.gz'];

describe('the bars of an answer', () => {
  it('are called by their labels and names, in the order of the columns', () => {
    const rows = [
      ['10.10.24.1', 'batch', '203.0.113.9', 2_000_000],
      ['10.10.24.2', null, '203.0.113.9', 500],
    ];
    const bars = barsOf(PICTURE, COLUMNS, rows)!;
    expect(bars.bars).toEqual([
      { label: '10.10.24.1 (batch) → 203.0.113.9', value: 2_000_000, text: '2.0 MB' },
      { label: '10.10.24.2 → 203.0.113.9', value: 500, text: '500 B' },
    ]);
    // The smallest thing that happened shows.
    expect(textBars(bars, 10)).toEqual(['██████████', '▏']);
  });

  it('say where a value is not known, which is not 0', () => {
    const rows = [
      ['10.10.24.1', null, '203.0.113.9', null],
      ['10.10.24.2', null, '203.0.113.9', 0],
    ];
    const bars = barsOf(PICTURE, COLUMNS, rows)!;
    expect(bars.bars.map(({ text }) => text)).toEqual(['unknown', '0 B']);
    expect(textBars(bars, 10)).toEqual(['?', '']);
  });

  it('are part of a whole where there is one', () => {
    const rows = [['10.10.24.1', null, '203.0.113.9', 25]];
    expect(textBars(barsOf({ ...PICTURE, whole: 100 }, COLUMNS, rows)!, 8)).toEqual(['██']);
  });

  it('are none without the column that they show', () => {
    expect(barsOf(PICTURE, COLUMNS.slice(0, 3), [])).toBeUndefined();
  });

  it('have times as short as they still differ', () => {
    expect(shortTimes(['2026-06-01T00:00:00+09:00', '2026-06-02T00:00:00+09:00'])).toEqual([
      '2026-06-01',
      '2026-06-02',
    ]);
    expect(shortTimes(['2026-06-01T09:00:00+09:00'])).toEqual(['06-01 09:00']);
  });
});

describe('a picture', () => {
  const drawing = QUESTIONS.filter(({ picture }) => picture).map(({ name }) => name);

  it('is drawn of four questions', () => {
    expect(drawing.sort()).toEqual(['beacons', 'coverage', 'talkers', 'timeline']);
  });

  it.each([
    ['talkers', [], 'Bytes sent', '2 bars; the longest is 10.10.24.1: 3.0 MB.'],
    ['timeline', [], 'Bytes per hour', '3 bars; the longest is 2026-06-01 09:00:00: 3.0 MB.'],
    ['coverage', [], 'Time without records', '1 bar; the longest is eni-0a: 1 h 59 min.'],
    ['beacons', ['--subnet', '10.10.24.0/24'], 'Score of 100', 'Nothing found.'],
  ])('of %s is an SVG that loads and runs nothing', async (question, more, title, longest) => {
    const cwd = await logs();
    const { code, stdout, stderr } = await flowlog([question, ...more, ...ASKED, '-o', 'x.svg'], { cwd });
    expect([code, stdout], stderr).toEqual([0, '']);
    const svg = readFileSync(join(cwd, 'x.svg'), 'utf8');
    expect(svg).toContain(`<title>${title}</title>`);
    expect(svg).toContain(longest);
    expect(svg).not.toMatch(/<script|<image|<foreignObject|href=|url\(|@import/);
    const again = await flowlog([question, ...more, ...ASKED, '--format', 'svg'], { cwd });
    expect(again.stdout).toBe(svg);
  });

  it('stands above the rows of a page', async () => {
    const { stdout } = await flowlog(['talkers', ...ASKED, '--format', 'html'], { cwd: await logs() });
    const figure = stdout.indexOf('<img src="data:image/svg+xml;base64,');
    expect(figure).toBeGreaterThan(0);
    expect(figure).toBeLessThan(stdout.indexOf('<table>'));
    expect(stdout).toContain('alt="Bytes sent. 2 bars; the longest is 10.10.24.1: 3.0 MB."');
  });

  it.each([
    [['egress', '--subnet', '10.10.24.0/24'], 'this answer has no picture', 'timeline'],
    [
      ['talkers', '--columns', 'srcaddr'],
      '--format svg draws bytes, which --columns leaves out',
      'Add bytes',
    ],
  ])('is refused where there is nothing to draw: %j', async (words, said, advice) => {
    const outcome = await flowlog([...words, ...ASKED, '--format', 'svg'], { cwd: await logs() });
    expect([outcome.code, outcome.stdout]).toEqual([2, '']);
    expect(outcome.stderr).toContain(said);
    expect(outcome.stderr).toContain(advice);
  });

  it('says how many rows it leaves out', async () => {
    const cwd = await logs();
    const { stdout, stderr } = await flowlog(['talkers', ...ASKED, '-f', 'svg', '--limit', '1'], { cwd });
    expect(stdout).toContain('1 bar; the longest is 10.10.24.1: 3.0 MB.');
    expect(stderr).toContain('Showing 1 of 2 rows');
  });
});

describe('a table on a terminal', () => {
  const shown = async (width: number, ...words: string[]) =>
    (await flowlog([...words, ...ASKED, '--no-color'], { cwd: await logs(), terminal: width })).stdout;

  it.each([80, 120, 200])('has bars within %i columns', async (width) => {
    const table = await shown(width, 'talkers');
    expect(table).toContain('█'.repeat(10));
    const bars = table.split('\n').map((line) => line.replace(/[^█]/g, '').length);
    const [most, other] = bars.filter((length) => length > 0);
    expect(Math.abs(most! / other! - 3)).toBeLessThan(0.5);
    for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
  });

  it('has no bars in a pipe, but for the timeline', async () => {
    const cwd = await logs();
    expect((await flowlog(['talkers', ...ASKED, '-f', 'table'], { cwd })).stdout).not.toContain('█');
    expect((await flowlog(['timeline', ...ASKED, '-f', 'table'], { cwd })).stdout).toContain('█'.repeat(30));
  });
});
