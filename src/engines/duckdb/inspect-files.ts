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
  for (const file of found) {
    const id = presumable(file);
    if (id === undefined) continue;
    const same = firsts.get(id);
    if (same) same.count++;
    else firsts.set(id, { first: file, count: 1 });
  }
  const many = [...firsts].filter(([, { count }]) => count >= MANY);
  const kinds = new Map<string, LogFile>();
  for (const [id, { first }] of many) kinds.set(id, await inspectFile(first));
  return inParallel(
    found,
    OPEN_FILES,
    async (file) => {
      const like = kinds.get(presumable(file) ?? '');
      if (like?.kind !== 'text' || like.line === undefined || like.path === file.path)
        return inspectFile(file);
      return {
        ...like,
        path: file.path,
        name: file.name,
        size: file.size,
        named: file.named,
        presumed: true,
      };
    },
    signal,
  );
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
