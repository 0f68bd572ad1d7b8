import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readText, type TextFile } from '../../src/scan/read-text.js';
import type { TextKind } from '../../src/scan/scan-text.js';
import { scanTexts, TextThreads } from '../../src/scan/scan-texts.js';
import { testFolder } from '../folder.js';

const HEADER = 'version srcaddr';
const wanted = (n: number) => `2 10.0.0.${n}`;
const text = (...lines: string[]) => gzipSync([HEADER, ...lines, ''].join('\n'));

describe('many files', () => {
  it('tells of each what is its own, and of the others nothing', async () => {
    const folder = testFolder();
    const good = text(wanted(1), '2 192.0.2.1');
    const contents = [
      good,
      text(wanted(2)).subarray(0, -4),
      text('torn', wanted(3), 'x y z'),
      Buffer.concat([text(wanted(4)).subarray(0, -8), Buffer.alloc(8)]),
      text('torn-again'),
      gzipSync('srcaddr version\n10.0.0.5 2\n'),
      gzipSync(''),
      Buffer.concat([text(wanted(5)).subarray(0, -8), Buffer.alloc(8)]),
      good,
    ];
    const files = contents.map((content, i) => {
      const path = join(folder, `${i}`);
      writeFileSync(path, content);
      return { path, size: content.length };
    });
    const spool = join(folder, 'spool');
    const narrowing = [{ column: 'srcaddr', oneOf: ['10.'] }];
    const kind: TextKind = {
      ...{ packing: 'gzip', header: true, line: HEADER, columns: ['version', 'srcaddr'] },
      ...{ narrowing, spool, keep: 'all' },
    };
    const done: number[][] = [];
    const { outcomes, spools } = await scanTexts(
      [
        { kind, files: files.slice(0, 7) },
        { kind: { ...kind, line: undefined }, files: files.slice(7) },
      ],
      new TextThreads(),
      new AbortController().signal,
      (...told) => done.push(told),
    );
    const sums = [0, 1, 2].map((at) => done.reduce((sum, told) => sum + told[at]!, 0));
    const kept = spools.map(({ path }) => readFileSync(path, 'utf8')).join('');
    const lines = [1, 2, 3, 1].map((n) => `${wanted(n)}\n`);
    expect(kept.split('\n').sort()).toEqual(lines.join('').split('\n').sort());
    expect(sums).toEqual([
      files.length,
      files.reduce((sum, { size }) => sum + size, 0),
      lines.join('').length,
    ]);
    const nothing = { malformed: 0, details: [] };
    expect([...outcomes].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: files[1]!.path, fault: 'truncated', ...nothing },
      {
        path: files[2]!.path,
        malformed: 2,
        details: ['2: torn (1 value instead of 2)', '4: x y z (3 values instead of 2)'],
      },
      { path: files[3]!.path, strange: true, ...nothing },
      { path: files[4]!.path, malformed: 1, details: ['2: torn-again (1 value instead of 2)'] },
      { path: files[5]!.path, strange: true, ...nothing },
      { path: files[6]!.path, strange: true, ...nothing },
      { path: files[7]!.path, fault: 'damaged', ...nothing },
    ]);
  });
});

/** What is read of a file. */
async function read(file: TextFile): Promise<{ text: string; stored: number; fault: string | undefined }> {
  const room = new Uint8Array(1 << 16);
  const pieces: Buffer[] = [];
  let stored = 0;
  const fault = await readText(
    file,
    { room: () => room, filled: (count) => pieces.push(Buffer.from(room.subarray(0, count))), end: () => {} },
    (bytes) => {
      stored += bytes.length;
    },
  );
  return { text: Buffer.concat(pieces).toString('latin1'), stored, fault };
}

describe('a file that is read', () => {
  const PIECE = 1 << 20;
  /** As it is stored, so many bytes long: one gzip after another. */
  const packed = (size: number) => {
    const large = gzipSync(Buffer.alloc(Math.floor(size * 0.999) - 80, 'a'), { level: 0 });
    for (let length = 1; length < size; length++) {
      const small = gzipSync('b'.repeat(length), { level: 0 });
      if (large.length + small.length === size) return Buffer.concat([large, small]);
    }
    throw new Error('no such size');
  };

  it.each([2 * PIECE, PIECE, PIECE - 1, 400])('is read to its end: %i bytes', async (size) => {
    const path = join(testFolder(), 'a.log.gz');
    writeFileSync(path, packed(size));
    const whole = await read({ path, packing: 'gzip' });
    expect(whole).toMatchObject({ stored: size, fault: undefined });
    expect(whole.text).toMatch(/^a+b+$/);
    // It may have been shorter or longer when it was listed.
    for (const listed of [size, size - 1, size + 1, PIECE, 0]) {
      expect(await read({ path, packing: 'gzip', size: listed })).toEqual(whole);
    }
  });

  it('tells that it is cut short, where it was already when it was listed', async () => {
    const path = join(testFolder(), 'a.log.gz');
    const part = gzipSync('some text').subarray(0, -5);
    writeFileSync(path, part);
    expect(await read({ path, packing: 'gzip', size: part.length })).toMatchObject({ fault: 'truncated' });
  });
});
