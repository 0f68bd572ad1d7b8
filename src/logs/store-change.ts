import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { STORE_FOLDER } from '../flowlog/store-layout.js';

/** A change of a store's files that has been decided and may be half done. Paths are below the store's folder. */
export interface StoreChange {
  readonly added: ReadonlyArray<{
    /** Where the file is until it is moved. */
    readonly staged: string;
    readonly path: string;
  }>;
  readonly removed: readonly string[];
}

/** The file that says that a change is decided: while it is there, the change counts as done. */
export const changePath = (store: string) => join(store, STORE_FOLDER, 'change.json');

/** The change that a store is in the middle of, if any: an import was killed there, or is running. */
export async function readChange(store: string): Promise<StoreChange | undefined> {
  try {
    return JSON.parse(await readFile(changePath(store), 'utf8')) as StoreChange;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Where an added file is just now. */
export async function placeOf(store: string, added: StoreChange['added'][number]): Promise<string> {
  const path = join(store, added.path);
  return access(path).then(
    () => path,
    () => join(store, added.staged),
  );
}
