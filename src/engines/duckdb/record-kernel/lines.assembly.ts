// AssemblyScript: takes the lines of text files as rows.

import {
  add,
  HYPHEN,
  INTEGER,
  isPlain,
  MOST_DIGITS,
  MOST_LENGTH,
  NEWLINE,
  NUMBER,
  put,
  rows,
  slots,
  SPACE,
  TEXT,
  WRONG,
  ZERO,
} from './rows.assembly';

/** Where the host writes what it wants to know of a line. Kept in step with record-memory.ts. */
const FIELDS: usize = 1024;

/** Line ends in a text; up to 15 bytes after it are looked at. */
export function linesIn(from: usize, to: usize): u32 {
  const newlineLanes = i8x16.splat(NEWLINE);
  let count: u32 = 0;
  for (let at = from; at < to; at += 16) {
    let mask = <u32>i8x16.bitmask(i8x16.eq(v128.load(at), newlineLanes));
    if (at + 16 > to) mask &= ((<u32>1) << <u32>(to - at)) - 1;
    count += popcnt(mask);
  }
  return count;
}

/**
 * Takes the lines of a text, of so many values each, as rows. A field tells of the value at its place in the line which slot it
 * goes to, -1 for none, and its kind.
 *
 * @returns false when a line is not as AWS writes it
 */
export function take(from: usize, to: usize, values: u32): bool {
  const last = values - 1;
  let row = rows * slots;
  let value: u32 = 0;
  let begin = from;
  for (let at = from; at < to; at++) {
    const byte = load<u8>(at);
    if (isPlain(byte)) continue;
    if (byte != (value == last ? NEWLINE : SPACE) || at == begin) return false;
    const field = FIELDS + <usize>value * 8;
    const slot = load<i32>(field);
    if (slot >= 0) {
      const length = <u32>(at - begin);
      const kind = load<u32>(field, 4);
      let word: u32 = 0;
      if (length > 1 || load<u8>(begin) != HYPHEN) {
        word = kind == TEXT ? <u32>begin : wordOf(begin, length, kind == INTEGER);
        if (length > MOST_LENGTH || word == WRONG) return false;
      }
      put(row + slot, word);
    }
    begin = at + 1;
    value++;
    if (value > last) {
      value = 0;
      row += slots;
      add(1);
    }
  }
  return value == 0 && begin == to;
}

/** Of a number that is written as whole numbers are: so that its text is what a reader would write again. */
function wordOf(begin: usize, length: u32, isInteger: bool): u32 {
  if (length > MOST_DIGITS || (length > 1 && load<u8>(begin) == ZERO)) return WRONG;
  let number: i64 = 0;
  for (let i: u32 = 0; i < length; i++) {
    const digit = load<u8>(begin + i) - ZERO;
    if (digit > 9) return WRONG;
    number = number * 10 + digit;
  }
  if (number <= <i64>i32.MAX_VALUE) return <u32>number | NUMBER;
  return isInteger ? WRONG : <u32>begin;
}
