import { parseFlowLogId } from '../flowlog/s3-layout.js';
import { inParallel } from '../parallel.js';
import type { Told } from '../records/content.js';
import type { FoundFile, LogFile } from './log-file.js';
import { recognise } from './recognise.js';

/** Enough at a time to keep the disk busy, few enough for any limit on open files. */
const OPEN_FILES = 64;
/** Files of one flow log, of which only the first is opened to see what they are. */
const MANY = 200;

/**
 * Tells what files are from their first bytes. A flow log's format cannot be changed once it is created, so where its name
 * says that a file is one of very many of a flow log, it is presumed to be as the first of them; who reads it sees whether it is.
 *
 * Source: Amazon VPC User Guide, "Flow log limitations".
 */
export async function recogniseAll(
  found: readonly FoundFile[],
  told: Told,
  signal: AbortSignal,
): Promise<LogFile[]> {
  const one = (file: FoundFile) => recognise(file, told);
  const ids = found.map(presumable);
  const kinds = await kindsOfMany(found, ids, one);
  if (kinds.size === 0) return inParallel(found, OPEN_FILES, one, signal);
  const others: FoundFile[] = [];
  const presumed = found.map((file, i): LogFile | undefined => {
    const like = kinds.get(ids[i]);
    if (like && like.path !== file.path) return presumedAs(like, file);
    others.push(file);
    return undefined;
  });
  const inspected = (await inParallel(others, OPEN_FILES, one, signal)).values();
  return presumed.map((file) => file ?? inspected.next().value!);
}

/** What the first file of each flow log is that has very many: text, and how its header line stands. */
async function kindsOfMany(
  found: readonly FoundFile[],
  ids: ReadonlyArray<string | undefined>,
  one: (file: FoundFile) => Promise<LogFile>,
): Promise<Map<string | undefined, TextLike>> {
  const counts = new Map<string, number>();
  const firsts = new Map<string, FoundFile>();
  ids.forEach((id, i) => {
    if (id === undefined) return;
    const count = (counts.get(id) ?? 0) + 1;
    counts.set(id, count);
    if (count === 1) firsts.set(id, found[i]!);
  });
  const kinds = new Map<string | undefined, TextLike>();
  for (const [id, first] of firsts) {
    if (counts.get(id)! < MANY) continue;
    const file = await one(first);
    if (file.kind === 'text' && !file.wrapping && file.line !== undefined)
      kinds.set(id, { ...file, line: file.line });
  }
  return kinds;
}

type TextLike = Extract<LogFile, { kind: 'text' }> & { readonly line: string };

/** A file that is presumed to be as another is. Written out: of very many files, copying what there is takes longer. */
function presumedAs(
  { kind, packing, header, fields, line }: TextLike,
  { path, name, size, named }: FoundFile,
): LogFile {
  return { path, name, size, named, kind, packing, header, fields, line, presumed: true };
}

/** The flow log that a file's name says it is of, where that may tell what it is. */
function presumable({ name, size, seen }: FoundFile): string | undefined {
  return size === 0 || seen || !name.endsWith('.gz') ? undefined : parseFlowLogId(name);
}

/** The files, those looked at that were presumed only. */
export function recognisePresumed(
  files: readonly LogFile[],
  told: Told,
  signal: AbortSignal,
): Promise<LogFile[]> {
  return inParallel(
    files,
    OPEN_FILES,
    async (file) => (file.kind === 'text' && file.presumed ? recognise(foundAs(file), told) : file),
    signal,
  );
}

const foundAs = ({ path, name, size, named }: FoundFile): FoundFile => ({ path, name, size, named });
