/**
 * An address as 32-bit words: one for IPv4, four for IPv6, most significant first. For code that reads millions of
 * addresses, where BigInt is too slow.
 */
export type Words = Uint32Array;

export const wordCount = (family: 4 | 6): 1 | 4 => (family === 4 ? 1 : 4);

const DOT = 46;
const COLON = 58;
const ZERO = 48;

/**
 * Reads an address into `words`, and returns its family; 0 where the text is not an address. Reads exactly what
 * `parseAddress` reads: four decimal parts without leading zeros, or IPv6 without a zone.
 */
export function readAddress(text: string, words: Words): 0 | 4 | 6 {
  for (let i = 0; i < text.length && i < 5; i++) {
    const code = text.charCodeAt(i);
    if (code === COLON) return readV6(text, words) ? 6 : 0;
    if (code === DOT) break;
  }
  const value = readV4(text, 0);
  if (value < 0) return 0;
  words[0] = value;
  return 4;
}

/** The number of the IPv4 address that stands from `at` to the end of the text; -1 where none does. */
function readV4(text: string, at: number): number {
  let value = 0;
  let part = 0;
  let digits = 0;
  let parts = 0;
  for (let i = at; i <= text.length; i++) {
    const code = i === text.length ? DOT : text.charCodeAt(i);
    if (code === DOT) {
      if (digits === 0 || part > 255 || ++parts > 4) return -1;
      value = value * 256 + part;
      part = 0;
      digits = 0;
      continue;
    }
    const digit = code - ZERO;
    // 08 could be octal or decimal: whoever wrote it has to say.
    if (digit < 0 || digit > 9 || (digits > 0 && part === 0) || digits === 3) return -1;
    part = part * 10 + digit;
    digits++;
  }
  return parts === 4 ? value : -1;
}

const groups = new Uint16Array(8);

function readV6(text: string, words: Words): boolean {
  const { length } = text;
  let count = 0;
  let gap = -1;
  let i = 0;
  if (text.charCodeAt(0) === COLON) {
    if (text.charCodeAt(1) !== COLON) return false;
    gap = 0;
    i = 2;
  }
  while (i < length) {
    if (count === 8) return false;
    let group = 0;
    let digits = 0;
    const from = i;
    let code = 0;
    for (; i < length; i++) {
      code = text.charCodeAt(i);
      const digit = hexDigit(code);
      if (digit < 0) break;
      if (++digits > 4) return false;
      group = group * 16 + digit;
    }
    if (i < length && code === DOT) {
      const value = count <= 6 ? readV4(text, from) : -1;
      if (value < 0) return false;
      groups[count++] = value >>> 16;
      groups[count++] = value & 0xffff;
      i = length;
      break;
    }
    if (digits === 0) return false;
    groups[count++] = group;
    if (i === length) break;
    if (code !== COLON) return false;
    i++;
    if (text.charCodeAt(i) === COLON) {
      if (gap >= 0) return false;
      gap = count;
      i++;
    } else if (i === length) return false;
  }
  if (gap < 0 ? count !== 8 : count > 7) return false;
  const zeros = 8 - count;
  const groupAt = (n: number) => {
    if (gap < 0 || n < gap) return groups[n]!;
    return n < gap + zeros ? 0 : groups[n - zeros]!;
  };
  for (let n = 0; n < 4; n++) words[n] = groupAt(2 * n) * 65_536 + groupAt(2 * n + 1);
  return true;
}

function hexDigit(code: number): number {
  if (code >= ZERO && code <= 57) return code - ZERO;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/**
 * The first and last address of a block such as `10.0.0.0/8`; of an address alone, that address twice. Host bits are
 * cleared. Undefined where the text is not a block.
 */
export function readBlock(text: string): { family: 4 | 6; first: Words; last: Words } | undefined {
  const slash = text.indexOf('/');
  const first = new Uint32Array(4);
  const family = readAddress(slash < 0 ? text : text.slice(0, slash), first);
  if (family === 0) return undefined;
  const size = wordCount(family);
  const bits = size * 32;
  const prefix =
    slash < 0 ? bits : /^\d{1,3}$/.test(text.slice(slash + 1)) ? Number(text.slice(slash + 1)) : -1;
  if (prefix < 0 || prefix > bits) return undefined;
  const last = first.slice();
  for (let i = 0; i < size; i++) {
    const kept = Math.min(Math.max(prefix - 32 * i, 0), 32);
    const host = kept === 32 ? 0 : 0xffffffff >>> kept;
    first[i] = (first[i]! & ~host) >>> 0;
    last[i] = (first[i]! | host) >>> 0;
  }
  return { family, first: first.subarray(0, size), last: last.subarray(0, size) };
}
