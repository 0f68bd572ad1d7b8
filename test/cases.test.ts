import { describe, expect, it } from 'vitest';
import { casesIn, checkCase, parseCommand } from './cases.js';

describe('cases', () => {
  it.each(casesIn({ s3: false }))('%s', (name) => checkCase(name));
});

it('a command of a case is split as by a shell', () => {
  expect(
    parseCommand(`flowlog import - --log-format '\${start} "\${end}"' --tz "a \\"b\\"" c\\ d < in.log`),
  ).toEqual({
    args: ['import', '-', '--log-format', '${start} "${end}"', '--tz', 'a "b"', 'c d'],
    input: 'in.log',
  });
});
