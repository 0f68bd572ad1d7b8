import type { FieldType } from '../../flowlog/fields.js';
import { RECORD_KERNEL } from './record-kernel/kernel.generated.js';

/** Functions and state of the kernel in record-kernel/, which says what each does. */
interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly rows: WebAssembly.Global;
  readonly written: WebAssembly.Global;
  readonly end: WebAssembly.Global;
  lay(at: number, slots: number): void;
  linesIn(from: number, to: number): number;
  take(from: number, to: number, values: number): number;
  between(slot: number, since: number, until: number, most: number, into: number): number;
  markAll(marks: number, count: number): void;
  leave(list: number, count: number, marks: number, test: number, slot: number, present: number): number;
  sift(list: number, count: number, marks: number, marked: number): number;
  order(at: number, count: number, slot: number, columns: number, spare: number): void;
  highest(slot: number, order: number, count: number): number;
  sum(slot: number, order: number, count: number, above: number): number;
  write(order: number, count: number, shown: number, into: number, limit: number): void;
  room(at: number, most: number): void;
  entriesOfTexts(from: number, to: number, count: number, table: number): number;
  entriesOfNumbers(
    from: number,
    to: number,
    count: number,
    size: number,
    table: number,
    text: number,
  ): number;
  absent(row: number, count: number, slot: number): void;
  page(
    row: number,
    count: number,
    slot: number,
    from: number,
    to: number,
    encoding: number,
    kind: number,
    size: number,
    table: number,
    entries: number,
    text: number,
  ): number;
  mark(count: number): void;
  pass(row: number, count: number, slot: number, prefixes: number, oneOf: number, noneOf: number): void;
  passAside(row: number, count: number, slot: number, aside: number): void;
  passNoAside(count: number): void;
  marked(count: number): number;
  keep(count: number, all: number): void;
}

/** Where the kernel reads what is asked, and what is not its own begins. Kept in step with record-kernel/. */
export const FIELDS = 1024;
export const SHOWN = 16_384;
export const SORTED = 32_768;
const OWN = 65_536;
/** Bytes that the memory grows by at least. */
const LEAST = 16 << 20;
/** Beyond that, the kernel takes an address for a number. */
const MOST = 2 ** 31 - (1 << 16);
/** Bytes that the kernel may look at after what it is given. */
const MARGIN = 32;
export const KINDS: Record<FieldType, number> = { text: 0, integer: 1, bigint: 2 };

/** The memory that values of records stand in, and what is done with it. */
export class RecordMemory {
  readonly kernel: Kernel;
  private top = OWN;
  private view: Uint8Array;

  /** @param judge says whether the value that a word stands for passes a test: 1, 0, or 2 where that cannot be told */
  constructor(judge: (test: number, word: number) => number) {
    const module = new WebAssembly.Module(Buffer.from(RECORD_KERNEL, 'base64'));
    const { exports } = new WebAssembly.Instance(module, { host: { judge } });
    this.kernel = exports as unknown as Kernel;
    this.view = new Uint8Array(this.kernel.memory.buffer);
  }

  /** All of it: to be asked for anew whenever room was made. */
  get bytes(): Uint8Array {
    return this.view;
  }

  /** Makes room for so many bytes, and returns where. */
  room(bytes: number): number {
    const at = this.top;
    if (at + bytes > MOST) throw new RangeError('no room for so many records');
    this.top = (at + bytes + MARGIN + 15) & ~15;
    const { memory } = this.kernel;
    const { byteLength } = memory.buffer;
    if (this.top > byteLength) {
      // Each time it grows, JavaScript's memory is cleaned up as well: better seldom. What is not used costs nothing.
      const size = Math.max(this.top + LEAST, byteLength * 2);
      memory.grow(Math.ceil((Math.min(size, Math.max(this.top, MOST)) - byteLength) / 65_536));
      this.view = new Uint8Array(memory.buffer);
    }
    return at;
  }

  /** Puts bytes into room of their own, and returns where. */
  put(bytes: Uint8Array): number {
    const at = this.room(bytes.length);
    this.view.set(bytes, at);
    return at;
  }

  /** What was made room for last ends here. */
  end(at: number): void {
    this.top = (at + MARGIN + 15) & ~15;
  }
}
