import { closestMatch } from 'leven';
import { UsageError } from '../errors.js';
import { bitsOf, type Cidr, type Family, parseAddress, parseCidr } from './cidr.js';

/** So many addresses are remembered with their names: those of a busy VPC, in a few megabytes. */
const REMEMBERED = 100_000;

/** Blocks that a user has given names to: `sagemaker` for 10.10.24.0/24. A name may stand for several. */
export class Networks {
  /** Names by first address, of the blocks of one size; the longest prefixes first. */
  private readonly sizes: ReadonlyArray<{
    readonly family: Family;
    readonly mask: bigint;
    readonly names: ReadonlyMap<bigint, string>;
  }>;
  private readonly remembered = new Map<string, string | undefined>();

  /** @param blocks by name; of two names for the same block the first one counts */
  constructor(readonly blocks: ReadonlyMap<string, readonly Cidr[]>) {
    const sizes = new Map<string, { family: Family; prefix: number; names: Map<bigint, string> }>();
    for (const [name, list] of blocks) {
      for (const { family, prefix, first } of list) {
        const key = `${family}/${prefix}`;
        const size = sizes.get(key) ?? { family, prefix, names: new Map<bigint, string>() };
        sizes.set(key, size);
        if (!size.names.has(first)) size.names.set(first, name);
      }
    }
    this.sizes = [...sizes.values()]
      .sort((a, b) => b.prefix - a.prefix)
      .map(({ family, prefix, names }) => ({
        family,
        mask: ~((1n << BigInt(bitsOf(family) - prefix)) - 1n),
        names,
      }));
  }

  get isEmpty(): boolean {
    return this.blocks.size === 0;
  }

  /** The name of the smallest block that holds the address, given as text; undefined where none does. */
  nameOf(address: string): string | undefined {
    if (this.remembered.has(address)) return this.remembered.get(address);
    if (this.remembered.size >= REMEMBERED) this.remembered.clear();
    const name = this.look(address);
    this.remembered.set(address, name);
    return name;
  }

  private look(text: string): string | undefined {
    const address = parseAddress(text);
    if (!address) return undefined;
    for (const { family, mask, names } of this.sizes) {
      if (family !== address.family) continue;
      const name = names.get(address.value & mask);
      if (name !== undefined) return name;
    }
    return undefined;
  }
}

export const NO_NETWORKS = new Networks(new Map());

/** What a name of a network cannot hold: it could not be told from a block, or not be typed between commas. */
const UNUSABLE = /[,/:\p{Cc}]|^[-\s]|\s$|^$/u;

/** Whether a name can stand where a block can. */
export function isNetworkName(name: string): boolean {
  return !UNUSABLE.test(name) && parseAddress(name) === undefined;
}

/**
 * Reads blocks as typed: each a CIDR block, an address, or the name of a network, which stands for all its blocks. The
 * one place where names are understood.
 *
 * @throws UsageError for what is none of these
 */
export function parseBlocks(texts: readonly string[], networks: Networks): Cidr[] {
  const blocks = texts.flatMap((text) => networks.blocks.get(text.trim()) ?? [parsed(text, networks)]);
  return [...new Map(blocks.map((block) => [block.text, block])).values()];
}

function parsed(text: string, networks: Networks): Cidr {
  // What looks like an address was meant as a block, and is told why it is none.
  if (/^\s*\d+\.|[:/]/.test(text)) return parseCidr(text);
  const known = [...networks.blocks.keys()];
  const near = closestMatch(text, known, { maxDistance: 2 });
  throw new UsageError(
    `'${text}' is neither a CIDR block nor the name of a network.`,
    known.length === 0
      ? "Write a block, such as 10.10.24.0/24; to give it a name, see 'flowlog help networks'."
      : `${near ? `Did you mean ${near}? ` : ''}The networks that have names are ${known.join(', ')}.`,
  );
}
