import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressMap } from '../../src/net/address-map.js';
import { readAddress, readBlock } from '../../src/net/address-words.js';
import { bytesOf, type Cidr, containsAddress, parseAddress } from '../../src/net/cidr.js';
import { addressNear, anyAddress, anyBlock } from '../arbitraries.js';
import { runs } from '../seed.js';

function bytesRead(text: string): { family: number; bytes: number[] } | undefined {
  const words = new Uint32Array(4);
  const family = readAddress(text, words);
  if (family === 0) return undefined;
  const used = [...words.subarray(0, family === 4 ? 1 : 4)];
  return {
    family,
    bytes: used.flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]),
  };
}

function bytesByLibrary(text: string) {
  const address = parseAddress(text);
  return address && { family: address.family, bytes: bytesOf(address.family, address.value) };
}

describe('an address as words', () => {
  it.each([
    ...[
      '0.0.0.0',
      '255.255.255.255',
      '10.1.2.3',
      '256.1.1.1',
      '1.2.3',
      '1.2.3.4.5',
      '01.2.3.4',
      '1..2.3',
      '1.2.3.4 ',
    ],
    ...[
      '',
      '-',
      '10',
      '0x0a.0.0.1',
      '::',
      '::1',
      '1::',
      '1:2:3:4:5:6:7:8',
      '1:2:3:4:5:6:7::',
      '::2:3:4:5:6:7:8',
    ],
    ...[
      '1:2:3:4:5:6:7:8:9',
      '1::2::3',
      ':1',
      '1:',
      ':::',
      '1:::2',
      '12345::',
      'g::',
      'fe80::1%eth0',
      '::ffff:1.2.3.4',
    ],
    ...['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:7:1.2.3.4', '::1.2.3', '2001:DB8::A', '1.2.3.4::'],
    ...['1:2:3:4:5:6:7:8::', '1:2:3:4::5:6:7:8', '::1:', '1.2.3.4:80', '2001:db8::/32'],
  ])('%j is what the IP library reads', (text) => {
    expect(bytesRead(text)).toEqual(bytesByLibrary(text));
  });

  it('of IPv6 may end as IPv4 does (RFC 4291, 2.2), where the library takes ::1.2.3.4 for ::ffff:1.2.3.4', () => {
    expect(bytesRead('::1.2.3.4')).toEqual({
      family: 6,
      bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4],
    });
  });

  it('is what the IP library reads, for texts like addresses', () => {
    const pieces = fc.constantFrom(
      ...[':', '::', '.', '0', '1', '10', '255', '256', 'ff', 'db8', 'FFFF', '12345', 'g'],
    );
    const jumble = fc.array(pieces, { maxLength: 16 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(anyAddress, jumble), (text) => {
        expect(bytesRead(text)).toEqual(bytesByLibrary(text));
      }),
      { numRuns: runs(400) },
    );
  });
});

describe('a map of addresses', () => {
  it('gives what a search through all blocks gives', () => {
    const cases = fc
      .array(anyBlock, { minLength: 1, maxLength: 12 })
      .chain((blocks) =>
        fc.tuple(
          fc.constant(blocks),
          fc.array(fc.oneof(anyAddress, ...blocks.map(addressNear)), { minLength: 1, maxLength: 20 }),
        ),
      );
    fc.assert(
      fc.property(cases, ([blocks, addresses]) => {
        const map = AddressMap.builder<number>();
        for (const [i, { text }] of blocks.entries()) expect(map.add(text, i)).toBe(true);
        const built = map.build();
        for (const address of addresses) expect(built.get(address)).toBe(smallest(blocks, address));
      }),
      { numRuns: 2000 },
    );
  });

  it('knows ranges that are not blocks, and that lie across each other', () => {
    const map = AddressMap.builder<string>();
    expect(map.addRange('10.0.0.5', '10.0.0.20', 'a')).toBe(true);
    expect(map.addRange('10.0.0.10', '10.0.0.30', 'b')).toBe(true);
    expect(map.addRange('10.0.0.12', '10.0.0.12', 'c')).toBe(true);
    expect(map.addRange('2001:db8::1', '2001:db8::ffff:ffff', 'd')).toBe(true);
    expect(map.addRange('255.255.255.0', '255.255.255.255', 'end')).toBe(true);
    expect(map.addRange('10.0.0.2', '10.0.0.1', 'x')).toBe(false);
    expect(map.addRange('10.0.0.2', '2001:db8::1', 'x')).toBe(false);
    const built = map.build();
    const texts = ['10.0.0.4', '10.0.0.5', '10.0.0.11', '10.0.0.12', '10.0.0.13', '10.0.0.21', '10.0.0.31'];
    expect(texts.map((text) => built.get(text))).toEqual([undefined, 'a', 'b', 'c', 'b', 'b', undefined]);
    expect(['2001:db8::', '2001:db8::2', '2001:db8::1:0:0'].map((text) => built.get(text))).toEqual([
      undefined,
      'd',
      undefined,
    ]);
    expect(built.get('255.255.255.255')).toBe('end');
    expect(built.get('not an address')).toBeUndefined();
  });

  it('clears host bits, and refuses what is not a block', () => {
    expect([...readBlock('198.51.100.2/24')!.first]).toEqual([0xc6336400]);
    for (const text of ['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/a', '2001:db8::/129', 'x/8', '10/8']) {
      expect(readBlock(text)).toBeUndefined();
    }
  });
});

function smallest(blocks: readonly Cidr[], address: string): number | undefined {
  let best: number | undefined;
  blocks.forEach((block, i) => {
    if (!containsAddress(block, address)) return;
    if (best === undefined || block.prefix > blocks[best]!.prefix) best = i;
  });
  return best;
}
