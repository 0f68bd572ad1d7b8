import { closeSync, createReadStream, openSync, readFileSync, readSync } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';

/** A text file, packed or not. */
export interface TextFile {
  readonly path: string;
  /** Bytes as stored. */
  readonly size: number;
  readonly gzip: boolean;
}

/** How a file ended that did not end well. */
export type Fault = 'truncated' | 'damaged';

/** What takes the text, piece by piece. */
export interface TextSink {
  push(bytes: Uint8Array): void;
  /** @param cut whether the text breaks off here */
  end(cut: boolean): void;
}

/** Larger texts are unpacked piece by piece (bytes). */
const AT_ONCE = 64 << 20;
const PIECE = 1 << 20;

/**
 * Reads a file to its end, or as far as it unpacks.
 *
 * @param onStored told of the bytes of the file as they are stored, in order
 */
export async function readText(
  file: TextFile,
  sink: TextSink,
  onStored: (bytes: Uint8Array) => void = () => {},
): Promise<Fault | undefined> {
  return file.gzip ? unpack(file, sink, onStored) : readPlain(file, sink, onStored);
}

function readPlain({ path }: TextFile, sink: TextSink, onStored: (bytes: Uint8Array) => void): undefined {
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE);
      const read = readSync(file, piece);
      if (read === 0) break;
      const bytes = piece.subarray(0, read);
      onStored(bytes);
      sink.push(bytes);
    }
  } finally {
    closeSync(file);
  }
  sink.end(false);
}

/** Node unpacks with vector instructions where zlib's own build does not, and checks the sum at the end. */
async function unpack(
  { path, size }: TextFile,
  sink: TextSink,
  onStored: (bytes: Uint8Array) => void,
): Promise<Fault | undefined> {
  if (size * 100 < AT_ONCE || lengthInside(path, size) < AT_ONCE) {
    const packed = readFileSync(path);
    const text = unpackAtOnce(packed);
    if (text) {
      onStored(packed);
      sink.push(text);
      sink.end(false);
      return undefined;
    }
  }
  // Not whole, or larger than it says: what can be had of it is had piece by piece.
  const gunzip = createGunzip({ chunkSize: PIECE });
  const stored = createReadStream(path, { highWaterMark: PIECE });
  stored.on('data', (bytes) => onStored(bytes as Buffer));
  pipeline(stored, gunzip, () => {});
  try {
    for await (const piece of gunzip) sink.push(piece as Uint8Array);
  } catch (error) {
    if (!isGzipError(error)) throw error;
    sink.end(true);
    return error.code === 'Z_BUF_ERROR' ? 'truncated' : 'damaged';
  }
  sink.end(false);
  return undefined;
}

function unpackAtOnce(packed: Buffer): Buffer | undefined {
  try {
    return gunzipSync(packed, { maxOutputLength: AT_ONCE, chunkSize: 4 << 20 });
  } catch (error) {
    if (isGzipError(error)) return undefined;
    throw error;
  }
}

/** Of the packed bytes, or of how many they become; not of the file or the disk. */
function isGzipError(error: unknown): error is NodeJS.ErrnoException {
  const { code } = error as NodeJS.ErrnoException;
  return code?.startsWith('Z_') === true || code === 'ERR_BUFFER_TOO_LARGE';
}

/** The length that a gzip file gives itself at its end; of the last member only, where it has several. */
function lengthInside(path: string, size: number): number {
  const file = openSync(path, 'r');
  try {
    const end = new DataView(new ArrayBuffer(4));
    readSync(file, end, 0, 4, Math.max(size - 4, 0));
    return end.getUint32(0, true);
  } finally {
    closeSync(file);
  }
}
