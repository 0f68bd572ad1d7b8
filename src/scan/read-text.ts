import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import type { Packing } from '../records/content.js';
import { DirectGunzip, GunzipError } from '../records/gunzip.js';

/** A text file, packed or not. */
export interface TextFile {
  readonly path: string;
  readonly packing: Packing;
  /** Bytes as stored, as far as known: it may have changed since. */
  readonly size?: number | undefined;
}

/** How a file ended that did not end well. */
export type Fault = 'truncated' | 'damaged';

/** What takes the text, piece by piece. */
export interface TextSink {
  /** Where the next bytes go: at least one. */
  room(): Uint8Array;
  /** Bytes that have been put there. */
  filled(count: number): void;
  /** @param cut whether the text breaks off here */
  end(cut: boolean): void;
}

/** Told of the bytes of a file as they are stored, in order. */
export type OnStored = (bytes: Uint8Array) => void;

/** Read at a time (bytes). */
const PIECE = 1 << 20;
const piece = () => {
  buffer ??= Buffer.allocUnsafeSlow(PIECE);
  return buffer;
};
let buffer: Buffer | undefined;
let gunzip: DirectGunzip | undefined;

/** Reads a file to its end, or as far as it unpacks: at once, where this Node can. */
export function readText(
  { path, packing, size }: TextFile,
  sink: TextSink,
  onStored: OnStored = () => {},
): Fault | undefined | Promise<Fault | undefined> {
  const gzip = packing === 'gzip';
  if (gzip) gunzip ??= DirectGunzip.open();
  if (gzip && !gunzip) return unpackByStream(path, sink, onStored);
  const file = openSync(path, 'r');
  try {
    if (packing === 'zstd') return unpackZstd(file, sink, onStored);
    return gzip ? unpack(file, size, gunzip!, sink, onStored) : readPlain(file, sink, onStored);
  } finally {
    closeSync(file);
  }
}

/** Puts bytes that are somewhere already where a sink wants them. */
export function push(sink: Pick<TextSink, 'room' | 'filled'>, bytes: Uint8Array): void {
  for (let from = 0; from < bytes.length; ) {
    const room = sink.room();
    const some = bytes.subarray(from, from + room.length);
    room.set(some);
    sink.filled(some.length);
    from += some.length;
  }
}

function readPlain(file: number, sink: TextSink, onStored: OnStored): undefined {
  for (;;) {
    const room = sink.room();
    const read = readSync(file, room);
    if (read === 0) break;
    onStored(room.subarray(0, read));
    sink.filled(read);
  }
  sink.end(false);
}

function unpackZstd(file: number, sink: TextSink, onStored: OnStored): Fault | undefined {
  const zstd = new Decompress((text) => push(sink, text));
  let whole = false;
  try {
    for (;;) {
      const read = readSync(file, piece());
      if (read === 0) break;
      const bytes = Uint8Array.from(piece().subarray(0, read));
      onStored(bytes);
      zstd.push(bytes, false);
    }
    zstd.push(new Uint8Array(0), true);
    whole = true;
  } catch (error) {
    // Errors of the system have a code that is a name; those of the library have a number.
    if (typeof (error as { code?: unknown }).code === 'string') throw error;
    sink.end(true);
    return /end/i.test((error as Error).message) ? 'truncated' : 'damaged';
  } finally {
    if (whole) sink.end(false);
  }
  return undefined;
}

/** Node unpacks with vector instructions where zlib's own build does not, and checks the sum at the end. */
function unpack(
  file: number,
  size: number | undefined,
  gunzip: DirectGunzip,
  sink: TextSink,
  onStored: OnStored,
): Fault | undefined {
  gunzip.begin();
  try {
    for (let all = 0; ; ) {
      const read = readSync(file, piece());
      if (read === 0) break;
      all += read;
      let input: Uint8Array = piece().subarray(0, read);
      onStored(input);
      // Room left over means that the input is used up, or that all has ended and what follows is padding.
      for (;;) {
        const room = sink.room();
        const { used, filled } = gunzip.write(input, room);
        sink.filled(filled);
        if (filled < room.length) break;
        input = input.subarray(used);
      }
      // Where less came than there was room for, and that is all there should be, the system need not be asked again.
      if (all === size && read < PIECE) break;
    }
    gunzip.finish();
  } catch (error) {
    return faultOf(error, sink);
  }
  sink.end(false);
  return undefined;
}

async function unpackByStream(path: string, sink: TextSink, onStored: OnStored): Promise<Fault | undefined> {
  const gunzip = createGunzip({ chunkSize: PIECE });
  const stored = createReadStream(path, { highWaterMark: PIECE });
  stored.on('data', (bytes) => onStored(bytes as Buffer));
  pipeline(stored, gunzip, () => {});
  try {
    for await (const bytes of gunzip) push(sink, bytes as Uint8Array);
  } catch (error) {
    return faultOf(error, sink);
  }
  sink.end(false);
  return undefined;
}

/** Of the packed bytes; not of the file or the disk. */
function faultOf(error: unknown, sink: TextSink): Fault {
  const { code } = error as { code?: string };
  if (!(error instanceof GunzipError) && !code?.startsWith('Z_')) throw error;
  sink.end(true);
  return code === 'Z_BUF_ERROR' ? 'truncated' : 'damaged';
}
