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
