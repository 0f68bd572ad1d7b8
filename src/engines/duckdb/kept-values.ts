import type { FieldType } from '../../flowlog/fields.js';
import { RECORD_KERNEL } from './record-kernel/kernel.generated.js';

/** Lines of files that share a format, as they stand. */
export interface KeptLines {
  /** The columns of their values, in order. */
  readonly columns: ReadonlyArray<{ readonly column: string; readonly type: FieldType }>;
  /** Pieces of text, each of whole lines. */
  readonly texts: readonly Uint8Array[];
}

/** How a column is written: as it stands, or as a time of a zone that is so many seconds east of UTC. */
export interface WrittenColumn {
  readonly name: string;
  readonly offset: number | undefined;
}

interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly rows: WebAssembly.Global;
  readonly written: WebAssembly.Global;
  readonly end: WebAssembly.Global;
  lay(begins: number, lengths: number, slots: number): void;
  linesIn(from: number, to: number): number;
  take(from: number, to: number, values: number): number;
  numbers(slot: number, into: number): void;
  write(order: number, count: number, shown: number, into: number, limit: number): void;
}

/** Where the kernel reads what is asked and the text. Kept in step with record-kernel/assembly.ts. */
const FIELDS = 1024;
const SHOWN = 16_384;
const TEXT = 65_536;
/** Bytes that the kernel may look at after a text. */
const MARGIN = 16;
const KINDS: Record<FieldType, number> = { text: 0, integer: 1, bigint: 2 };
/** More than any log has, fewer than there is room for. */
const MOST_COLUMNS = 1_000;
/** Bytes of CSV made at a time. */
const PIECE = 1 << 20;
/** Bytes of text taken at a time, about. */
const STEP = 1 << 15;
const NEWLINE = 0x0a;

/**
 * Values of kept lines, by where they stand in the text: nothing is made of what nobody looks at. Only lines as AWS writes them,
 * of which there is one reading: plain ASCII, numbers of digits alone.
 */
export class KeptValues {
  private readonly kernel: Kernel;
  private readonly places: ReadonlyMap<string, number>;
  /** Values of a row. */
  readonly slots: number;
  /** Where the memory is not used yet. */
  private top = TEXT;
  private beginsAt = 0;
  private lengthsAt = 0;
  /** Of the kernel: made anew whenever it grows. */
  memory: Uint8Array;
  /** By row, and in it by slot: where a value begins in the memory, and its length, 0 for an absent one. */
  begins = new Uint32Array();
  lengths = new Uint16Array();

  private constructor(names: readonly string[]) {
    const module = new WebAssembly.Module(Buffer.from(RECORD_KERNEL, 'base64'));
    this.kernel = new WebAssembly.Instance(module).exports as unknown as Kernel;
    this.places = new Map(names.map((name, i) => [name, i]));
    this.slots = names.length;
    this.memory = new Uint8Array(this.kernel.memory.buffer);
  }

  /**
   * @param columns those whose values are asked for
   * @returns undefined when a line is not as AWS writes it
   */
  static read(kept: readonly KeptLines[], columns: readonly string[]): KeptValues | undefined {
    const values = new KeptValues(columns);
    return values.take(kept) ? values : undefined;
  }

  get rows(): number {
    return this.kernel.rows.value;
  }

  private take(kept: readonly KeptLines[]): boolean {
    const { kernel } = this;
    const sections = kept.map(({ columns, texts }) => {
      const from = this.room(texts.reduce((size, text) => size + text.length, 0));
      let to = from;
      for (const text of texts) {
        this.memory.set(text, to);
        to += text.length;
      }
      return { columns, from, to };
    });
    const rows = sections.reduce((sum, { from, to }) => sum + kernel.linesIn(from, to), 0);
    const count = rows * this.slots;
    this.beginsAt = this.room(count * 4);
    this.lengthsAt = this.room(count * 2);
    kernel.lay(this.beginsAt, this.lengthsAt, this.slots);
    const taken = sections.every(({ columns, from, to }) => {
      if (columns.length > MOST_COLUMNS) return false;
      const fields = columns.flatMap(({ column, type }) => [this.places.get(column) ?? -1, KINDS[type]]);
      new Int32Array(kernel.memory.buffer, FIELDS, fields.length).set(fields);
      return this.pieces(from, to).every(([from, to]) => kernel.take(from, to, columns.length) !== 0);
    });
    this.view();
    return taken;
  }

  /** Whole lines, not many at a time: only from one call to the next does a function become faster. */
  private pieces(from: number, to: number): Array<readonly [from: number, to: number]> {
    const pieces: Array<readonly [number, number]> = [];
    for (let at = from; at < to; ) {
      const end = Math.min(this.memory.indexOf(NEWLINE, Math.min(at + STEP, to) - 1) + 1, to);
      pieces.push([at, end]);
      at = end;
    }
    return pieces;
  }

  /** Memory for so many bytes. */
  private room(bytes: number): number {
    const at = this.top;
    this.top = (at + bytes + MARGIN + 15) & ~15;
    const { memory } = this.kernel;
    const missing = this.top - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65_536));
    this.view();
    return at;
  }

  private view(): void {
    const { buffer } = this.kernel.memory;
    const count = this.rows * this.slots;
    this.memory = new Uint8Array(buffer);
    this.begins = new Uint32Array(buffer, this.beginsAt, count);
    this.lengths = new Uint16Array(buffer, this.lengthsAt, count);
  }

  /** The numbers of a column, by row; -1 where they are absent. */
  numbers(name: string): Float64Array {
    const into = this.room(this.rows * 8);
    this.kernel.numbers(this.places.get(name)!, into);
    return new Float64Array(this.kernel.memory.buffer.slice(into, into + this.rows * 8));
  }

  column(name: string): KeptColumn {
    return new KeptColumn(this, this.places.get(name)!);
  }

  /** Rows, by number, as CSV. */
  *csv(order: Uint32Array, columns: readonly WrittenColumn[]): Generator<Uint8Array> {
    const { kernel } = this;
    const rows = this.room(order.byteLength);
    const into = this.room(PIECE);
    new Uint32Array(kernel.memory.buffer, rows, order.length).set(order);
    const shown = columns.flatMap(({ name, offset }) => {
      return [this.places.get(name)!, Number(offset !== undefined), offset ?? 0];
    });
    new Int32Array(kernel.memory.buffer, SHOWN, shown.length).set(shown);
    for (let done = 0; done < order.length; done += kernel.written.value) {
      kernel.write(rows + done * 4, order.length - done, columns.length, into, into + PIECE);
      yield this.memory.slice(into, kernel.end.value);
    }
  }
}

/** The values of one column, by row. */
export class KeptColumn {
  constructor(
    private readonly values: KeptValues,
    private readonly slot: number,
  ) {}

  /** Bytes of the value; 0 where it is absent. */
  length(row: number): number {
    const { lengths, slots } = this.values;
    return lengths[row * slots + this.slot]!;
  }

  private begin(row: number): number {
    const { begins, slots } = this.values;
    return begins[row * slots + this.slot]!;
  }

  text(row: number): string | null {
    const length = this.length(row);
    const { memory } = this.values;
    return length === 0 ? null : Buffer.from(memory.buffer, this.begin(row), length).toString('latin1');
  }

  /** Of a column of numbers. */
  number(row: number): number | null {
    const text = this.text(row);
    return text === null ? null : Number(text);
  }

  /** As the bytes of texts are ordered, what is absent last. */
  compareTexts(a: number, b: number): number {
    const [lengthA, lengthB] = [this.length(a), this.length(b)];
    if (lengthA === 0 || lengthB === 0) return Number(lengthA === 0) - Number(lengthB === 0);
    const { memory } = this.values;
    const [beginA, beginB] = [this.begin(a), this.begin(b)];
    const common = Math.min(lengthA, lengthB);
    for (let i = 0; i < common; i++) {
      const difference = memory[beginA + i]! - memory[beginB + i]!;
      if (difference !== 0) return difference;
    }
    return lengthA - lengthB;
  }

  /** As numbers are ordered, what is absent last: of two without leading zeros the longer one is more. */
  compareNumbers(a: number, b: number): number {
    const [lengthA, lengthB] = [this.length(a), this.length(b)];
    const bySize = lengthA !== lengthB && lengthA > 0 && lengthB > 0;
    return bySize ? lengthA - lengthB : this.compareTexts(a, b);
  }
}
