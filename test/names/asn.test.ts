import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readAsnFile } from '../../src/names/asn.js';
import { testFolder, writeFiles } from '../folder.js';

const ADDRESSES = ['198.51.100.200', '203.0.113.9', '2001:db8:ffff::50', '192.0.2.1', 'nothing'];

async function names(content: string | Uint8Array) {
  const folder = await writeFiles(testFolder(), { asn: content });
  const file = await readAsnFile(join(folder, 'asn'));
  return [...ADDRESSES.map((address) => file.nameOf(address)), file.skipped];
}

const EXPECTED = [
  'AS64502 EXAMPLE-HOSTING',
  'AS64503 Example, Access',
  'AS64500 EXAMPLE-CDN',
  undefined,
  undefined,
];

const TSV = [
  '198.51.100.0\t198.51.100.127\t0\tNone\tNot routed',
  '198.51.100.128\t198.51.100.255\t64502\tSE\tEXAMPLE-HOSTING',
  '203.0.113.0\t203.0.113.255\t64503\tUS\tExample, Access',
  '2001:db8:ffff::\t2001:db8:ffff:ffff:ffff:ffff:ffff:ffff\t64500\tJP\tEXAMPLE-CDN',
].join('\n');

const CSV = `198.51.100.128,198.51.100.255,64502,"EXAMPLE-HOSTING"
203.0.113.0,203.0.113.255,64503,"Example, Access"
2001:db8:ffff::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,64500,EXAMPLE-CDN
`;

describe('a file of autonomous systems', () => {
  it.each([
    ['iptoasn TSV', TSV],
    ['the same, gzipped', gzipSync(TSV)],
    ['CSV', CSV],
    ['CSV with the line ends of Windows', CSV.replaceAll('\n', '\r\n')],
  ])('as %s', async (_form, content) => {
    expect(await names(content)).toEqual([...EXPECTED, 0]);
  });

  it('as .mmdb, by another writer (mmdb-writer 0.2), without what a terminal would act on', async () => {
    const file = await readAsnFile(join(import.meta.dirname, 'data/asn.mmdb'));
    expect(ADDRESSES.slice(0, 4).map((address) => file.nameOf(address))).toEqual([
      'AS64502 EXAMPLE-HOSTING',
      'AS64503 Example Access',
      'AS64500 EXAMPLE-CDN',
      undefined,
    ]);
  });

  it('counts lines that are no range', async () => {
    expect((await names(`${CSV}what is this\n`)).at(-1)).toBe(1);
  });

  it.each(['', 'hello\n', '{"a": 1}\n', `1.2.3.4,5.6.7.8\nx\ny\n`])('refuses %j', async (content) => {
    await expect(names(content)).rejects.toThrow('is not a file of autonomous systems');
  });

  it('says that there is none', async () => {
    await expect(readAsnFile('/nonexistent/asn.tsv')).rejects.toThrow('/nonexistent/asn.tsv: no such file.');
  });
});
