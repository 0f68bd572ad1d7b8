import { parseFlowLogId } from '../../flowlog/s3-layout.js';
import { inParallel } from '../../parallel.js';
import { inspectFile } from './inspect-file.js';
import type { FoundFile, LogFile } from './log-file.js';

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
export async function inspectFiles(found: readonly FoundFile[], signal: AbortSignal): Promise<LogFile[]> {
  const firsts = new Map<string, { readonly first: FoundFile; count: number }>();
  const ids = found.map(presumable);
  for (const [i, id] of ids.entries()) {
    if (id === undefined) continue;
    const same = firsts.get(id);
    if (same) same.count++;
    else firsts.set(id, { first: found[i]!, count: 1 });
  }
  const many = [...firsts].filter(([, { count }]) => count >= MANY);
  const kinds = new Map<string, LogFile>();
  for (const [id, { first }] of many) kinds.set(id, await inspectFile(first));
  const presumed = found.map((file, i): LogFile | undefined => {
    const like = kinds.get(ids[i] ?? '');
    if (like?.kind !== 'text' || like.line === undefined || like.path === file.path) return undefined;
    return { ...like, ...foundAs(file), presumed: true };
  });
  const others = found.filter((_, i) => !presumed[i]);
  const inspected = (await inParallel(others, OPEN_FILES, inspectFile, signal)).values();
  return presumed.map((file) => file ?? inspected.next().value!);
}

/** The flow log that a file's name says it is of, where that may tell what it is. */
function presumable({ name, size, seen }: FoundFile): string | undefined {
  return size === 0 || seen || !name.endsWith('.gz') ? undefined : parseFlowLogId(name);
}

/** The files, those looked at that were presumed only. */
export function inspectPresumed(files: readonly LogFile[], signal: AbortSignal): Promise<LogFile[]> {
  return inParallel(
    files,
    OPEN_FILES,
    async (file) => (file.kind === 'text' && file.presumed ? inspectFile(foundAs(file)) : file),
    signal,
  );
}

const foundAs = ({ path, name, size, named }: FoundFile): FoundFile => ({ path, name, size, named });
