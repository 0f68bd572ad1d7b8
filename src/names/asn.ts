import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { FlowlogError } from '../errors.js';
import { AddressMap } from '../net/address-map.js';
import { cleanText } from './clean-text.js';

/** Names of autonomous systems by address: `AS16509 Amazon.com, Inc.`. */
export interface AsnFile {
  nameOf(address: string): string | undefined;
  /** Lines that are no range. */
  readonly skipped: number;
}

/** Bytes that stand before the metadata of an `.mmdb` file (MaxMind DB File Format 2.0). */
const MMDB_MARK = Buffer.from([0xab, 0xcd, 0xef, ...Buffer.from('MaxMind.com')]);

/**
 * Reads a file that maps addresses to autonomous systems: an `.mmdb` database, or, gzipped or not, lines of iptoasn
 * (`start TAB end TAB asn TAB country TAB name`) or CSV (`start,end,asn,"name"`, as DB-IP lite has it).
 *
 * @throws FlowlogError where the file is none of these
 */
export async function readAsnFile(path: string): Promise<AsnFile> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new FlowlogError(
      `${path}: ${error.code === 'ENOENT' ? 'no such file' : error.code}.`,
      'Check --asn.',
    );
  });
  const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? unpacked(bytes, path) : bytes;
  if (plain.lastIndexOf(MMDB_MARK) >= 0) return readMmdb(plain);
  return readLines(plain.toString('utf8'), path);
}

function unpacked(bytes: Buffer, path: string): Buffer {
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw new FlowlogError(`${path} is damaged (${(error as Error).message}).`, 'Download it again.');
  }
}

async function readMmdb(bytes: Buffer): Promise<AsnFile> {
  const { Reader } = await import('mmdb-lib');
  const reader = new Reader(bytes);
  return {
    skipped: 0,
    nameOf(address) {
      // A database of IPv4 alone has no tree for IPv6.
      if (reader.metadata.ipVersion === 4 && address.includes(':')) return undefined;
      const found = reader.get(address) as Record<string, unknown> | null;
      if (!found) return undefined;
      // GeoLite2 and DB-IP name the fields alike, IPinfo differently: asn "AS15169", name or as_name.
      const number = found.autonomous_system_number ?? found.asn;
      const name = found.autonomous_system_organization ?? found.as_name ?? found.name;
      return asName(number, name);
    },
  };
}

function asName(number: unknown, name: unknown): string | undefined {
  const digits = /^(?:AS)?(\d+)$/i.exec(String(number ?? ''))?.[1];
  if (digits === undefined || digits === '0') return undefined;
  const text = typeof name === 'string' ? cleanText(name) : '';
  return text === '' ? `AS${digits}` : `AS${digits} ${text}`;
}

function readLines(text: string, path: string): AsnFile {
  const map = AddressMap.builder<string>();
  let ranges = 0;
  let skipped = 0;
  for (let from = 0; from < text.length; ) {
    const newline = text.indexOf('\n', from);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(from, end).trim();
    from = end + 1;
    if (line === '' || line.startsWith('#')) continue;
    const fields = line.includes('\t') ? line.split('\t') : csvFields(line);
    const [first = '', last = '', number] = fields;
    // iptoasn has the country before the name, and marks what is not routed as AS 0.
    const name = fields.at(-1);
    if (map.addRange(first, last, asName(number, fields.length > 3 ? name : undefined) ?? '')) ranges++;
    else skipped++;
  }
  if (ranges === 0 || skipped > ranges) {
    throw new FlowlogError(
      `${path} is not a file of autonomous systems.`,
      'Use an .mmdb database, iptoasn TSV (start, end, asn, country, name), or CSV lines of start,end,asn,"name".',
    );
  }
  const built = map.build();
  return { skipped, nameOf: (address) => built.get(address) || undefined };
}

function csvFields(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)]
    .map(([, field]) => (field!.startsWith('"') ? field!.slice(1, -1).replaceAll('""', '"') : field!))
    .slice(0, -1);
}
