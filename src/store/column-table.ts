import type { FieldType } from '../flowlog/fields.js';
import { RULES, ruleOf } from '../records/values.js';
import { LinePieces, type LineReader, MARGIN, PIECE } from '../scan/line-pieces.js';
import type { TextSink } from '../scan/read-text.js';
import { COLUMNS_KERNEL } from './column-kernel/kernel.generated.js';
import type { EncodedValues, ParquetColumn } from './parquet/file.js';
import { isPrivate, RECORD_KINDS } from './record-order.js';

/** Where the kernel expects descriptors and text, and leaves events. Kept in step with column-kernel/assembly.ts. */
const DESCRIPTORS = 1024;
const DESCRIPTOR = 64;
const EVENTS = 65_536;
const INPUT = EVENTS + 16_384 * 12;
const ENTRY = 32;
const DAY = 86_400;
/** Of an address, in the last bits of its rank. */
const MARKS = { absent: 0, private: 1, outside: 2 };
/** This number of text columns still fits the memory. */
export const MOST_COLUMNS = 128;

const KINDS: Record<FieldType, number> = { text: 0, integer: 1, bigint: 2 };

interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly position: WebAssembly.Global;
  readonly lines: WebAssembly.Global;
  readonly rows: WebAssembly.Global;
  readonly full: WebAssembly.Global;
  readonly ends: WebAssembly.Global;
  readonly rankBits: WebAssembly.Global;
  readonly firstDay: WebAssembly.Global;
  readonly days: WebAssembly.Global;
  readonly ranks: WebAssembly.Global;
  readonly otherRanks: WebAssembly.Global;
  readonly dictionary: WebAssembly.Global;
  readonly dictionaryLength: WebAssembly.Global;
  readonly distinct: WebAssembly.Global;
  readonly page: WebAssembly.Global;
  readonly pageLength: WebAssembly.Global;
  readonly nulls: WebAssembly.Global;
  readonly lowest: WebAssembly.Global<bigint>;
  readonly highest: WebAssembly.Global<bigint>;
  readonly lowestEntry: WebAssembly.Global;
  readonly highestEntry: WebAssembly.Global;
  setup(columns: number, rows: number, group: number, heap: number): number;
  reset(): void;
  begin(source: number): void;
  scan(from: number, length: number): number;
  arrange(byDay: number, source: number, target: number): void;
  encode(column: number, from: number, count: number): void;
}

export interface TableSink {
  /** The table is full, or a chunk of logs is at its end: its rows are to be taken. */
  take(): void;
  /**
   * A line that is not as AWS writes records.
   *
   * @returns whether what follows it is of another format: then the sink takes the rest of the text
   */
  odd(line: number, bytes: Uint8Array): boolean;
  /** Whole lines of another format. */
  rest(lines: Uint8Array): void;
  /** A line that is not a record: too long, or cut off. */
  malformed(line: number, text: string, why: string): void;
}

/** Rows that follow each other and start on the same UTC day. */
export interface DayRows {
  /** Days since 1970; undefined for rows without a start, or one beyond the year 9999. */
  readonly day: number | undefined;
  readonly from: number;
  readonly count: number;
  /** How many of them are of each kind, in the order of {@link RECORD_KINDS}. */
  readonly kinds: readonly number[];
}

/** Records of logs of one format, in columns. After the fields comes a column with the number of each row's source. */
export class ColumnTable implements LineReader, TextSink {
  private readonly kernel: Kernel;
  readonly memory: Uint8Array;
  readonly input = INPUT;
  private readonly view: DataView;
  private readonly pieces = new LinePieces(this);
  private isOther = false;

  /**
   * @param capacity rows it holds at most
   * @param group rows encoded at a time at most
   * @throws RangeError for more columns than it can have
   */
  constructor(
    private readonly columns: readonly ParquetColumn[],
    private readonly sink: TableSink,
    capacity: number,
    group: number,
  ) {
    if (columns.length > MOST_COLUMNS) throw new RangeError('too many columns');
    const { exports } = new WebAssembly.Instance(
      new WebAssembly.Module(Buffer.from(COLUMNS_KERNEL, 'base64')),
    );
    this.kernel = exports as unknown as Kernel;
    const { memory } = this.kernel;
    const reach = (bytes: number) => {
      const missing = bytes - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / 65_536));
    };
    const heap = INPUT + PIECE + 64;
    reach(heap);
    const kinds = new DataView(memory.buffer);
    [...columns.map(({ type }) => KINDS[type]), KINDS.integer].forEach((kind, i) => {
      kinds.setUint32(DESCRIPTORS + i * DESCRIPTOR, kind, true);
    });
    columns.forEach(({ name, type }, i) => {
      const rule = RULES.indexOf(ruleOf({ column: name, type }));
      kinds.setUint32(DESCRIPTORS + i * DESCRIPTOR + 32, rule, true);
    });
    reach((this.kernel.setup(columns.length, capacity, group, heap) >>> 0) + MARGIN);
    this.memory = new Uint8Array(memory.buffer);
    this.view = new DataView(memory.buffer);
  }

  get rows(): number {
    return this.kernel.rows.value;
  }

  get lines(): number {
    return this.kernel.lines.value;
  }

  set lines(line: number) {
    this.kernel.lines.value = line;
  }

  /** Begins with another text, whose rows are of this source. */
  begin(source: number, header: boolean): void {
    this.isOther = false;
    this.kernel.begin(source);
    this.pieces.begin(header);
  }

  room(): Uint8Array {
    return this.pieces.room();
  }

  filled(count: number): void {
    this.pieces.filled(count);
  }

  end(cut: boolean): void {
    this.pieces.end(cut);
  }

  malformed(line: number, text: string, why: string): void {
    this.sink.malformed(line, text, why);
  }

  read(from: number, to: number): void {
    for (let at = from; at < to; at = this.kernel.position.value) {
      if (this.isOther) {
        this.sink.rest(this.memory.subarray(INPUT + at, INPUT + to));
        return;
      }
      this.tell(this.kernel.scan(at, to));
      if (this.kernel.full.value) {
        this.sink.take();
        this.kernel.reset();
      }
    }
  }

  /** Has the sink take what rows there are. */
  finish(): void {
    if (this.rows === 0) return;
    this.sink.take();
    this.kernel.reset();
  }

  private tell(events: number): void {
    for (let at = EVENTS; at < EVENTS + events * 12; at += 12) {
      const bytes = this.memory.subarray(
        INPUT + this.view.getUint32(at, true),
        INPUT + this.view.getUint32(at + 4, true),
      );
      const line = this.view.getUint32(at + 8, true);
      this.isOther = this.sink.odd(line, bytes);
    }
  }

  /** Puts the rows in order, by day and as record-order.ts says; returns those of each day. */
  arrange(): DayRows[] {
    const { kernel, view } = this;
    const start = this.columns.findIndex(({ name, type }) => name === 'start' && type === 'bigint');
    const [source, target] = ['srcaddr', 'dstaddr'].map((address) =>
      this.columns.findIndex(({ name, type }) => name === address && type === 'text'),
    ) as [number, number];
    if (source >= 0) this.rank(source, kernel.ranks.value);
    if (target >= 0) this.rank(target, kernel.otherRanks.value);
    kernel.arrange(start, source, target);
    const first = kernel.firstDay.value;
    const last = kernel.days.value - 1;
    const days: DayRows[] = [];
    let from = 0;
    for (let i = 0; i <= last; i++) {
      let end = from;
      const kinds = RECORD_KINDS.map((_, kind) => {
        const begin = end;
        const next = (i * RECORD_KINDS.length + kind + 1) << kernel.rankBits.value;
        end = view.getUint32(kernel.ends.value + (next - 1) * 4, true);
        return end - begin;
      });
      if (end > from) days.push({ day: i === last ? undefined : first + i, from, count: end - from, kinds });
      from = end;
    }
    return days;
  }

  /** Tells the kernel the place of each entry of a column among all of them in the order of their bytes, and what it is. */
  private rank(column: number, ranks: number): void {
    const descriptor = DESCRIPTORS + column * DESCRIPTOR;
    const count = this.view.getUint32(descriptor + 12, true);
    const entries = this.view.getUint32(descriptor + 16, true);
    const texts = Array.from({ length: count }, (_, i) => latin1(this.entry(entries + (i + 1) * ENTRY)));
    const order = Uint32Array.from(texts.keys()).sort((a, b) => (texts[a]! < texts[b]! ? -1 : 1));
    this.view.setUint32(ranks, MARKS.absent, true);
    order.forEach((entry, rank) => {
      const mark = isPrivate(texts[entry]!) ? MARKS.private : MARKS.outside;
      this.view.setUint32(ranks + (entry + 1) * 4, ((rank + 1) << 2) | mark, true);
    });
  }

  /** Some rows' values of a column, in the order of {@link arrange}; valid until the next call. */
  encoded(column: number, from: number, count: number): EncodedValues {
    const { kernel } = this;
    kernel.encode(column, from, count);
    const bytes = (at: WebAssembly.Global, length: WebAssembly.Global) =>
      this.memory.subarray(at.value, at.value + length.value);
    const distinct = kernel.distinct.value as number;
    const nulls = kernel.nulls.value as number;
    return {
      count,
      nulls,
      dictionary:
        distinct > 0
          ? { bytes: bytes(kernel.dictionary, kernel.dictionaryLength), count: distinct }
          : undefined,
      page: bytes(kernel.page, kernel.pageLength),
      range: nulls === count ? undefined : this.range(column),
    };
  }

  private range(column: number): EncodedValues['range'] {
    const { kernel } = this;
    const type = this.columns[column]?.type ?? 'integer';
    if (type === 'text') {
      return { min: this.entry(kernel.lowestEntry.value), max: this.entry(kernel.highestEntry.value) };
    }
    const alone = (value: bigint) => {
      const bytes = Buffer.alloc(type === 'integer' ? 4 : 8);
      if (type === 'integer') bytes.writeInt32LE(Number(value));
      else bytes.writeBigInt64LE(value);
      return bytes;
    };
    return { min: alone(kernel.lowest.value), max: alone(kernel.highest.value) };
  }

  private entry(at: number): Uint8Array {
    const text = this.view.getUint32(at + 16, true);
    return this.memory.subarray(text, text + this.view.getUint32(at + 20, true));
  }
}

/** A day since 1970 as Unix seconds. */
export const dayStart = (day: number) => day * DAY;

const latin1 = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
