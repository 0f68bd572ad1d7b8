import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** What a run of another machine left behind is kept so long: whether it still goes on cannot be told from here (seconds). */
const ABROAD = 7 * 86_400;

const machine = () => hostname().replace(/[^A-Za-z0-9]/g, '_') || 'here';

/**
 * The folder of one run in that of the cache: its links to what is there already, and what it downloads. It goes with the
 * run; what a run that was killed has left, the next one removes.
 */
export class RunFolder {
  private files = 0;

  private constructor(readonly path: string) {}

  static async make(cacheFolder: string): Promise<RunFolder> {
    const runs = join(cacheFolder, 'runs');
    await mkdir(runs, { recursive: true, mode: 0o700 });
    await removeAbandoned(runs);
    const path = join(runs, `${machine()}-${process.pid}-${randomBytes(4).toString('hex')}`);
    await mkdir(path, { mode: 0o700 });
    return new RunFolder(path);
  }

  /** A path for one more file. */
  newFile(): string {
    return join(this.path, `${this.files++}.log`);
  }

  /** At once, so that it can be the last thing before an exit. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

async function removeAbandoned(runs: string): Promise<void> {
  for (const name of await readdir(runs)) {
    const path = join(runs, name);
    const match = /^(\w+)-(\d+)-[0-9a-f]+$/.exec(name);
    if (!match) continue;
    const over = match[1] === machine() ? !isAlive(Number(match[2])) : await isOld(path);
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

async function isOld(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  return info !== undefined && info.mtimeMs / 1000 < Date.now() / 1000 - ABROAD;
}
