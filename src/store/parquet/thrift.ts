/** A value of Thrift's compact protocol, in which Parquet keeps what it says of itself. */
export type Thrift =
  | { readonly i16: number }
  | { readonly i32: number }
  | { readonly i64: number }
  | { readonly binary: Uint8Array | string }
  | { readonly list: readonly Thrift[] }
  | { readonly struct: Struct };

/** Fields by number, ascending; one that is undefined is left out. */
export type Struct = ReadonlyArray<readonly [id: number, value: Thrift | undefined]>;

const TYPES = { i16: 4, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;

const typeOf = (value: Thrift) => TYPES[Object.keys(value)[0] as keyof typeof TYPES];

export function encodeStruct(struct: Struct): Buffer {
  const bytes: number[] = [];
  writeStruct(bytes, struct);
  return Buffer.from(bytes);
}

function writeStruct(bytes: number[], struct: Struct): void {
  let last = 0;
  for (const [id, value] of struct) {
    if (value === undefined) continue;
    // All of Parquet's fields follow each other closely enough for the short form.
    bytes.push(((id - last) << 4) | typeOf(value));
    last = id;
    writeValue(bytes, value);
  }
  bytes.push(0);
}

function writeValue(bytes: number[], value: Thrift): void {
  if ('i16' in value) writeVarint(bytes, zigzag(value.i16));
  else if ('i32' in value) writeVarint(bytes, zigzag(value.i32));
  else if ('i64' in value) writeVarint(bytes, zigzag(value.i64));
  else if ('binary' in value) writeBinary(bytes, value.binary);
  else if ('list' in value) writeList(bytes, value.list);
  else writeStruct(bytes, value.struct);
}

function writeBinary(bytes: number[], value: Uint8Array | string): void {
  const content = typeof value === 'string' ? Buffer.from(value) : value;
  writeVarint(bytes, content.length);
  for (const byte of content) bytes.push(byte);
}

function writeList(bytes: number[], list: readonly Thrift[]): void {
  const type = list.length === 0 ? TYPES.struct : typeOf(list[0]!);
  if (list.length < 15) {
    bytes.push((list.length << 4) | type);
  } else {
    bytes.push(0xf0 | type);
    writeVarint(bytes, list.length);
  }
  for (const value of list) writeValue(bytes, value);
}

/** Of whole numbers below 2^52. */
const zigzag = (value: number) => (value < 0 ? -2 * value - 1 : 2 * value);

function writeVarint(bytes: number[], value: number): void {
  let left = value;
  while (left > 0x7f) {
    bytes.push((left % 0x80) | 0x80);
    left = Math.floor(left / 0x80);
  }
  bytes.push(left);
}

/** Other types of values that a reader may meet. */
const OTHER = { true: 1, false: 2, byte: 3, double: 7, set: 10 } as const;

/** Reads the protocol from one value to the next. Whatever is wrong in it is a RangeError. */
export class ThriftReader {
  /** Of the field or element that is read next. */
  private type = 0;

  /** @param at where the next value begins */
  constructor(
    private readonly bytes: Uint8Array,
    public at = 0,
  ) {}

  /**
   * Begins with the next field of a struct: then its value is to be read, or skipped.
   *
   * @param last the field before it, 0 at the beginning
   * @returns its number; 0 at the end of the struct
   */
  field(last: number): number {
    const head = this.byte();
    this.type = head & 15;
    if (head === 0) return 0;
    return head < 16 ? this.number() : last + (head >> 4);
  }

  /** Begins with the elements of a list, each of which is then to be read, or skipped; returns how many there are. */
  list(): number {
    const head = this.byte();
    this.type = head & 15;
    return head >> 4 === 15 ? this.varint() : head >> 4;
  }

  binary(): Uint8Array {
    const length = this.varint();
    return this.bytes.subarray(this.at, this.pass(length));
  }

  text(): string {
    return Buffer.from(this.binary()).toString('utf8');
  }

  /** A whole number of any size. */
  number(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Passes over the value of a field. */
  skip(): void {
    this.at = this.after(this.type, this.at);
  }

  /** Passes over an element of a list of structs. */
  skipStruct(): void {
    this.at = this.after(TYPES.struct, this.at);
  }

  /**
   * Where a value ends. All in one: most of what files say of themselves is passed over, and a small function is called too often for
   * each of its bytes.
   */
  private after(type: number, begin: number): number {
    const { bytes } = this;
    let at = begin;
    if (type === TYPES.struct) {
      for (;;) {
        const head = bytes[at++];
        if (head === 0) return at;
        if (head === undefined) throw new RangeError('the data break off');
        if (head < 16) while (bytes[at++]! >= 0x80);
        at = this.after(head & 15, at);
      }
    }
    if (type === OTHER.true || type === OTHER.false) return at;
    if (type === OTHER.byte) return at + 1;
    if (type === OTHER.double) return at + 8;
    if (type === TYPES.list || type === OTHER.set) return this.afterList(at);
    if (type > TYPES.binary) throw new RangeError('unknown type');
    let length = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('the data break off');
      length += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    return type === TYPES.binary ? at + length : at;
  }

  private afterList(begin: number): number {
    this.at = begin;
    const count = this.list();
    const { type } = this;
    for (let i = 0; i < count; i++) {
      // Truths in a list have a byte of their own.
      const flag = type === OTHER.true || type === OTHER.false;
      this.at = this.after(flag ? OTHER.byte : type, this.at);
      if (this.at > this.bytes.length) throw new RangeError('the data break off');
    }
    return this.at;
  }

  private pass(length: number): number {
    this.at += length;
    if (this.at > this.bytes.length) throw new RangeError('the data break off');
    return this.at;
  }

  private varint(): number {
    const first = this.byte();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let scale = 0x80; ; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  private byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new RangeError('the data break off');
    return byte;
  }
}
