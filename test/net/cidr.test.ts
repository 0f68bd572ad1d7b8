import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import {
  addressText,
  bitsOf,
  type Cidr,
  cidrOf,
  containsAddress,
  containsBlock,
  enclosingVpc,
  holdsAddress,
  leadingText,
  leadingTexts,
  mergeBlocks,
  parseCidr,
} from '../../src/net/cidr.js';
import { addressNear, anyAddress, anyBlock } from '../arbitraries.js';

describe('parseCidr', () => {
  it.each([
    ['10.10.24.0/24', '10.10.24.0/24'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['203.0.113.7', '203.0.113.7/32'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1/128'],
    ['::/0', '::/0'],
  ])('reads %s as %s', (text, canonical) => {
    expect(parseCidr(text).text).toBe(canonical);
  });

  it.each([
    ['10.10.24.0/33', "'/33' is not a prefix length of IPv4", '0 to 32'],
    ['2001:db8::/129', "'/129' is not a prefix length of IPv6", '0 to 128'],
    ['10.10.24.5/24', 'has host bits set', 'Did you mean 10.10.24.0/24?'],
    ['2001:db8::1/64', 'has host bits set', 'Did you mean 2001:db8::/64?'],
    ['10.10.24.0/', "'/'", '0 to 32'],
    ['10.10.24/24', 'is not a CIDR block', 'such as 10.10.24.0/24'],
    ['10.10.24.0/24/1', 'is not a CIDR block', 'such as'],
    ['010.1.1.1', 'is not a CIDR block', 'such as'],
    ['10.1', 'is not a CIDR block', 'such as'],
    ['fe80::1%eth0/64', 'is not a CIDR block', 'such as'],
    ['', 'is not a CIDR block', 'such as'],
    ['sagemaker', 'is not a CIDR block', 'such as'],
  ])('refuses %s and names the remedy', (text, message, hint) => {
    expect(() => parseCidr(text)).toThrowError(
      expect.objectContaining({
        message: expect.stringContaining(message),
        hint: expect.stringContaining(hint),
        exitCode: 2,
      }),
    );
  });

  it('agrees with the address library on which addresses a block holds', () => {
    fc.assert(
      fc.property(anyBlock, anyAddress, (block, address) => {
        const library = ipaddr.parse(address);
        const sameFamily = (library.kind() === 'ipv4') === (block.family === 4);
        const inside = sameFamily && library.match(ipaddr.parseCIDR(block.text));
        expect(containsAddress(block, address)).toBe(inside);
        expect(containsAddress(block, addressText(block.family, block.first))).toBe(true);
        expect(containsAddress(block, addressText(block.family, block.last))).toBe(true);
      }),
    );
  });

  it('reads its own text back', () => {
    fc.assert(
      fc.property(anyBlock, (block) => {
        expect(parseCidr(block.text)).toEqual(block);
      }),
    );
  });
});

describe('enclosingVpc', () => {
  it.each([
    ['10.10.24.0/24', '10.10.0.0/16'],
    ['10.10.0.0/16', '10.10.0.0/16'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['2001:db8:1234:1a24::/64', '2001:db8:1234:1a00::/56'],
  ])('of %s is %s', (subnet, vpc) => {
    expect(enclosingVpc(parseCidr(subnet)).text).toBe(vpc);
  });

  it('always holds the subnet', () => {
    fc.assert(
      fc.property(anyBlock, (block) => {
        expect(containsBlock(enclosingVpc(block), block)).toBe(true);
      }),
    );
  });
});

it('a block holds itself and its halves, and no block of the other family', () => {
  fc.assert(
    fc.property(anyBlock, anyBlock, (block, other) => {
      expect(containsBlock(block, block)).toBe(true);
      if (block.prefix < bitsOf(block.family)) {
        expect(containsBlock(block, cidrOf(block.family, block.last, block.prefix + 1))).toBe(true);
      }
      if (other.family !== block.family) expect(containsBlock(block, other)).toBe(false);
    }),
  );
});

it('knows how all addresses of a block begin, in every spelling', () => {
  const spelled = (address: string, upper: boolean, padded: boolean) => {
    const text = padded
      ? address.replace(/(?<=^|:)[0-9a-f]+(?=:|$)/g, (group) => group.padStart(4, '0'))
      : address;
    return upper ? text.toUpperCase() : text;
  };
  let known = 0;
  fc.assert(
    fc.property(
      anyBlock.chain((block) => fc.tuple(fc.constant(block), addressNear(block))),
      fc.boolean(),
      fc.boolean(),
      ([block, address], upper, padded) => {
        const texts = leadingTexts(block);
        expect(texts.length).toBeLessThanOrEqual(8);
        if (texts.length === 0) return;
        known++;
        const text = block.family === 6 ? spelled(address, upper, padded) : address;
        const begins = texts.some((each) => text.startsWith(each));
        const inside = containsAddress(block, text);
        if (inside) expect(begins).toBe(true);
        if (leadingText(block).exact && begins) expect(inside).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
  expect(known).toBeGreaterThan(500);
  expect(leadingTexts(parseCidr('fd00:1:2::/48'))).toEqual(['fd00:', 'fD00:', 'Fd00:', 'FD00:']);
  expect(leadingTexts(parseCidr('::ffff:0:0/96'))).toEqual([]);
  expect(leadingTexts(parseCidr('2406:da14::/35'))).toContain('2406:Da14:');
});

describe('merged blocks', () => {
  const merged = (...texts: string[]) => mergeBlocks(texts.map(parseCidr)).map(({ text }) => text);
  it.each([
    [['10.0.0.0/25', '10.0.0.128/25'], ['10.0.0.0/24']],
    [['10.0.0.0/16', '10.0.3.0/24'], ['10.0.0.0/16']],
    [['10.0.3.0/24', '10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24'], ['10.0.0.0/22']],
    [
      ['10.0.1.0/24', '10.0.2.0/24'],
      ['10.0.1.0/24', '10.0.2.0/24'],
    ],
    [
      ['0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1'],
      ['0.0.0.0/0', '::/0'],
    ],
    [
      ['b::/16', '10.0.0.0/8', 'a::/16'],
      ['10.0.0.0/8', 'a::/15'],
    ],
  ])('of %j are %j', (given, wanted) => expect(merged(...given)).toEqual(wanted));

  it('hold the same addresses, in no more blocks', () => {
    const block = fc
      .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 24, max: 32 }))
      .map(([last, prefix]) => cidrOf(4, 0x0a000000n + BigInt(last), prefix));
    fc.assert(
      fc.property(fc.array(block, { maxLength: 40 }), (blocks) => {
        const fewer = mergeBlocks(blocks);
        expect(fewer.length).toBeLessThanOrEqual(blocks.length);
        for (let value = 0x0a000000n; value < 0x0a000100n; value++) {
          const held = (list: readonly Cidr[]) =>
            list.some((each) => holdsAddress(each, { family: 4, value }));
          expect(held(fewer)).toBe(held(blocks));
        }
      }),
    );
  });
});
