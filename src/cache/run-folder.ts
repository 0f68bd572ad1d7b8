import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ownPrefix, removeAbandoned } from './abandoned.js';

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
    const path = join(runs, `${ownPrefix()}${randomBytes(4).toString('hex')}`);
    await mkdir(path, { mode: 0o700 });
    return new RunFolder(path);
  }

  /** A path for one more file. */
  newFile(): string {
    return join(this.path, `${this.files++}.log`);
  }

  /** At once, so that it can be the last thing before an exit. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 3 });
  }
}
