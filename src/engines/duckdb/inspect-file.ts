import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { constants, gunzip } from 'node:zlib';
import { FlowlogError } from '../../errors.js';
import { DEFAULT_FORMAT, looksLikeDefaultRecord, parseHeader } from '../../flowlog/log-format.js';
import type { FoundFile, LogFile } from './log-file.js';

const HEAD = 4096;
const unzip = promisify(gunzip);

/**
 * Tells what a file is from its first bytes: gzip, Parquet or plain text; with or without a header line.
 *
 * @throws FlowlogError for a file that cannot be read
 */
export async function inspectFile(file: FoundFile): Promise<LogFile> {
  if (file.seen) return { ...file, ...file.seen };
  if (file.size === 0) return { ...file, kind: 'empty' };
  const handle = await open(file.path).catch((error: NodeJS.ErrnoException) => {
    throw new FlowlogError(
      `${file.name} cannot be read (${error.code}).`,
      'Give yourself permission to read it, or name other files with --logs.',
    );
  });
  try {
    return await inspectOpen(file, handle);
  } finally {
    await handle.close();
  }
}

async function inspectOpen(file: FoundFile, handle: FileHandle): Promise<LogFile> {
  const head = await read(handle, HEAD);
  if (head.subarray(0, 4).toString('latin1') === 'PAR1') return { ...file, kind: 'parquet' };
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  const text = gzip ? await unzippedHead(head) : head.toString('utf8');
  if (text === undefined) return { ...file, kind: 'foreign', why: 'its gzip data is damaged from the start' };
  if (text === '') return { ...file, kind: 'empty' };
  const line = text.split('\n', 1)[0]!;
  const crlf = line.endsWith('\r');
  const fields = parseHeader(line);
  if (fields) return { ...file, kind: 'text', gzip, header: true, crlf, fields };
  if (looksLikeDefaultRecord(line)) {
    return { ...file, kind: 'text', gzip, header: false, crlf, fields: DEFAULT_FORMAT };
  }
  const what =
    /\.gz$/i.test(file.name) && !gzip ? 'it is no gzip' : 'its first line is no header and no record';
  return { ...file, kind: 'foreign', why: what };
}

async function read(handle: FileHandle, size: number): Promise<Buffer> {
  const buffer = Buffer.alloc(size);
  const { bytesRead } = await handle.read(buffer, 0, size, 0);
  return buffer.subarray(0, bytesRead);
}

/** What the beginning of a gzip file unpacks to; undefined when it cannot be unpacked. */
async function unzippedHead(head: Buffer): Promise<string | undefined> {
  try {
    return (await unzip(head, { finishFlush: constants.Z_SYNC_FLUSH })).toString('utf8');
  } catch {
    return undefined;
  }
}
