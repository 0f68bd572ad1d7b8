// AssemblyScript, compiled to WebAssembly when the program is built: finds the values of records in their text, by where they
// stand, and writes records as CSV. The text is that of lines as AWS writes them; of others nothing is read.

/** Where the host writes what it wants to know of a line and what it shows of a record. Kept in step with kept-values.ts. */
const FIELDS: usize = 1024;
const SHOWN: usize = 16_384;

const SPACE: u8 = 0x20;
const NEWLINE: u8 = 0x0a;
const COMMA: u8 = 0x2c;
const HYPHEN: u8 = 0x2d;
const ZERO: u8 = 0x30;
const COLON: u8 = 0x3a;
const QUOTATION: u8 = 0x22;
const NUMBER_SIGN: u8 = 0x23;

/** Kinds of values. */
const TEXT: u32 = 0;
const INTEGER: u32 = 1;

/** Whole numbers of so many digits are exact as a float. */
const MOST_DIGITS: u32 = 15;
const DAY: i64 = 86_400;
const TIME_LENGTH: u32 = 19;

/** Rows found since `lay`. */
export let rows: u32 = 0;

let begins: usize = 0;
let lengths: usize = 0;
let slots: u32 = 0;

/** Lays out the places of values: so many of each row, in 4 bytes where it begins, and in 2 its length, 0 for none. */
export function lay(beginsAt: usize, lengthsAt: usize, count: u32): void {
  begins = beginsAt;
  lengths = lengthsAt;
  slots = count;
  rows = 0;
}

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

/** Part of a value that means itself and needs no quotes in CSV. */
@inline
function isPlain(byte: u8): bool {
  return byte > SPACE && byte < 0x7f && byte != QUOTATION && byte != NUMBER_SIGN && byte != COMMA;
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
      let length = <u32>(at - begin);
      if (length == 1 && load<u8>(begin) == HYPHEN) length = 0;
      const kind = load<u32>(field, 4);
      if (length > 0xffff || (kind != TEXT && length > 0 && !isNumber(begin, length, kind == INTEGER))) return false;
      const place = <usize>(row + slot);
      store<u32>(begins + place * 4, <u32>begin);
      store<u16>(lengths + place * 2, <u16>length);
    }
    begin = at + 1;
    value++;
    if (value > last) {
      value = 0;
      row += slots;
      rows++;
    }
  }
  return value == 0 && begin == to;
}

/** Whether it is written as whole numbers are: so that its text is what a reader would write again. */
function isNumber(begin: usize, length: u32, isInteger: bool): bool {
  if (length > MOST_DIGITS || (length > 1 && load<u8>(begin) == ZERO)) return false;
  for (let i: u32 = 0; i < length; i++) {
    if (load<u8>(begin + i) - ZERO > 9) return false;
  }
  return !isInteger || valueOf(begin, length) <= <i64>i32.MAX_VALUE;
}

function valueOf(begin: usize, length: u32): i64 {
  let number: i64 = 0;
  for (let i: u32 = 0; i < length; i++) number = number * 10 + (load<u8>(begin + i) - ZERO);
  return number;
}

/** Writes the numbers of a slot, one of 8 bytes for each row; -1 for none. */
export function numbers(slot: u32, into: usize): void {
  for (let row: u32 = 0; row < rows; row++) {
    const place = <usize>(row * slots + slot);
    const length = <u32>load<u16>(lengths + place * 2);
    const number: i64 = length == 0 ? -1 : valueOf(load<u32>(begins + place * 4), length);
    store<f64>(into + <usize>row * 8, <f64>number);
  }
}

/** Of the last `write`: rows written, and where what was written ends. */
export let written: u32 = 0;
export let end: usize = 0;

/**
 * Writes rows, whose numbers stand one after the other from `order` on, as CSV, as long as there is room for one more. What is
 * shown is told by slot, whether it is a time, and the offset of its zone.
 */
export function write(order: usize, count: u32, shown: u32, into: usize, limit: usize): void {
  let at = into;
  written = 0;
  for (; written < count; written++) {
    const row = load<u32>(order + <usize>written * 4) * slots;
    if (at + roomFor(row, shown) > limit) break;
    for (let i: u32 = 0; i < shown; i++) {
      const column = SHOWN + <usize>i * 12;
      const place = <usize>(row + load<u32>(column));
      const length = <u32>load<u16>(lengths + place * 2);
      const begin = <usize>load<u32>(begins + place * 4);
      if (length > 0) {
        if (load<u32>(column, 4) != 0) {
          writeTime(valueOf(begin, length) + load<i32>(column, 8), at);
          at += TIME_LENGTH;
        } else {
          for (let j: u32 = 0; j < length; j++) store<u8>(at + j, load<u8>(begin + j));
          at += length;
        }
      }
      store<u8>(at, i + 1 == shown ? NEWLINE : COMMA);
      at++;
    }
  }
  end = at;
}

function roomFor(row: u32, shown: u32): u32 {
  let size: u32 = 0;
  for (let i: u32 = 0; i < shown; i++) {
    const place = <usize>(row + load<u32>(SHOWN + <usize>i * 12));
    size += max(<u32>load<u16>(lengths + place * 2), TIME_LENGTH) + 1;
  }
  return size;
}

/** Seconds since 1970 as `2026-06-01 09:00:00`. The date is by Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms". */
function writeTime(time: i64, at: usize): void {
  let day = time / DAY;
  if (time < day * DAY) day--;
  const seconds = <u32>(time - day * DAY);
  const shifted = day + 719_468;
  const era = shifted / 146_097;
  const dayOfEra = <u32>(shifted - era * 146_097);
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const months = (5 * dayOfYear + 2) / 153;
  const month = months < 10 ? months + 3 : months - 9;
  const year = yearOfEra + <u32>era * 400 + (month <= 2 ? 1 : 0);
  twoDigits(year / 100, at);
  twoDigits(year % 100, at + 2);
  store<u8>(at, HYPHEN, 4);
  twoDigits(month, at + 5);
  store<u8>(at, HYPHEN, 7);
  twoDigits(dayOfYear - (153 * months + 2) / 5 + 1, at + 8);
  store<u8>(at, SPACE, 10);
  twoDigits(seconds / 3600, at + 11);
  store<u8>(at, COLON, 13);
  twoDigits((seconds / 60) % 60, at + 14);
  store<u8>(at, COLON, 16);
  twoDigits(seconds % 60, at + 17);
}

function twoDigits(number: u32, at: usize): void {
  store<u8>(at, <u8>(ZERO + number / 10));
  store<u8>(at + 1, <u8>(ZERO + (number % 10)));
}
