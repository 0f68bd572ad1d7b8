// AssemblyScript: numbers and times as text, without a division where there may be many of them.

import { HYPHEN, SPACE, ZERO } from './rows.assembly';

const COLON: u8 = 0x3a;
const EIGHT_DIGITS: i64 = 100_000_000;
/** Of eight digits in bytes: what makes them text, and a bit in the last one. */
const ZEROS: u64 = 0x3030_3030_3030_3030;
const LAST_DIGIT: u64 = (<u64>1) << 56;
const DAY: i64 = 86_400;
const TIME_LENGTH: u32 = 19;

/** Writes a number of at most fifteen digits, and perhaps up to eight bytes after it. Returns where its digits end. */
export function writeNumber(number: i64, at: usize): usize {
  if (number < EIGHT_DIGITS) return writeDigits(<u32>number, at);
  // As floats sooner, and exact: there are few enough digits.
  const high = <u32>(<f64>number / <f64>EIGHT_DIGITS);
  const end = writeDigits(high, at);
  store<u64>(end, digitsOf(<u32>(number - <i64>high * EIGHT_DIGITS)) | ZEROS);
  return end + 8;
}

/** Of a number of up to eight digits, without zeros before it. */
@inline
function writeDigits(number: u32, at: usize): usize {
  const digits = digitsOf(number);
  const zeros = <u64>ctz(digits | LAST_DIGIT) & ~7;
  store<u64>(at, (digits | ZEROS) >> zeros);
  return at + 8 - (<usize>zeros >> 3);
}

/** Eight digits, each in a byte of its own, the last in the highest: first by fours, then by pairs, then one by one. */
@inline
function digitsOf(number: u32): u64 {
  const high = (<u64>number * 3_518_437_209) >> 45;
  const fours = high | ((<u64>number - high * 10_000) << 32);
  const hundreds = ((fours * 10_486) >> 20) & 0x0000_007f_0000_007f;
  const pairs = hundreds | ((fours - hundreds * 100) << 16);
  const tens = ((pairs * 103) >> 10) & 0x000f_000f_000f_000f;
  return tens | ((pairs - tens * 10) << 8);
}

/** Seconds since 1970 as `2026-06-01 09:00:00`. The date is by Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms". */
export function writeTime(time: i64, at: usize): usize {
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
  return at + TIME_LENGTH;
}

function twoDigits(number: u32, at: usize): void {
  store<u8>(at, <u8>(ZERO + number / 10));
  store<u8>(at + 1, <u8>(ZERO + (number % 10)));
}
