import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldOf } from '../../src/flowlog/fields.js';
import { recordFormat } from '../../src/records/format.js';
import { readLine } from '../../src/records/read-line.js';
import { canonical, RULES, type Rule } from '../../src/records/values.js';
import { LineFilter, lineRules } from '../../src/scan/line-filter.js';
import { push } from '../../src/scan/read-text.js';

const COLUMN: Record<Rule, string> = {
  ...{ text: 'vpc_id', integer: 'tcp_flags', bigint: 'bytes', address: 'srcaddr', port: 'srcport' },
  ...{ protocol: 'protocol', start: 'start', end: 'end', action: 'action', status: 'log_status' },
};

/** Whether the kernel takes a line for one as AWS writes records. */
function isPlain(rule: Rule, value: string): boolean {
  const rules = lineRules(recordFormat([fieldOf(COLUMN[rule])]), []);
  let kept = false;
  const filter = new LineFilter();
  filter.begin(
    rules,
    {
      keep: () => {
        kept = true;
      },
      odd: () => {},
      malformed: () => {},
    },
    false,
  );
  push(filter, Buffer.from(`${value}\n`));
  return kept;
}

const group = fc.oneof(
  fc.constantFrom('0', '0', '1', 'ff', '0ff', 'FF', '', '12345', 'g'),
  fc.nat(65_535).map((n) => n.toString(16)),
);
const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.array(group, { minLength: 1, maxLength: 9 }).map((groups) => groups.join(':')),
  fc
    .tuple(fc.array(group, { maxLength: 5 }), fc.array(group, { maxLength: 5 }))
    .map((ends) => ends.map((each) => each.join(':')).join('::')),
  fc.array(fc.nat(300), { minLength: 3, maxLength: 5 }).map((parts) => parts.join('.')),
  fc.constantFrom(
    '10.0.0.01',
    '1.2.3.',
    '.1.2.3',
    '1..2.3',
    '::',
    '::1',
    '1::',
    '::ffff:10.0.0.1',
    '0:0:0:0:0:0:0:0',
    '1:0:0:2::',
  ),
);
const value = fc.oneof(
  address,
  fc.bigInt(0n, 2n ** 64n).map(String),
  fc.nat(70_000).map(String),
  fc.constantFrom(
    '-1',
    '1e3',
    '0x10',
    '5.5',
    '+5',
    '007',
    '99999999999',
    '100000000001',
    '253402300800000',
    '9223372036854775807',
  ),
  fc.constantFrom('ACCEPT', 'accept', 'OK', 'ok', 'NODATA', 'SKIPDATA', 'REJECT', 'TCP', 'x', '\u00e9'),
);

describe('the rule of values', () => {
  it('is the same in the kernel: what passes there is left as it is, and what is canonical passes where it is an address', () => {
    fc.assert(
      fc.property(fc.constantFrom(...RULES), value, (rule, text) => {
        const made = canonical(rule, text);
        const plain = isPlain(rule, text);
        // Zeros before a number are left to DuckDB, which reads it as the same.
        const same =
          made === text ||
          (made !== undefined && /^0+\d/.test(text) && made === text.replace(/^0+(?=\d)/, ''));
        if (plain) expect(same, `${rule} ${text}`).toBe(true);
        if (rule === 'address' && made === text && !text.includes(':')) expect(plain, text).toBe(true);
      }),
      { numRuns: 3000, seed: 20_261_126 },
    );
  });

  it.each([
    ['10.10.24.999', 'address', undefined],
    ['192.168.0.300', 'address', undefined],
    ['2001:DB8:0:0:0:0:0:1', 'address', '2001:db8::1'],
    ['65536', 'port', undefined],
    ['TCP', 'protocol', '6'],
    ['1700000000000', 'start', '1700000000'],
    ['999999999999999', 'end', undefined],
    ['accept', 'action', 'ACCEPT'],
    ['maybe', 'action', undefined],
    ['-5', 'bigint', undefined],
    ['1e3', 'bigint', undefined],
  ] as const)('%s as %s is %s', (text, rule, made) => expect(canonical(rule, text)).toBe(made));
});

describe('a line', () => {
  const format = recordFormat(['srcaddr', 'start', 'end', 'action'].map(fieldOf));

  it.each([
    [' 10.0.0.1\t1700000000   1700000060 accept \r', '10.0.0.1 1700000000 1700000060 ACCEPT'],
    ['10.0.0.1 1700000000000 1700000060000 REJECT', '10.0.0.1 1700000000 1700000060 REJECT'],
    ['\ufeff10.0.0.1 1 2 -', '10.0.0.1 1 2 -'],
  ])('%j is read', (line, record) => {
    expect(readLine(line, format)).toEqual({ kind: 'records', texts: [record] });
  });

  it.each([
    ['10.0.0.1 5 2 ACCEPT', 'it ends before it starts'],
    ['10.0.0.1 5 2', '3 values instead of 4'],
    ['10.0.0.1 x 2 ACCEPT', "start 'x' is no time"],
  ])('%j is malformed', (line, why) => expect(readLine(line, format)).toEqual({ kind: 'malformed', why }));

  it('may say other fields', () => {
    const read = readLine('${dstaddr} ${srcaddr}', format);
    expect(read.kind === 'header' && read.fields.map(({ name }) => name)).toEqual(['dstaddr', 'srcaddr']);
  });

  it.each(['', '  ', '# a comment'])('%j is nothing', (line) =>
    expect(readLine(line, format).kind).toBe('nothing'),
  );
});
