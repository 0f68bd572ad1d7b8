import type { LogFile } from '../../logs/log-file.js';
import { sizeOf } from '../../scan/stored-file.js';
import type { FileProgress } from '../../terminal/progress.js';

/** Tells how far a scan is. */
export class Progressing {
  private readonly all: { files: number; bytes: number };
  private done = { files: 0, bytes: 0 };

  constructor(
    files: readonly LogFile[],
    private readonly onProgress: (progress: FileProgress) => void,
  ) {
    this.all = { files: files.length, bytes: sizeOf(files) };
  }

  /** More files, and bytes of them, are done. */
  files(count: number, size: number): void {
    this.tell({ files: this.done.files + count, bytes: this.done.bytes + size });
  }

  part(part: number): void {
    const whole = Math.min(Math.max(part, 0), 1);
    this.tell({ files: Math.floor(this.all.files * whole), bytes: Math.floor(this.all.bytes * whole) });
  }

  private tell(done: { files: number; bytes: number }): void {
    this.done = done;
    this.onProgress({
      files: { done: done.files, all: this.all.files },
      bytes: { done: done.bytes, all: this.all.bytes },
    });
  }
}
