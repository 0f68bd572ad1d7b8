import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { MAGIC, OPTIONAL } from './format.js';
import { ThriftReader } from './thrift.js';

/** Read from the end of a file at first (bytes): as much as most footers need. */
const TAIL = 1 << 14;

/** Numbers of fields in Parquet's format description (parquet.thrift). */
const FILE = { schema: 2, groups: 4 } as const;
const ELEMENT = { repetition: 3, name: 4, children: 5 } as const;
const GROUP = { chunks: 1, rows: 3 } as const;
const CHUNK = { meta: 3 } as const;
const META = { type: 1, codec: 4, values: 5, size: 7, data: 9, dictionary: 11, statistics: 12 } as const;
const STATISTICS = { nulls: 3, max: 5, min: 6 } as const;

/** The values of one column in one row group. */
export interface ColumnChunk {
  readonly type: number;
  readonly codec: number;
  /** Absent ones included. */
  readonly values: number;
  /** Where its pages are in the file (bytes). */
  readonly begin: number;
  readonly size: number;
  /** Absent ones; undefined where the file does not say. */
  readonly nulls: number | undefined;
  /** No value is less, none is more; undefined where the file does not say. */
  readonly min: Uint8Array | undefined;
  readonly max: Uint8Array | undefined;
}

interface SchemaColumn {
  readonly name: string;
  /** Whether each record has one value of it, or none. */
  readonly plain: boolean;
}

/** The columns, and the bytes they were read from. */
interface Schema {
  readonly bytes: Buffer;
  readonly columns: readonly SchemaColumn[];
}

/**
 * The columns of a Parquet file, in their order, from its own end: DuckDB would tell, but takes longer for it than for most
 * questions on a store. Undefined for what is no such file, which it can then say.
 */
export function footerColumns(path: string): string[] | undefined {
  try {
    return Footer.of(path).columns();
  } catch {
    return undefined;
  }
}

/** Of the file read last: the files of a store all begin what they say of themselves with the same. */
let last: Schema | undefined;

/** What a Parquet file says of itself, at its end. Whatever is wrong in it is a RangeError. */
export class Footer {
  private readonly schema: Schema;

  private constructor(private readonly bytes: Buffer) {
    const begin = last && bytes.subarray(0, last.bytes.length);
    if (!last || !begin!.equals(last.bytes)) last = readSchema(bytes);
    this.schema = last;
  }

  static of(path: string): Footer {
    const file = openSync(path, 'r');
    try {
      return Footer.read(file);
    } finally {
      closeSync(file);
    }
  }

  private static read(file: number): Footer {
    const { size } = fstatSync(file);
    const tail = Buffer.allocUnsafe(Math.min(TAIL, size));
    readSync(file, tail, 0, tail.length, size - tail.length);
    if (tail.toString('latin1', tail.length - MAGIC.length) !== MAGIC) throw new RangeError('no Parquet');
    const length = tail.readUInt32LE(tail.length - 8) + 8;
    if (length <= tail.length) return new Footer(tail.subarray(tail.length - length));
    if (length > size) throw new RangeError('no footer');
    const footer = Buffer.allocUnsafe(length);
    readSync(file, footer, 0, length, size - length);
    return new Footer(footer);
  }

  /** In their order; of those that nest, the innermost. */
  columns(): string[] {
    return this.schema.columns.map(({ name }) => name);
  }

  /** @param wanted the columns to tell of: each record must have one value of them, or none */
  rowGroups(wanted: ReadonlySet<string>): RowGroup[] {
    const { columns, bytes } = this.schema;
    if (columns.some(({ name, plain }) => wanted.has(name) && !plain)) throw new RangeError('a list or more');
    const names = columns.map(({ name }) => (wanted.has(name) ? name : undefined));
    const reader = new ThriftReader(this.bytes, bytes.length);
    const groups: RowGroup[] = [];
    for (let field = reader.field(FILE.schema); field !== 0; field = reader.field(field)) {
      if (field !== FILE.groups) {
        reader.skip();
        continue;
      }
      const count = reader.list();
      for (let i = 0; i < count; i++) groups.push(readGroup(reader, this.bytes, names));
    }
    return groups;
  }
}

/** From the beginning of a footer to the end of the schema. */
function readSchema(bytes: Buffer): Schema {
  const reader = new ThriftReader(bytes);
  const columns: SchemaColumn[] = [];
  let flat = true;
  for (let field = reader.field(0); field !== FILE.schema; field = reader.field(field)) {
    if (field === 0) throw new RangeError('no schema');
    reader.skip();
  }
  const count = reader.list();
  for (let i = 0; i < count; i++) {
    const { name, repetition, parent } = readElement(reader);
    if (!parent) columns.push({ name, plain: flat && repetition === OPTIONAL });
    // The first is the root of all.
    else if (i > 0) flat = false;
  }
  if (columns.length === 0) throw new RangeError('no schema');
  return { bytes: bytes.subarray(0, reader.at), columns };
}

function readElement(reader: ThriftReader): { name: string; repetition: number; parent: boolean } {
  let name = '';
  let repetition = 0;
  let parent = false;
  for (let field = reader.field(0); field !== 0; field = reader.field(field)) {
    parent ||= field === ELEMENT.children;
    if (field === ELEMENT.name) name = reader.text();
    else if (field === ELEMENT.repetition) repetition = reader.number();
    else reader.skip();
  }
  return { name, repetition, parent };
}

/** Rows of a file that stand together, column by column. What is said of a column is read when it is asked for. */
export class RowGroup {
  private readonly known = new Map<string, ColumnChunk>();

  constructor(
    readonly rows: number,
    private readonly bytes: Buffer,
    /** Where in the footer it says what of each column. */
    private readonly places: ReadonlyMap<string, number>,
  ) {}

  /** The columns that were wanted and are there. */
  get columns(): string[] {
    return [...this.places.keys()];
  }

  chunk(column: string): ColumnChunk | undefined {
    const place = this.places.get(column);
    if (place === undefined) return undefined;
    const known = this.known.get(column) ?? readChunk(new ThriftReader(this.bytes, place));
    this.known.set(column, known);
    return known;
  }
}

/** @param names of the columns that are wanted, by their place */
function readGroup(reader: ThriftReader, bytes: Buffer, names: readonly (string | undefined)[]): RowGroup {
  const places = new Map<string, number>();
  let rows = 0;
  for (let field = reader.field(0); field !== 0; field = reader.field(field)) {
    if (field === GROUP.rows) rows = reader.number();
    else if (field === GROUP.chunks) {
      const count = reader.list();
      for (let i = 0; i < count; i++) {
        const name = names[i];
        if (name !== undefined) places.set(name, reader.at);
        reader.skipStruct();
      }
    } else reader.skip();
  }
  return new RowGroup(rows, bytes, places);
}

function readChunk(reader: ThriftReader): ColumnChunk {
  for (let field = reader.field(0); field !== CHUNK.meta; field = reader.field(field)) {
    if (field === 0) throw new RangeError('a column without its place');
    reader.skip();
  }
  let [type, codec, values, size, data, dictionary] = [-1, -1, -1, -1, -1, 0];
  let statistics: Pick<ColumnChunk, 'nulls' | 'min' | 'max'> | undefined;
  for (let field = reader.field(0); field !== 0; field = reader.field(field)) {
    if (field === META.type) type = reader.number();
    else if (field === META.codec) codec = reader.number();
    else if (field === META.values) values = reader.number();
    else if (field === META.size) size = reader.number();
    else if (field === META.data) data = reader.number();
    else if (field === META.dictionary) dictionary = reader.number();
    else if (field === META.statistics) statistics = readStatistics(reader);
    else reader.skip();
  }
  if (Math.min(type, codec, values, size, data, dictionary) < 0) {
    throw new RangeError('a column without its place');
  }
  // Some writers put a zero where there is no dictionary.
  const begin = Math.min(data, dictionary || data);
  const { nulls, min, max } = statistics ?? {};
  return { type, codec, values, begin, size, nulls, min, max };
}

function readStatistics(reader: ThriftReader): Pick<ColumnChunk, 'nulls' | 'min' | 'max'> {
  let nulls: number | undefined;
  let min: Uint8Array | undefined;
  let max: Uint8Array | undefined;
  for (let field = reader.field(0); field !== 0; field = reader.field(field)) {
    if (field === STATISTICS.nulls) nulls = reader.number();
    else if (field === STATISTICS.max) max = reader.binary();
    else if (field === STATISTICS.min) min = reader.binary();
    else reader.skip();
  }
  return { nulls, min, max };
}
