import { closeSync, openSync, readSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { FlowlogError } from '../errors.js';
import type { Field } from '../flowlog/fields.js';
import { DEFAULT_FORMAT, looksLikeDefaultRecord, parseHeader } from '../flowlog/log-format.js';
import { DirectGunzip } from '../scan/gunzip.js';
import type { FoundFile, LogFile } from './log-file.js';

const HEAD = 4096;
const NEWLINE = 0x0a;

/**
 * Tells what a file is from its first bytes: gzip, Parquet or plain text; with or without a header line.
 *
 * @throws FlowlogError for a file that cannot be read
 */
export async function recognise(file: FoundFile): Promise<LogFile> {
  return inspect(file);
}

/** At once: for one of many files, a promise takes longer than the reading. */
function inspect(file: FoundFile): LogFile {
  if (file.seen) return { ...file, ...file.seen };
  if (file.size === 0) return { ...file, kind: 'empty' };
  const head = headOf(file);
  if (head.subarray(0, 4).toString('latin1') === 'PAR1') return { ...file, kind: 'parquet' };
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  const text = gzip ? unzippedHead(head) : head;
  if (text === undefined) return { ...file, kind: 'foreign', why: 'its gzip data is damaged from the start' };
  if (text.length === 0) return { ...file, kind: 'empty' };
  const end = text.indexOf(NEWLINE);
  const line = text.toString('utf8', 0, end < 0 ? text.length : end);
  const crlf = line.endsWith('\r');
  const fields = fieldsOf(line);
  if (fields) return { ...file, kind: 'text', gzip, header: true, crlf, fields, line };
  if (looksLikeDefaultRecord(line)) {
    return { ...file, kind: 'text', gzip, header: false, crlf, fields: DEFAULT_FORMAT };
  }
  const what =
    /\.gz$/i.test(file.name) && !gzip ? 'it is no gzip' : 'its first line is no header and no record';
  return { ...file, kind: 'foreign', why: what };
}

/** The fields of the last header line: those of one flow log's files are all the same. */
let last: { readonly line: string; readonly fields: readonly Field[] | undefined } | undefined;

function fieldsOf(line: string): readonly Field[] | undefined {
  if (last?.line !== line) last = { line, fields: parseHeader(line) };
  return last.fields;
}

const buffer = Buffer.alloc(HEAD);

function headOf({ path, name }: FoundFile): Buffer {
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
    return buffer.subarray(0, readSync(file, buffer, 0, HEAD, 0));
  } finally {
    closeSync(file);
  }
}

let gunzip: DirectGunzip | undefined;
const room = Buffer.alloc(HEAD);
/** As much text as holds most first lines. */
const SHORT = 512;

/** What the beginning of a gzip file unpacks to; undefined when it cannot be unpacked. */
function unzippedHead(head: Buffer): Buffer | undefined {
  gunzip ??= DirectGunzip.open();
  try {
    if (!gunzip) return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
    gunzip.begin();
    const { used, filled } = gunzip.write(head, room.subarray(0, SHORT));
    if (filled < SHORT || room.subarray(0, SHORT).includes(NEWLINE)) return room.subarray(0, filled);
    return room.subarray(0, SHORT + gunzip.write(head.subarray(used), room.subarray(SHORT)).filled);
  } catch {
    return undefined;
  }
}
