// AssemblyScript, compiled to WebAssembly when the program is built: the loop over every byte of every log.
// Sixteen bytes are compared at a time, so that only separators, one byte in eight, cost an instruction of their own.

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
  const length = <usize>load<u8>(prefix);
  for (let i: usize = 0; i < length; i++) {
    if (load<u8>(text + i) != load<u8>(prefix + 1 + i)) return false;
  }
  return true;
}

/** The size of a test in memory, so that the next is found. */
function sizeOf(test: usize): usize {
  const prefixes = load<u32>(test, 4) + load<u32>(test, 8);
  let at = test + 12;
  for (let i: u32 = 0; i < prefixes; i++) at += 1 + <usize>load<u8>(at);
  // Numbers stand at multiples of four.
  return ((at + 3) & ~3) - test;
}

/**
 * Reads whole lines from `position` up to `length`, or until there is no room for more events; returns how many there are.
 * The text ends with a line end and is followed by 16 bytes that are none.
 */
export function scan(from: u32, length: u32, values: u32, tests: u32): u32 {
  events = 0;
  const separators = values - 1;
  const spaceLanes = i8x16.splat(SPACE);
  const newlineLanes = i8x16.splat(NEWLINE);
  const firstAwaited = tests > 0 ? load<u32>(TESTS) : NEVER;

  let start = from;
  let keepFrom = NEVER;
  let spaces: u32 = 0;
  let dead = false;
  let test = TESTS;
  let done: u32 = 0;
  let awaited = firstAwaited;
  if (awaited == 0 && start < length) {
    dead = !passes(test, INPUT + start);
    done = 1;
    test += sizeOf(test);
    awaited = done < tests ? load<u32>(test) : NEVER;
  }

  for (let block = from; block < length; block += 16) {
    const text = v128.load(INPUT + block);
    let mask = i8x16.bitmask(v128.or(i8x16.eq(text, spaceLanes), i8x16.eq(text, newlineLanes)));
    while (mask != 0) {
      const at = block + ctz(mask);
      mask &= mask - 1;
      if (load<u8>(INPUT + at) == SPACE) {
        spaces++;
        if (spaces == awaited) {
          if (!dead) dead = !passes(test, INPUT + at + 1);
          done++;
          if (done < tests) {
            test += sizeOf(test);
            awaited = load<u32>(test);
          } else {
            awaited = NEVER;
          }
        }
        continue;
      }
      lines++;
      if (spaces == separators && !dead) {
        if (keepFrom == NEVER) keepFrom = start;
      } else {
        if (keepFrom != NEVER) {
          tell(keepFrom, start, 0);
          keepFrom = NEVER;
        }
        if (spaces != separators) {
          const blank = at == start || (at == start + 1 && load<u8>(INPUT + start) == RETURN);
          if (!blank) tell(start, at, lines);
        }
      }
      start = at + 1;
      spaces = 0;
      dead = false;
      done = 0;
      test = TESTS;
      awaited = firstAwaited;
      if (awaited == 0 && start < length) {
        dead = !passes(test, INPUT + start);
        done = 1;
        if (done < tests) {
          test += sizeOf(test);
          awaited = load<u32>(test);
        } else {
          awaited = NEVER;
        }
      }
      if (events + 4 > MOST_EVENTS) {
        // The host empties the events and comes back.
        if (keepFrom != NEVER) tell(keepFrom, start, 0);
        position = start;
        return events;
      }
    }
  }
  if (keepFrom != NEVER) tell(keepFrom, start, 0);
  position = start;
  return events;
}
