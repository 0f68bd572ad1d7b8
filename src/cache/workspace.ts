import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownPrefix, removeAbandoned } from './abandoned.js';

const PREFIX = 'flowlog-';

/**
 * A folder of the user alone for what does not fit in memory: created when it is needed, removed when the engine closes. What a
 * killed run has left, the next run removes.
 */
export class Workspace {
  private made: string | undefined;
  private files = 0;

  get path(): string {
    this.made ??= this.make();
    return this.made;
  }

  private make(): string {
    // Nobody waits for that.
    removeAbandoned(tmpdir(), PREFIX).catch(() => {});
    return mkdtempSync(join(tmpdir(), ownPrefix(PREFIX)));
  }

  /** A path for one more file. */
  newFile(): string {
    return join(this.path, `input-${this.files++}`);
  }

  /** Whether a file is in it. */
  holds(path: string): boolean {
    return this.made !== undefined && path.startsWith(this.made);
  }

  /** At once, so that it can be the last thing before an exit. */
  remove(): void {
    if (this.made !== undefined) rmSync(this.made, { recursive: true, force: true, maxRetries: 3 });
  }
}
