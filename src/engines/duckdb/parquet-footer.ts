import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Read from the end of a file at first (bytes): as much as most footers need. */
const TAIL = 1 << 14;
const MAGIC = 'PAR1';

/** Types of values in Thrift's compact protocol. */
const TYPE = { true: 1, false: 2, byte: 3, double: 7, binary: 8, list: 9, set: 10, map: 11, struct: 12 };
/** Numbers of fields in Parquet's format description (parquet.thrift). */
const SCHEMA = 2;
const NAME = 4;
const CHILDREN = 5;

/**
 * The columns of a Parquet file, in their order, from its own end: DuckDB would tell, but takes longer for it than for most
 * questions on a store. Undefined for what is no such file, which it can then say.
 */
export function footerColumns(path: string): string[] | undefined {
  try {
    return new Footer(readFooter(path)).columns();
  } catch {
    return undefined;
  }
}

function readFooter(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.allocUnsafe(Math.min(TAIL, size));
    readSync(file, tail, 0, tail.length, size - tail.length);
    if (tail.toString('latin1', tail.length - 4) !== MAGIC) throw new RangeError('no Parquet');
    const length = tail.readUInt32LE(tail.length - 8) + 8;
    if (length <= tail.length) return tail.subarray(tail.length - length);
    if (length > size) throw new RangeError('no footer');
    const footer = Buffer.allocUnsafe(length);
    readSync(file, footer, 0, length, size - length);
    return footer;
  } finally {
    closeSync(file);
  }
}

/** Reads Thrift's compact protocol, as far as the schema. */
class Footer {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  columns(): string[] {
    const names: string[] = [];
    this.struct((field) => {
      if (field !== SCHEMA) return 'pass over';
      this.list(() => {
        let name = '';
        let parent = false;
        this.struct((field) => {
          parent ||= field === CHILDREN;
          if (field !== NAME) return 'pass over';
          name = this.text();
          return 'read';
        });
        if (!parent) names.push(name);
      });
      return 'enough';
    });
    if (names.length === 0) throw new RangeError('no schema');
    return names;
  }

  /** @param take reads the value of a field, or leaves it to be passed over */
  private struct(take: (field: number) => 'read' | 'pass over' | 'enough'): void {
    for (let field = 0; ; ) {
      const head = this.byte();
      if (head === 0) return;
      const step = head >> 4;
      field = step > 0 ? field + step : this.signed();
      const what = take(field);
      if (what === 'enough') return;
      if (what === 'pass over') this.skip(head & 15);
    }
  }

  private list(take: (type: number) => void): void {
    const head = this.byte();
    const count = head >> 4 === 15 ? this.varint() : head >> 4;
    for (let i = 0; i < count; i++) take(head & 15);
  }

  private skip(type: number): void {
    if (type === TYPE.true || type === TYPE.false) return;
    if (type === TYPE.byte) this.at += 1;
    else if (type < TYPE.double) this.varint();
    else if (type === TYPE.double) this.at += 8;
    else if (type === TYPE.binary) this.text();
    else if (type === TYPE.list || type === TYPE.set) this.list((each) => this.skipElement(each));
    else if (type === TYPE.struct) this.struct(() => 'pass over');
    else throw new RangeError('unknown type');
  }

  /** Truths in a list have a byte of their own. */
  private skipElement(type: number): void {
    if (type === TYPE.true || type === TYPE.false) this.at += 1;
    else this.skip(type);
  }

  private text(): string {
    const length = this.varint();
    const text = this.bytes.toString('utf8', this.at, this.at + length);
    this.at += length;
    return text;
  }

  private signed(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  private varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  private byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new RangeError('the footer breaks off');
    return byte;
  }
}
