// AssemblyScript: what is shown of rows, as CSV, and what the numbers of a column come to.

import { writeNumber, writeTime } from './digits.assembly';
import { COMMA, endsIn, NEWLINE, NUMBER, numberOf, slots, wordAt, wordIn } from './rows.assembly';

/** Where the host writes what it shows of a record. Kept in step with record-memory.ts. */
const SHOWN: usize = 16_384;

/** The highest number of a slot in some rows, whose numbers stand one after the other; -1 for none. */
export function highest(slot: u32, order: usize, count: u32): f64 {
  let most: i64 = -1;
  for (let i: u32 = 0; i < count; i++) {
    most = max(most, numberOf(wordIn(order, i, slot)));
  }
  return <f64>most;
}

/** The sum of what such numbers have above their last 32 binary digits, or of these: no sum of either is too large. */
export function sum(slot: u32, order: usize, count: u32, above: bool): f64 {
  let total: i64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const number = max<i64>(numberOf(wordIn(order, i, slot)), 0);
    total += above ? number >> 32 : number & 0xffff_ffff;
  }
  return <f64>total;
}

/** Of the last `write`: rows written, and where what was written ends. */
export let written: u32 = 0;
export let end: usize = 0;

/**
 * Writes rows, whose numbers stand one after the other from `order` on, as CSV, until the limit is passed. What is shown is told by
 * slot, whether it is a time, and the offset of its zone.
 */
export function write(order: usize, count: u32, shown: u32, into: usize, limit: usize): void {
  let at = into;
  written = 0;
  for (; written < count && at < limit; written++) {
    const row = load<u32>(order + (<usize>written << 2)) * slots;
    for (let i: u32 = 0; i < shown; i++) {
      const column = SHOWN + <usize>i * 12;
      const word = wordAt(row + load<u32>(column));
      if (word != 0) {
        if (load<u32>(column, 4) != 0) {
          at = writeTime(numberOf(word) + load<i32>(column, 8), at);
        } else if ((word & NUMBER) != 0) {
          at = writeNumber(word & ~NUMBER, at);
        } else {
          // Up to fifteen bytes more than there are: what comes next is written over them.
          let text = <usize>word;
          let bytes = v128.load(text);
          v128.store(at, bytes);
          let ends = endsIn(bytes);
          while (ends == 0) {
            at += 16;
            text += 16;
            bytes = v128.load(text);
            v128.store(at, bytes);
            ends = endsIn(bytes);
          }
          at += ctz(ends);
        }
      }
      store<u8>(at, i + 1 == shown ? NEWLINE : COMMA);
      at++;
    }
  }
  end = at;
}
