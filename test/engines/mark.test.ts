import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { marked, readMark } from '../../src/athena/mark.js';

describe('the mark of a statement', () => {
  it('is one harmless comment line that reads back as what was written', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.string({ unit: 'binary' })), (asked, notes) => {
        const text = marked('SELECT 1', { name: 'egress', asked, notes });
        const [comment, ...rest] = text.split('\n');
        expect(rest).toEqual(['SELECT 1']);
        // No quote, semicolon, question mark, asterisk, carriage return or other line end of any kind.
        expect(comment).toMatch(/^-- flowlog: egress [\w "{}[\]:,./+\\-]*$/);
        expect(comment).not.toMatch(/\\(?!u[0-9a-f]{4})/);
        // What JSON does not tell apart, -0 and 0, need not be.
        const plain = JSON.parse(JSON.stringify(asked)) as unknown;
        expect(readMark(text)).toEqual({ name: 'egress', asked: plain, notes });
      }),
    );
  });

  it('has the name only where the whole would make the statement too long for Athena', () => {
    const statement = 'x'.repeat(200_000);
    expect(marked(statement, { name: 'egress', asked: 'é'.repeat(20_000), notes: [] })).toBe(
      `-- flowlog: egress\n${statement}`,
    );
  });

  it('is read from older versions, and from nobody else', () => {
    expect(readMark('-- flowlog: egress\nSELECT 1')).toEqual({ name: 'egress', notes: [] });
    expect(readMark('-- flowlog: egress {"asked":\nSELECT 1')).toEqual({ name: 'egress', notes: [] });
    expect(readMark('SELECT 1')).toBeUndefined();
  });
});
