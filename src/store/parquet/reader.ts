import { closeSync, openSync, readSync } from 'node:fs';
import type { RowGroup } from './footer.js';
import { CODEC, PAGE } from './format.js';
import { ThriftReader } from './thrift.js';
import type { Zstd } from './zstd.js';

/** Numbers of fields in Parquet's format description (parquet.thrift). */
const HEADER = { kind: 1, unpacked: 2, packed: 3, data: 5, dictionary: 7 } as const;
const OF_PAGE = { values: 1, encoding: 2 } as const;

/** Some values of a column, or those that numbers in other pages stand for, as they are encoded. */
export interface Page {
  readonly dictionary: boolean;
  readonly encoding: number;
  readonly values: number;
  /** Valid until the next page is asked for. */
  readonly bytes: Uint8Array;
}

/** The pages of a Parquet file. What is damaged, or written in a way that is not known here, is a RangeError. */
export class ParquetReader {
  private readonly file: number;
  /** Where the bytes of the row group that is read begin in the file, and how many they are. */
  private begin = 0;
  private size = 0;

  constructor(
    path: string,
    private readonly zstd: Zstd,
  ) {
    this.file = openSync(path, 'r');
  }

  close(): void {
    closeSync(this.file);
  }

  /** Those of a column that the group has. */
  *pages(group: RowGroup, column: string): Generator<Page> {
    if (this.zstd.content !== group) this.read(group);
    const { zstd } = this;
    const { begin, size, codec, values } = group.chunk(column)!;
    const end = begin + size - this.begin;
    let found = 0;
    for (let at = begin - this.begin; at < end && found < values; ) {
      const reader = new ThriftReader(zstd.input(this.size), at);
      const { packed, unpacked, ...header } = readHeader(reader);
      const from = reader.at;
      at = from + packed;
      if (at > end) throw new RangeError('a page breaks off');
      if (!header.dictionary) found += header.values;
      if (found > values) throw new RangeError('more values than there are');
      if (codec === CODEC.zstd) yield { ...header, bytes: zstd.decompress(from, packed, unpacked) };
      else if (codec === CODEC.none) yield { ...header, bytes: zstd.input(this.size).subarray(from, at) };
      else throw new RangeError('packed in another way');
    }
    if (found !== values) throw new RangeError('pages are missing');
  }

  /** All columns that are wanted at once: they stand side by side. */
  private read(group: RowGroup): void {
    const chunks = group.columns.map((column) => group.chunk(column)!);
    this.begin = Math.min(...chunks.map(({ begin }) => begin));
    this.size = Math.max(...chunks.map(({ begin, size }) => begin + size)) - this.begin;
    const bytes = this.zstd.input(this.size);
    if (readSync(this.file, bytes, 0, this.size, this.begin) !== this.size) {
      throw new RangeError('the file breaks off');
    }
    this.zstd.content = group;
  }
}

function readHeader(reader: ThriftReader): Omit<Page, 'bytes'> & { packed: number; unpacked: number } {
  let [kind, packed, unpacked, values, encoding] = [-1, -1, -1, 0, -1];
  for (let field = reader.field(0); field !== 0; field = reader.field(field)) {
    if (field === HEADER.kind) kind = reader.number();
    else if (field === HEADER.unpacked) unpacked = reader.number();
    else if (field === HEADER.packed) packed = reader.number();
    else if (field === HEADER.data || field === HEADER.dictionary) {
      for (let field = reader.field(0); field !== 0; field = reader.field(field)) {
        if (field === OF_PAGE.values) values = reader.number();
        else if (field === OF_PAGE.encoding) encoding = reader.number();
        else reader.skip();
      }
    } else reader.skip();
  }
  if (kind !== PAGE.data && kind !== PAGE.dictionary) throw new RangeError('another kind of page');
  if (Math.min(packed, unpacked, values) < 0) throw new RangeError('a page of no size');
  return { dictionary: kind === PAGE.dictionary, encoding, values, packed, unpacked };
}
