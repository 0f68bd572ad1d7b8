// AssemblyScript: the values of records. Each is a word: zero where there is none; a number below 2^31 with the highest bit set;
// for all else where its text begins in the memory. Text is plain ASCII that means itself and needs no quotes in CSV; it ends
// before the first byte that is no part of such a text.

export const SPACE: u8 = 0x20;
export const NEWLINE: u8 = 0x0a;
export const COMMA: u8 = 0x2c;
export const HYPHEN: u8 = 0x2d;
export const ZERO: u8 = 0x30;
const QUOTATION: u8 = 0x22;
const NUMBER_SIGN: u8 = 0x23;

/** Kinds of columns. */
export const TEXT: u32 = 0;
export const INTEGER: u32 = 1;

/** The bit of a word that is a number. */
export const NUMBER: u32 = 0x8000_0000;
/** Numbers of more digits, or above this, are not exact as a float. */
export const MOST_DIGITS: u32 = 15;
export const MOST_NUMBER: u64 = 999_999_999_999_999;
/** Bytes of a text at most. */
export const MOST_LENGTH: u32 = 0xffff;

/** What no number of rows, bytes or values is. */
export const WRONG: u32 = u32.MAX_VALUE;

/** Rows there are. */
export let rows: u32 = 0;
/** Values of a row. */
export let slots: u32 = 0;
let words: usize = 0;

/** Lays out the values, so many of each row. */
export function lay(at: usize, count: u32): void {
  words = at;
  slots = count;
  rows = 0;
}

/** So many rows more have their values. */
export function add(count: u32): void {
  rows += count;
}

/** @param place row times slots, plus the slot */
@inline
export function put(place: u32, word: u32): void {
  store<u32>(words + (<usize>place << 2), word);
}

/** Where the word at a place is, and how far it is from there to that of the next row. */
@inline
export function wordsFrom(place: u32): usize {
  return words + (<usize>place << 2);
}

@inline
export function rowSize(): usize {
  return <usize>slots << 2;
}

@inline
export function wordAt(place: u32): u32 {
  return load<u32>(words + (<usize>place << 2));
}

/** The word in a slot of the row whose number stands at a place of a list. */
@inline
export function wordIn(list: usize, place: u32, slot: u32): u32 {
  return wordAt(load<u32>(list + (<usize>place << 2)) * slots + slot);
}

/** Puts the values of so many rows where those of others stand that are not after them. */
export function move(from: u32, to: u32, count: u32): void {
  const row = rowSize();
  if (from != to) memory.copy(words + <usize>to * row, words + <usize>from * row, <usize>count * row);
}

/** Part of a text that means itself and needs no quotes in CSV. */
@inline
export function isPlain(byte: u8): bool {
  return byte > SPACE && byte < 0x7f && byte != QUOTATION && byte != NUMBER_SIGN && byte != COMMA;
}

/** Of sixteen bytes, those that are no part of a text. */
@inline
export function endsIn(bytes: v128): u32 {
  return <u32>i8x16.bitmask(i8x16.lt_u(bytes, i8x16.splat(SPACE + 1)));
}

/** The bytes of a text. */
export function lengthOf(text: usize): u32 {
  let at = text;
  let ends = endsIn(v128.load(at));
  while (ends == 0) {
    at += 16;
    ends = endsIn(v128.load(at));
  }
  return <u32>(at - text) + ctz(ends);
}

/** Whether two words are of texts, and these the same. */
export function isSameText(one: u32, other: u32): bool {
  if (one == 0 || other == 0 || ((one | other) & NUMBER) != 0) return false;
  return compareTexts(one, other) == 0;
}

/** As bytes are ordered; what ends a text comes before all that may stand in one. */
export function compareTexts(one: usize, other: usize): i32 {
  let a = load<u8>(one);
  let b = load<u8>(other);
  for (let i: usize = 1; a == b && a > SPACE; i++) {
    a = load<u8>(one + i);
    b = load<u8>(other + i);
  }
  // However they end.
  if (a <= SPACE || b <= SPACE) return i32(a > SPACE) - i32(b > SPACE);
  return a < b ? -1 : 1;
}

/** The number that a word of a column of numbers stands for; -1 for none. */
@inline
export function numberOf(word: u32): i64 {
  if ((word & NUMBER) != 0) return word & ~NUMBER;
  return word == 0 ? -1 : digitsAt(word);
}

function digitsAt(text: usize): i64 {
  let number: i64 = 0;
  for (let at = text; load<u8>(at) > SPACE; at++) number = number * 10 + (load<u8>(at) - ZERO);
  return number;
}
