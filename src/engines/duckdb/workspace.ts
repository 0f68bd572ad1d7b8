import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for what does not fit in memory, made when it is needed and gone when the engine closes. */
export class Workspace {
  // Its name is not asked of node:crypto, which takes as long to load as a small question.
  readonly path = join(tmpdir(), `flowlog-${process.pid}-${Math.random().toString(36).slice(2, 10)}`);
  private files = 0;

  /** A path for one more file. */
  async newFile(): Promise<string> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    return join(this.path, `input-${this.files++}`);
  }

  /** At once, so that it can be the last thing before an exit. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
