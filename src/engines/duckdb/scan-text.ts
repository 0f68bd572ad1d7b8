import { closeSync, createReadStream, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import { LineFilter, type LineRules } from './line-filter.js';

/** A text file to go over, and where the lines go that may matter. */
export interface TextTask {
  readonly path: string;
  readonly size: number;
  readonly gzip: boolean;
  readonly header: boolean;
  readonly rules: LineRules;
  /** Lines of files of one format are kept together. */
  readonly spool: string;
}

/** What came of a file. */
export interface TextOutcome {
  readonly path: string;
  /** How the file ended, where it did not end well. */
  readonly fault?: 'truncated' | 'damaged';
  readonly malformed: number;
  /** `line: text` of the first of them. */
  readonly details: readonly string[];
}

/** Details kept per file. */
const DETAILS = 100;

/** Larger texts are unpacked piece by piece (bytes). */
const AT_ONCE = 64 << 20;
const PIECE = 1 << 20;

/** Kept lines of all files this scanner goes over, in one file per format. */
export class TextScanner {
  private readonly filter = new LineFilter();
  private readonly spools = new Map<string, Spool>();

  /** @param name tells the files of this scanner from those of others */
  constructor(private readonly name: string) {}

  async scan(task: TextTask): Promise<TextOutcome> {
    const spool = this.spool(task.spool);
    const details: string[] = [];
    let malformed = 0;
    this.filter.begin(
      task.rules,
      {
        keep: (bytes) => spool.write(bytes),
        malformed: (line, text) => {
          malformed++;
          if (details.length < DETAILS) details.push(`${line}: ${text}`);
        },
      },
      task.header,
    );
    const fault = task.gzip ? await unpack(task, this.filter) : readPlain(task, this.filter);
    return { path: task.path, ...(fault ? { fault } : {}), malformed, details };
  }

  /** The files the kept lines are in. */
  close(): string[] {
    return [...this.spools.values()].map((spool) => spool.close());
  }

  private spool(path: string): Spool {
    const name = `${path}-${this.name}`;
    const open = this.spools.get(name) ?? new Spool(name);
    this.spools.set(name, open);
    return open;
  }
}

/** A file written in large pieces. */
class Spool {
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

function readPlain({ path }: TextTask, filter: LineFilter): undefined {
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE);
      const read = readSync(file, piece);
      if (read === 0) break;
      filter.push(piece.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
  filter.end(false);
}

/** Node unpacks with vector instructions where zlib's own build does not, and checks the sum at the end. */
async function unpack({ path, size }: TextTask, filter: LineFilter): Promise<TextOutcome['fault']> {
  if (size * 100 < AT_ONCE || lengthInside(path, size) < AT_ONCE) {
    const text = unpackAtOnce(path);
    if (text) {
      filter.push(text);
      filter.end(false);
      return undefined;
    }
  }
  // Not whole, or larger than it says: what can be had of it is had piece by piece.
  const gunzip = createGunzip({ chunkSize: PIECE });
  pipeline(createReadStream(path, { highWaterMark: PIECE }), gunzip, () => {});
  try {
    for await (const piece of gunzip) filter.push(piece as Uint8Array);
  } catch (error) {
    if (!isGzipError(error)) throw error;
    filter.end(true);
    return error.code === 'Z_BUF_ERROR' ? 'truncated' : 'damaged';
  }
  filter.end(false);
  return undefined;
}

function unpackAtOnce(path: string): Buffer | undefined {
  try {
    return gunzipSync(readFileSync(path), { maxOutputLength: AT_ONCE, chunkSize: 4 << 20 });
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
