import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldOf } from '../../src/flowlog/fields.js';
import { recordFormat } from '../../src/records/format.js';
import { readLine } from '../../src/records/read-line.js';
import { LineFilter, type LineSink, lineRules } from '../../src/scan/line-filter.js';
import { push } from '../../src/scan/read-text.js';
import type { Narrowing } from '../../src/sql/query.js';

const COLUMNS = ['version', 'srcaddr', 'dstaddr', 'bytes'];
const NARROWING: readonly Narrowing[] = [
  { column: 'srcaddr', oneOf: ['10.10.24.', '10.10.25.'] },
  { column: 'dstaddr', noneOf: ['10.10.', '192.168.'] },
];
/** Tests on the first value and on the last, and two on one. */
const ENDS: readonly Narrowing[] = [
  { column: 'bytes', noneOf: ['1', '20'] },
  { column: 'version', oneOf: ['2', '33'] },
  { column: 'version', noneOf: ['22'] },
];

const FORMAT = recordFormat(COLUMNS.map(fieldOf));

interface Seen {
  readonly kept: string;
  readonly malformed: ReadonlyArray<readonly [line: number, text: string]>;
}

function filtered(
  pieces: readonly string[],
  { header = false, cut = false, filter = new LineFilter(), narrowing = NARROWING } = {},
): Seen {
  const kept: string[] = [];
  const malformed: Array<[number, string]> = [];
  const take = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
  const sink: LineSink = {
    keep: (bytes) => void kept.push(take(bytes)),
    odd: (line, bytes) => {
      const read = readLine(take(bytes), FORMAT);
      if (read.kind === 'malformed') malformed.push([line, take(bytes).slice(0, 200).trimEnd()]);
      else if (read.kind === 'records') kept.push(...read.texts.map((text) => `${text}\n`));
    },
    malformed: (line, text) => void malformed.push([line, text]),
  };
  filter.begin(lineRules(FORMAT, narrowing), sink, header);
  for (const piece of pieces) push(filter, Buffer.from(piece, 'latin1'));
  filter.end(cut);
  return { kept: kept.join(''), malformed };
}

/**
 * The same, as a person would write it down. A line that does not pass the tests need not be a record, as long as the value that is
 * tested first could be one.
 */
function expected(text: string, header: boolean, narrowing: readonly Narrowing[]): Seen {
  const kept: string[] = [];
  const malformed: Array<[number, string]> = [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const tests = lineRules(FORMAT, narrowing).tests;
  const passes = (values: readonly string[]) =>
    narrowing.every(({ column, oneOf, noneOf = [] }) => {
      const value = values[COLUMNS.indexOf(column)]!;
      const begins = (prefix: string) => value.startsWith(prefix);
      return value.startsWith('-') || ((oneOf?.some(begins) ?? true) && !noneOf.some(begins));
    });
  lines.forEach((line, i) => {
    if (header && i === 0) return;
    const values = line.split(' ');
    const plain = values.length === COLUMNS.length && /^[\d-]/.test(values[tests[0]?.at ?? 0]!);
    if (plain && !passes(values)) return;
    const read = readLine(line, FORMAT);
    if (read.kind === 'malformed') malformed.push([i + 1, line.trimEnd().slice(0, 200)]);
    else if (read.kind === 'records') kept.push(...read.texts);
  });
  return { kept: kept.join('\n'), malformed };
}

const address = fc.constantFrom(
  ...[
    '10.10.24.7',
    '10.10.25.255',
    '10.10.240.1',
    '10.1.24.7',
    '-',
    '192.168.0.1',
    '10.10.24.999',
    '10.010.24.7',
    '2001:DB8::1',
    'srcaddr',
    '203.0.113.9',
    '2001:db8::1',
    '1',
  ],
);
/** Mostly as long as in the line before. */
const version = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('2', '3') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('22', '333', '2'.repeat(62), '2'.repeat(63), '3'.repeat(64), 'x'.repeat(150)),
  },
);
const line = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(version, address, address, fc.nat(300))
      .map(([first, a, b, n]) => `${first} ${a} ${b} ${n}`),
  },
  { weight: 1, arbitrary: fc.constantFrom('2 10.10.24.7 203.0.113.9', 'x', '2 a b c d', ' 2 a b c') },
);

describe('LineFilter', () => {
  it('passes on and counts what a plain reading does, wherever the text is cut into pieces', () => {
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 60 }),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.boolean(),
        fc.array(fc.nat({ max: 2000 }), { maxLength: 8 }),
        fc.constantFrom(NARROWING, ENDS, []),
        (lines, end, header, lastEnd, cuts, narrowing) => {
          const text = lines.join(end) + (lastEnd ? end : '');
          const at = [...cuts, 0, text.length].map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b);
          const pieces = at.slice(1).map((to, i) => text.slice(at[i], to));
          const seen = filtered(pieces, { header, narrowing });
          const { kept, malformed } = expected(text, header, narrowing);
          expect(seen.malformed).toEqual(malformed);
          expect(seen.kept.trimEnd()).toBe(kept);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps its place over texts much larger than its memory', () => {
    const wanted = '2 10.10.24.7 203.0.113.9 1\n';
    const other = '2 10.10.2.7 203.0.113.9 1\n';
    const text = (other.repeat(999) + wanted).repeat(300);
    const { kept, malformed } = filtered([text, 'torn line\n', wanted]);
    expect(kept).toBe(wanted.repeat(301));
    expect(malformed).toEqual([[300_001, 'torn line']]);
  });

  it('counts a line longer than its memory once, and goes on behind it', () => {
    const wanted = '2 10.10.24.7 203.0.113.9 1\n';
    const { kept, malformed } = filtered([`${wanted}${'x'.repeat(5 << 20)}\n${wanted}`]);
    expect(kept).toBe(wanted.repeat(2));
    expect(malformed).toEqual([[2, 'x'.repeat(200)]]);
  });

  it('takes the last line of a text that breaks off for no record, however whole it looks', () => {
    const wanted = '2 10.10.24.7 203.0.113.9 1';
    expect(filtered([`${wanted}\n${wanted}`], { cut: true })).toEqual({
      kept: `${wanted}\n`,
      malformed: [[2, wanted]],
    });
  });

  it('begins afresh with every text', () => {
    const filter = new LineFilter();
    filtered(['2 10.10.24.7 203.0'], { filter, cut: true });
    const wanted = '2 10.10.24.7 203.0.113.9 1\n';
    expect(filtered([wanted, 'x\n'], { filter })).toEqual({ kept: wanted, malformed: [[2, 'x']] });
  });
});
