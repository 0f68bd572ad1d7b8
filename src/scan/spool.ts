import { closeSync, openSync, writeSync } from 'node:fs';

/** Bytes written at a time. */
const PIECE = 1 << 20;

/** A file written in large pieces. */
export class Spool {
  private readonly file: number;
  private readonly buffer = new Uint8Array(PIECE);
  private filled = 0;

  constructor(private readonly path: string) {
    this.file = openSync(path, 'w', 0o600);
  }

  write(bytes: Uint8Array): void {
    if (this.filled + bytes.length > this.buffer.length) this.flush();
    if (bytes.length > this.buffer.length) {
      writeAll(this.file, bytes);
    } else {
      this.buffer.set(bytes, this.filled);
      this.filled += bytes.length;
    }
  }

  close(): string {
    this.flush();
    closeSync(this.file);
    return this.path;
  }

  private flush(): void {
    writeAll(this.file, this.buffer.subarray(0, this.filled));
    this.filled = 0;
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}
