import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { access, constants, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isS3Uri } from '../../aws/find-logs.js';
import type { LogSelection } from '../../aws/list-logs.js';
import { FlowlogError } from '../../errors.js';
import { isOf, mayHold, parseKey } from '../../flowlog/s3-layout.js';
import { parsePart, partMayHold } from '../../flowlog/store-layout.js';
import type { FoundFile } from './log-file.js';
import type { S3Logs } from './s3/s3-logs.js';
import { placeOf, readChange } from './store-change.js';

export interface Found {
  readonly files: readonly FoundFile[];
  /** Files passed over because their place in an S3 layout says that they are not of the selection. */
  readonly passedOver: number;
  /** One that is not of the selection, and still tells what these logs record. */
  readonly example: FoundFile | undefined;
}

/** Where files come from that are not simply there. */
export interface Sources {
  readonly stdin: Readable;
  /** Gives a path to keep standard input at. */
  readonly spool: () => Promise<string>;
  /** Fetches what lies in S3; undefined where nothing can. */
  readonly s3: S3Logs | undefined;
}

const HINT =
  "Give --logs a file, a folder, a quoted pattern such as 'logs/**/*.log.gz', s3://bucket/prefix/, or - for standard input.";

/** Everything that Athena, too, leaves out: names that begin with a dot or an underscore. */
const hidden = (name: string) => name.startsWith('.') || name.startsWith('_');

/**
 * The log files that `--logs` names: files, folders (searched all the way down), patterns, places in S3, `-` for standard
 * input.
 *
 * @throws FlowlogError for a path that is not there or cannot be read, or when no file is found at all
 */
export async function findFiles(
  paths: readonly string[],
  selection: LogSelection,
  sources: Sources,
): Promise<Found> {
  const remote = sources.s3 ? paths.filter(isS3Uri) : [];
  const local = new Map<string, FoundFile>();
  for (const path of new Set(paths.filter((each) => !remote.includes(each)))) {
    for await (const file of filesOf(path, sources)) {
      if (!local.has(file.path)) local.set(file.path, file);
    }
  }
  if (local.size === 0 && remote.length === 0) {
    throw new FlowlogError(`There are no files under ${paths.join(', ')}.`, HINT);
  }
  // A path that is an S3 layout says which hour or day a file is of; any other may hold anything.
  const files: FoundFile[] = [];
  const passedOver: FoundFile[] = [];
  for (const file of local.values()) {
    (file.named || mayBeOf(file.path, selection) ? files : passedOver).push(file);
  }
  const fetched = remote.length > 0 ? await sources.s3!.fetch(remote, selection) : undefined;
  files.push(...(fetched?.files ?? []));
  for (const each of [files, passedOver]) each.sort((a, b) => (a.name < b.name ? -1 : 1));
  const example = fetched?.example ?? passedOver.findLast(({ size }) => size > 0);
  return { files, passedOver: passedOver.length, example };
}

/** Whether a file can hold records of the selection, as far as its place tells. */
function mayBeOf(path: string, selection: LogSelection): boolean {
  const part = parsePart(path);
  if (part) return partMayHold(part, selection.range);
  const key = parseKey(path);
  return isOf(key, selection) && (key === undefined || mayHold(key, selection.range));
}

async function* filesOf(path: string, sources: Sources): AsyncGenerator<FoundFile> {
  if (path === '-') {
    yield await spooled('standard input', sources.stdin, sources);
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
    if (found.isFile()) yield { path, name: path, size: found.size, named: true };
    else yield await spooled(path, createReadStream(path), sources);
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
  for (const file of await filesBelow(folder)) if (!changed.has(file.path)) yield file;
  for (const added of change?.added ?? []) {
    const path = await placeOf(folder, added);
    yield { path, name: path, size: (await stat(path)).size, named: false };
  }
}

async function spooled(name: string, input: Readable, { spool }: Sources): Promise<FoundFile> {
  const path = await spool();
  await pipeline(input, createWriteStream(path));
  return { path, name, size: (await stat(path)).size, named: true };
}

async function filesBelow(folder: string, above: readonly string[] = []): Promise<FoundFile[]> {
  // A link to a folder above would go round for ever.
  const real = await realpath(folder);
  if (above.includes(real)) return [];
  const found: FoundFile[] = [];
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    throw unreadable(folder, error);
  });
  for (const { name } of entries.filter((entry) => !hidden(entry.name))) {
    const path = join(folder, name);
    // A promise for each of many files takes longer than the system's answer.
    const info = statSync(path, { throwIfNoEntry: false });
    if (info?.isDirectory()) {
      for (const file of await filesBelow(path, [...above, real])) found.push(file);
    } else if (info?.isFile()) {
      found.push({ path, name: path, size: info.size, named: false });
    }
  }
  return found;
}

async function* filesMatching(pattern: string): AsyncGenerator<FoundFile> {
  const { glob } = await import('tinyglobby');
  const paths = await glob(pattern.replaceAll('\\', '/'), { expandDirectories: false, onlyFiles: true });
  if (paths.length === 0) throw new FlowlogError(`No file matches ${pattern}.`, HINT);
  for (const path of paths) yield { path, name: path, size: (await stat(path)).size, named: false };
}

function unreadable(path: string, error: NodeJS.ErrnoException): FlowlogError {
  return new FlowlogError(
    `${path} cannot be read (${error.code ?? error.message}).`,
    'Give yourself permission to read it, or name another path with --logs.',
  );
}
