import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of the user alone for what does not fit in memory, made when it is needed and gone when the engine closes. */
export class Workspace {
  private made: string | undefined;
  private files = 0;

  get path(): string {
    this.made ??= mkdtempSync(join(tmpdir(), 'flowlog-'));
    return this.made;
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
    if (this.made !== undefined) rmSync(this.made, { recursive: true, force: true });
  }
}
