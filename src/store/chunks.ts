import type { Field } from '../flowlog/fields.js';
import { parseKey } from '../flowlog/s3-layout.js';
import type { LogFile } from '../logs/log-file.js';
import type { Wrapping } from '../records/unwrap.js';
import { MOST_COLUMNS } from './column-table.js';
import type { ChunkTask } from './convert.js';

/** A log file to take in, as its first bytes show it, and the number its records will have. */
export interface Numbered {
  readonly id: number;
  readonly file: LogFile;
}

const PLAIN: Wrapping = { encoding: 'utf-8', wrapper: undefined, zone: 'UTC' };

/** Bytes of text that a stored byte becomes, and bytes of text of a record: about, and rather more and less. */
const UNPACKED = 6;
const RECORD = 100;

/** Chunks for each thread at least, where there is enough for that: so that none is left over that all wait for. */
const TURNS = 4;

/**
 * Text files in chunks that become Parquet together: of one format, days of delivery in turn as far as their paths tell, so
 * that what is imported first are whole days. A chunk may hold several days: fewer files are fewer to open for a question.
 *
 * @param size.rows records that a chunk should have at most
 * @param size.least and at least, where there are enough
 * @param size.threads among which chunks are shared
 */
export function chunksOf(
  sources: readonly Numbered[],
  size: { readonly rows: number; readonly least: number; readonly threads: number },
): ChunkTask[] {
  const formats = new Map<string, Texts>();
  // Files with the same first line share their fields.
  const known = new Map<readonly Field[], Texts>();
  for (const { id, file } of sources) {
    if (file.kind !== 'text') continue;
    const same = known.get(file.fields) ?? textsOf(file.fields, formats);
    known.set(file.fields, same);
    const rows = (file.size * (file.packing === 'none' ? 1 : UNPACKED)) / RECORD;
    same.texts.push({ id, file, rows, day: parseKey(file.path)?.day ?? '' });
  }
  const chunks: ChunkTask[] = [];
  for (const { columns, texts } of formats.values()) {
    texts.sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
    for (const some of inChunks(texts, size)) {
      const sources = some.map(({ id, file }) => ({
        id,
        path: file.path,
        size: file.size,
        packing: file.packing,
        header: file.header,
        // The columns' kernel has room for this number of columns.
        wrapping: file.wrapping ?? (columns.length > MOST_COLUMNS ? PLAIN : undefined),
      }));
      chunks.push({ number: chunks.length, columns, sources });
    }
  }
  return chunks;
}

/** Files of one format. */
interface Texts {
  readonly columns: ChunkTask['columns'];
  readonly texts: Text[];
}

interface Text {
  readonly id: number;
  readonly file: LogFile & { readonly kind: 'text' };
  /** About. */
  readonly rows: number;
  /** Of delivery, as its path tells; empty where it does not. */
  readonly day: string;
}

function textsOf(fields: readonly Field[], formats: Map<string, Texts>): Texts {
  const columns = fields.map(({ column, type }) => ({ name: column, type }));
  const key = JSON.stringify(columns);
  const texts = formats.get(key) ?? { columns, texts: [] };
  formats.set(key, texts);
  return texts;
}

/** As even as whole files allow, and as many for each thread. */
function inChunks<T extends { readonly rows: number }>(
  texts: readonly T[],
  { rows, least, threads }: { readonly rows: number; readonly least: number; readonly threads: number },
): T[][] {
  const all = texts.reduce((sum, text) => sum + text.rows, 0);
  const count = Math.max(Math.ceil(all / rows), Math.min(Math.floor(all / least), TURNS * threads), 1);
  const even = count > 1 ? Math.ceil(count / threads) * threads : 1;
  const chunks: T[][] = Array.from({ length: even }, () => []);
  let before = 0;
  for (const text of texts) {
    const middle = before + text.rows / 2;
    chunks[Math.min(Math.floor((middle / all) * even), even - 1)]!.push(text);
    before += text.rows;
  }
  return chunks.filter((chunk) => chunk.length > 0);
}
