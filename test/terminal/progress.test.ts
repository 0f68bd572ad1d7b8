import { describe, expect, it } from 'vitest';
import { progressLine, progressText } from '../../src/terminal/progress.js';
import type { Output } from '../../src/terminal/streams.js';
import { humanBytes, humanSeconds, plural } from '../../src/terminal/units.js';

const amounts = (done: number) => ({
  files: { done, all: 100 },
  bytes: { done: done * 1_000_000, all: 100_000_000 },
});

function terminal(isTTY: boolean, width = 80): { output: Output; written: string[] } {
  const written: string[] = [];
  return {
    written,
    output: {
      isTTY,
      width,
      write: async (text) => void written.push(String(text)),
    },
  };
}

describe('progress', () => {
  it('says how far the work is and how long it will take', () => {
    expect(progressText(amounts(25), 10)).toBe('Reading: 25 of 100 files, 25.0 MB of 100 MB, 30 s left');
    expect(progressText(amounts(1), 10)).toBe('Reading: 1 of 100 files, 1.0 MB of 100 MB');
  });

  it('says how fast files come that are fetched, and what has been listed', () => {
    expect(progressText({ ...amounts(25), downloading: { seconds: 5 } }, 10)).toBe(
      'Downloading: 25 of 100 files, 25.0 MB of 100 MB, 5.0 MB/s, 15 s left',
    );
    expect(progressText({ listed: 12_000 }, 1)).toBe('Listing: 12,000 objects');
  });

  it('appears after a moment, in one line of the terminal, and goes again', async () => {
    const { output, written } = terminal(true, 30);
    let now = 0;
    const progress = progressLine(output, () => now);
    progress.show(amounts(1));
    expect(written).toEqual([]);
    now = 2;
    progress.show(amounts(50));
    expect(written).toEqual(['\r\x1b[2KReading: 50 of 100 files, 50.']);
    await progress.clear();
    await progress.clear();
    expect(written.slice(1)).toEqual(['\r\x1b[2K']);
  });

  it('writes nothing where there is no terminal', async () => {
    const { output, written } = terminal(false);
    let now = 0;
    const progress = progressLine(output, () => now);
    now = 10;
    progress.show(amounts(50));
    await progress.clear();
    expect(written).toEqual([]);
  });
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [99_949, '99.9 kB'],
  [99_950, '100 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [12_345_678_901n, '12.3 GB'],
])('%d bytes are %s', (bytes, text) => expect(humanBytes(bytes)).toBe(text));

it.each([
  [0.04, '0.0 s'],
  [9.94, '9.9 s'],
  [9.96, '10 s'],
  [59.4, '59 s'],
  [59.6, '1 min 0 s'],
  [3_661, '1 h 1 min'],
])('%d seconds are %s', (seconds, text) => expect(humanSeconds(seconds)).toBe(text));

it('counts in words', () => {
  expect([plural(1, 'file'), plural(1204, 'file'), plural(2, 'entry', 'entries')]).toEqual([
    '1 file',
    '1,204 files',
    '2 entries',
  ]);
});
