import { gunzipSync } from 'node:zlib';
import { Decompress } from 'fzstd';
import type { Field } from '../flowlog/fields.js';
import { DEFAULT_FORMAT, parseHeader } from '../flowlog/log-format.js';
import { type Foreign, foreignBytes, foreignText, isTable } from './foreign.js';
import { type RecordFormat, recordFormat } from './format.js';
import { DirectGunzip } from './gunzip.js';
import { readLine } from './read-line.js';
import { type Encoding, Unwrap, type Wrapping } from './unwrap.js';
import { WRAPPERS } from './wrapped/index.js';

export type Packing = 'none' | 'gzip' | 'zstd';

/** What a file or an object is, as its first bytes show it. */
export type Content =
  | {
      readonly kind: 'text';
      readonly packing: Packing;
      /** Whether its first line is a header line as AWS writes it. */
      readonly header: boolean;
      readonly fields: readonly Field[];
      /** That line as it stands. */
      readonly line?: string;
      /** How its records are wrapped; undefined where its lines are records. */
      readonly wrapping?: Wrapping;
      /** Whether it is an answer that was exported: the logs hold its records, too. */
      readonly exported?: boolean;
    }
  | { readonly kind: 'parquet' }
  | { readonly kind: 'empty' }
  | Foreign;

/** Facts about texts that do not hold them. */
export interface Told {
  /** The format of records without a header line (`--log-format`). */
  readonly logFormat?: readonly Field[] | undefined;
  /** The zone of times that say none (`--tz`). */
  readonly zone: string;
}

/** Bytes of the beginning that show what most files are, and what all others are. */
export const FEW = 4096;
export const MANY = 256 << 10;
/** Text that is looked at. */
const TEXT = 1 << 20;
/** Lines that are looked at. */
const LINES = 100;

const NEWLINE = 0x0a;

/** The header line that a text as AWS writes it begins with; undefined for any other text. */
export function plainHeader(text: Buffer): { line: string; fields: readonly Field[] } | undefined {
  const end = text.indexOf(NEWLINE);
  if (end < 0) return undefined;
  const line = text.toString('utf8', 0, end);
  const fields = fieldsOf(line);
  return fields && { line, fields };
}

/** The fields of the last header line: those of one flow log's files are all the same. */
let last: { readonly line: string; readonly fields: readonly Field[] | undefined } | undefined;

function fieldsOf(line: string): readonly Field[] | undefined {
  if (last?.line !== line) last = { line, fields: line.endsWith('\r') ? undefined : parseHeader(line) };
  return last.fields;
}

export const isGzip = (head: Uint8Array) => head[0] === 0x1f && head[1] === 0x8b;
export const isParquet = (head: Uint8Array) => Buffer.from(head.subarray(0, 4)).toString('latin1') === 'PAR1';
const isZstd = (head: Uint8Array) =>
  head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd;

/**
 * Tells what something is from its first bytes, never from its name.
 *
 * @param isWhole whether that is all there is
 */
export function contentOf(head: Uint8Array, isWhole: boolean, told: Told): Content {
  if (head.length === 0) return { kind: 'empty' };
  if (isParquet(head)) return { kind: 'parquet' };
  const packing: Packing = isGzip(head) ? 'gzip' : isZstd(head) ? 'zstd' : 'none';
  const text = packing === 'none' ? Buffer.from(head) : unpacked(head, packing);
  if (text === undefined || (text.length === 0 && !isEmpty(head, packing, isWhole))) {
    return { kind: 'foreign', why: `its ${packing} data is damaged from the start`, damaged: true };
  }
  if (text.length === 0) return { kind: 'empty' };
  if (packing !== 'none') {
    if (isGzip(text)) return { kind: 'foreign', why: 'it is packed with gzip twice; unpack it once' };
    if (isParquet(text)) return { kind: 'foreign', why: 'it is a packed Parquet file; unpack it' };
  }
  const what = foreignBytes(text);
  if (what !== undefined) return { kind: 'foreign', why: what };
  return textContent(text, packing, isWhole && text.length < TEXT, told);
}

/** Whether it is whole, and nothing is in it. */
function isEmpty(head: Uint8Array, packing: Packing, isWhole: boolean): boolean {
  if (packing !== 'gzip' || !isWhole) return packing === 'zstd';
  try {
    return gunzipSync(head).length === 0;
  } catch {
    return false;
  }
}

/** As much as the first bytes hold; undefined when they cannot be unpacked at all. */
function unpacked(head: Uint8Array, packing: Packing): Buffer | undefined {
  if (packing === 'zstd') {
    const pieces: Uint8Array[] = [];
    try {
      new Decompress((piece) => void pieces.push(piece)).push(head, false);
    } catch {
      // What came before.
    }
    return pieces.length > 0 ? Buffer.concat(pieces).subarray(0, TEXT) : undefined;
  }
  const gunzip = DirectGunzip.open();
  if (!gunzip) return undefined;
  const room = Buffer.alloc(TEXT);
  gunzip.begin();
  try {
    return room.subarray(0, gunzip.write(head, room).filled);
  } catch {
    const filled = room.findLastIndex((byte) => byte !== 0) + 1;
    return filled > 0 ? room.subarray(0, filled) : undefined;
  }
}

function textContent(text: Buffer, packing: Packing, isWhole: boolean, told: Told): Content {
  const plain = plainHeader(text);
  if (plain) return { kind: 'text', packing, header: true, ...plain, ...zstdWrapping(packing, told) };
  const encoding = encodingOf(text);
  const head = new TextDecoder(encoding).decode(text);
  if (head.trim() === '') return { kind: 'empty' };
  const given = told.logFormat && recordFormat(told.logFormat);
  const formats = [...(given ? [given] : []), recordFormat(DEFAULT_FORMAT)];
  for (const { name, matches, isAnswer } of WRAPPERS) {
    if (!matches(head)) continue;
    const wrapping = { encoding, wrapper: name, zone: told.zone };
    for (const format of formats) {
      const fields = fieldsInside(text, wrapping, format, isWhole);
      if (!fields) continue;
      const exported = isAnswer?.(head) ?? false;
      return { kind: 'text', packing, header: false, fields, wrapping, exported };
    }
  }
  const format = isTable(head) ? undefined : formatOfLines(head, formats);
  if (format) {
    const wrapping =
      encoding === 'utf-8'
        ? zstdWrapping(packing, told)
        : { wrapping: { encoding, wrapper: undefined, zone: told.zone } };
    return { kind: 'text', packing, header: false, fields: format.fields, ...wrapping };
  }
  return foreignText(head, formats[0]!, given !== undefined);
}

/** What is packed with zstd is not for the kernels. */
function zstdWrapping(packing: Packing, { zone }: Told): { wrapping?: Wrapping } {
  return packing === 'zstd' ? { wrapping: { encoding: 'utf-8', wrapper: undefined, zone } } : {};
}

function encodingOf(text: Buffer): Encoding {
  if (text[0] === 0xff && text[1] === 0xfe) return 'utf-16le';
  return text[0] === 0xfe && text[1] === 0xff ? 'utf-16be' : 'utf-8';
}

/** All fields of the records that the beginning of a wrapped text holds; undefined where it holds none. */
function fieldsInside(
  text: Buffer,
  wrapping: Wrapping,
  format: RecordFormat,
  isWhole: boolean,
): readonly Field[] | undefined {
  const found = new Map<string, Field>();
  let records = 0;
  const unwrap = new Unwrap(wrapping, format, {
    record: ({ fields }) => {
      records++;
      for (const field of fields) found.set(field.column, field);
    },
    malformed: () => {},
  });
  unwrap.bytes(text);
  if (isWhole || records === 0) unwrap.end();
  return records > 0 ? [...found.values()] : undefined;
}

/**
 * The format of a text whose lines are records: what its first header line says; else the first of the formats in which at least
 * every second of the first lines can be read.
 */
function formatOfLines(head: string, formats: readonly RecordFormat[]): RecordFormat | undefined {
  const lines = head
    .split('\n', LINES + 1)
    .slice(0, LINES)
    .filter((line) => line.trim() !== '');
  for (const line of lines) {
    const read = readLine(line, undefined);
    if (read.kind === 'header') return recordFormat(read.fields);
    if (read.kind !== 'nothing') break;
  }
  return formats.find((format) => {
    const kinds = lines.map((line) => readLine(line, format).kind).filter((kind) => kind !== 'nothing');
    return kinds.filter((kind) => kind === 'records').length * 2 >= Math.max(kinds.length, 1);
  });
}
