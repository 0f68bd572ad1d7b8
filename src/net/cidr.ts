import ipaddr from 'ipaddr.js';
import { UsageError } from '../errors.js';

export type Family = 4 | 6;

/** A block of addresses, in canonical form: no host bits set. */
export interface Cidr {
  readonly family: Family;
  readonly prefix: number;
  /** The first and the last address as numbers: 32 bits for IPv4, 128 for IPv6. */
  readonly first: bigint;
  readonly last: bigint;
  /** Canonical text, `10.10.24.0/24` or `2001:db8::/32`. */
  readonly text: string;
}

export const bitsOf = (family: Family): number => (family === 4 ? 32 : 128);

/** An address as its number. */
export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

/** An address, given as text, as its number; undefined when the text is no address. */
export function parseAddress(text: string): Address | undefined {
  // Only the forms people write: the library would also read `10.1` and `0x0a.1` as IPv4.
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) {
    return { family: 4, value: numberOf(ipaddr.IPv4.parse(text).toByteArray()) };
  }
  if (text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text)) {
    return { family: 6, value: numberOf(ipaddr.IPv6.parse(text).toByteArray()) };
  }
  return undefined;
}

function numberOf(bytes: readonly number[]): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** The bytes of an address given as a number, most significant first. */
export function bytesOf(family: Family, value: bigint): number[] {
  const size = bitsOf(family) / 8;
  return Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * (size - 1 - i))) & 0xffn));
}

/** Canonical text of an address given as a number (IPv6 as RFC 5952 has it). */
export function addressText(family: Family, value: bigint): string {
  const bytes = bytesOf(family, value);
  return family === 4 ? bytes.join('.') : new ipaddr.IPv6(bytes).toRFC5952String();
}

export function cidrOf(family: Family, value: bigint, prefix: number): Cidr {
  const host = (1n << BigInt(bitsOf(family) - prefix)) - 1n;
  const first = value & ~host;
  return { family, prefix, first, last: first | host, text: `${addressText(family, first)}/${prefix}` };
}

/**
 * Reads a block, `10.10.24.0/24` or `2001:db8::/32`; an address alone is the block of that one address.
 *
 * @throws UsageError when it is no block, or has host bits set (then the block that was probably meant is named)
 */
export function parseCidr(text: string): Cidr {
  const [addressPart = '', prefixPart, ...rest] = text.trim().split('/');
  const address = parseAddress(addressPart);
  if (!address || rest.length > 0) {
    throw new UsageError(
      `'${text}' is not a CIDR block.`,
      'Write an IPv4 or IPv6 block, such as 10.10.24.0/24 or 2001:db8:1:2::/64.',
    );
  }
  const bits = bitsOf(address.family);
  if (prefixPart === undefined) return cidrOf(address.family, address.value, bits);
  const prefix = /^\d{1,3}$/.test(prefixPart) ? Number(prefixPart) : Number.NaN;
  if (!(prefix <= bits)) {
    throw new UsageError(
      `'${text}' is not a CIDR block: '/${prefixPart}' is not a prefix length of IPv${address.family}.`,
      `An IPv${address.family} prefix length is 0 to ${bits}.`,
    );
  }
  const cidr = cidrOf(address.family, address.value, prefix);
  if (cidr.first !== address.value) {
    throw new UsageError(`'${text}' has host bits set.`, `Did you mean ${cidr.text}?`);
  }
  return cidr;
}

/** Whether all of `inner` lies in `outer`. */
export function containsBlock(outer: Cidr, inner: Cidr): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

/** Whether an address, as text, lies in the block. False when the text is no address. */
export function containsAddress(block: Cidr, text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && holdsAddress(block, address);
}

/** The same of an address that has been read. */
export function holdsAddress(block: Cidr, { family, value }: Address): boolean {
  return family === block.family && block.first <= value && value <= block.last;
}

/** Whether an address lies in one of the blocks; false for a text that is no address. */
export function inBlocks(text: string, blocks: readonly Cidr[]): boolean {
  const address = parseAddress(text);
  return address !== undefined && blocks.some((block) => holdsAddress(block, address));
}

/**
 * The largest VPC block that can hold a subnet: its /16, or /56 for IPv6 (the largest sizes a VPC can have); a block
 * that is larger than those stands for itself.
 */
export function enclosingVpc(subnet: Cidr): Cidr {
  const largest = subnet.family === 4 ? 16 : 56;
  return subnet.prefix <= largest ? subnet : cidrOf(subnet.family, subnet.first, largest);
}

/** Texts of which every address of a block begins with one; none where there are no such few. */
export function leadingTexts(block: Cidr): readonly string[] {
  if (block.family === 6) return leadingGroups(block);
  const { text } = leadingText(block);
  return text === '' ? [] : [text];
}

/** Ways to write what an IPv6 block fixes that are looked for; with more of them, fewer groups are. */
const MOST_SPELLINGS = 8;

/** Its first groups in every spelling, `2001:db8:`, up to the first that `::` may stand for. */
function leadingGroups({ first, prefix }: Cidr): string[] {
  let texts = [''];
  for (let whole = 1; whole <= Math.min(Math.floor(prefix / 16), 7); whole++) {
    const spelled = spellings(Number((first >> BigInt(128 - 16 * whole)) & 0xffffn));
    if (spelled.length === 0 || texts.length * spelled.length > MOST_SPELLINGS) break;
    texts = texts.flatMap((text) => spelled.map((group) => `${text}${group}:`));
  }
  return texts[0] === '' ? [] : texts;
}

/** A group with letters of either case, and with and without leading zeros; none for zero. */
function spellings(group: number): string[] {
  if (group === 0) return [];
  let texts = [''];
  const digits = group.toString(16);
  for (const digit of digits) {
    texts = texts.flatMap((text) => [...new Set([digit, digit.toUpperCase()])].map((each) => text + each));
  }
  return Array.from({ length: 5 - digits.length }, (_, zeros) => '0'.repeat(zeros)).flatMap((zeros) =>
    texts.map((text) => zeros + text),
  );
}

/**
 * The text that every address of an IPv4 block begins with: its whole parts, `10.10.24.`; and whether only addresses of the
 * block do. Empty where there is none, and for IPv6, whose addresses can be written in more than one way.
 */
export function leadingText(block: Cidr): { text: string; exact: boolean } {
  const whole = Math.floor(block.prefix / 8);
  if (block.family === 6 || whole === 0) return { text: '', exact: false };
  const parts = bytesOf(4, block.first).slice(0, whole).join('.');
  // All four parts are an address; another may still go on after it: 10.0.0.1 and 10.0.0.10.
  return whole === 4 ? { text: parts, exact: false } : { text: `${parts}.`, exact: block.prefix % 8 === 0 };
}

/** The fewest blocks that hold the same addresses: those inside others left out, and two halves of a block made one. */
export function mergeBlocks(blocks: readonly Cidr[]): Cidr[] {
  const merged: Cidr[] = [];
  for (const block of [...blocks].sort(byPlace)) {
    let next = block;
    for (let last = merged.at(-1); last; last = merged.at(-1)) {
      if (containsBlock(last, next)) next = last;
      else if (!areHalves(last, next)) break;
      else next = cidrOf(next.family, last.first, next.prefix - 1);
      merged.pop();
    }
    merged.push(next);
  }
  return merged.length === blocks.length ? [...blocks] : merged;
}

/** By family, then by first address, the larger first. */
function byPlace(a: Cidr, b: Cidr): number {
  if (a.family !== b.family) return a.family - b.family;
  if (a.first !== b.first) return a.first < b.first ? -1 : 1;
  return a.prefix - b.prefix;
}

const areHalves = (a: Cidr, b: Cidr) =>
  a.family === b.family &&
  a.prefix === b.prefix &&
  a.last + 1n === b.first &&
  cidrOf(a.family, a.first, a.prefix - 1).last === b.last;
