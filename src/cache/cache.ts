import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, mkdir, opendir, rename, rm, rmdir, stat, unlink, utimes } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { inParallel } from '../parallel.js';
import { type CachedObject, cachePath } from './cache-path.js';

/** A file of the cache, as it lies there. */
export interface CacheEntry {
  readonly path: string;
  readonly bucket: string;
  /** Bytes. */
  readonly size: number;
  /** When a run last used it, Unix seconds. */
  readonly used: number;
}

/** Files looked at or removed at the same time. */
const AT_ONCE = 64;

/**
 * Objects of S3 on this machine, so that none is fetched twice. A run never reads a file of the cache: it gets a link of its
 * own to it, which stays whatever another run removes, and gives new files to the cache the same way, in one step. So any
 * number of runs share one cache without waiting for each other, and there is never half a file in it.
 */
export class Cache {
  /** @param folder need not exist */
  constructor(readonly folder: string) {}

  private get objects(): string {
    return join(this.folder, 's3');
  }

  /**
   * Gives the object to a run, as a file of its own.
   *
   * @param to a path where nothing is
   * @returns whether it was there
   */
  async take(object: CachedObject, to: string): Promise<boolean> {
    if (object.etag === '') return false;
    const path = join(this.objects, cachePath(object));
    if (!(await linked(path, to))) return false;
    const { size } = await stat(to);
    if (size === object.size) {
      const now = new Date();
      await utimes(path, now, now).catch(unlessGone);
      return true;
    }
    // The machine stopped before its disk had it all.
    await Promise.all([rm(path, { force: true }), rm(to)]);
    return false;
  }

  /** Keeps a file that is whole, for the runs to come. */
  async keep(object: CachedObject, from: string): Promise<void> {
    if (object.etag === '') return;
    const path = join(this.objects, cachePath(object));
    for (let tries = 0; tries < 20 && !(await linked(from, path)); tries++) {
      // A folder that has become empty may be removed while it, or one in it, is made: then it is made again.
      await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
      });
    }
  }

  /** The files, in no order. */
  async *entries(): AsyncGenerator<CacheEntry> {
    for await (const path of filesBelow(this.objects)) {
      const info = await stat(path).catch(() => undefined);
      const bucket = relative(this.objects, path).split(sep, 1)[0]!;
      if (info) yield { path, bucket, size: info.size, used: Math.floor(info.mtimeMs / 1000) };
    }
  }

  /** Removes the least recently used entries until the rest is at most this size (bytes); returns what it removed. */
  async trim(limit: number): Promise<readonly CacheEntry[]> {
    const entries: CacheEntry[] = [];
    for await (const entry of this.entries()) entries.push(entry);
    let size = entries.reduce((sum, entry) => sum + entry.size, 0);
    entries.sort((a, b) => a.used - b.used);
    const removed: CacheEntry[] = [];
    for (const entry of entries) {
      if (size <= limit) break;
      removed.push(entry);
      size -= entry.size;
    }
    await inParallel(removed, AT_ONCE, ({ path }) => this.remove(path));
    return removed;
  }

  private async remove(path: string): Promise<void> {
    await unlink(path).catch(unlessGone);
    for (let folder = dirname(path); folder.length > this.objects.length; folder = dirname(folder)) {
      const removed = await rmdir(folder).then(
        () => true,
        () => false,
      );
      if (!removed) return;
    }
  }
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  const entries = await opendir(folder).catch(unlessGone);
  if (!entries) return;
  for await (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

/** Makes one file appear under a second name, whole; false where the file or the folder of the name does not exist. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return true;
    if (code === 'ENOENT' || code === 'ENAMETOOLONG') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EMLINK') throw error;
  }
  // A file system without links.
  const partial = `${to}.partial-${randomUUID()}`;
  try {
    await copyFile(from, partial, constants.COPYFILE_FICLONE);
    await rename(partial, to);
    return true;
  } catch (error) {
    await rm(partial, { force: true });
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function unlessGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}
