import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { FlowlogError } from '../errors.js';
import { type Io, type Output, outputTo } from '../terminal/streams.js';

/** Where an answer is written. */
export interface Target extends Output {
  readonly write: Output['write'];
  /** Waits for the writing to be done and makes the file appear, whole; or nothing, when the writing fails. */
  finish<T>(writing: Promise<T>): Promise<T>;
}

/**
 * Standard output, or a file: written beside its final name and moved there at the end, so that nobody ever finds half an
 * answer under that name.
 */
export async function openTarget(path: string | undefined, io: Io): Promise<Target> {
  if (path === undefined || path === '-') {
    const { stdout } = io;
    return {
      isTTY: stdout.isTTY,
      width: stdout.width,
      write: (text) => stdout.write(text),
      finish: (writing) => writing,
    };
  }
  const there = await stat(path).catch(() => undefined);
  // A device or a pipe is written to where it is.
  const direct = there !== undefined && !there.isFile();
  const partial = direct ? path : `${path}.partial`;
  const stream = createWriteStream(partial);
  const output = outputTo(stream);
  return {
    isTTY: false,
    width: 160,
    write: output.write,
    async finish(writing) {
      try {
        const value = await writing;
        stream.end();
        await finished(stream);
        if (!direct) await rename(partial, path);
        return value;
      } catch (error) {
        stream.destroy();
        if (!direct) await rm(partial, { force: true });
        const code = (error as NodeJS.ErrnoException).code;
        if (code === undefined || !(error as NodeJS.ErrnoException).syscall) throw error;
        throw new FlowlogError(
          `${path} cannot be written (${code}).`,
          'Name a file in a folder you may write to.',
          1,
          {
            cause: error,
          },
        );
      }
    },
  };
}
