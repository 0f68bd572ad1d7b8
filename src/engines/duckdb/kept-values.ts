import type { FieldType } from '../../flowlog/fields.js';
import type { FieldTest } from '../../sql/query.js';
import { FIELDS, KINDS, RecordMemory, SHOWN, SORTED } from './record-memory.js';
import type { StoreRecords } from './store-records.js';

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

/** More than any log has, fewer than there is room for. */
const MOST_COLUMNS = 1_000;
const sizeOf = (texts: readonly Uint8Array[]) => texts.reduce((size, text) => size + text.length, 0);
/** Bytes of a value's word. */
const WORD = 4;
/** The bit of a word that is a number. Kept in step with record-kernel/. */
const NUMBER = 0x8000_0000;
/** Bytes of a table that rows are sorted with. */
const SORT_TABLE = 8_192;
/** Bytes of a text at most, and after it. */
const TEXT = 0x1_0000;
const SPACE = 0x20;
/** Bytes of CSV made at a time. */
const PIECE = 1 << 20;
/** Bytes of text taken at a time, about. */
const STEP = 1 << 15;
const NEWLINE = 0x0a;

/**
 * Values of records, by where they stand in the text: nothing is made of what nobody looks at. Only those as AWS writes them, of
 * which there is one reading: plain ASCII, numbers of digits alone.
 */
export class KeptValues {
  private readonly memory = new RecordMemory((test, word) => this.judge(test, word));
  private tests: readonly FieldTest[] = [];
  private readonly places: ReadonlyMap<string, number>;
  /** Values of a row. */
  readonly slots: number;
  private wordsAt = 0;
  /**
   * By row, and in it by slot, a word for each value: 0 where it is absent; a number below 2^31 with the highest bit set; else where
   * its text begins in the memory.
   */
  words = new Uint32Array();

  private constructor(names: readonly string[]) {
    this.places = new Map(names.map((name, i) => [name, i]));
    this.slots = names.length;
  }

  /**
   * @param columns those whose values are asked for
   * @returns undefined when a record is not as AWS writes it
   */
  static read(
    lines: readonly KeptLines[],
    records: StoreRecords | undefined,
    columns: readonly string[],
  ): KeptValues | undefined {
    const values = new KeptValues(columns);
    return values.take(lines, records) ? values : undefined;
  }

  get rows(): number {
    return this.memory.kernel.rows.value;
  }

  get bytes(): Uint8Array {
    return this.memory.bytes;
  }

  private take(lines: readonly KeptLines[], records: StoreRecords | undefined): boolean {
    const { memory } = this;
    const { kernel } = memory;
    const sections = lines.map(({ columns, texts }) => {
      const from = memory.room(sizeOf(texts));
      let to = from;
      for (const text of texts) {
        memory.bytes.set(text, to);
        to += text.length;
      }
      return { columns, from, to };
    });
    const rows = sections.reduce((sum, { from, to }) => sum + kernel.linesIn(from, to), records?.rows ?? 0);
    this.wordsAt = memory.room(rows * this.slots * WORD);
    kernel.lay(this.wordsAt, this.slots);
    const taken = sections.every(({ columns, from, to }) => {
      if (columns.length > MOST_COLUMNS) return false;
      const fields = columns.flatMap(({ column, type }) => [this.places.get(column) ?? -1, KINDS[type]]);
      new Int32Array(kernel.memory.buffer, FIELDS, fields.length).set(fields);
      return this.pieces(from, to).every(([from, to]) => kernel.take(from, to, columns.length) !== 0);
    });
    if (!taken || records?.take(memory, [...this.places.keys()]) === false) return false;
    this.view();
    return true;
  }

  /** Whole lines, not many at a time: only from one call to the next does a function become faster. */
  private pieces(from: number, to: number): Array<readonly [from: number, to: number]> {
    const pieces: Array<readonly [number, number]> = [];
    for (let at = from; at < to; ) {
      const end = Math.min(this.memory.bytes.indexOf(NEWLINE, Math.min(at + STEP, to) - 1) + 1, to);
      pieces.push([at, end]);
      at = end;
    }
    return pieces;
  }

  /** Memory for so many bytes. */
  private room(bytes: number): number {
    const at = this.memory.room(bytes);
    this.view();
    return at;
  }

  private view(): void {
    const { buffer } = this.memory.kernel.memory;
    this.words = new Uint32Array(buffer, this.wordsAt, this.rows * this.slots);
  }

  /** The value that a word stands for, as the log has it. */
  textOf(word: number): string | null {
    if (word === 0) return null;
    // From the kernel it comes with a sign.
    const number = word >>> 0;
    return number >= NUMBER ? String(number - NUMBER) : this.textAt(word);
  }

  private textAt(begin: number): string {
    const { bytes } = this;
    let end = begin;
    while (bytes[end]! > SPACE) end++;
    return Buffer.from(bytes.buffer, begin, end - begin).toString('latin1');
  }

  column(name: string): KeptColumn {
    return new KeptColumn(this, this.places.get(name)!);
  }

  /**
   * The rows whose number in a column lies in a range.
   *
   * @param most no row may have as much, or none
   * @returns undefined when one has
   */
  between(column: string, since: number, until: number, most: number): RowList | undefined {
    const at = this.room(this.rows * WORD);
    const count = this.memory.kernel.between(this.places.get(column)!, since, until, most, at);
    return count < 0 ? undefined : { at, count };
  }

  /**
   * Takes rows out of a list: those that do not pass all tests, or those that do.
   *
   * @returns undefined when a test cannot tell
   */
  sift({ at, count }: RowList, tests: readonly FieldTest[], passing: boolean): RowList | undefined {
    const { kernel } = this.memory;
    const marks = this.room(count);
    this.tests = tests;
    kernel.markAll(marks, count);
    for (const [i, { column, narrowed = false }] of tests.entries()) {
      const slot = this.places.get(column)!;
      if (!kernel.leave(at, count, marks, i, slot, Number(narrowed))) return undefined;
    }
    return { at, count: kernel.sift(at, count, marks, Number(passing)) };
  }

  private judge(test: number, word: number): number {
    const passes = this.tests[test]!.passes(this.textOf(word));
    return passes === undefined ? 2 : Number(passes);
  }

  /**
   * Puts the rows of a list in order.
   *
   * @param column of numbers that all of them have
   * @param others what decides between equal ones
   */
  sort(
    { at, count }: RowList,
    column: string,
    others: ReadonlyArray<{ readonly name: string; readonly type: FieldType }>,
  ): void {
    const spare = this.room(3 * count * WORD + SORT_TABLE);
    const { kernel } = this.memory;
    const pairs = others.flatMap(({ name, type }) => [this.places.get(name)!, KINDS[type]]);
    new Int32Array(kernel.memory.buffer, SORTED, pairs.length).set(pairs);
    kernel.order(at, count, this.places.get(column)!, others.length, spare);
  }

  /** The numbers of these rows. */
  numbersOf({ at, count }: RowList): Uint32Array {
    return new Uint32Array(this.bytes.buffer, at, count);
  }

  /** The highest number of a column; -1 for none. */
  highest(name: string, { at, count }: RowList): number {
    return this.memory.kernel.highest(this.places.get(name)!, at, count);
  }

  sum(name: string, { at, count }: RowList): bigint {
    const [above, below] = [1, 0].map((part) => {
      return BigInt(this.memory.kernel.sum(this.places.get(name)!, at, count, part));
    }) as [bigint, bigint];
    return (above << 32n) + below;
  }

  /** So many of the rows as CSV. A piece is valid until the next one is asked for. */
  *csv({ at }: RowList, count: number, columns: readonly WrittenColumn[]): Generator<Uint8Array> {
    const { kernel } = this.memory;
    // A row may be begun before the piece is full.
    const into = this.room(PIECE + columns.length * TEXT);
    const shown = columns.flatMap(({ name, offset }) => {
      return [this.places.get(name)!, Number(offset !== undefined), offset ?? 0];
    });
    new Int32Array(kernel.memory.buffer, SHOWN, shown.length).set(shown);
    for (let done = 0; done < count; done += kernel.written.value) {
      kernel.write(at + done * WORD, count - done, columns.length, into, into + PIECE);
      yield this.bytes.subarray(into, kernel.end.value);
    }
  }
}

/** Numbers of rows, where they stand in the memory. */
export interface RowList {
  readonly at: number;
  readonly count: number;
}

/** The values of one column, by row. */
export class KeptColumn {
  constructor(
    private readonly all: KeptValues,
    private readonly slot: number,
  ) {}

  /** As the log has it. */
  text(row: number): string | null {
    return this.all.textOf(this.word(row));
  }

  /** Of a column of numbers. */
  number(row: number): number | null {
    const text = this.text(row);
    return text === null ? null : Number(text);
  }

  private word(row: number): number {
    const { words, slots } = this.all;
    return words[row * slots + this.slot]!;
  }
}
