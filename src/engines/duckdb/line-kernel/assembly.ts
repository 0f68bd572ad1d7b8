// AssemblyScript, compiled to WebAssembly when the program is built: the loop over every byte of every log.
// Sixty-four bytes are compared at a time. Where one test wants its value to begin with one of few prefixes, lines are looked
// at more closely only when such a prefix, or an absent value, stands in them behind a separator; values are counted by the
// number of separators between line ends. Other tests cost an instruction or more for every separator, one byte in eight.

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

/** Which of sixteen bytes are followed by two others, the first of them at a distance and the second just after it. */
@inline
function followed(at: usize, first: v128, second: v128): v128 {
  return v128.and(i8x16.eq(v128.load(at), first), i8x16.eq(v128.load(at, 1), second));
}

/**
 * As `scan`, for tests of which one, given by its address, wants its value to begin with one of few prefixes, each of three
 * bytes at least. Looks at 64 bytes at a time, so up to 96 after the end of the text.
 */
export function scanFor(from: u32, length: u32, values: u32, tests: u32, anchor: u32): u32 {
  events = 0;
  const separators = values - 1;
  const spaceLanes = i8x16.splat(SPACE);
  const newlineLanes = i8x16.splat(NEWLINE);
  const dashLanes = i8x16.splat(DASH);
  const wanted = load<u32>(anchor);
  const prefixes = load<u32>(anchor, 4);

  // The last two bytes of a prefix tell most of what there is to tell.
  const size = <usize>load<u8>(anchor, 12);
  const first = i8x16.splat(load<u8>(anchor + size, 11));
  const second = i8x16.splat(load<u8>(anchor + size, 12));

  let start = from;
  let keepFrom = NEVER;
  /** Spaces of the line that stand before the block. */
  let spaces: u32 = 0;
  /** Where the line holds what is looked for; the first value of a line is always looked at. */
  let found = wanted == 0 ? from : NEVER;
  for (let block = from; block < length; block += 64) {
    const at = INPUT + block;
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    const spaceA = i8x16.eq(a, spaceLanes);
    const spaceB = i8x16.eq(b, spaceLanes);
    const spaceC = i8x16.eq(c, spaceLanes);
    const spaceD = i8x16.eq(d, spaceLanes);
    let spaceMask = mask(spaceA, spaceB, spaceC, spaceD);
    let newlineMask = mask(
      i8x16.eq(a, newlineLanes),
      i8x16.eq(b, newlineLanes),
      i8x16.eq(c, newlineLanes),
      i8x16.eq(d, newlineLanes),
    );
    // What follows a separator begins a value: one that is absent, or one that may begin like a prefix.
    const tail = at + size - 1;
    let hitA = v128.or(i8x16.eq(v128.load(at, 1), dashLanes), followed(tail, first, second));
    let hitB = v128.or(i8x16.eq(v128.load(at, 17), dashLanes), followed(tail + 16, first, second));
    let hitC = v128.or(i8x16.eq(v128.load(at, 33), dashLanes), followed(tail + 32, first, second));
    let hitD = v128.or(i8x16.eq(v128.load(at, 49), dashLanes), followed(tail + 48, first, second));
    for (let i: u32 = 1, prefix = <usize>anchor + 13 + size; i < prefixes; i++) {
      const length = <usize>load<u8>(prefix);
      const first = i8x16.splat(load<u8>(prefix + length - 1));
      const second = i8x16.splat(load<u8>(prefix + length));
      const tail = at + length - 1;
      hitA = v128.or(hitA, followed(tail, first, second));
      hitB = v128.or(hitB, followed(tail + 16, first, second));
      hitC = v128.or(hitC, followed(tail + 32, first, second));
      hitD = v128.or(hitD, followed(tail + 48, first, second));
      prefix += 1 + length;
    }
    hitA = v128.and(hitA, spaceA);
    hitB = v128.and(hitB, spaceB);
    hitC = v128.and(hitC, spaceC);
    hitD = v128.and(hitD, spaceD);
    const any = v128.any_true(v128.or(v128.or(hitA, hitB), v128.or(hitC, hitD)));
    if (block + 64 > length) {
      const inside = ((<u64>1) << <u64>(length - block)) - 1;
      spaceMask &= inside;
      newlineMask &= inside;
    }
    const hits = any ? mask(hitA, hitB, hitC, hitD) & spaceMask : 0;
    /** The bytes of the block that belong to lines already ended. */
    let ended: u64 = 0;
    while (newlineMask != 0) {
      const newline = newlineMask & (0 - newlineMask);
      newlineMask ^= newline;
      const before = (newline - 1) & ~ended;
      if (found == NEVER && (hits & before) != 0) {
        found = placeOf(block, hits & before, spaceMask & before, spaces, wanted);
      }
      spaces += <u32>popcnt(spaceMask & before);
      const end = block + <u32>ctz(newline);
      lines++;
      const whole = spaces == separators;
      if (whole && found != NEVER && passesAll(start, wanted, found, tests)) {
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
      found = wanted == 0 ? start : NEVER;
      ended = newline | (newline - 1);
      if (events + 4 > MOST_EVENTS) {
        // The host empties the events and comes back.
        if (keepFrom != NEVER) tell(keepFrom, start, 0);
        position = start;
        return events;
      }
    }
    if (found == NEVER && (hits & ~ended) != 0) {
      found = placeOf(block, hits & ~ended, spaceMask & ~ended, spaces, wanted);
    }
    spaces += <u32>popcnt(spaceMask & ~ended);
  }
  if (keepFrom != NEVER) tell(keepFrom, start, 0);
  position = start;
  return events;
}

/**
 * The place just after the hit that is the separator before the value of that number, or NEVER; so many separators of the line
 * stand before the block.
 */
function placeOf(block: u32, hits: u64, spaceMask: u64, spaces: u32, wanted: u32): u32 {
  while (hits != 0) {
    const hit = hits & (0 - hits);
    hits ^= hit;
    if (spaces + <u32>popcnt(spaceMask & (hit - 1)) + 1 == wanted) return block + <u32>ctz(hit) + 1;
  }
  return NEVER;
}

/** Whether a line that starts here, and whose value of that number stands there, passes all tests. */
function passesAll(start: u32, wanted: u32, place: u32, tests: u32): bool {
  let test: usize = TESTS;
  let value: u32 = 0;
  let at = start;
  for (let i: u32 = 0; i < tests; i++) {
    const next = load<u32>(test);
    if (next >= wanted && value < wanted) {
      value = wanted;
      at = place;
    }
    while (value < next) {
      if (load<u8>(INPUT + at) == SPACE) value++;
      at++;
    }
    if (!passes(test, INPUT + at)) return false;
    test += sizeOf(test);
  }
  return true;
}

/**
 * Reads whole lines from `position` up to `length`, or until there is no room for more events; returns how many there are.
 * The text ends with a line end and is followed by bytes that are none.
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
