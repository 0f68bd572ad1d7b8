// AssemblyScript: which rows are chosen. The host knows the tests; it is asked as seldom as can be.

import { isSameText, numberOf, rows, slots, wordAt, wordIn, WRONG } from './rows.assembly';

/**
 * What the host says of a value.
 *
 * @returns 1 where it passes the test, 0 where it does not, other where that cannot be told here
 */
@external('host', 'judge')
declare function judge(test: u32, word: u32): u32;

/** Words whose judgement is remembered, by their last digits; a word, then its judgement, in 4 bytes each. */
const KNOWN: usize = 40_960;
const MOST_KNOWN: u32 = 1_024;

/**
 * Lists the rows whose number in a slot lies in [since, until); returns how many, or -1 where a row has none, or one that is `most`
 * or more.
 */
export function between(slot: u32, since: f64, until: f64, most: f64, into: usize): u32 {
  let count: u32 = 0;
  let place = slot;
  for (let row: u32 = 0; row < rows; row++, place += slots) {
    const number = <f64>numberOf(wordAt(place));
    if (number < 0 || number >= most) return WRONG;
    if (number < since || number >= until) continue;
    store<u32>(into + (<usize>count << 2), row);
    count++;
  }
  return count;
}

/** Marks all of so many rows. */
export function markAll(marks: usize, count: u32): void {
  memory.fill(marks, 1, count);
}

/**
 * Leaves the mark to those of so many rows that pass a test of the value in a slot.
 *
 * @param present whether it passes when it is there at all: then the host is not asked
 * @returns false where the host cannot tell
 */
export function leave(list: usize, count: u32, marks: usize, test: u32, slot: u32, present: bool): bool {
  if (!present) memory.fill(KNOWN, 0xff, MOST_KNOWN * 8);
  let last: u32 = 0;
  let judgement: u32 = WRONG;
  for (let i: u32 = 0; i < count; i++) {
    if (load<u8>(marks + i) == 0) continue;
    const word = wordIn(list, i, slot);
    if (present) {
      store<u8>(marks + i, <u8>(word != 0));
      continue;
    }
    // In lines each value has a place of its own.
    if (judgement == WRONG || (word != last && !isSameText(word, last))) judgement = judged(test, word);
    last = word;
    if (judgement > 1) return false;
    store<u8>(marks + i, <u8>judgement);
  }
  return true;
}

function judged(test: u32, word: u32): u32 {
  const known = KNOWN + (<usize>((word ^ (word >> 10)) & (MOST_KNOWN - 1)) << 3);
  if (load<u32>(known) != word) {
    store<u32>(known, word);
    store<u32>(known, judge(test, word), 4);
  }
  return load<u32>(known, 4);
}

/** Keeps of a list the rows that are marked, or those that are not; returns how many. */
export function sift(list: usize, count: u32, marks: usize, marked: bool): u32 {
  let left: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    store<u32>(list + (<usize>left << 2), load<u32>(list + (<usize>i << 2)));
    left += <u32>((load<u8>(marks + i) != 0) == marked);
  }
  return left;
}
