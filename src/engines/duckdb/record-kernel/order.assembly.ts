// AssemblyScript: puts rows in order.

import { compareTexts, numberOf, slots, TEXT, wordAt, wordIn } from './rows.assembly';

/** Where the host writes by what. Kept in step with record-memory.ts. */
const SORTED: usize = 32_768;

/** Binary digits looked at together. */
const DIGIT: u32 = 11;
const DIGITS: u32 = 1 << DIGIT;

let by: u32 = 0;

/**
 * Puts rows, whose numbers stand one after the other from `at` on, in the order of a slot of numbers that all of them have, and where
 * that is the same by the values of other slots: as many pairs of slot and kind as the host has written. What is absent is last.
 *
 * @param spare room for as many again, and for their keys twice, of 4 bytes each, and for a table of 8 KB
 */
export function order(at: usize, count: u32, slot: u32, columns: u32, spare: usize): void {
  by = columns;
  const bytes = <usize>count << 2;
  let least = i64.MAX_VALUE;
  let most: i64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const number = numberOf(wordIn(at, i, slot));
    least = min(least, number);
    most = max(most, number);
  }
  let keys = spare + bytes;
  let otherKeys = keys + bytes;
  let rows = at;
  let otherRows = spare;
  const table = otherKeys + bytes;
  for (let i: u32 = 0; i < count; i++) {
    store<u32>(keys + (<usize>i << 2), <u32>(numberOf(wordIn(at, i, slot)) - least));
  }
  const width: u32 = count == 0 ? 0 : 64 - <u32>clz(most - least);
  for (let shift: u32 = 0; shift < width; shift += DIGIT) {
    memory.fill(table, 0, DIGITS << 2);
    for (let i: usize = 0; i < bytes; i += 4) {
      const entry = table + (digit(load<u32>(keys + i), shift) << 2);
      store<u32>(entry, load<u32>(entry) + 1);
    }
    let sum: u32 = 0;
    for (let i: usize = 0; i < DIGITS << 2; i += 4) {
      const here = load<u32>(table + i);
      store<u32>(table + i, sum);
      sum += here;
    }
    for (let i: usize = 0; i < bytes; i += 4) {
      const key = load<u32>(keys + i);
      const entry = table + (digit(key, shift) << 2);
      const place = load<u32>(entry);
      store<u32>(entry, place + 1);
      store<u32>(otherKeys + (<usize>place << 2), key);
      store<u32>(otherRows + (<usize>place << 2), load<u32>(rows + i));
    }
    const oldKeys = keys;
    keys = otherKeys;
    otherKeys = oldKeys;
    const oldRows = rows;
    rows = otherRows;
    otherRows = oldRows;
  }
  if (rows != at) memory.copy(at, rows, bytes);
  for (let from: usize = 0; from < bytes; ) {
    const key = load<u32>(keys + from);
    let to = from + 4;
    while (to < bytes && load<u32>(keys + to) == key) to += 4;
    if (to > from + 4) merge(at + from, at + to, spare);
    from = to;
  }
}

@inline
function digit(key: u32, shift: u32): usize {
  return (key >> shift) & (DIGITS - 1);
}

/** Sorts some rows by what the host has written, halves of them first. */
function merge(from: usize, to: usize, spare: usize): void {
  const half = ((to - from) >> 3) << 2;
  if (half == 0) return;
  const middle = from + half;
  merge(from, middle, spare);
  merge(middle, to, spare);
  if (!isAfter(load<u32>(middle - 4), load<u32>(middle))) return;
  memory.copy(spare, from, half);
  let left = spare;
  const leftEnd = spare + half;
  let right = middle;
  for (let at = from; left < leftEnd; at += 4) {
    if (right < to && isAfter(load<u32>(left), load<u32>(right))) {
      store<u32>(at, load<u32>(right));
      right += 4;
    } else {
      store<u32>(at, load<u32>(left));
      left += 4;
    }
  }
}

function isAfter(a: u32, b: u32): bool {
  for (let i: u32 = 0; i < by; i++) {
    const column = SORTED + (<usize>i << 3);
    const slot = load<u32>(column);
    const one = wordAt(a * slots + slot);
    const other = wordAt(b * slots + slot);
    if (one == other) continue;
    if (one == 0 || other == 0) return one == 0;
    const difference = load<u32>(column, 4) == TEXT ? compareTexts(one, other) : compareNumbers(one, other);
    if (difference != 0) return difference > 0;
  }
  return false;
}

@inline
function compareNumbers(one: u32, other: u32): i32 {
  const a = numberOf(one);
  const b = numberOf(other);
  return a < b ? -1 : i32(a > b);
}
