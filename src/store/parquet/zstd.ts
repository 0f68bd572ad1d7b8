import { ZSTD } from './zstd.generated.js';

/** What the library's WebAssembly calls its functions. Its version is fixed in package.json: the letters go with it. */
interface Library {
  /** Memory; constructors; ZSTD_isError, ZSTD_compressBound, ZSTD_compress, ZSTD_createDCtx, ZSTD_decompress_usingDict; malloc, free. */
  readonly f: WebAssembly.Memory;
  g(): void;
  h(code: number): number;
  i(size: number): number;
  m(to: number, capacity: number, from: number, size: number, level: number): number;
  n(): number;
  q(
    context: number,
    to: number,
    capacity: number,
    from: number,
    size: number,
    dict: number,
    dictSize: number,
  ): number;
  s(size: number): number;
  t(at: number): void;
}

/** The fastest of the levels that make files small: pages are packed bits already. */
const LEVEL = 1;

/** Memory for packed or unpacked bytes that is there already, or soon (bytes). */
const ROOM = 1 << 20;

/** Packs and unpacks with Zstandard, which Node itself has from version 22.15 on. */
export class Zstd {
  private readonly library: Library;
  private from = { at: 0, size: 0 };
  private to = { at: 0, size: 0 };
  /** What the input is, where somebody comes back to it. */
  content: unknown;
  /** Of unpacking: its tables are made but once. */
  private context = 0;

  constructor() {
    const memory = () => this.library.f;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(ZSTD, 'base64')), {
      a: {
        a: () => {},
        b: () => {},
        c: () => {
          throw new Error('zstd stopped');
        },
        d: () => 0,
        // More memory, up to so many bytes.
        e: (size: number) => {
          const { buffer } = memory();
          try {
            memory().grow(Math.ceil(((size >>> 0) - buffer.byteLength) / 65_536));
            return 1;
          } catch {
            return 0;
          }
        },
      },
    });
    this.library = exports as unknown as Library;
    this.library.g();
  }

  compress(bytes: Uint8Array): Uint8Array {
    const { library } = this;
    this.input(bytes.length).set(bytes);
    this.to = this.reserve(this.to, library.i(bytes.length));
    const { at, size } = this.to;
    const packed = library.m(at, size, this.from.at, bytes.length, LEVEL);
    if (library.h(packed) !== 0) throw new Error(`zstd cannot pack ${bytes.length} bytes (${packed}).`);
    return new Uint8Array(library.f.buffer).slice(at, at + packed);
  }

  /** Where so many bytes are put to be packed or unpacked; those that are there stay. To be asked for anew after each call. */
  input(size: number): Uint8Array {
    this.from = this.reserve(this.from, size);
    return new Uint8Array(this.library.f.buffer, this.from.at, size);
  }

  /**
   * Unpacks some of the input.
   *
   * @param from where it begins, and `length` its bytes
   * @param size of what comes out
   * @returns it, valid until the next call
   * @throws RangeError for what does not unpack to that
   */
  decompress(from: number, length: number, size: number): Uint8Array {
    const { library } = this;
    this.to = this.reserve(this.to, size);
    this.context ||= library.n();
    const unpacked = library.q(this.context, this.to.at, size, this.from.at + from, length, 0, 0);
    if (unpacked !== size) throw new RangeError('damaged bytes');
    return new Uint8Array(library.f.buffer, this.to.at, size);
  }

  private reserve(room: { at: number; size: number }, size: number): { at: number; size: number } {
    if (size <= room.size) return room;
    if (room.size > 0) this.library.t(room.at);
    const larger = Math.max(size, ROOM);
    const at = this.library.s(larger);
    if (at === 0) throw new Error('zstd has no memory left.');
    return { at, size: larger };
  }
}
