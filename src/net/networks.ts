import { closestMatch } from 'leven';
import { UsageError } from '../errors.js';
import { AddressMap } from './address-map.js';
import { type Cidr, parseAddress, parseCidr } from './cidr.js';

/** Blocks that a user has given names to: `sagemaker` for 10.10.24.0/24. A name may stand for several. */
export class Networks {
  private readonly names: AddressMap<string>;

  /** @param blocks by name; of two names for the same block the first one counts */
  constructor(readonly blocks: ReadonlyMap<string, readonly Cidr[]>) {
    const names = AddressMap.builder<string>();
    for (const [name, list] of blocks) for (const { text } of list) names.add(text, name);
    this.names = names.build();
  }

  get isEmpty(): boolean {
    return this.blocks.size === 0;
  }

  /** The name of the smallest block that holds the address, given as text; undefined where none does. */
  nameOf(address: string): string | undefined {
    return this.names.get(address);
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
