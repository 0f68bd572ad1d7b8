import { lstat, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** What a run on another machine left is kept so long: whether it still goes on cannot be told from here (seconds). */
const ABROAD = 7 * 86_400;

const machine = () => hostname().replace(/[^A-Za-z0-9]/g, '_') || 'here';

/** How the name of a folder begins that belongs to this run. What follows is random. */
export const ownPrefix = (prefix = ''): string => `${prefix}${machine()}-${process.pid}-`;

/** Removes the folders that runs left which were killed: this user's, of processes that have ended. */
export async function removeAbandoned(folder: string, prefix = ''): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue;
    const [, where, pid] = /^(\w+)-(\d+)-[0-9A-Za-z]+$/.exec(name.slice(prefix.length)) ?? [];
    if (where === undefined) continue;
    const path = join(folder, name);
    const info = await lstat(path).catch(() => undefined);
    if (!info?.isDirectory() || info.uid !== (process.getuid?.() ?? info.uid)) continue;
    const over =
      where === machine() ? !isAlive(Number(pid)) : info.mtimeMs / 1000 < Date.now() / 1000 - ABROAD;
    if (over) await rm(path, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, but another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
