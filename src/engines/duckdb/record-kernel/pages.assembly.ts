// AssemblyScript: takes the values of columns from the pages of Parquet files. What a page says of itself is looked at before
// it is believed; a page that is not understood is none: zero is the answer.

import { writeNumber } from './digits.assembly';
import {
  add,
  HYPHEN,
  isPlain,
  isSameText,
  lengthOf,
  MOST_LENGTH,
  MOST_NUMBER,
  move,
  NUMBER,
  put,
  rows,
  rowSize,
  slots,
  SPACE,
  TEXT,
  wordAt,
  wordsFrom,
  WRONG,
} from './rows.assembly';

/** How the values of a page are written. Kept in step with parquet/format.ts. */
const PLAIN: u32 = 0;
const OLD_DICTIONARY: u32 = 2;
const DIFFERENCES: u32 = 5;
const DICTIONARY: u32 = 8;


/** Of each value of a page, whether it is there; and the numbers of entries, or the numbers themselves. */
let levels: usize = 0;
let numbers: usize = 0;
/** Of each row of a group, whether it may matter. */
let marks: usize = 0;

/** Where there is room for so many rows: 13 bytes each. */
export function room(at: usize, most: u32): void {
  numbers = at;
  levels = numbers + <usize>most * 8;
  marks = levels + <usize>most * 4;
}

/** Writes the words of a dictionary of texts. Returns zero for one that only others can read. */
export function entriesOfTexts(from: usize, to: usize, count: u32, table: usize): bool {
  let at = from;
  for (let i: u32 = 0; i < count; i++) {
    const end = endOfText(at, to);
    if (end == 0) return false;
    store<u32>(table + (<usize>i << 2), <u32>(at + 4));
    at = end;
  }
  endText(at);
  return true;
}

/** Where a text ends that has its length before it. That of the text before it has its end there. */
@inline
function endOfText(at: usize, to: usize): usize {
  if (to - at < 4) return 0;
  const length = load<u32>(at);
  if (length == 0 || length > MOST_LENGTH || <usize>length > to - at - 4) return 0;
  endText(at);
  const begin = at + 4;
  if (length == 1 && load<u8>(begin) == HYPHEN) return 0;
  const end = begin + length;
  for (let byte = begin; byte < end; byte++) if (!isPlain(load<u8>(byte))) return 0;
  return end;
}

@inline
function endText(at: usize): void {
  store<u8>(at, SPACE);
}

/** Writes the words of a dictionary of numbers of so many bytes. Returns where the text of large ones ends. */
export function entriesOfNumbers(from: usize, to: usize, count: u32, size: u32, table: usize, text: usize): usize {
  if (to - from < <usize>count * size) return 0;
  textEnd = text;
  for (let i: u32 = 0; i < count; i++) {
    const place = from + <usize>i * size;
    const word = wordOf(size == 4 ? <i64>load<i32>(place) : load<i64>(place));
    if (word == 0) return 0;
    store<u32>(table + (<usize>i << 2), word);
  }
  return textEnd;
}

/** Where the text of large numbers ends. */
let textEnd: usize = 0;

/** Of a number; zero for one that is negative or too large. */
@inline
function wordOf(number: i64): u32 {
  return <u64>number < <u64>NUMBER ? <u32>number | NUMBER : writtenWord(number);
}

function writtenWord(number: i64): u32 {
  if (<u64>number > MOST_NUMBER) return 0;
  const begin = textEnd;
  const end = writeNumber(number, begin);
  endText(end);
  textEnd = end + 1;
  return <u32>begin;
}

/** Of the column `slot`, none of so many rows from `row` on has a value. */
export function absent(row: u32, count: u32, slot: u32): void {
  for (let i: u32 = 0; i < count; i++) put((row + i) * slots + slot, 0);
}

/**
 * Takes the values of a page for the column `slot` of so many rows, from `row` on.
 *
 * @param size of a number in bytes
 * @param table of the dictionary, with so many entries
 * @param text where numbers are written
 * @returns where that text ends
 */
export function page(
  row: u32,
  count: u32,
  slot: u32,
  from: usize,
  to: usize,
  encoding: u32,
  kind: u32,
  size: u32,
  table: usize,
  entries: u32,
  text: usize,
): usize {
  if (to - from < 4) return 0;
  const length = <usize>load<u32>(from);
  if (length > to - from - 4) return 0;
  const at = from + 4 + length;
  const found = readLevels(from + 4, at, count);
  if (found == WRONG) return 0;
  if (found == 0) {
    absent(row, count, slot);
    return text;
  }
  const place = row * slots + slot;
  if (encoding == DICTIONARY || encoding == OLD_DICTIONARY) {
    return takeEntries(place, count, found, at, to, table, entries) ? text : 0;
  }
  if (kind == TEXT) return encoding == PLAIN && takeTexts(place, count, at, to) ? text : 0;
  const understood =
    encoding == PLAIN ? readPlain(at, to, found, size) : encoding == DIFFERENCES && readDifferences(at, to, found);
  return understood ? takeNumbers(place, count, text) : 0;
}

/** Whether all the values are there. */
let complete: bool = false;

/** Which of the values are there; returns how many. */
function readLevels(at: usize, to: usize, count: u32): u32 {
  complete = false;
  cursor = at;
  const header = varint(to);
  // Most often all are there, or none.
  if ((header & 1) == 0 && header >> 1 >= <u64>count && cursor < to) {
    const level = load<u8>(cursor);
    complete = level == 1;
    return level > 1 ? WRONG : complete ? count : 0;
  }
  if (!readHybrid(at, to, count, 1, levels)) return WRONG;
  let found: u32 = 0;
  for (let i: u32 = 0; i < count; i++) found += load<u32>(levels + <usize>i * 4);
  complete = found == count;
  return found;
}

/** Of a page that is not complete. */
@inline
function isAbsent(i: u32): bool {
  return load<u32>(levels + (<usize>i << 2)) == 0;
}

function takeEntries(
  first: u32,
  count: u32,
  found: u32,
  at: usize,
  to: usize,
  table: usize,
  entries: u32,
): bool {
  if (at == to || !readHybrid(at + 1, to, found, load<u8>(at), numbers)) return false;
  const size = rowSize();
  let word = wordsFrom(first);
  let from = numbers;
  const all = complete;
  for (let i: u32 = 0; i < count; i++, word += size) {
    if (!all && isAbsent(i)) {
      store<u32>(word, 0);
      continue;
    }
    const number = load<u32>(from);
    from += 4;
    if (number >= entries) return false;
    store<u32>(word, load<u32>(table + (<usize>number << 2)));
  }
  return true;
}

function takeTexts(first: u32, count: u32, from: usize, to: usize): bool {
  const size = rowSize();
  const all = complete;
  let word = wordsFrom(first);
  let at = from;
  for (let i: u32 = 0; i < count; i++, word += size) {
    if (!all && isAbsent(i)) {
      store<u32>(word, 0);
      continue;
    }
    const end = endOfText(at, to);
    if (end == 0) return false;
    store<u32>(word, <u32>(at + 4));
    at = end;
  }
  endText(at);
  return true;
}

function takeNumbers(first: u32, count: u32, text: usize): usize {
  const size = rowSize();
  const all = complete;
  let word = wordsFrom(first);
  let from = numbers;
  textEnd = text;
  for (let i: u32 = 0; i < count; i++, word += size) {
    if (!all && isAbsent(i)) {
      store<u32>(word, 0);
      continue;
    }
    const value = wordOf(load<i64>(from));
    from += 8;
    if (value == 0) return 0;
    store<u32>(word, value);
  }
  return textEnd;
}

function readPlain(at: usize, to: usize, count: u32, size: u32): bool {
  if (to - at < <usize>count * size) return false;
  for (let i: u32 = 0; i < count; i++) {
    const place = at + <usize>i * size;
    store<i64>(numbers + <usize>i * 8, size == 4 ? <i64>load<i32>(place) : load<i64>(place));
  }
  return true;
}

/** Where reading goes on. */
let cursor: usize = 0;

/** At the end of the bytes, ones without end: no length or count is as much. */
@inline
function varint(to: usize): u64 {
  let value: u64 = 0;
  for (let shift: u64 = 0; shift < 64; shift += 7) {
    if (cursor >= to) return u64.MAX_VALUE;
    const byte = <u64>load<u8>(cursor++);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return u64.MAX_VALUE;
}

@inline
function zigzag(value: u64): i64 {
  return <i64>(value >> 1) ^ -(<i64>(value & 1));
}

/** Parquet's mixture of runs and packed bits. */
function readHybrid(from: usize, to: usize, count: u32, width: u32, into: usize): bool {
  if (width > 32) return false;
  const mask = width == 32 ? u32.MAX_VALUE : ((<u32>1) << width) - 1;
  const bytes = <usize>((width + 7) >> 3);
  let left = count;
  let place = into;
  cursor = from;
  while (left > 0) {
    const header = varint(to);
    const length = header >> 1;
    if (length == 0 || header == u64.MAX_VALUE) return false;
    if ((header & 1) == 0) {
      if (to - cursor < bytes) return false;
      const value = load<u32>(cursor) & mask;
      cursor += bytes;
      const run = <u32>min<u64>(length, left);
      for (let i: u32 = 0; i < run; i++, place += 4) store<u32>(place, value);
      left -= run;
    } else {
      if (length > <u64>(to - cursor) || length * width > <u64>(to - cursor)) return false;
      const some = <u32>min<u64>(length * 8, left);
      let bit: u32 = 0;
      for (let i: u32 = 0; i < some; i++, place += 4, bit += width) {
        store<u32>(place, <u32>(load<u64>(cursor + (bit >> 3)) >> <u64>(bit & 7)) & mask);
      }
      cursor += <usize>length * width;
      left -= some;
    }
  }
  return true;
}

/** Parquet's DELTA_BINARY_PACKED. */
function readDifferences(from: usize, to: usize, count: u32): bool {
  cursor = from;
  const block = varint(to);
  const parts = varint(to);
  const total = varint(to);
  let value = zigzag(varint(to));
  if (total != <u64>count || parts == 0 || parts > 1024 || block > 1 << 20 || block % (parts * 8) != 0) return false;
  const each = <u32>(block / parts);
  if (each == 0) return false;
  let place = numbers;
  const end = numbers + <usize>count * 8;
  store<i64>(place, value);
  place += 8;
  while (place < end) {
    const least = zigzag(varint(to));
    const widths = cursor;
    if (to < cursor || to - cursor < <usize>parts) return false;
    cursor += <usize>parts;
    for (let part: u32 = 0; part < <u32>parts && place < end; part++) {
      const width = <u32>load<u8>(widths + part);
      const size = <usize>(each >> 3) * width;
      if (width > 64 || to - cursor < size) return false;
      let bit: u32 = 0;
      for (let i: u32 = 0; i < each && place < end; i++, place += 8, bit += width) {
        value += least + <i64>bitsAt(cursor, bit, width);
        store<i64>(place, value);
      }
      cursor += size;
    }
  }
  return true;
}

@inline
function bitsAt(from: usize, bit: u32, width: u32): u64 {
  const at = from + (bit >> 3);
  const shift = <u64>(bit & 7);
  let bits = load<u64>(at) >> shift;
  if (shift + width > 64) bits |= (<u64>load<u8>(at, 8)) << (64 - shift);
  return width == 64 ? bits : bits & (((<u64>1) << <u64>width) - 1);
}

/** Of a mark: the value in every slot looked at is there and may matter; or it is absent, or may matter. */
const THERE: u32 = 1;
const OR_ABSENT: u32 = 2;

/** Marks so many rows. */
export function mark(count: u32): void {
  memory.fill(marks, <u8>(THERE | OR_ABSENT), count);
}

/**
 * Leaves the marks to those of so many rows, from `row` on, whose value in a slot may matter: it begins with one of some prefixes,
 * if there are any, and with none of some others. Each prefix has its length before it, in a byte.
 */
export function pass(row: u32, count: u32, slot: u32, prefixes: usize, oneOf: u32, noneOf: u32): void {
  // In the order of a store the same address follows itself.
  let last: u32 = 0;
  let passed: u32 = OR_ABSENT;
  const size = rowSize();
  let at = wordsFrom(row * slots + slot);
  for (let i: u32 = 0; i < count; i++, at += size) {
    const word = load<u32>(at);
    if (word != last) {
      if (word == 0) passed = OR_ABSENT;
      else passed = passes(word, lengthOf(word), prefixes, oneOf, noneOf) ? THERE | OR_ABSENT : 0;
    }
    last = word;
    store<u8>(marks + i, load<u8>(marks + i) & <u8>passed);
  }
}

/** A record without an address can matter only when it is to be set aside: when the text in this slot is that. */
export function passAside(row: u32, count: u32, slot: u32, aside: u32): void {
  let last: u32 = 0;
  let passed: u32 = THERE;
  for (let i: u32 = 0; i < count; i++) {
    const word = wordAt((row + i) * slots + slot);
    if (word != last) passed = isSameText(word, aside) ? THERE | OR_ABSENT : THERE;
    last = word;
    store<u8>(marks + i, load<u8>(marks + i) & <u8>passed);
  }
}

/** None of so many rows is to be set aside. */
export function passNoAside(count: u32): void {
  for (let i: u32 = 0; i < count; i++) store<u8>(marks + i, load<u8>(marks + i) & THERE);
}

function passes(begin: usize, length: u32, prefixes: usize, oneOf: u32, noneOf: u32): bool {
  let at = prefixes;
  let found = oneOf == 0;
  for (let i: u32 = 0; i < oneOf; i++) {
    if (!found && beginsWith(begin, length, at)) found = true;
    at += 1 + <usize>load<u8>(at);
  }
  if (!found) return false;
  for (let i: u32 = 0; i < noneOf; i++) {
    if (beginsWith(begin, length, at)) return false;
    at += 1 + <usize>load<u8>(at);
  }
  return true;
}

@inline
function beginsWith(begin: usize, length: u32, prefix: usize): bool {
  const size = <u32>load<u8>(prefix);
  if (size > length) return false;
  for (let i: u32 = 0; i < size; i++) if (load<u8>(begin + i) != load<u8>(prefix + 1 + i)) return false;
  return true;
}

/** How many of so many rows are marked. */
export function marked(count: u32): u32 {
  let found: u32 = 0;
  for (let i: u32 = 0; i < count; i++) found += <u32>(load<u8>(marks + i) != 0);
  return found;
}

/** So many rows after the last one have their values: those that are marked become rows, or all where none has a mark. */
export function keep(count: u32, all: bool): void {
  if (all) {
    add(count);
    return;
  }
  let to = rows;
  for (let i: u32 = 0; i < count; ) {
    if (load<u8>(marks + i) == 0) {
      i++;
      continue;
    }
    let end = i + 1;
    while (end < count && load<u8>(marks + end) != 0) end++;
    move(rows + i, to, end - i);
    to += end - i;
    i = end;
  }
  add(to - rows);
}
