import fc from 'fast-check';
import { addressText, bitsOf, type Cidr, cidrOf, type Family } from '../src/net/cidr.js';

const family = fc.constantFrom<Family>(4, 6);

const value = (of: Family) => fc.bigInt({ min: 0n, max: (1n << BigInt(bitsOf(of))) - 1n });

/** An address of either family, in canonical text. */
export const anyAddress: fc.Arbitrary<string> = family.chain((of) =>
  value(of).map((number) => addressText(of, number)),
);

/** A block of either family and any prefix length. */
export const anyBlock: fc.Arbitrary<Cidr> = family.chain((of) =>
  fc.tuple(value(of), fc.nat(bitsOf(of))).map(([number, prefix]) => cidrOf(of, number, prefix)),
);

/** An address in the block, or right beside it, where mistakes of one live. */
export function addressNear(block: Cidr): fc.Arbitrary<string> {
  const top = (1n << BigInt(bitsOf(block.family))) - 1n;
  return fc
    .oneof(
      fc.bigInt({ min: block.first, max: block.last }),
      fc.constantFrom(block.first, block.last, block.first - 1n, block.last + 1n),
    )
    .map((number) => addressText(block.family, number < 0n ? 0n : number > top ? top : number));
}
