// AssemblyScript, compiled to WebAssembly when the program is built: the loop over every byte of every log.
// Sixty-four bytes are compared at a time. Values are counted by the number of separators between line ends; where a value
// stands is looked up only where lines are not laid out like the last one. An instruction more for every separator, one byte in
// eight, would cost more than all of that.

import { ADDRESS, END, isNumber, isNumeric, isText, numberIn, START } from '../value-rules/assembly';

/** Where the host writes the rules of the values and the tests, where the events go, where the text stands. Kept in step with line-filter.ts. */
const TESTS: usize = 1024;
const RULES: usize = 57_344;
const EVENTS: usize = 65_536;
const MOST_EVENTS: u32 = 16_384;
const INPUT: usize = EVENTS + <usize>MOST_EVENTS * 12;

const SPACE: u8 = 0x20;
const NEWLINE: u8 = 0x0a;
const DASH: u8 = 0x2d;
const NEVER: u32 = 0xffff_ffff;

let events: u32 = 0;
/** How far the text has been read: up to the start of a line. */
export let position: u32 = 0;
/** Lines read since the last `begin`. */
export let lines: u32 = 0;

export function begin(): void {
  lines = 0;
}

export function input(): usize {
  return INPUT;
}

/** Start, end, and the number of the line when it is not as AWS writes records, else 0: bytes to keep. */
function tell(start: u32, end: u32, line: u32): void {
  const at = EVENTS + <usize>events * 12;
  store<u32>(at, start);
  store<u32>(at, end, 4);
  store<u32>(at, line, 8);
  events++;
}

/** One test: position, how many prefixes must match one, how many none; then each prefix, its length before it. */
function passes(test: usize, text: usize): bool {
  if (load<u8>(text) == DASH) return true;
  const oneOf = load<u32>(test, 4);
  const noneOf = load<u32>(test, 8);
  let prefix = test + 12;
  let found = oneOf == 0;
  for (let i: u32 = 0; i < oneOf; i++) {
    if (!found) found = begins(text, prefix);
    prefix += 1 + <usize>load<u8>(prefix);
  }
  if (!found) return false;
  for (let i: u32 = 0; i < noneOf; i++) {
    if (begins(text, prefix)) return false;
    prefix += 1 + <usize>load<u8>(prefix);
  }
  return true;
}

function begins(text: usize, prefix: usize): bool {
  let length = <u64>load<u8>(prefix);
  prefix++;
  while (length >= 8) {
    if (load<u64>(text) != load<u64>(prefix)) return false;
    text += 8;
    prefix += 8;
    length -= 8;
  }
  return length == 0 || (load<u64>(text) ^ load<u64>(prefix)) << (64 - 8 * length) == 0;
}

/** The size of a test in memory, so that the next is found. */
function sizeOf(test: usize): usize {
  const prefixes = load<u32>(test, 4) + load<u32>(test, 8);
  let at = test + 12;
  for (let i: u32 = 0; i < prefixes; i++) at += 1 + <usize>load<u8>(at);
  // Numbers stand at multiples of four.
  return ((at + 3) & ~3) - test;
}

/** Four times sixteen comparisons as a mask. */
@inline
function mask(a: v128, b: v128, c: v128, d: v128): u64 {
  const low = <u32>i8x16.bitmask(a) | (<u32>i8x16.bitmask(b) << 16);
  const high = <u32>i8x16.bitmask(c) | (<u32>i8x16.bitmask(d) << 16);
  return <u64>low | (<u64>high << 32);
}

/** Which of 64 bytes are such, as a mask. */
@inline
function equal(at: usize, lanes: v128): u64 {
  return mask(
    i8x16.eq(v128.load(at), lanes),
    i8x16.eq(v128.load(at, 16), lanes),
    i8x16.eq(v128.load(at, 32), lanes),
    i8x16.eq(v128.load(at, 48), lanes),
  );
}

/** The separators up to that before a value, as they stood in the line in which it was last looked for. */
let pattern: u64 = 1;
/** The bytes of a line that those are, and where the value begins. */
let reach: u64 = 0;
let offset: u32 = 0;

/**
 * Where the value of that number, not the first, begins in a line. Most lines of a log have their first values at the same
 * places: a line whose first separators stand as they did in the last one is known.
 */
@inline
function placeOf(start: u32, number: u32, spaceLanes: v128): u32 {
  const window = equal(INPUT + start, spaceLanes);
  return (window & reach) == pattern ? start + offset : learn(start, number, window);
}

function learn(start: u32, number: u32, window: u64): u32 {
  let left = window;
  for (let i: u32 = 1; i < number; i++) left &= left - 1;
  if (left == 0) {
    let at = start;
    for (let value: u32 = 0; value < number; at++) {
      if (load<u8>(INPUT + at) == SPACE) value++;
    }
    return at;
  }
  const last = left & (0 - left);
  reach = last | (last - 1);
  pattern = window & reach;
  offset = <u32>ctz(last) + 1;
  return start + offset;
}

/** Which of 64 bytes are blanks, control characters, or none of ASCII, as a mask. */
@inline
function below(at: usize): u64 {
  const first = i8x16.splat(0x21);
  return mask(
    i8x16.lt_s(v128.load(at), first),
    i8x16.lt_s(v128.load(at, 16), first),
    i8x16.lt_s(v128.load(at, 32), first),
    i8x16.lt_s(v128.load(at, 48), first),
  );
}

/** Of the line that is looked at. */
let begun: i64 = 0;
let ended: i64 = 0;

/** Whether the values of a line, as many as there should be, are those of a record as AWS writes it. */
function isRecord(start: u32, end: u32, spaceLanes: v128): bool {
  let text: usize = INPUT + start;
  const stop: usize = INPUT + end;
  let value: u32 = 0;
  begun = -1;
  ended = i64.MAX_VALUE;
  for (let block = text; block < stop; block += 64) {
    let separators = equal(block, spaceLanes);
    let strange = below(block) ^ separators;
    if (block + 64 > stop) {
      const line = ((<u64>1) << <u64>(stop - block)) - 1;
      separators &= line;
      strange &= line;
    }
    if (strange != 0) return false;
    while (separators != 0) {
      const at = block + <usize>ctz(separators);
      separators &= separators - 1;
      if (!isValue(value++, text, at)) return false;
      text = at + 1;
    }
  }
  return isValue(value, text, stop) && begun <= ended;
}

@inline
function isValue(value: u32, text: usize, end: usize): bool {
  const length = <u32>(end - text);
  if (length <= 1) return length == 1 && (load<u8>(text) == DASH || isLongValue(value, text, end, length));
  return isLongValue(value, text, end, length);
}

@inline
function isLongValue(value: u32, text: usize, end: usize, length: u32): bool {
  const rule = <u32>load<u8>(RULES + value);
  if (!isNumeric(rule)) return isText(rule, text, length);
  const number = numberIn(text, end);
  if (number < 0 || !isNumber(rule, number)) return false;
  if (rule == START) begun = number;
  else if (rule == END) ended = number;
  return true;
}

/**
 * Whether a value that did not pass a test cannot stand in a record at all: then the line is none, such as another header line.
 * To look at where it begins is enough: addresses and numbers begin with a digit, or, of IPv6, with a group of them.
 */
@inline
function isStrange(place: u32, rule: u32): bool {
  const first = load<u8>(INPUT + place);
  return <u32>first - 48 >= 10 && first != DASH && (rule != ADDRESS || !beginsIpv6(INPUT + place));
}

function beginsIpv6(text: usize): bool {
  for (let i: usize = 0; i < 5; i++) {
    const byte = load<u8>(text + i);
    if (byte == 0x3a) return true;
    if (<u32>byte - 48 >= 10 && (<u32>byte | 0x20) - 97 >= 6) return false;
  }
  return false;
}

/**
 * Reads whole lines from `position` up to `length`, or until there is no room for more events, or a line is not as AWS writes
 * records: the host may then go on with other rules. Returns how many events there are.
 * The text ends with a line end and is followed by bytes that are none, of which it looks at 64.
 */
export function scan(from: u32, length: u32, values: u32, tests: u32): u32 {
  events = 0;
  pattern = 1;
  reach = 0;
  const separators = values - 1;
  const spaceLanes = i8x16.splat(SPACE);
  const newlineLanes = i8x16.splat(NEWLINE);
  const first = tests > 0 ? load<u32>(TESTS) : 0;
  const firstRule = <u32>load<u8>(RULES + first);

  let start = from;
  let keepFrom = NEVER;
  /** Separators of the line that stand before the block. */
  let spaces: u32 = 0;
  for (let block = from; block < length; block += 64) {
    const spaceMask = equal(INPUT + block, spaceLanes);
    let newlineMask = equal(INPUT + block, newlineLanes);
    if (block + 64 > length) newlineMask &= ((<u64>1) << <u64>(length - block)) - 1;
    /** The bytes of the block that belong to lines already ended. */
    let ended: u64 = 0;
    while (newlineMask != 0) {
      const newline = newlineMask & (0 - newlineMask);
      newlineMask ^= newline;
      spaces += <u32>popcnt(spaceMask & (newline - 1) & ~ended);
      const end = block + <u32>ctz(newline);
      lines++;
      let odd = spaces != separators;
      let keep = false;
      if (!odd) {
        const place = first == 0 ? start : placeOf(start, first, spaceLanes);
        if (passesAll(place, first, tests)) {
          keep = isRecord(start, end, spaceLanes);
          odd = !keep;
        } else {
          odd = isStrange(place, firstRule);
        }
      }
      if (keep) {
        if (keepFrom == NEVER) keepFrom = start;
      } else if (keepFrom != NEVER) {
        tell(keepFrom, start, 0);
        keepFrom = NEVER;
      }
      if (odd) {
        tell(start, end, lines);
        position = end + 1;
        return events;
      }
      start = end + 1;
      spaces = 0;
      ended = newline | (newline - 1);
      if (events + 4 > MOST_EVENTS) {
        // The host empties the events and comes back.
        if (keepFrom != NEVER) tell(keepFrom, start, 0);
        position = start;
        return events;
      }
    }
    spaces += <u32>popcnt(spaceMask & ~ended);
  }
  if (keepFrom != NEVER) tell(keepFrom, start, 0);
  position = start;
  return events;
}

/** Whether a line passes all tests, of which the first looks at the value of that number, which stands at that place. */
@inline
function passesAll(place: u32, number: u32, tests: u32): bool {
  if (tests == 0) return true;
  if (!passes(TESTS, INPUT + place)) return false;
  return tests == 1 || passesOthers(place, number, tests);
}

function passesOthers(place: u32, number: u32, tests: u32): bool {
  let test = TESTS + sizeOf(TESTS);
  let value = number;
  let at = place;
  for (let i: u32 = 1; i < tests; i++) {
    const next = load<u32>(test);
    while (value < next) {
      if (load<u8>(INPUT + at) == SPACE) value++;
      at++;
    }
    if (!passes(test, INPUT + at)) return false;
    test += sizeOf(test);
  }
  return true;
}
