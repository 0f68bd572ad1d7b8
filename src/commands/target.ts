import { randomBytes } from 'node:crypto';
import { createWriteStream, lstatSync, statSync } from 'node:fs';
import { realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { FlowlogError } from '../errors.js';
import { type Io, type Output, outputTo } from '../terminal/streams.js';

/** Where an answer is written. */
export interface Target extends Output {
  readonly write: Output['write'];
  /** Waits for the writing to be done and makes the file appear, whole; or nothing, when the writing fails. */
  finish<T>(writing: Promise<T>): Promise<T>;
}

export const isStandardOutput = (path: string | undefined): path is undefined | '-' =>
  path === undefined || path === '-';

/**
 * Standard output, or a file: written beside its final name, under one that nobody can know before, and moved there at the
 * end. So nobody ever finds half an answer, and a link that somebody planted is replaced rather than followed.
 *
 * @param paged whether a pager shows what is written, where standard output is a terminal
 */
export async function openTarget(
  path: string | undefined,
  io: Io,
  { paged = false }: { readonly paged?: boolean } = {},
): Promise<Target> {
  if (isStandardOutput(path)) {
    const { stdout } = io;
    const pager = paged && stdout.isTTY ? await io.page?.() : undefined;
    if (pager) {
      const { write } = pager;
      const { isTTY, width } = stdout;
      return { isTTY, width, write, finish: (writing) => writing.finally(() => pager.end()) };
    }
    return {
      isTTY: stdout.isTTY,
      width: stdout.width,
      write: (text) => stdout.write(text),
      finish: (writing) => writing,
    };
  }
  const direct = isDevice(path);
  const folder = await realpath(dirname(path)).catch((error) => {
    throw unwritable(path, error);
  });
  const partial = direct
    ? path
    : join(folder, `.${basename(path)}.${randomBytes(8).toString('hex')}.partial`);
  const stream = createWriteStream(partial, { flags: direct ? 'w' : 'wx' });
  const output = outputTo(stream, io.signal);
  return {
    isTTY: false,
    width: 80,
    write: output.write,
    async finish(writing) {
      try {
        const value = await writing;
        stream.end();
        await finished(stream);
        if (!direct) await rename(partial, join(folder, basename(path)));
        return value;
      } catch (error) {
        stream.destroy();
        if (!direct) await rm(partial, { force: true });
        throw (error as NodeJS.ErrnoException).syscall ? unwritable(path, error) : error;
      }
    },
  };
}

/** A device or a pipe is written to where it is: `/dev/null`, `>(gzip > file)`. */
function isDevice(path: string): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there === undefined || there.isFile() || there.isDirectory()) return false;
  // Through a link only where the system itself made it.
  return !lstatSync(path).isSymbolicLink() || /^\/(?:dev|proc)\//.test(path);
}

function unwritable(path: string, error: unknown): FlowlogError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const what = code === 'ENOSPC' ? 'the disk is full' : 'the disk quota is used up';
    return new FlowlogError(
      `${path} cannot be written: ${what} (${code}).`,
      'Free space, or name a file on another disk. No part of the answer was left there.',
      1,
      { cause: error },
    );
  }
  return new FlowlogError(
    `${path} cannot be written (${code}).`,
    'Name a file in a folder you may write to.',
    1,
    {
      cause: error,
    },
  );
}
