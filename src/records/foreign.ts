import { parseAddress } from '../net/cidr.js';
import type { RecordFormat } from './format.js';
import { readLine } from './read-line.js';

/** No flow log, and what it seems to be. */
export interface Foreign {
  readonly kind: 'foreign';
  readonly why: string;
  readonly damaged?: true;
  /** Whether its lines may be records of a format that nobody has said. */
  readonly formatUnknown?: true;
  /** Whether it is an answer that was exported. */
  readonly exported?: true;
}

/** First bytes of what lies about beside logs. */
const SIGNATURES: ReadonlyArray<readonly [bytes: string, what: string]> = [
  ['425a68', 'it is packed with bzip2; unpack it, or pack it with gzip or zstd'],
  ['fd377a585a00', 'it is packed with xz; unpack it, or pack it with gzip or zstd'],
  ['504b0304', 'it is a zip archive; unpack it'],
  ['377abcaf271c', 'it is a 7z archive; unpack it'],
  ['04224d18', 'it is packed with lz4; unpack it, or pack it with gzip or zstd'],
  ['ff060000734e61507059', 'it is packed with Snappy; unpack it, or pack it with gzip or zstd'],
  ['89504e470d0a1a0a', 'it is a picture'],
  ['ffd8ff', 'it is a picture'],
  ['47494638', 'it is a picture'],
  ['25504446', 'it is a PDF'],
  ['53514c69746520666f726d6174203300', 'it is an SQLite database'],
  ['4f52430a', 'it is an ORC file'],
  ['4f5243', 'it is an ORC file'],
  ['4f626a01', 'it is an Avro file'],
  ['7f454c46', 'it is a program'],
];

/** What bytes seem to be that are no text; undefined where they may be. */
export function foreignBytes(bytes: Buffer): string | undefined {
  const begin = bytes.subarray(0, 16).toString('hex');
  const known = SIGNATURES.find(([signature]) => begin.startsWith(signature));
  if (known) return known[1];
  if (bytes.subarray(257, 262).toString('latin1') === 'ustar') return 'it is a tar archive; unpack it';
  return undefined;
}

const JSON_KINDS: ReadonlyArray<readonly [sign: RegExp, what: string]> = [
  [/"eventSource"\s*:|"eventVersion"\s*:/, 'it is a CloudTrail log'],
  [/"query_name"\s*:/, 'it is a Route 53 Resolver query log'],
  [/"firewall_name"\s*:/, 'it is a Network Firewall log'],
  [/"webaclId"\s*:/, 'it is a WAF log'],
];

/** What a text seems to be that is not a flow log. */
export function foreignText(head: string, format: RecordFormat, isGiven: boolean): Foreign {
  const text = head.trimStart();
  if (/^[{[]/.test(text)) {
    if (/"flows"\s*:\s*\d/.test(text)) {
      return { kind: 'foreign', why: 'its rows sum records up', exported: true };
    }
    const known = JSON_KINDS.find(([sign]) => sign.test(text));
    return { kind: 'foreign', why: known?.[1] ?? 'it is JSON without records of a flow log' };
  }
  if (/^Permission Check Successful/.test(text)) {
    return { kind: 'foreign', why: 'it is what CloudWatch Logs writes to test a bucket' };
  }
  const line = text.split('\n', 1)[0]!;
  if (line.includes('\u0000') || (line.match(/\ufffd/g)?.length ?? 0) > line.length / 8) {
    return { kind: 'foreign', why: 'it is no text' };
  }
  if (isAnswer(line)) {
    const why = 'it is a table of an answer; export rows of records as csv, json or ndjson to read them';
    return { kind: 'foreign', why, exported: true };
  }
  const values = line.trim().split(/\s+/);
  const read = readLine(line, format);
  const why = read.kind === 'malformed' ? ` (${read.why})` : '';
  // Values such as records have, in an order of their own.
  if (values.length > 3 && values.some((value) => parseAddress(value) !== undefined)) {
    const than = isGiven
      ? 'the format that --log-format says'
      : 'the default format, and no header line says another';
    return { kind: 'foreign', why: `its first line is not a record of ${than}${why}`, formatUnknown: true };
  }
  return { kind: 'foreign', why: 'its first line is no header and no record' };
}

const COLUMNS = new Set(
  'start_time end_time first_seen last_seen flows srcaddr dstaddr srcport dstport protocol packets bytes action'.split(
    ' ',
  ),
);

/** Whether a text is a table for the eye, which has a rule below its header. */
export const isTable = (head: string) =>
  /^(?:─[─ ]*|\|(?: -+:? \|)+)$/m.test(head.trimStart().split(/\r?\n/, 5).join('\n'));

/** Whether a line names columns of an answer: as CSV, as Markdown, or as a table. */
function isAnswer(line: string): boolean {
  const names = line.split(/[|,"\s]+/).filter((name) => name !== '');
  return (
    names.every((name) => /^[a-z]\w*$/.test(name)) && names.filter((name) => COLUMNS.has(name)).length > 1
  );
}
