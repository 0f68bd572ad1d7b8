// AssemblyScript, part of both kernels: whether values are as AWS writes them. What is not is read by records/read-line.ts, which has
// the whole rule (records/values.ts); here is only what most lines are, quickly told.

/** What the values of a column may be: places in RULES of records/values.ts. */
export const TEXT: u32 = 0;
export const INTEGER: u32 = 1;
export const BIGINT: u32 = 2;
export const ADDRESS: u32 = 3;
export const PORT: u32 = 4;
export const PROTOCOL: u32 = 5;
export const START: u32 = 6;
export const END: u32 = 7;
export const ACTION: u32 = 8;
export const STATUS: u32 = 9;

const DOT: u8 = 0x2e;
const COLON: u8 = 0x3a;
const ZERO: u8 = 0x30;
/** A number of seconds beyond this is one of milliseconds. */
const MOST_SECONDS: i64 = 100_000_000_000;

/** The texts `ACCEPT`, `REJECT`, `NODATA`, `OK` and `SKIPDATA` as numbers. */
const ACCEPT: u64 = 0x5450_4543_4341;
const REJECT: u64 = 0x5443_454a_4552;
const NODATA: u64 = 0x4154_4144_4f4e;
const OK: u64 = 0x4b4f;
const SKIPDATA: u64 = 0x4154_4144_5049_4b53;

/** Up to eight bytes of a text as a number. */
@inline
function bytesOf(text: usize, length: u32): u64 {
  return load<u64>(text) & (u64.MAX_VALUE >> (64 - 8 * <u64>length));
}

/** Whether a text, neither empty nor absent, is as AWS writes those of that rule, which is none of numbers. */
export function isText(rule: u32, text: usize, length: u32): bool {
  if (rule == ADDRESS) return isAddress(text, length);
  if (rule == ACTION) {
    if (length != 6) return false;
    const word = bytesOf(text, 6);
    return word == ACCEPT || word == REJECT;
  }
  if (rule != STATUS) return true;
  if (length == 2) return bytesOf(text, 2) == OK;
  if (length == 6) return bytesOf(text, 6) == NODATA;
  return length == 8 && load<u64>(text) == SKIPDATA;
}

/** Whether a number is one of that rule. */
@inline
export function isNumber(rule: u32, number: i64): bool {
  if (rule == BIGINT) return true;
  if (rule == PORT) return number <= 65_535;
  if (rule == PROTOCOL) return number <= 255;
  if (rule == INTEGER) return number <= <i64>i32.MAX_VALUE;
  return number <= MOST_SECONDS;
}

@inline
export function isNumeric(rule: u32): bool {
  return rule != TEXT && rule != ADDRESS && rule < ACTION;
}

/** A number written in up to 18 digits, -1 for anything else. */
export function numberIn(text: usize, end: usize): i64 {
  const length = <u32>(end - text);
  if (length == 0 || length > 18) return -1;
  const first = min<u32>(length, length > 8 ? length - 8 : 8);
  let digits = digitsOf(text, min<u32>(first, 8));
  let wrong = notDigits(digits);
  let number = numberOf(digits);
  if (length > 8) {
    if (first > 8) {
      digits = digitsOf(text + 8, first - 8);
      wrong |= notDigits(digits);
      number = number * (first == 9 ? 10 : 100) + numberOf(digits);
    }
    digits = digitsOf(end - 8, 8);
    wrong |= notDigits(digits);
    number = number * 100_000_000 + numberOf(digits);
  }
  return wrong != 0 ? -1 : number;
}

/** Up to eight digits, each a byte of its own, the last in the highest. */
@inline
function digitsOf(text: usize, length: u32): u64 {
  const shift = <u64>(64 - length * 8);
  return (load<u64>(text) ^ 0x3030_3030_3030_3030) << shift;
}

/** Other than zero where a byte is no digit. */
@inline
function notDigits(digits: u64): u64 {
  return ((digits + 0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080;
}

/** Two by two, then four by four, then all. */
@inline
function numberOf(digits: u64): i64 {
  const pairs = digits * 10 + (digits >> 8);
  const low = (pairs & 0x0000_00ff_0000_00ff) * 0x000f_4240_0000_0064;
  const high = ((pairs >> 16) & 0x0000_00ff_0000_00ff) * 0x0000_2710_0000_0001;
  return <i64>((low + high) >> 32);
}

/** An IPv4 address of four numbers without leading zeros, or an IPv6 address in its canonical text. */
function isAddress(text: usize, length: u32): bool {
  let part: u32 = 0;
  let digits: u32 = 0;
  let dots: u32 = 0;
  for (let i: u32 = 0; i < length; i++) {
    const byte = load<u8>(text + i);
    const digit = <u32>byte - 48;
    if (digit < 10) {
      if (digits == 1 && part == 0) return i < 5 && isIpv6(text, length);
      part = part * 10 + digit;
      digits++;
      if (part > 255 && (dots > 0 || digits > 4)) return false;
    } else if (byte == DOT) {
      if (digits == 0 || part > 255) return false;
      dots++;
      part = 0;
      digits = 0;
    } else {
      return dots == 0 && isIpv6(text, length);
    }
  }
  return dots == 3 && digits > 0 && part <= 255;
}

/** Groups of lower-case digits without leading zeros, two colons at most once, and for all the zeros that are beside each other. */
function isIpv6(text: usize, length: u32): bool {
  if (length < 2 || length > 39) return false;
  let groups: u32 = 0;
  let digits: u32 = 0;
  let zero = false;
  let zeroBefore = false;
  let short = false;
  for (let i: u32 = 0; i <= length; i++) {
    const byte = i < length ? load<u8>(text + i) : COLON;
    if (byte == COLON) {
      if (digits == 0) {
        // Of two colons, the second; at the end, that of the text itself.
        if (i == length) return short && load<u8>(text + i - 2) == COLON && groups <= 6;
        if (i == 0) {
          if (load<u8>(text + 1) != COLON) return false;
          continue;
        }
        if (short) return false;
        short = true;
        if (zero && groups > 0) return false;
        zeroBefore = false;
        zero = false;
        continue;
      }
      groups++;
      if (zero && zeroBefore) return false;
      zeroBefore = zero;
      zero = false;
      // A zero beside the colons that stand for zeros should be one of those.
      if (zeroBefore && i < length && i + 1 < length && load<u8>(text + i + 1) == COLON) return false;
      digits = 0;
      continue;
    }
    const isDigit = <u32>byte - 48 < 10;
    if (!isDigit && <u32>byte - 97 >= 6) return false;
    if (digits == 0) {
      zero = byte == ZERO;
      if (zero && short && groups > 0 && load<u8>(text + i - 2) == COLON) return false;
      if (zero && short && groups == 0) return false;
    } else if (zero) {
      return false;
    }
    if (++digits > 4) return false;
  }
  return short ? groups <= 6 : groups == 8;
}
