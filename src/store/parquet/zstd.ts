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

/** Packs with Zstandard, which Node itself has from version 22.15 on. */
export class Zstd {
  private readonly library: Library;
  private from = 0;
  private to = 0;
  private room = 0;
  private bound = 0;

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
    this.reserve(bytes.length);
    new Uint8Array(library.f.buffer).set(bytes, this.from);
    const size = library.m(this.to, this.bound, this.from, bytes.length, LEVEL);
    if (library.h(size) !== 0) throw new Error(`zstd cannot pack ${bytes.length} bytes (${size}).`);
    return new Uint8Array(library.f.buffer).slice(this.to, this.to + size);
  }

  private reserve(size: number): void {
    if (size <= this.room) return;
    const { library } = this;
    if (this.room > 0) {
      library.t(this.from);
      library.t(this.to);
    }
    this.room = Math.max(size, 1 << 20);
    this.bound = library.i(this.room);
    this.from = library.s(this.room);
    this.to = library.s(this.bound);
    if (this.from === 0 || this.to === 0) throw new Error('zstd has no memory left.');
  }
}
