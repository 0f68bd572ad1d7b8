import type { Field, FieldType } from '../../flowlog/fields.js';
import { type Narrowing, SET_ASIDE } from '../../sql/query.js';
import { type ColumnChunk, Footer, type RowGroup } from '../../store/parquet/footer.js';
import { ENCODING, PHYSICAL } from '../../store/parquet/format.js';
import { type Page, ParquetReader } from '../../store/parquet/reader.js';
import { Zstd } from '../../store/parquet/zstd.js';
import type { TimeRange } from '../../time/range.js';
import { KINDS, type RecordMemory } from './record-memory.js';

/** Files of a store that have the same columns. */
export interface StoreFiles {
  readonly fields: readonly Field[];
  readonly paths: readonly string[];
}

/** What is asked for. */
export interface Wanted {
  readonly columns: ReadonlySet<string>;
  readonly range: TimeRange;
  readonly narrowing: readonly Narrowing[];
  /** Whether records that AWS skipped are counted: the column that tells is then asked for where there may be such. */
  readonly skipped: boolean;
}

interface ChosenFile {
  readonly path: string;
  readonly fields: readonly Field[];
  readonly groups: readonly RowGroup[];
}

/** Bytes of the text of a large number at most, and after it. */
const NUMBER = 24;
/** Bytes that the kernel needs for each row of a row group while it reads that. */
const ROW = 13;
/** Bytes of an entry of a dictionary. */
const ENTRY = 4;

/**
 * Records of a store, read without DuckDB: it takes longer to load than most questions on a store take. Of its row groups only
 * those that may hold what is asked for, of the records in them those that may matter, as of lines of text.
 */
export class StoreRecords {
  /** Of the row groups to be read. */
  readonly rows: number;
  private readonly most: number;

  private constructor(
    private readonly files: readonly ChosenFile[],
    private readonly wanted: Wanted,
  ) {
    const sizes = files.flatMap(({ groups }) => groups.map(({ rows }) => rows));
    this.rows = sizes.reduce((sum, rows) => sum + rows, 0);
    this.most = Math.max(0, ...sizes);
  }

  /**
   * Looks at what the files say of themselves.
   *
   * @returns undefined when one is not written in a way that is known here
   */
  static choose(files: readonly StoreFiles[], wanted: Wanted): StoreRecords | undefined {
    const columns = [...wanted.columns, ...wanted.narrowing.map(({ column }) => column), SET_ASIDE.column];
    const needed = new Set(columns);
    try {
      const chosen = files.flatMap(({ fields, paths }) =>
        paths.map((path): ChosenFile => {
          const groups = Footer.of(path).rowGroups(needed);
          return { path, fields, groups: groups.filter((group) => mayMatter(group, wanted)) };
        }),
      );
      return new StoreRecords(
        chosen.filter(({ groups }) => groups.length > 0),
        wanted,
      );
    } catch (error) {
      if (isForOthers(error)) return undefined;
      throw error;
    }
  }

  /**
   * Puts the values of the records into the memory, after what rows are there.
   *
   * @param slots the columns, by their place in a row
   * @returns false when one of them is such that only DuckDB can read it
   */
  take(memory: RecordMemory, slots: readonly string[]): boolean {
    try {
      const taker = new GroupTaker(memory, slots, this.most, this.wanted);
      const zstd = new Zstd();
      for (const { path, fields, groups } of this.files) {
        const types = new Map(fields.map(({ column, type }) => [column, type]));
        const reader = new ParquetReader(path, zstd);
        try {
          for (const group of groups) taker.take(reader, group, types);
        } finally {
          reader.close();
        }
      }
      return true;
    } catch (error) {
      if (isForOthers(error)) return false;
      throw error;
    }
  }
}

/** Of damage, of what is not known here, and of files that are gone DuckDB says what there is to say. */
function isForOthers(error: unknown): boolean {
  const { code, name } = error as NodeJS.ErrnoException;
  return code !== undefined || error instanceof RangeError || name === 'RuntimeError';
}

/** Whether a row group can hold records of the answer, or such as are counted beside it. */
function mayMatter(group: RowGroup, { range, narrowing, skipped }: Wanted): boolean {
  if (!mayStartIn(group.chunk('start'), range)) return false;
  if (narrowing.every((each) => mayPass(group.chunk(each.column), each))) return true;
  return skipped && maySkip(group.chunk(SET_ASIDE.column));
}

function mayStartIn(
  start: ColumnChunk | undefined,
  { since = 0, until = Number.MAX_SAFE_INTEGER }: TimeRange,
): boolean {
  if (!start?.min || !start.max || start.type !== PHYSICAL.bigint || start.nulls !== 0) return true;
  const [first, last] = [start.min, start.max].map((bytes) => Number(asBuffer(bytes).readBigInt64LE()));
  return last! >= since && first! < until;
}

/** Whether some value that is there can pass: a record without an address is none of an answer. */
function mayPass(chunk: ColumnChunk | undefined, { oneOf, noneOf = [] }: Narrowing): boolean {
  if (!chunk) return true;
  if (chunk.nulls === chunk.values) return false;
  if (!chunk.min || !chunk.max) return true;
  const [min, max] = [latin1(chunk.min), latin1(chunk.max)];
  const mayBegin = (prefix: string) => max >= prefix && (min <= prefix || min.startsWith(prefix));
  const allBegin = (prefix: string) => min.startsWith(prefix) && max.startsWith(prefix);
  return (oneOf?.some(mayBegin) ?? true) && !noneOf.some(allBegin);
}

function maySkip(status: ColumnChunk | undefined): boolean {
  if (!status || status.nulls === status.values) return false;
  if (!status.min || !status.max) return true;
  return latin1(status.min) <= SET_ASIDE.value && latin1(status.max) >= SET_ASIDE.value;
}

/** The same bytes, not a copy. */
const asBuffer = ({ buffer, byteOffset, length }: Uint8Array) => Buffer.from(buffer, byteOffset, length);

const latin1 = (bytes: Uint8Array) => asBuffer(bytes).toString('latin1');

/** A narrowing as the kernel reads it. */
class Narrower {
  private readonly at: number;
  private readonly counts: readonly [oneOf: number, noneOf: number];

  constructor(
    { oneOf = [], noneOf = [] }: Narrowing,
    readonly slot: number,
    private readonly memory: RecordMemory,
  ) {
    const texts = [...oneOf, ...noneOf].map((text) => Buffer.from(text));
    this.at = memory.put(Buffer.concat(texts.flatMap((text) => [Buffer.of(text.length), text])));
    this.counts = [oneOf.length, noneOf.length];
  }

  /** Of the rows after the last one. */
  mark(rows: number): void {
    const { kernel } = this.memory;
    kernel.pass(kernel.rows.value, rows, this.slot, this.at, ...this.counts);
  }
}

/** Takes the records of row groups that may matter as rows. */
class GroupTaker {
  private readonly chunks: ChunkTaker;
  private readonly narrowers: readonly Narrower[];
  /** Where the value is that sets a record aside, and where the records have theirs; undefined where none is counted. */
  private readonly aside: { readonly text: number; readonly slot: number } | undefined;
  private readonly asked: readonly number[];

  constructor(
    private readonly memory: RecordMemory,
    private readonly slots: readonly string[],
    most: number,
    { columns, narrowing, skipped }: Wanted,
  ) {
    this.asked = [...columns].map((column) => slots.indexOf(column));
    this.chunks = new ChunkTaker(memory);
    this.narrowers = narrowing.map((each) => new Narrower(each, slots.indexOf(each.column), memory));
    const slot = slots.indexOf(SET_ASIDE.column);
    this.aside = skipped ? { text: memory.put(Buffer.from(`${SET_ASIDE.value} `)), slot } : undefined;
    memory.kernel.room(memory.room(most * ROW), most);
  }

  take(reader: ParquetReader, group: RowGroup, types: ReadonlyMap<string, FieldType>): void {
    const { memory, slots, aside, narrowers } = this;
    const { kernel } = memory;
    const { rows } = group;
    const taken = new Set<number>();
    const take = (slot: number) => {
      if (taken.has(slot)) return;
      const column = slots[slot]!;
      this.chunks.take(reader, group, column, types.get(column), slot);
      taken.add(slot);
    };
    kernel.mark(rows);
    if (aside && maySkip(group.chunk(SET_ASIDE.column))) {
      take(aside.slot);
      kernel.passAside(kernel.rows.value, rows, aside.slot, aside.text);
    } else {
      if (aside) kernel.absent(kernel.rows.value, rows, aside.slot);
      kernel.passNoAside(rows);
    }
    for (const narrower of narrowers) {
      if (kernel.marked(rows) === 0) return;
      take(narrower.slot);
      narrower.mark(rows);
    }
    const left = kernel.marked(rows);
    if (left === 0) return;
    for (const slot of this.asked) take(slot);
    kernel.keep(rows, Number(left === rows));
  }
}

/** Takes columns of row groups as values of the rows after the last one. */
class ChunkTaker {
  /** Where pages are that are soon done with. */
  private scratch = { at: 0, size: 0 };

  constructor(private readonly memory: RecordMemory) {}

  take(
    reader: ParquetReader,
    group: RowGroup,
    column: string,
    type: FieldType | undefined,
    slot: number,
  ): void {
    const { kernel } = this.memory;
    const first = kernel.rows.value;
    const { rows } = group;
    const chunk = group.chunk(column);
    if (!chunk || !type || chunk.nulls === chunk.values) {
      kernel.absent(first, rows, slot);
      return;
    }
    if (chunk.type !== PHYSICAL[type] || chunk.values !== rows) throw new RangeError('another type');
    const size = type === 'integer' ? 4 : 8;
    let dictionary = { at: 0, count: 0 };
    let row = first;
    for (const page of reader.pages(group, column)) {
      if (page.dictionary) {
        dictionary = this.dictionary(page, type === 'text', size);
        continue;
      }
      const { values, encoding } = page;
      const numbered = encoding === ENCODING.dictionary || encoding === ENCODING.oldDictionary;
      // The text of values stays where it is.
      const [from, to] = type === 'text' && !numbered ? this.put(page) : this.putForNow(page);
      const text = type !== 'text' && !numbered ? this.memory.room(values * NUMBER) : 1;
      const { at, count } = dictionary;
      const end = kernel.page(row, values, slot, from, to, encoding, KINDS[type], size, at, count, text);
      if (end === 0) throw new RangeError('a page that is not understood');
      if (text > 1) this.memory.end(end);
      row += values;
    }
  }

  private dictionary(page: Page, isText: boolean, size: number): { at: number; count: number } {
    const { kernel } = this.memory;
    const { values: count, encoding } = page;
    if (encoding !== ENCODING.plain && encoding !== ENCODING.oldDictionary)
      throw new RangeError('another dictionary');
    const at = this.memory.room(count * ENTRY);
    if (isText) {
      const [from, to] = this.put(page);
      if (!kernel.entriesOfTexts(from, to, count, at)) throw new RangeError('a text for others');
    } else {
      const [from, to] = this.putForNow(page);
      const text = this.memory.room(count * NUMBER);
      const end = kernel.entriesOfNumbers(from, to, count, size, at, text);
      if (end === 0) throw new RangeError('a number for others');
      this.memory.end(end);
    }
    return { at, count };
  }

  private put({ bytes }: Page): [from: number, to: number] {
    const from = this.memory.put(bytes);
    return [from, from + bytes.length];
  }

  private putForNow({ bytes }: Page): [from: number, to: number] {
    const { length } = bytes;
    if (length > this.scratch.size) {
      const size = length * 2;
      this.scratch = { at: this.memory.room(size), size };
    }
    const { at } = this.scratch;
    this.memory.bytes.set(bytes, at);
    return [at, at + length];
  }
}
