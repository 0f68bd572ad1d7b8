import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCidr } from '../../src/net/cidr.js';
import { Networks, NO_NETWORKS } from '../../src/net/networks.js';
import { renderCsv } from '../../src/output/csv.js';
import { nameAddresses } from '../../src/output/name-addresses.js';
import { type Column, givenRows, type Result, type Row } from '../../src/result.js';

const NETWORKS = new Networks(
  new Map([
    ['notebook', [parseCidr('10.10.24.17')]],
    ['the "old" one', [parseCidr('10.10.2.0/24')]],
  ]),
);

describe('an answer with names', () => {
  const columns: Column[] = [
    { name: 'srcaddr', type: 'text', address: true },
    { name: 'bytes', type: 'bytes' },
    { name: 'dstaddr', type: 'text', address: true },
  ];
  const rows: Row[] = [
    ['10.10.24.17', 1, '10.10.2.9'],
    [null, 2, '203.0.113.9'],
  ];

  it('has a column of names after each of addresses, null where there is none', async () => {
    const result = nameAddresses(givenRows(columns, rows), NETWORKS);
    expect(result.columns.map(({ name }) => name)).toEqual([
      ...['srcaddr', 'srcaddr_name', 'bytes', 'dstaddr', 'dstaddr_name'],
    ]);
    const given: Row[] = [];
    for await (const batch of result.rows()) given.push(...batch);
    expect(given).toEqual([
      ['10.10.24.17', 'notebook', 1, '10.10.2.9', 'the "old" one'],
      [null, null, 2, '203.0.113.9', null],
    ]);
  });

  it('is the answer itself where there are no networks, or no addresses', () => {
    const result = givenRows(columns, rows);
    expect(nameAddresses(result, NO_NETWORKS)).toBe(result);
    const counts = givenRows([{ name: 'flows', type: 'integer' }], [[1]]);
    expect(nameAddresses(counts, NETWORKS)).toBe(counts);
  });

  it('is the same in CSV, whether the engine writes records or gives rows', async () => {
    const address = fc.constantFrom('10.10.24.17', '10.10.2.9', '203.0.113.9', null);
    const texts = fc.constantFrom('a', 'a,b', 'a"b', 'a\nb', '', null, ',', '"', '",\n"');
    const row = fc.tuple(address, fc.nat(), address, texts);
    const wide = [...columns, { name: 'note', type: 'text' } as const];
    const written = async (result: Result) => {
      let text = '';
      const write = async (part: string | Uint8Array) => {
        text += part;
      };
      await renderCsv(result, write, {
        width: 80,
        color: false,
        terminal: false,
        limit: undefined,
        excel: false,
      });
      return text;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(row), async (drawn) => {
        const plain = givenRows(wide, drawn);
        const records = (await written(plain)).slice('srcaddr,bytes,dstaddr,note\n'.length);
        const ready: Result = {
          ...plain,
          async *csv() {
            if (records !== '') yield records;
          },
        };
        expect(await written(nameAddresses(ready, NETWORKS))).toBe(
          await written(nameAddresses(plain, NETWORKS)),
        );
      }),
    );
  });
});
