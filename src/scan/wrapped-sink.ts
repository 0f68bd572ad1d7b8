import type { Unwrap } from '../records/unwrap.js';
import type { TextSink } from './read-text.js';

const ROOM = 1 << 18;

/** Takes the text of a file whose records are wrapped. */
export class WrappedSink implements TextSink {
  private readonly buffer = Buffer.allocUnsafe(ROOM);

  constructor(private readonly unwrap: Unwrap) {}

  room(): Uint8Array {
    return this.buffer;
  }

  filled(count: number): void {
    if (count > 0) this.unwrap.bytes(this.buffer.subarray(0, count));
  }

  end(): void {
    this.unwrap.end();
  }
}
