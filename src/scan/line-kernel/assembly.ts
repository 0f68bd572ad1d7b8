// AssemblyScript, compiled to WebAssembly when the program is built: the loop over every byte of every log.
// Sixty-four bytes are compared at a time. Values are counted by the number of separators between line ends; where a value
// stands is looked up only where lines are not laid out like the last one. An instruction more for every separator, one byte in
// eight, would cost more than all of that.

/** Where the host writes the tests, where the events go, where the text stands. Kept in step with line-filter.ts. */
const TESTS: usize = 1024;
const EVENTS: usize = 65_536;
const MOST_EVENTS: u32 = 16_384;
const INPUT: usize = EVENTS + <usize>MOST_EVENTS * 12;

const SPACE: u8 = 0x20;
const NEWLINE: u8 = 0x0a;
const RETURN: u8 = 0x0d;
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

/** Start, end, and the number of the line when it is malformed, else 0: bytes to keep. */
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

/**
 * Reads whole lines from `position` up to `length`, or until there is no room for more events; returns how many there are.
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
      const whole = spaces == separators;
      if (whole && passesAll(first == 0 ? start : placeOf(start, first, spaceLanes), first, tests)) {
        if (keepFrom == NEVER) keepFrom = start;
      } else {
        if (keepFrom != NEVER) {
          tell(keepFrom, start, 0);
          keepFrom = NEVER;
        }
        if (!whole) {
          const blank = end == start || (end == start + 1 && load<u8>(INPUT + start) == RETURN);
          if (!blank) tell(start, end, lines);
        }
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
