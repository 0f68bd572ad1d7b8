import type { LogFile } from '../engines/duckdb/log-file.js';
import { parseKey } from '../flowlog/s3-layout.js';
import type { ChunkTask } from './convert.js';

/** A log file to take in, as its first bytes show it, and the number its records will have. */
export interface Numbered {
  readonly id: number;
  readonly file: LogFile;
}

/** Bytes of text that a stored byte becomes, and bytes of text of a record: about, and rather more and less. */
const UNPACKED = 6;
const RECORD = 100;

/**
 * Text files in chunks that become Parquet together: of one format, and, where their path tells, of one day of delivery.
 *
 * @param rows records that a chunk should have at most
 */
export function chunksOf(sources: readonly Numbered[], rows: number): ChunkTask[] {
  const open = new Map<
    string,
    { task: ChunkTask & { sources: ChunkTask['sources'][number][] }; rows: number }
  >();
  const chunks: ChunkTask[] = [];
  const dated = sources.map((source) => ({ ...source, day: parseKey(source.file.path)?.day ?? '' }));
  // Days in turn: what is imported first is a whole day.
  dated.sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
  for (const { id, file, day } of dated) {
    if (file.kind !== 'text') continue;
    const columns = file.fields.map(({ column, type }) => ({ name: column, type }));
    const key = JSON.stringify([day, columns]);
    const expected = (file.size * (file.gzip ? UNPACKED : 1)) / RECORD;
    let chunk = open.get(key);
    if (!chunk || chunk.rows + expected > rows) {
      chunk = { task: { number: chunks.length, columns, sources: [] }, rows: 0 };
      open.set(key, chunk);
      chunks.push(chunk.task);
    }
    chunk.task.sources.push({ id, path: file.path, size: file.size, gzip: file.gzip, header: file.header });
    chunk.rows += expected;
  }
  return chunks;
}
