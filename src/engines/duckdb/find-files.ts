import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { access, constants, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FlowlogError } from '../../errors.js';
import { mayHold, parseKey } from '../../flowlog/s3-layout.js';
import { parsePart, partMayHold } from '../../flowlog/store-layout.js';
import type { TimeRange } from '../../time/range.js';
import { placeOf, readChange } from './store-change.js';

export interface FoundFile {
  readonly path: string;
  /** Bytes as stored. */
  readonly size: number;
  /** Whether the user named this very file, rather than a folder or a pattern it was found by. */
  readonly named: boolean;
}

export interface Found {
  readonly files: readonly FoundFile[];
  /** Files passed over because their place in an S3 layout says that they cannot hold the range. */
  readonly outOfRange: readonly FoundFile[];
}

const HINT =
  "Give --logs a file, a folder, a quoted pattern such as 'logs/**/*.log.gz', or - for standard input.";

/** Everything that Athena, too, leaves out: names that begin with a dot or an underscore. */
const hidden = (name: string) => name.startsWith('.') || name.startsWith('_');

/**
 * The log files that `--logs` names: files, folders (searched all the way down), patterns, `-` for standard input.
 *
 * @param spool gives a path to keep standard input at
 * @throws FlowlogError for a path that is not there or cannot be read, or when no file is found at all
 */
export async function findFiles(
  paths: readonly string[],
  range: TimeRange,
  input: { stdin: Readable; spool: () => Promise<string> },
): Promise<Found> {
  const files = new Map<string, FoundFile>();
  for (const path of new Set(paths)) {
    for await (const file of filesOf(path, input)) {
      if (!files.has(file.path)) files.set(file.path, file);
    }
  }
  if (files.size === 0) {
    throw new FlowlogError(`There are no files under ${paths.join(', ')}.`, HINT);
  }
  // A path that is an S3 layout says which hour or day a file is of; any other may hold anything.
  const mayBeOf = ({ path, named }: FoundFile) => {
    if (named) return true;
    const part = parsePart(path);
    if (part) return partMayHold(part, range);
    const key = parseKey(path);
    return key === undefined || mayHold(key, range);
  };
  const sorted = [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files: sorted.filter(mayBeOf), outOfRange: sorted.filter((file) => !mayBeOf(file)) };
}

async function* filesOf(
  path: string,
  input: { stdin: Readable; spool: () => Promise<string> },
): AsyncGenerator<FoundFile> {
  if (path === '-') {
    const spooled = await input.spool();
    await pipeline(input.stdin, createWriteStream(spooled));
    yield { path: spooled, size: (await stat(spooled)).size, named: true };
    return;
  }
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw unreadable(path, error);
  });
  if (found?.isDirectory()) {
    yield* filesOfFolder(path);
  } else if (found) {
    await access(path, constants.R_OK).catch((error) => {
      throw unreadable(path, error);
    });
    // A pipe, such as <(zcat …), can be read once and has no size: keep what it says.
    if (found.isFile()) yield { path, size: found.size, named: true };
    else yield* filesOf('-', { ...input, stdin: createReadStream(path) });
  } else if (/[*?[{]/.test(path)) {
    yield* filesMatching(path);
  } else {
    throw new FlowlogError(`${path} is not there.`, HINT);
  }
}

/** In a store that is just being changed, the files are those after the change, wherever each may be. */
async function* filesOfFolder(folder: string): AsyncGenerator<FoundFile> {
  const change = await readChange(folder);
  const changed = new Set(
    change && [...change.removed, ...change.added.map(({ path }) => path)].map((path) => join(folder, path)),
  );
  for await (const file of filesBelow(folder)) if (!changed.has(file.path)) yield file;
  for (const added of change?.added ?? []) {
    const path = await placeOf(folder, added);
    yield { path, size: (await stat(path)).size, named: false };
  }
}

async function* filesBelow(folder: string, above: readonly string[] = []): AsyncGenerator<FoundFile> {
  // A link to a folder above would go round for ever.
  const real = await realpath(folder);
  if (above.includes(real)) return;
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    throw unreadable(folder, error);
  });
  for (const { name } of entries.filter((entry) => !hidden(entry.name))) {
    const path = join(folder, name);
    // A promise for each of many files takes longer than the system's answer.
    const info = statSync(path, { throwIfNoEntry: false });
    if (info?.isDirectory()) yield* filesBelow(path, [...above, real]);
    else if (info?.isFile()) yield { path, size: info.size, named: false };
  }
}

async function* filesMatching(pattern: string): AsyncGenerator<FoundFile> {
  const { glob } = await import('tinyglobby');
  const paths = await glob(pattern.replaceAll('\\', '/'), { expandDirectories: false, onlyFiles: true });
  if (paths.length === 0) throw new FlowlogError(`No file matches ${pattern}.`, HINT);
  for (const path of paths) yield { path, size: (await stat(path)).size, named: false };
}

function unreadable(path: string, error: NodeJS.ErrnoException): FlowlogError {
  return new FlowlogError(
    `${path} cannot be read (${error.code ?? error.message}).`,
    'Give yourself permission to read it, or name another path with --logs.',
  );
}
