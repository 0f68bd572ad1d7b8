import { lstatSync } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FlowlogError } from '../errors.js';
import { isPartPath, isStagedPath, STORE_FOLDER } from '../flowlog/store-layout.js';

/** A change of a store's files that has been decided and may be half done. Paths are below the store's folder. */
export interface StoreChange {
  readonly added: ReadonlyArray<{
    /** Where the file is until it is moved. */
    readonly staged: string;
    readonly path: string;
  }>;
  readonly removed: readonly string[];
}

/** The form of the file that is written now. */
export const CHANGE_VERSION = 1;

/** The file that says that a change is decided: while it is there, the change counts as done. */
export const changePath = (store: string) => join(store, STORE_FOLDER, 'change.json');

/**
 * The change that a store is in the middle of, if any: an import was killed there, or is running. Whoever gave us the store
 * may have written the file: what it names is only ever a file of this store.
 *
 * @throws FlowlogError when it is not what an import writes
 */
export async function readChange(store: string): Promise<(StoreChange & { rest: unknown }) | undefined> {
  let text: string;
  try {
    refuseLinks(store, [STORE_FOLDER, `${STORE_FOLDER}/change.json`]);
    text = await readFile(changePath(store), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
  const change = checkChange(store, text);
  refuseLinks(store, folders([...change.added.map(({ path }) => path), ...change.removed]));
  if (change.added.length > 0) refuseLinks(store, [`${STORE_FOLDER}/staging`]);
  return change;
}

const folders = (paths: readonly string[]) => [...new Set(paths.map((path) => dirname(path)))];

function checkChange(store: string, text: string): StoreChange & { rest: unknown } {
  const damaged = (what: string) => damagedStore(store, `${STORE_FOLDER}/change.json ${what}`);
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw damaged('is not JSON');
  }
  if (typeof read !== 'object' || read === null) throw damaged('is not an object');
  const { version, added, removed, ...rest } = read as Record<string, unknown>;
  if (version !== CHANGE_VERSION)
    throw damaged(`has the version ${JSON.stringify(version)}, not ${CHANGE_VERSION}`);
  if (!Array.isArray(added) || !Array.isArray(removed)) throw damaged('lacks a list of files');
  const places = added.map((each: unknown) => {
    const { staged, path } = (each ?? {}) as Record<string, unknown>;
    if (!isStagedPath(staged))
      throw damaged(`names a file that is not a staged one: ${JSON.stringify(staged)}`);
    if (!isPartPath(path)) throw damaged(`names a file that is not one of a store: ${JSON.stringify(path)}`);
    return { staged, path };
  });
  const gone = removed.map((path: unknown) => {
    if (!isPartPath(path)) throw damaged(`names a file that is not one of a store: ${JSON.stringify(path)}`);
    return path;
  });
  return { added: places, removed: gone, rest };
}

/** @throws FlowlogError when one of these paths below the store is a link: what is done there would happen elsewhere */
export function refuseLinks(store: string, paths: readonly string[]): void {
  for (const path of paths) {
    if (lstatSync(join(store, path), { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw damagedStore(store, `${path} is a symbolic link`);
    }
  }
}

/** What is wrong with a store, and how to have a good one again. */
export const damagedStore = (store: string, what: string, cause?: unknown): FlowlogError =>
  new FlowlogError(
    `The store ${store} is damaged: ${what.slice(0, 300)}.`,
    'Rebuild it from the original logs in a new folder: flowlog import LOGS --to NEW-FOLDER. Then delete this one.',
    undefined,
    { cause },
  );

/** Where an added file is just now; undefined when it is nowhere. */
export async function placeOf(
  store: string,
  added: StoreChange['added'][number],
): Promise<string | undefined> {
  // The first once more: an import that is running may have moved it meanwhile.
  for (const path of [added.path, added.staged, added.path]) {
    const place = join(store, path);
    const there = await lstat(place).catch(() => undefined);
    if (there?.isFile()) return place;
  }
  return undefined;
}
