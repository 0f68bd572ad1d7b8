import { closeSync, openSync, readSync } from 'node:fs';
import { FlowlogError } from '../errors.js';
import { contentOf, FEW, isGzip, isParquet, MANY, plainHeader, type Told } from '../records/content.js';
import { DirectGunzip } from '../records/gunzip.js';
import type { FoundFile, LogFile } from './log-file.js';

const NEWLINE = 0x0a;

/**
 * Tells what a file is from its first bytes.
 *
 * @param told facts about texts that do not hold them
 * @throws FlowlogError for a file that cannot be read
 */
export async function recognise(file: FoundFile, told: Told): Promise<LogFile> {
  return inspect(file, told);
}

/** At once: for one of many files, a promise takes longer than the reading. */
function inspect(file: FoundFile, told: Told): LogFile {
  if (file.seen) return { ...file, ...file.seen };
  if (file.size === 0) return { ...file, kind: 'empty' };
  const head = headOf(file, few);
  if (isParquet(head)) return { ...file, kind: 'parquet' };
  // Most files begin with a header line, and few bytes show it.
  const gzip = isGzip(head);
  const plain = plainHeader(gzip ? unzippedHead(head) : head);
  if (plain) return { ...file, kind: 'text', packing: gzip ? 'gzip' : 'none', header: true, ...plain };
  many ??= Buffer.alloc(MANY);
  const more = head.length < FEW ? head : headOf(file, many);
  return { ...file, ...contentOf(more, more.length < MANY, told) };
}

const few = Buffer.alloc(FEW);
let many: Buffer | undefined;

function headOf({ path, name }: FoundFile, buffer: Buffer): Buffer {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw new FlowlogError(
      `${name} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      'Give yourself permission to read it, or name other files with --logs.',
    );
  }
  try {
    return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, 0));
  } finally {
    closeSync(file);
  }
}

let gunzip: DirectGunzip | undefined;
const room = Buffer.alloc(FEW);
/** As much text as holds most first lines. */
const SHORT = 512;

/** What the beginning of a gzip file unpacks to; nothing where it cannot be unpacked. */
function unzippedHead(head: Buffer): Buffer {
  gunzip ??= DirectGunzip.open();
  if (!gunzip) return Buffer.alloc(0);
  try {
    gunzip.begin();
    const { used, filled } = gunzip.write(head, room.subarray(0, SHORT));
    if (filled < SHORT || room.subarray(0, SHORT).includes(NEWLINE)) return room.subarray(0, filled);
    return room.subarray(0, SHORT + gunzip.write(head.subarray(used), room.subarray(SHORT)).filled);
  } catch {
    return Buffer.alloc(0);
  }
}
