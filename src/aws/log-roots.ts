import type { S3Location } from '../flowlog/s3-place.js';
import { inParallel } from '../parallel.js';
import type { Aws } from './clients.js';
import { isAccessDenied } from './errors.js';
import { type ListOptions, listFolders } from './list-logs.js';

const AT_ONCE = 16;
/** Folders beside AWSLogs/ that are looked into: a bucket may hold much else. */
const MOST = 200;
/** So far below a location a folder AWSLogs/ is searched for. */
const DEPTH = 3;

/** Folders AWSLogs/ at a location and below it: each flow log may have been given a folder of its own. */
export interface LogRoots {
  /** Whether one lies directly at the location. */
  readonly here: boolean;
  /** The others. */
  readonly below: readonly S3Location[];
  /** Folders that were not looked into. */
  readonly skipped: number;
}

export async function logRoots(aws: Aws, location: S3Location, options: ListOptions = {}): Promise<LogRoots> {
  const below: S3Location[] = [];
  let here = false;
  let level = [location.prefix];
  let left = MOST;
  let skipped = 0;
  for (let depth = 0; depth < DEPTH && level.length > 0; depth++) {
    const looked = level.slice(0, left);
    left -= looked.length;
    skipped += level.length - looked.length;
    const folders = await inParallel(looked, AT_ONCE, (prefix) =>
      foldersIn(aws, { ...location, prefix }, options),
    );
    const roots = folders.flat().filter(isRoot);
    here ||= roots.includes(`${location.prefix}AWSLogs/`);
    below.push(
      ...roots
        .filter((prefix) => prefix !== `${location.prefix}AWSLogs/`)
        .map((prefix) => ({ ...location, prefix })),
    );
    level = folders.flat().filter((prefix) => !isRoot(prefix));
  }
  return { here, below, skipped };
}

const isRoot = (prefix: string) => /(?:^|\/)AWSLogs\/$/.test(prefix);

/** None where they may not be listed: permissions often end with the folder of the logs. */
async function foldersIn(aws: Aws, location: S3Location, options: ListOptions): Promise<string[]> {
  try {
    return (await listFolders(aws, location, options)).map((name) => `${location.prefix}${name}/`);
  } catch (error) {
    if (isAccessDenied((error as Error).cause ?? error)) return [];
    throw error;
  }
}
