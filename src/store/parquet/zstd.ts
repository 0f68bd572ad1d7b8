import { ZSTD } from './zstd.generated.js';

/** What the library's WebAssembly calls its functions. Its version is fixed in package.json: the letters go with it. */
interface Library {
  /** Memory; constructors; ZSTD_isError, ZSTD_compressBound, ZSTD_compress; malloc, free. */
  readonly f: WebAssembly.Memory;
  g(): void;
  h(code: number): number;
  i(size: number): number;
  m(to: number, capacity: number, from: number, size: number, level: number): number;
  s(size: number): number;
  t(at: number): void;
}

/** The fastest of the levels that make files small: pages are packed bits already. */
const LEVEL = 1;

/** Memory for bytes that is there already, or soon (bytes). */
const ROOM = 1 << 20;

/** Packs with Zstandard, which Node itself has from version 22.15 on. */
export class Zstd {
  private readonly library: Library;
  private from = { at: 0, size: 0 };
  private to = { at: 0, size: 0 };

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
        // More memory, up to that number of bytes.
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

  /** Where bytes are put to be packed. */
  private input(size: number): Uint8Array {
    this.from = this.reserve(this.from, size);
    return new Uint8Array(this.library.f.buffer, this.from.at, size);
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
