// AssemblyScript, compiled to WebAssembly when the program is built: turns the lines of logs into columns, and columns into
// the pages of a Parquet file. Each value is looked at once: a text becomes the number of its entry in a dictionary, a
// number is read. Lines that are not as AWS writes them are left to the host.

import { END, isNumber, isText, numberIn, START } from '../../scan/value-rules/assembly';

/** Where things stand. Kept in step with column-table.ts. */
const DESCRIPTORS: usize = 1024;
const DESCRIPTOR: usize = 64;
const ENDS: usize = 32_768;
/** Sixteen bytes of ones and sixteen of zeros: read from N bytes before the zeros, a mask for N bytes. */
const MASKS: usize = 49_152;
const EVENTS: usize = 65_536;
const MOST_EVENTS: u32 = 16_384;
const INPUT: usize = EVENTS + <usize>MOST_EVENTS * 12;

const SPACE: u8 = 0x20;
const NEWLINE: u8 = 0x0a;
const DASH: u8 = 0x2d;

/** Kinds of columns. */
const TEXT: u32 = 0;
const INTEGER: u32 = 1;

/** What becomes of a line. */
const TAKEN: u32 = 0;
const ODD: u32 = 1;
const FULL: u32 = 2;
const NO_ENTRY: u32 = 0xffff_ffff;

/** An absent number; no value of a log is negative. */
const NO_INTEGER: i32 = i32.MIN_VALUE;
const NO_BIGINT: i64 = i64.MIN_VALUE;

/** Of each text column: entries of its dictionary at most, and their bytes. */
const MOST_ENTRIES: u32 = 262_144;
const SLOTS: u32 = MOST_ENTRIES * 2;
/** An entry: its first sixteen bytes, zeros after its end; then where all of it is, and its length. */
const ENTRY: u32 = 32;
const POOL: u32 = 8 << 20;
/** Entries that are few. */
const FEW: u32 = 8;
/** Days that a time can fall on, up to the year 9999. */
const DAYS: u32 = 2_932_897;
const DAY: i64 = 86_400;
/** Kinds of records, in the order in which they are kept. Kept in step with record-order.ts. */
const NO_FLOW: u32 = 0;
const OUTWARD: u32 = 1;
const INWARD: u32 = 2;
const INSIDE: u32 = 3;
const ELSEWHERE: u32 = 4;
const RECORD_KINDS: u32 = 5;
/** Marks of addresses, in the last bits of their ranks. */
const ABSENT: u32 = 0;
const PRIVATE: u32 = 1;
const OUTSIDE: u32 = 2;
const MARKS: u32 = 3;
/** Binary digits of a key, few enough that the places of all stay in the cache. */
const MOST_BITS: u32 = 18;
/** Numbers closer together than this may become a dictionary, up to this number. */
const SPAN: u32 = 65_536;
const MOST_NUMBERS: u32 = 4_096;

let events: u32 = 0;
/** How far the text has been read: up to the start of a line. */
export let position: u32 = 0;
/** Lines read since the last `begin`. */
export let lines: u32 = 0;
/** Rows taken since the last `reset`. */
export let rows: u32 = 0;
/** Whether there was no room for the line at `position`. */
export let full: bool = false;

let columns: u32 = 0;
let capacity: u32 = 0;
let source: i32 = 0;

/** Of each row, its key in the order, and then its place. */
let places: usize = 0;
/** Room for one more column, of four bytes a row and of eight. */
let spare4: usize = 0;
let spare8: usize = 0;
/** Where the rows of each key end. */
export let ends: usize = 0;
/** Binary digits of a key that are of a rank: the others are of a day and a kind. */
export let rankBits: u32 = 0;
export let firstDay: i32 = 0;
export let days: u32 = 0;
/** Of each entry of the two columns of addresses, its place among them and, in the last two bits, its mark. */
export let ranks: usize = 0;
export let otherRanks: usize = 0;
let local: usize = 0;
let touched: usize = 0;
let levels: usize = 0;
let indexes: usize = 0;
let values: usize = 0;
let present: usize = 0;

/** Of the last group of values encoded. */
export let dictionary: usize = 0;
export let dictionaryLength: u32 = 0;
export let distinct: u32 = 0;
export let page: usize = 0;
export let pageLength: u32 = 0;
/** Whether the values stand as differences, where there is no dictionary. */
export let nulls: u32 = 0;
export let lowest: i64 = 0;
export let highest: i64 = 0;
/** Entries of a text column. */
export let lowestEntry: u32 = 0;
export let highestEntry: u32 = 0;

let top: usize = 0;

function room(bytes: usize): usize {
  const at = top;
  top = (top + bytes + 63) & ~63;
  return at;
}

/**
 * Lays out memory for a number of columns (their kinds stand in the descriptors), rows and rows encoded at a time. The column
 * after the last holds the source of each row. Returns the bytes of memory needed.
 */
export function setup(count: u32, most: u32, group: u32, heap: u32): u32 {
  columns = count;
  capacity = most;
  top = heap;
  memory.fill(MASKS, 0xff, 16);
  for (let c: u32 = 0; c <= columns; c++) {
    const column = DESCRIPTORS + c * DESCRIPTOR;
    const kind = load<u32>(column);
    store<u32>(column, room(most * (kind == TEXT || kind == INTEGER ? 4 : 8)), 4);
    if (kind != TEXT) continue;
    store<u32>(column, room(SLOTS * 4), 8);
    store<u32>(column, room((MOST_ENTRIES + 1) * ENTRY), 16);
    store<u32>(column, room(POOL + 64), 20);
  }
  places = room(most * 4);
  spare4 = room(most * 4);
  spare8 = room(most * 8);
  ends = room((DAYS + 1) * RECORD_KINDS * 4);
  ranks = room((MOST_ENTRIES + 2) * 4);
  otherRanks = room((MOST_ENTRIES + 2) * 4);
  local = room((MOST_ENTRIES + 1) * 4);
  touched = room((MOST_ENTRIES + 1) * 4);
  levels = room(group * 4);
  indexes = room(group * 4 + 64);
  values = room(group * 8);
  present = room(SPAN * 4);
  dictionary = room(POOL + MOST_ENTRIES * 4 + 64);
  page = room(group * 12 + (1 << 16));
  return <u32>top;
}

/** Forgets all rows. */
export function reset(): void {
  rows = 0;
  for (let c: u32 = 0; c < columns; c++) {
    const column = DESCRIPTORS + c * DESCRIPTOR;
    if (load<u32>(column) != TEXT || load<u32>(column, 12) == 0) continue;
    memory.fill(load<u32>(column, 8), 0, SLOTS * 4);
    store<u32>(column, 0, 12);
    store<u32>(column, 0, 24);
    store<u32>(column, 0, 28);
  }
}

/** Begins with a text whose rows are of this source. */
export function begin(from: i32): void {
  lines = 0;
  source = from;
}

/** Start, end, and the number of a line that is not as AWS writes records. */
function tell(start: u32, end: u32, line: u32): void {
  const at = EVENTS + <usize>events * 12;
  store<u32>(at, start);
  store<u32>(at, end, 4);
  store<u32>(at, line, 8);
  events++;
}

/**
 * Reads whole lines from `position` up to `length`, or until there is no room for more rows, or a line is not as AWS writes
 * records; returns how many events there are, one or none. The text ends with a line end and is followed by 64 bytes that are none.
 */
export function scan(from: u32, length: u32): u32 {
  events = 0;
  full = false;
  const last = columns - 1;
  const spaceLanes = i8x16.splat(SPACE);
  const newlineLanes = i8x16.splat(NEWLINE);
  const firstPrintable = i8x16.splat(0x21);

  let start = from;
  let count: u32 = 0;
  let odd = false;
  for (let block = from; block < length; block += 64) {
    let mask: u64 = 0;
    // Whatever is not plain ASCII: control characters, and bytes that are negative as signed ones.
    let strange: u64 = 0;
    for (let part: u32 = 0; part < 64; part += 16) {
      const text = v128.load(INPUT + block + part);
      const separators = v128.or(i8x16.eq(text, spaceLanes), i8x16.eq(text, newlineLanes));
      mask |= <u64>(<u32>i8x16.bitmask(separators)) << part;
      strange |= <u64>(<u32>i8x16.bitmask(i8x16.lt_s(text, firstPrintable))) << part;
    }
    strange &= ~mask;
    while (mask != 0) {
      const bit = <u32>ctz(mask);
      const at = block + bit;
      mask &= mask - 1;
      if (load<u8>(INPUT + at) == SPACE) {
        if (count < last) store<u32>(ENDS + <usize>count * 4, at);
        count++;
        continue;
      }
      if (strange != 0) {
        const before = strange & (((<u64>1) << (<u64>bit)) - 1);
        if (before != 0) odd = true;
        strange ^= before;
      }
      lines++;
      if (count == last) {
        store<u32>(ENDS + <usize>last * 4, at);
        const what = odd ? ODD : rows == capacity ? FULL : take(start);
        if (what == FULL) {
          lines--;
          full = true;
          position = start;
          return events;
        }
        if (what == TAKEN) {
          rows++;
        } else {
          tell(start, at, lines);
          position = at + 1;
          return events;
        }
      } else {
        tell(start, at, lines);
        position = at + 1;
        return events;
      }
      start = at + 1;
      count = 0;
      odd = false;
    }
    if (strange != 0) odd = true;
  }
  position = start;
  return events;
}

/** The values of a line, whose ends are known, become a row. */
function take(start: u32): u32 {
  let text = INPUT + start;
  let column = DESCRIPTORS;
  let begun: i64 = -1;
  let ended: i64 = i64.MAX_VALUE;
  for (let c: u32 = 0; c < columns; c++) {
    const end = INPUT + load<u32>(ENDS + <usize>c * 4);
    const length = <u32>(end - text);
    if (length == 0) return ODD;
    const kind = load<u32>(column);
    const data = <usize>load<u32>(column, 4);
    const absent = length == 1 && load<u8>(text) == DASH;
    const rule = load<u32>(column, 32);
    if (kind == TEXT) {
      const entry = absent ? 0 : intern(column, text, length);
      if (entry == NO_ENTRY) return ODD;
      if (entry == 0 && !absent) return FULL;
      store<u32>(data + <usize>rows * 4, entry);
    } else {
      let number: i64 = kind == INTEGER ? <i64>NO_INTEGER : NO_BIGINT;
      if (!absent) {
        number = numberIn(text, end);
        if (number < 0 || !isNumber(rule, number)) return ODD;
        if (rule == START) begun = number;
        else if (rule == END) ended = number;
      }
      if (kind == INTEGER) store<i32>(data + <usize>rows * 4, <i32>number);
      else store<i64>(data + <usize>rows * 8, number);
    }
    text = end + 1;
    column += DESCRIPTOR;
  }
  if (begun > ended) return ODD;
  store<i32>(<usize>load<u32>(column, 4) + <usize>rows * 4, source);
  return TAKEN;
}

/** The number of a text's entry in the column's dictionary, from 1; 0 when there is no room for it; NO_ENTRY when it cannot be. */
function intern(column: usize, text: usize, length: u32): u32 {
  const entries = <usize>load<u32>(column, 16);
  const first = v128.and(v128.load(text), v128.load(MASKS + 16 - <usize>min<u32>(length, 16)));
  const count = load<u32>(column, 12);
  // Where there are few, the last is likely to be the next; of many, nobody could tell, and to guess wrong takes time too.
  if (count <= FEW) {
    const last = load<u32>(column, 28);
    if (last != 0 && isEntry(entries + <usize>last * ENTRY, first, text, length)) return last;
  }
  const code = hash(first, text, length);
  const table = <usize>load<u32>(column, 8);
  let slot = code & (SLOTS - 1);
  for (;;) {
    const found = load<u32>(table + <usize>slot * 4);
    if (found == 0) break;
    if (isEntry(entries + <usize>found * ENTRY, first, text, length)) {
      if (count <= FEW) store<u32>(column, found, 28);
      return found;
    }
    slot = (slot + 1) & (SLOTS - 1);
  }
  // What is in the dictionary has been looked at.
  if (!isText(load<u32>(column, 32), text, length)) return NO_ENTRY;
  const used = load<u32>(column, 24);
  if (count == MOST_ENTRIES || used + length > POOL) return 0;
  const bytes = load<u32>(column, 20) + used;
  for (let i: usize = 0; i < length; i += 8) store<u64>(bytes + i, load<u64>(text + i));
  const added = count + 1;
  const entry = entries + <usize>added * ENTRY;
  v128.store(entry, first);
  store<u32>(entry, bytes, 16);
  store<u32>(entry, length, 20);
  store<u32>(table + <usize>slot * 4, added);
  store<u32>(column, added, 12);
  store<u32>(column, used + length, 24);
  store<u32>(column, added, 28);
  return added;
}

/** The last bytes of a text, fewer than eight, as a number. */
@inline
function rest(text: usize, length: u32): u64 {
  return load<u64>(text) & (((<u64>1) << (<u64>length * 8)) - 1);
}

/** @param first sixteen bytes, zeros after the end */
@inline
function hash(first: v128, text: usize, length: u32): u32 {
  let code = (i64x2.extract_lane(first, 0) ^ <u64>length) * 0x9e37_79b9_7f4a_7c15;
  code = (code ^ (code >> 29) ^ i64x2.extract_lane(first, 1)) * 0xbf58_476d_1ce4_e5b9;
  for (let at: u32 = 16; at < length; at += 8) {
    const bytes = at + 8 <= length ? load<u64>(text + at) : rest(text + at, length - at);
    code = (code ^ (code >> 29) ^ bytes) * 0x9e37_79b9_7f4a_7c15;
  }
  return <u32>(code >> 32);
}

@inline
function isEntry(entry: usize, first: v128, text: usize, length: u32): bool {
  if (v128.any_true(v128.xor(v128.load(entry), first)) || load<u32>(entry, 20) != length) return false;
  return length <= 16 || isAlike(<usize>load<u32>(entry, 16), text, length);
}

/** Of longer texts, what follows their first sixteen bytes. */
function isAlike(bytes: usize, text: usize, length: u32): bool {
  let at: u32 = 16;
  for (; at + 8 <= length; at += 8) if (load<u64>(bytes + at) != load<u64>(text + at)) return false;
  return rest(bytes + at, length - at) == rest(text + at, length - at);
}

/**
 * Puts the rows in order: by the day of the number in one column; then by kind, which is what the host has marked of the
 * addresses in two others; then by the rank, which it has given too, of that address which is inside. Rows that agree in all
 * this stay as they came. A missing column is -1. Leaves in `ends` where the rows of each key end: a key is a day,
 * from `firstDay` on, the last of `days` for rows that have none; a kind; and the first digits of a rank, in `rankBits`.
 */
export function arrange(byDay: i32, source: i32, target: i32): void {
  const times = byDay < 0 ? 0 : <usize>load<u32>(DESCRIPTORS + byDay * DESCRIPTOR, 4);
  let first: i32 = i32.MAX_VALUE;
  let final: i32 = -1;
  for (let row: u32 = 0; row < rows; row++) {
    const day = dayOf(times, row);
    if (day < 0) continue;
    if (day < first) first = day;
    if (day > final) final = day;
  }
  firstDay = final < 0 ? 0 : first;
  days = (final < 0 ? 0 : final - first + 1) + 1;

  const from = source < 0 ? 0 : <usize>load<u32>(DESCRIPTORS + source * DESCRIPTOR, 4);
  const to = target < 0 ? 0 : <usize>load<u32>(DESCRIPTORS + target * DESCRIPTOR, 4);
  const entries = max(
    source < 0 ? 0 : load<u32>(DESCRIPTORS + source * DESCRIPTOR, 12),
    target < 0 ? 0 : load<u32>(DESCRIPTORS + target * DESCRIPTOR, 12),
  );
  const groups = days * RECORD_KINDS;
  const left = <u32>max<i32>(<i32>MOST_BITS - <i32>width(groups - 1), 0);
  rankBits = min(width(entries), left);
  const surplus = width(entries) - rankBits;

  const keys = groups << rankBits;
  memory.fill(ends, 0, keys * 4);
  for (let row: u32 = 0; row < rows; row++) {
    const sender = from == 0 ? OUTSIDE : load<u32>(ranks + <usize>load<u32>(from + <usize>row * 4) * 4);
    const receiver = to == 0 ? OUTSIDE : load<u32>(otherRanks + <usize>load<u32>(to + <usize>row * 4) * 4);
    const kind = kindOf(sender & MARKS, receiver & MARKS);
    const rank = (kind == INWARD || from == 0 ? receiver : sender) >> 2;
    const key = ((dayIndex(times, row) * RECORD_KINDS + kind) << rankBits) | (rank >> surplus);
    store<u32>(places + <usize>row * 4, key);
    const count = ends + <usize>key * 4;
    store<u32>(count, load<u32>(count) + 1);
  }
  let sum: u32 = 0;
  for (let key: u32 = 0; key < keys; key++) {
    const at = ends + <usize>key * 4;
    const count = load<u32>(at);
    store<u32>(at, sum);
    sum += count;
  }
  for (let row: u32 = 0; row < rows; row++) {
    const place = places + <usize>row * 4;
    const end = ends + <usize>load<u32>(place) * 4;
    const to = load<u32>(end);
    store<u32>(end, to + 1);
    store<u32>(place, to);
  }
  for (let c: u32 = 0; c <= columns; c++) move(DESCRIPTORS + c * DESCRIPTOR);
}

/**
 * Puts the values of a column in their places. Row by row as they came: so what is read follows itself, and what is written
 * has as many ends as there are keys in use, which the cache holds; the other way round each value would be far from the last.
 */
function move(column: usize): void {
  const kind = load<u32>(column);
  const data = <usize>load<u32>(column, 4);
  if (kind == TEXT || kind == INTEGER) {
    for (let row: u32 = 0; row < rows; row++) {
      const at = <usize>row * 4;
      store<u32>(spare4 + <usize>load<u32>(places + at) * 4, load<u32>(data + at));
    }
    store<u32>(column, <u32>spare4, 4);
    spare4 = data;
  } else {
    for (let row: u32 = 0; row < rows; row++) {
      const at = <usize>row * 4;
      store<u64>(spare8 + <usize>load<u32>(places + at) * 8, load<u64>(data + at * 2));
    }
    store<u32>(column, <u32>spare8, 4);
    spare8 = data;
  }
}

/** Of a record, by the marks of its two addresses. */
@inline
function kindOf(sender: u32, receiver: u32): u32 {
  if (sender == ABSENT || receiver == ABSENT) return NO_FLOW;
  if (sender == PRIVATE) return receiver == PRIVATE ? INSIDE : OUTWARD;
  return receiver == PRIVATE ? INWARD : ELSEWHERE;
}

/** Bits that a number takes. */
@inline
function width(number: u32): u32 {
  return 32 - <u32>clz(number);
}

@inline
function dayOf(data: usize, row: u32): i32 {
  if (data == 0) return -1;
  const time = load<i64>(data + <usize>row * 8);
  return time < 0 || time >= <i64>DAYS * DAY ? -1 : <i32>(time / DAY);
}

@inline
function dayIndex(data: usize, row: u32): u32 {
  const day = dayOf(data, row);
  return day < 0 ? days - 1 : <u32>(day - firstDay);
}

/** Encodes a number of values of a column, in the order of `arrange`: a page, and a dictionary where that is shorter. */
export function encode(c: u32, from: u32, count: u32): void {
  const column = DESCRIPTORS + c * DESCRIPTOR;
  nulls = 0;
  distinct = 0;
  dictionaryLength = 0;
  const kind = load<u32>(column);
  const data = <usize>load<u32>(column, 4);
  if (kind == TEXT) encodeTexts(column, data + <usize>from * 4, count);
  else encodeNumbers(data + <usize>from * (kind == INTEGER ? 4 : 8), count, kind);
}

function encodeTexts(column: usize, data: usize, count: u32): void {
  const entries = <usize>load<u32>(column, 16);
  let found: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const entry = load<u32>(data + <usize>i * 4);
    if (entry == 0) continue;
    const index = local + <usize>entry * 4;
    let number = load<u32>(index);
    if (number == 0) {
      store<u32>(touched + <usize>distinct * 4, entry);
      number = ++distinct;
      store<u32>(index, number);
    }
    store<u32>(indexes + <usize>found * 4, number - 1);
    found++;
  }
  nulls = count - found;
  if (nulls > 0) {
    for (let i: u32 = 0; i < count; i++) {
      store<u32>(levels + <usize>i * 4, load<u32>(data + <usize>i * 4) == 0 ? 0 : 1);
    }
  }
  let at = dictionary;
  lowestEntry = 0;
  highestEntry = 0;
  for (let i: u32 = 0; i < distinct; i++) {
    const number = load<u32>(touched + <usize>i * 4);
    const entry = entries + <usize>number * ENTRY;
    const length = load<u32>(entry, 20);
    store<u32>(at, length);
    memory.copy(at + 4, load<u32>(entry, 16), length);
    at += 4 + length;
    store<u32>(local + <usize>number * 4, 0);
    if (i == 0 || before(entry, entries + <usize>lowestEntry * ENTRY)) lowestEntry = number;
    if (i == 0 || before(entries + <usize>highestEntry * ENTRY, entry)) highestEntry = number;
  }
  lowestEntry = distinct == 0 ? 0 : <u32>(entries + <usize>lowestEntry * ENTRY);
  highestEntry = distinct == 0 ? 0 : <u32>(entries + <usize>highestEntry * ENTRY);
  dictionaryLength = <u32>(at - dictionary);
  at = writeLevels(page, count);
  if (distinct > 0) at = writeIndexes(at, found);
  pageLength = <u32>(at - page);
}

/** Whether one entry's text comes before another's, byte by byte. */
function before(a: usize, b: usize): bool {
  const lengthA = load<u32>(a, 20);
  const lengthB = load<u32>(b, 20);
  const textA = <usize>load<u32>(a, 16);
  const textB = <usize>load<u32>(b, 16);
  const both = min(lengthA, lengthB);
  for (let i: usize = 0; i < both; i++) {
    const x = load<u8>(textA + i);
    const y = load<u8>(textB + i);
    if (x != y) return x < y;
  }
  return lengthA < lengthB;
}

function encodeNumbers(data: usize, count: u32, kind: u32): void {
  const size: u32 = kind == INTEGER ? 4 : 8;
  let found: u32 = 0;
  let least: i64 = i64.MAX_VALUE;
  let greatest: i64 = i64.MIN_VALUE;
  for (let i: u32 = 0; i < count; i++) {
    const value = kind == INTEGER ? <i64>load<i32>(data + <usize>i * 4) : load<i64>(data + <usize>i * 8);
    if (value < 0) continue;
    least = min(least, value);
    greatest = max(greatest, value);
    store<i64>(values + <usize>found * 8, value);
    found++;
  }
  lowest = least;
  highest = greatest;
  nulls = count - found;
  if (nulls > 0) {
    for (let i: u32 = 0; i < count; i++) {
      // The sign of a number is in its last byte.
      const absent = load<i8>(data + <usize>i * size + size - 1) < 0;
      store<u32>(levels + <usize>i * 4, absent ? 0 : 1);
    }
  }
  let at = writeLevels(page, count);
  if (found > 0) {
    if (highest - lowest < <i64>SPAN && numberDictionary(found, size)) at = writeIndexes(at, found);
    else at = writeDifferences(at, found);
  }
  pageLength = <u32>(at - page);
}

/** Makes a dictionary of the values, ascending; false where they are too many for it to be shorter. */
function numberDictionary(found: u32, size: u32): bool {
  const span = <u32>(highest - lowest) + 1;
  memory.fill(present, 0, span * 4);
  let different: u32 = 0;
  for (let i: u32 = 0; i < found; i++) {
    const place = present + <usize>(<u32>(load<i64>(values + <usize>i * 8) - lowest)) * 4;
    if (load<u32>(place) != 0) continue;
    store<u32>(place, 1);
    if (++different > MOST_NUMBERS) return false;
  }
  let at = dictionary;
  for (let i: u32 = 0; i < span; i++) {
    const place = present + <usize>i * 4;
    if (load<u32>(place) == 0) continue;
    store<u32>(place, distinct++);
    if (size == 4) store<i32>(at, <i32>(lowest + i));
    else store<i64>(at, lowest + i);
    at += size;
  }
  dictionaryLength = <u32>(at - dictionary);
  for (let i: u32 = 0; i < found; i++) {
    const place = <usize>(<u32>(load<i64>(values + <usize>i * 8) - lowest)) * 4;
    store<u32>(indexes + <usize>i * 4, load<u32>(present + place));
  }
  return true;
}

/** Which of the values are there, its length before it. */
function writeLevels(at: usize, count: u32): usize {
  let end = at + 4;
  if (nulls == 0 || nulls == count) {
    end = varint(end, <u64>count << 1);
    store<u8>(end++, nulls == 0 ? 1 : 0);
  } else {
    end = hybrid(end, levels, count, 1);
  }
  store<u32>(at, <u32>(end - at - 4));
  return end;
}

function writeIndexes(at: usize, found: u32): usize {
  const width = distinct < 3 ? 1 : 32 - clz(distinct - 1);
  store<u8>(at++, <u8>width);
  return hybrid(at, indexes, found, width);
}

function varint(at: usize, value: u64): usize {
  while (value > 0x7f) {
    store<u8>(at++, <u8>(value & 0x7f) | 0x80);
    value >>= 7;
  }
  store<u8>(at++, <u8>value);
  return at;
}

/** Bits not yet written. */
let bits: u64 = 0;
let filled: u32 = 0;

@inline
function put(at: usize, value: u64, width: u32): usize {
  bits |= value << filled;
  filled += width;
  if (filled >= 32) {
    store<u32>(at, <u32>bits);
    bits >>= 32;
    filled -= 32;
    return at + 4;
  }
  return at;
}

/** Parquet's mixture of runs and packed bits: numbers of a width in bits, each run of equal ones written once. */
function hybrid(at: usize, numbers: usize, count: u32, width: u32): usize {
  const end = numbers + <usize>count * 4;
  let from = numbers;
  while (from < end) {
    const value = load<u32>(from);
    let same = from + 4;
    while (same < end && load<u32>(same) == value) same += 4;
    const run = <u32>((same - from) >> 2);
    if (run >= 8) {
      at = varint(at, <u64>run << 1);
      for (let left = width, rest = value; ; left -= 8, rest >>= 8) {
        store<u8>(at++, <u8>rest);
        if (left <= 8) break;
      }
      from = same;
      continue;
    }
    const header = at++;
    let groups: u8 = 0;
    bits = 0;
    filled = 0;
    while (from < end && groups < 63 && (groups == 0 || !eightAlike(from, end))) {
      for (let i: u32 = 0; i < 8; i++, from += 4) at = put(at, from < end ? load<u32>(from) : 0, width);
      groups++;
    }
    // Eight numbers are whole bytes.
    for (; filled > 0; filled -= 8, bits >>= 8) store<u8>(at++, <u8>bits);
    store<u8>(header, (groups << 1) | 1);
  }
  return at;
}

function eightAlike(from: usize, end: usize): bool {
  if (from + 32 > end) return false;
  const value = load<u32>(from);
  for (let i: usize = 4; i < 32; i += 4) if (load<u32>(from + i) != value) return false;
  return true;
}

/** Parquet's DELTA_BINARY_PACKED: the first value, then differences, in blocks of 128 that have their least one apart. */
function writeDifferences(at: usize, found: u32): usize {
  at = varint(at, 128);
  at = varint(at, 4);
  at = varint(at, found);
  let value = load<i64>(values);
  at = varint(at, zigzag(value));
  for (let from: u32 = 1; from < found; from += 128) {
    const count = min<u32>(128, found - from);
    let least: i64 = i64.MAX_VALUE;
    for (let i: u32 = 0; i < count; i++) {
      const place = values + <usize>(from + i) * 8;
      const next = load<i64>(place);
      const difference = next - value;
      value = next;
      store<i64>(place, difference);
      if (difference < least) least = difference;
    }
    at = varint(at, zigzag(least));
    const widths = at;
    store<u32>(widths, 0);
    at += 4;
    for (let part: u32 = 0; part < 4; part++) {
      const begin = part * 32;
      if (begin >= count) break;
      let any: u64 = 0;
      for (let i = begin; i < min<u32>(begin + 32, count); i++) {
        any |= <u64>(load<i64>(values + <usize>(from + i) * 8) - least);
      }
      const width = 64 - <u32>clz(any);
      store<u8>(widths + part, <u8>width);
      if (width == 0) continue;
      bits = 0;
      filled = 0;
      for (let i = begin; i < begin + 32; i++) {
        const number = i < count ? <u64>(load<i64>(values + <usize>(from + i) * 8) - least) : 0;
        if (width > 32) {
          at = put(at, number & 0xffff_ffff, 32);
          at = put(at, number >> 32, width - 32);
        } else {
          at = put(at, number, width);
        }
      }
    }
  }
  return at;
}

@inline
function zigzag(value: i64): u64 {
  return <u64>((value << 1) ^ (value >> 63));
}
