import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cidr, cidrOf, containsAddress, parseCidr } from '../../src/net/cidr.js';
import { isNetworkName, Networks, NO_NETWORKS, parseBlocks } from '../../src/net/networks.js';

const named = (blocks: Record<string, string[]>) =>
  new Networks(new Map(Object.entries(blocks).map(([name, texts]) => [name, texts.map(parseCidr)])));

const NETWORKS = named({
  vpc: ['10.10.0.0/16', '2001:db8::/56'],
  sagemaker: ['10.10.24.0/24', '2001:db8:0:18::/64'],
  notebook: ['10.10.24.17'],
  workspaces: ['10.10.2.0/24', '10.10.3.0/24'],
});

describe('the name of an address', () => {
  it.each([
    ['10.10.24.17', 'notebook'],
    ['10.10.24.18', 'sagemaker'],
    ['10.10.3.255', 'workspaces'],
    ['10.10.4.0', 'vpc'],
    ['10.11.0.0', undefined],
    ['2001:db8:0:18::1', 'sagemaker'],
    ['2001:DB8:0:0018:0:0:0:1', 'sagemaker'],
    ['2001:db8:0:19::1', 'vpc'],
    ['-', undefined],
    ['', undefined],
  ])('%s is in %s', (address, name) => {
    expect(NETWORKS.nameOf(address)).toBe(name);
    // The second time it is remembered.
    expect(NETWORKS.nameOf(address)).toBe(name);
  });

  it('of two names of one block is the one that was given first', () => {
    expect(named({ b: ['10.0.0.0/8'], a: ['10.0.0.0/8'] }).nameOf('10.1.2.3')).toBe('b');
  });

  it('is that of the smallest block that a search through all of them finds', () => {
    // Crowded into few addresses, so that blocks lie in each other.
    const block = fc
      .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 20, max: 32 }))
      .map(([low, prefix]) => cidrOf(4, BigInt(0x0a0a1800 + low), prefix));
    fc.assert(
      fc.property(fc.array(block, { maxLength: 12 }), fc.integer({ min: 0, max: 255 }), (blocks, low) => {
        const address = `10.10.24.${low}`;
        const networks = new Networks(new Map(blocks.map((each, i) => [`n${i}`, [each]])));
        const smallest = blocks
          .map((each, i): [string, Cidr] => [`n${i}`, each])
          .filter(([, each]) => containsAddress(each, address))
          .reduce<[string, Cidr] | undefined>(
            (best, next) => (best === undefined || next[1].prefix > best[1].prefix ? next : best),
            undefined,
          );
        expect(networks.nameOf(address)).toBe(smallest?.[0]);
      }),
    );
  });
});

describe('blocks as typed', () => {
  const texts = (typed: string[], networks = NETWORKS) =>
    parseBlocks(typed, networks).map(({ text }) => text);

  it('are CIDR blocks, addresses and names, mixed, each once', () => {
    expect(texts(['workspaces', '192.0.2.0/24', '192.0.2.7', '10.10.2.0/24', ' notebook'])).toEqual([
      '10.10.2.0/24',
      '10.10.3.0/24',
      '192.0.2.0/24',
      '192.0.2.7/32',
      '10.10.24.17/32',
    ]);
  });

  it.each([
    [
      'sagemakr',
      NETWORKS,
      "'sagemakr' is neither",
      'Did you mean sagemaker? The networks that have names are',
    ],
    ['elsewhere', NETWORKS, "'elsewhere' is neither", 'The networks that have names are vpc, sagemaker,'],
    ['sagemaker', NO_NETWORKS, "'sagemaker' is neither", 'flowlog help networks'],
    ['10.10.24.0/33', NETWORKS, "'10.10.24.0/33' is not a CIDR block", '0 to 32'],
    ['10.10.24', NETWORKS, "'10.10.24' is not a CIDR block", '10.10.24.0/24'],
    ['sage/maker', NETWORKS, "'sage/maker' is not a CIDR block", '10.10.24.0/24'],
  ])('%s', (text, networks, message, hint) => {
    expect(() => texts([text], networks)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(message),
        hint: expect.stringContaining(hint),
        exitCode: 2,
      }),
    );
  });

  it.each([
    ['sagemaker', true],
    ['SageMaker notebooks (1a)', true],
    ['10.10.24.1', false],
    ['2001:db8::1', false],
    ['a,b', false],
    ['a/b', false],
    ['-a', false],
    [' a', false],
    ['', false],
    ['a\nb', false],
  ])('%j can be a name: %s', (name, can) => expect(isNetworkName(name)).toBe(can));
});
