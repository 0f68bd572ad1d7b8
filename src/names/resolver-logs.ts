import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { glob } from 'tinyglobby';
import { FlowlogError } from '../errors.js';
import { cleanText } from './clean-text.js';

/**
 * A query that the resolver of a VPC logged. Only queries that its cache could not answer are logged (Amazon Route 53
 * Developer Guide, "Resolver query logging").
 */
export interface DnsQuery {
  /** Unix seconds. */
  readonly time: number;
  /** In lower case, without the dot at its end. */
  readonly name: string;
  readonly type: string;
  readonly rcode: string;
  readonly vpc: string | undefined;
  /** The address that asked. */
  readonly host: string | undefined;
  /** Addresses in the answer. */
  readonly addresses: readonly string[];
}

export interface ResolverLogs {
  readonly files: number;
  readonly queries: number;
  /** Lines that are no record, and the first of them: `PATH:LINE`. */
  readonly skipped: number;
  readonly firstSkipped: string | undefined;
}

/**
 * Reads Resolver query logs: JSON lines, gzipped or not, in files or in folders, which are searched recursively.
 *
 * @throws FlowlogError where a path does not exist, is damaged, or holds no query logs
 */
export async function readResolverLogs(
  paths: readonly string[],
  take: (query: DnsQuery) => void,
  signal?: AbortSignal,
): Promise<ResolverLogs> {
  let queries = 0;
  let skipped = 0;
  let firstSkipped: string | undefined;
  const files = await logFiles(paths);
  for (const path of files) {
    signal?.throwIfAborted();
    let number = 0;
    for await (const line of linesOf(path)) {
      number++;
      if (line.trim() === '') continue;
      const query = parseQuery(line);
      if (query) {
        queries++;
        take(query);
      } else {
        skipped++;
        firstSkipped ??= `${path}:${number}`;
      }
    }
  }
  if (queries === 0) {
    throw new FlowlogError(
      `No Resolver query logs found in ${paths.join(', ')}${skipped > 0 ? ` (${firstSkipped} is not a record of one)` : ''}.`,
      'Name files or folders of Route 53 Resolver query logs: JSON lines with query_timestamp and query_name.',
    );
  }
  return { files: files.length, queries, skipped, firstSkipped };
}

async function logFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    if (/^s3:\/\//i.test(path)) {
      throw new FlowlogError(
        `${path}: Resolver query logs cannot be read from S3 yet.`,
        'Copy them here first: aws s3 sync s3://BUCKET/PREFIX ./dns-logs',
      );
    }
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
      throw new FlowlogError(
        `${path}: ${error.code === 'ENOENT' ? 'no such file or directory' : error.code}.`,
        'Check --dns.',
      );
    });
    if (!found.isDirectory()) files.push(path);
    else {
      const within = await glob('**/*.{log,json,jsonl,ndjson,gz}', {
        cwd: path,
        absolute: true,
        expandDirectories: false,
      });
      files.push(...within.sort());
    }
  }
  return [...new Set(files)];
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
  await file.close();
  const bytes = createReadStream(path);
  const packed = buffer[0] === 0x1f && buffer[1] === 0x8b;
  const text: Readable = packed ? bytes.pipe(createGunzip()) : bytes;
  bytes.on('error', (error) => text.destroy(error));
  // The lines are told of the error; without a listener it would end the process.
  text.on('error', () => {});
  try {
    yield* createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    throw new FlowlogError(
      `${path} cannot be read to its end (${(error as Error).message}).`,
      'Download the file again.',
    );
  }
}

interface Written {
  readonly query_timestamp?: unknown;
  readonly query_name?: unknown;
  readonly query_type?: unknown;
  readonly rcode?: unknown;
  readonly vpc_id?: unknown;
  readonly srcaddr?: unknown;
  readonly answers?: ReadonlyArray<{ readonly Rdata?: unknown; readonly Type?: unknown }>;
}

/** A line as a query; undefined where it is none. */
export function parseQuery(line: string): DnsQuery | undefined {
  let written: Written | null;
  try {
    written = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof written !== 'object' || written === null) return undefined;
  const { query_timestamp: timestamp, query_name: name, answers } = written;
  const time = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  if (typeof name !== 'string' || Number.isNaN(time)) return undefined;
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
  return {
    time: Math.floor(time / 1000),
    name: cleanName(name),
    type: text(written.query_type) ?? '-',
    rcode: text(written.rcode) ?? '-',
    vpc: text(written.vpc_id),
    host: text(written.srcaddr),
    addresses: (Array.isArray(answers) ? answers : [])
      .filter((each) => each?.Type === 'A' || each?.Type === 'AAAA')
      .flatMap(({ Rdata }) => text(Rdata) ?? []),
  };
}

/** A name is at most 253 characters, and whoever asks may put anything into it. */
function cleanName(name: string): string {
  const whole = name.endsWith('.') && name !== '.' ? name.slice(0, -1) : name;
  const lower = whole.toLowerCase();
  return /^[\x21-\x7e]*$/.test(lower) ? lower : cleanText(lower);
}
