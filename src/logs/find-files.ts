import { createReadStream, createWriteStream, realpathSync, statSync } from 'node:fs';
import { access, constants, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { LogSelection } from '../aws/list-logs.js';
import { FlowlogError, Interrupted } from '../errors.js';
import { isLogGroup } from '../flowlog/log-group.js';
import { isOf, isOfFlowLog, mayHold, parseKey } from '../flowlog/s3-layout.js';
import { isS3Uri } from '../flowlog/s3-place.js';
import { parsePart, partMayHold } from '../flowlog/store-layout.js';
import { humanBytes } from '../terminal/units.js';
import type { CloudWatchLogs } from './cloudwatch/cloudwatch-logs.js';
import type { FoundFile } from './log-file.js';
import type { S3Logs } from './s3/s3-logs.js';
import { damagedStore, placeOf, readChange } from './store-change.js';

export interface Found {
  readonly files: readonly FoundFile[];
  /** Files skipped because their place in an S3 layout says that they are not of the selection. */
  readonly passedOver: number;
  /** One that is not of the selection, and still tells what these logs record. */
  readonly example: FoundFile | undefined;
}

/** Where files come from that are not simply there. */
export interface Sources {
  readonly stdin: Readable;
  /** Gives a path to keep standard input at. */
  readonly spool: () => string;
  /** Fetches what lies in S3; undefined where nothing can. */
  readonly s3: S3Logs | undefined;
  /** Fetches log groups of CloudWatch Logs; undefined where nothing can. */
  readonly cloudwatch: CloudWatchLogs | undefined;
  /** Told, file by file, how many bytes of text there are to read so far, as stored. */
  readonly onText?: (size: number) => void;
  /** Bytes of standard input, a device or a pipe that are kept at most; {@link MOST_INPUT} unless given. */
  readonly maxInput?: number | undefined;
  /** Stops the reading of standard input. */
  readonly signal: AbortSignal;
}

/** What is read at most of an input whose size nobody knows before its end (bytes), unless the user sets it. */
export const MOST_INPUT = 10e9;

const HINT =
  "Give --logs a file, a folder, a quoted pattern such as 'logs/**/*.log.gz', s3://bucket/prefix/, cloudwatch:LOG-GROUP, or - for standard input.";

/** Everything that Athena, too, leaves out: names that begin with a dot or an underscore. */
const hidden = (name: string) => name.startsWith('.') || name.startsWith('_');

/**
 * The log files that `--logs` names: files, folders (searched recursively), patterns, places in S3, log groups, `-` for
 * standard input.
 *
 * @throws FlowlogError for a path that does not exist or cannot be read, or when no file is found at all
 */
export async function findFiles(
  paths: readonly string[],
  selection: LogSelection,
  sources: Sources,
): Promise<Found> {
  const remote = sources.s3 ? paths.filter(isS3Uri) : [];
  const groups = sources.cloudwatch ? paths.filter(isLogGroup) : [];
  const elsewhere = new Set([...remote, ...groups]);
  const local = new Set(paths.filter((each) => !elsewhere.has(each)));
  const listing = new Listing(selection, local.size > 1, sources.onText);
  for (const path of local) await listFiles(path, listing, sources);
  const { files, passedOver } = listing;
  if (files.length + passedOver.length === 0 && elsewhere.size === 0) {
    throw new FlowlogError(`There are no files under ${paths.join(', ')}.`, HINT);
  }
  const fetched = remote.length > 0 ? await sources.s3!.fetch(remote, selection) : undefined;
  const events = groups.length > 0 ? await sources.cloudwatch!.fetch(groups, selection) : undefined;
  for (const file of [...(fetched?.files ?? []), ...(events?.files ?? [])]) listing.take(file);
  for (const each of [files, passedOver]) each.sort((a, b) => (a.name < b.name ? -1 : 1));
  const example = fetched?.example ?? events?.example ?? passedOver.findLast(({ size }) => size > 0);
  return { files, passedOver: passedOver.length, example };
}

/** Opening a file that is here costs little: one that was delivered late is found however late it is. */
const ANY_TIME_LATER = Number.POSITIVE_INFINITY;

/** Files that were found, each once: those that can be of a selection, and the others. */
class Listing {
  readonly files: FoundFile[] = [];
  readonly passedOver: FoundFile[] = [];
  private readonly paths = new Set<string>();
  private text = 0;
  /** The folder of the last file, and whether its files can be of the selection. */
  private folder: string | undefined;
  private isFolderOf = false;

  constructor(
    private readonly selection: LogSelection,
    /** Whether a file may be found in several ways, by names of its own. */
    private readonly mixed: boolean,
    private readonly onText: (size: number) => void = () => {},
  ) {}

  add(file: FoundFile): void {
    const { path, named } = file;
    const place = this.mixed ? resolve(path) : path;
    if (this.paths.has(place)) return;
    this.paths.add(place);
    // A path that is an S3 layout says which hour or day a file is of; any other may hold anything.
    if (this.isOfFlowLog(path) && (named || this.mayBeOf(path))) this.take(file);
    else this.passedOver.push(file);
  }

  /** Adds a file that is known to be of the selection. */
  take(file: FoundFile): void {
    this.files.push(file);
    if (file.name.endsWith('.parquet')) return;
    this.text += file.size;
    this.onText(this.text);
  }

  /** A store's file has records of many: its ledger knows of which. */
  private isOfFlowLog(path: string): boolean {
    const { flowLogs } = this.selection;
    return flowLogs === undefined || parsePart(path) !== undefined || isOfFlowLog(path, flowLogs);
  }

  /** Whether a file can hold records of the selection, as far as its place tells: of a log, that is its folder. */
  private mayBeOf(path: string): boolean {
    const { selection } = this;
    const part = parsePart(path);
    if (part) return partMayHold(part, selection.range);
    const folder = path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
    if (folder !== this.folder) {
      const key = parseKey(folder);
      this.folder = folder;
      this.isFolderOf =
        isOf(key, selection) &&
        (key === undefined || mayHold(key, selection.range, selection.late ?? ANY_TIME_LATER));
    }
    return this.isFolderOf;
  }
}

async function listFiles(path: string, listing: Listing, sources: Sources): Promise<void> {
  if (path === '-') return listing.add(await spooled('standard input', sources.stdin, sources));
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw unreadable(path, error);
  });
  if (found?.isDirectory()) return listFolder(path, listing);
  if (found) {
    await access(path, constants.R_OK).catch((error) => {
      throw unreadable(path, error);
    });
    // A pipe, such as <(zcat …), can be read once and has no size: keep what it says.
    if (found.isFile()) listing.add({ path, name: path, size: found.size, named: true });
    else listing.add(await spooled(path, createReadStream(path), sources));
  } else if (/[*?[{]/.test(path)) {
    await listMatching(path, listing);
  } else {
    throw new FlowlogError(`${path}: no such file or directory.`, HINT);
  }
}

/** In a store that is just being changed, the files are those after the change, wherever each may be. */
async function listFolder(folder: string, listing: Listing): Promise<void> {
  const change = await readChange(folder);
  const changed = new Set(
    change && [...change.removed, ...change.added.map(({ path }) => path)].map((path) => join(folder, path)),
  );
  await listBelow(folder, (file) => {
    if (!changed.has(file.path)) listing.add(file);
  });
  for (const added of change?.added ?? []) {
    const path = await placeOf(folder, added);
    if (path === undefined) {
      throw damagedStore(folder, `${added.path} is missing, which an interrupted import had written`);
    }
    listing.add({ path, name: path, size: (await stat(path)).size, named: false });
  }
}

async function spooled(
  name: string,
  input: Readable,
  { spool, signal, maxInput = MOST_INPUT }: Sources,
): Promise<FoundFile> {
  const path = spool();
  let size = 0;
  const bounded = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > maxInput) {
        throw new FlowlogError(
          `${name} is larger than ${humanBytes(maxInput)}, the limit for an input of unknown size.`,
          'Raise the limit with --max-input, or save the logs to a file and name that.',
        );
      }
      yield chunk;
    }
  };
  try {
    await pipeline(input, bounded, createWriteStream(path, { flags: 'wx' }), { signal });
  } catch (error) {
    throw signal.aborted ? new Interrupted() : error;
  }
  return { path, name, size: (await stat(path)).size, named: true };
}

async function listBelow(
  folder: string,
  add: (file: FoundFile) => void,
  above: readonly string[] = [],
): Promise<void> {
  // A link to a folder above would go round for ever.
  const real = realpathSync.native(folder);
  if (above.includes(real)) return;
  const names = await readdir(folder).catch((error) => {
    throw unreadable(folder, error);
  });
  // All that is before a name in its path.
  const before = join(folder, 'x').slice(0, -1);
  for (const name of names) {
    if (hidden(name)) continue;
    const path = before + name;
    // A promise for each of many files takes longer than the system's answer.
    const info = statSync(path, { throwIfNoEntry: false });
    if (info?.isFile()) add({ path, name: path, size: info.size, named: false });
    else if (info?.isDirectory()) await listBelow(path, add, [...above, real]);
  }
}

async function listMatching(pattern: string, listing: Listing): Promise<void> {
  const { glob } = await import('tinyglobby');
  const paths = await glob(pattern.replaceAll('\\', '/'), { expandDirectories: false, onlyFiles: true });
  if (paths.length === 0) throw new FlowlogError(`No file matches ${pattern}.`, HINT);
  for (const path of paths) listing.add({ path, name: path, size: (await stat(path)).size, named: false });
}

function unreadable(path: string, error: NodeJS.ErrnoException): FlowlogError {
  return new FlowlogError(
    `${path} cannot be read (${error.code ?? error.message}).`,
    'Give yourself permission to read it, or name another path with --logs.',
  );
}
