import { closeSync, openSync, writeSync } from 'node:fs';
import type { FieldType } from '../../flowlog/fields.js';
import { CODEC, CONVERTED, ENCODING, MAGIC, OPTIONAL, PAGE, PHYSICAL } from './format.js';
import { encodeStruct, type Struct, type Thrift } from './thrift.js';
import type { Zstd } from './zstd.js';

/** A column of a file: its name, and what its values are. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: FieldType;
}

/** Some values of a column, encoded. The bytes are taken before the next are asked for. */
export interface EncodedValues {
  /** Absent ones included. */
  readonly count: number;
  readonly nulls: number;
  /** Entries one after the other, where the page holds their numbers. */
  readonly dictionary: { readonly bytes: Uint8Array; readonly count: number } | undefined;
  /** Which are there, then the values: as numbers of entries, or as differences, or none at all. */
  readonly page: Uint8Array;
  /** Least and greatest, as Parquet writes a value alone. */
  readonly range: { readonly min: Uint8Array; readonly max: Uint8Array } | undefined;
}

/**
 * A Parquet file as it is written: row group after row group, each of its columns in one page and packed with Zstandard, the
 * least and greatest value of each beside it, so that readers can skip what they need not look at.
 *
 * Source: the format description of Apache Parquet, version 2.
 */
export class ParquetFile {
  private readonly file: number;
  private readonly groups: Struct[] = [];
  private position = 0;
  private rows = 0;

  constructor(
    path: string,
    private readonly columns: readonly ParquetColumn[],
    private readonly zstd: Zstd,
    private readonly createdBy: string,
  ) {
    this.file = openSync(path, 'w', 0o644);
    this.write(Buffer.from(MAGIC));
  }

  /** Adds a row group: as many values of each column, in the order of columns. */
  add(rows: number, valuesOf: (column: number) => EncodedValues): void {
    const begin = this.position;
    let whole = 0;
    const chunks = this.columns.map((column, i) => {
      const chunk = this.chunk(column, valuesOf(i));
      whole += chunk.size;
      return { struct: chunk.struct } satisfies Thrift;
    });
    this.groups.push([
      [1, { list: chunks }],
      [2, { i64: whole }],
      [3, { i64: rows }],
      [5, { i64: begin }],
      [6, { i64: this.position - begin }],
      [7, { i16: this.groups.length }],
    ]);
    this.rows += rows;
  }

  /** Writes the end; returns the size of the file. */
  close(): number {
    const footer = encodeStruct([
      [1, { i32: 2 }],
      [2, { list: this.schema() }],
      [3, { i64: this.rows }],
      [4, { list: this.groups.map((struct) => ({ struct })) }],
      [6, { binary: this.createdBy }],
      // All columns compare as their types do.
      [7, { list: this.columns.map(() => ({ struct: [[1, { struct: [] }]] })) }],
    ]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    this.write(Buffer.concat([footer, length, Buffer.from(MAGIC)]));
    closeSync(this.file);
    return this.position;
  }

  private schema(): Thrift[] {
    const root: Struct = [
      [4, { binary: 'schema' }],
      [5, { i32: this.columns.length }],
    ];
    const columns = this.columns.map(
      ({ name, type }): Struct => [
        [1, { i32: PHYSICAL[type] }],
        [3, { i32: OPTIONAL }],
        [4, { binary: name }],
        [6, { i32: CONVERTED[type] }],
        [10, type === 'text' ? { struct: [[1, { struct: [] }]] } : undefined],
      ],
    );
    return [root, ...columns].map((struct) => ({ struct }));
  }

  private chunk({ name, type }: ParquetColumn, values: EncodedValues): { struct: Struct; size: number } {
    const begin = this.position;
    let size = 0;
    const { dictionary, page, count, nulls, range } = values;
    if (dictionary) {
      size += this.page(PAGE.dictionary, dictionary.bytes, [
        7,
        {
          struct: [
            [1, { i32: dictionary.count }],
            [2, { i32: ENCODING.plain }],
          ],
        },
      ]);
    }
    const data = this.position;
    const encoding = encodingOf(values);
    size += this.page(PAGE.data, page, [
      5,
      {
        struct: [
          [1, { i32: count }],
          [2, { i32: encoding }],
          [3, { i32: ENCODING.runs }],
          [4, { i32: ENCODING.runs }],
        ],
      },
    ]);
    const encodings = [...new Set([encoding, ENCODING.runs, ...(dictionary ? [ENCODING.plain] : [])])];
    const meta: Struct = [
      [1, { i32: PHYSICAL[type] }],
      [2, { list: encodings.map((i32) => ({ i32 })) }],
      [3, { list: [{ binary: name }] }],
      [4, { i32: CODEC.zstd }],
      [5, { i64: count }],
      [6, { i64: size }],
      [7, { i64: this.position - begin }],
      [9, { i64: data }],
      [11, dictionary && { i64: begin }],
      [
        12,
        {
          struct: [
            [3, { i64: nulls }],
            [5, range && { binary: range.max }],
            [6, range && { binary: range.min }],
          ],
        },
      ],
    ];
    const struct: Struct = [
      [2, { i64: begin }],
      [3, { struct: meta }],
    ];
    return { struct, size };
  }

  /** Returns the bytes of the page unpacked, its header included. */
  private page(kind: number, bytes: Uint8Array, own: readonly [number, Thrift]): number {
    const packed = this.zstd.compress(bytes);
    const header = encodeStruct([
      [1, { i32: kind }],
      [2, { i32: bytes.length }],
      [3, { i32: packed.length }],
      own,
    ]);
    this.write(header);
    this.write(packed);
    return header.length + bytes.length;
  }

  private write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.file, bytes, at);
    this.position += bytes.length;
  }
}

function encodingOf({ dictionary, nulls, count }: EncodedValues): number {
  if (dictionary) return ENCODING.dictionary;
  return nulls === count ? ENCODING.plain : ENCODING.differences;
}
