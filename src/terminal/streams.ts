import type { Readable, Writable } from 'node:stream';
import { Interrupted } from '../errors.js';

/** The reader of our output has gone away, as `head` does when it has seen enough: no error of ours. */
export class BrokenPipe extends Error {
  override readonly name = 'BrokenPipe';
}

export interface Output {
  readonly isTTY: boolean;
  /** Columns of the terminal; 80 where there is none. */
  readonly width: number;
  /** Resolves when more may be written; rejects with BrokenPipe when nobody reads any more. */
  write(text: string | Uint8Array): Promise<void>;
}

/** A program that shows a text by the screen. */
export interface Pager {
  readonly write: Output['write'];
  /** No more is written: resolves when the reader has left. */
  end(): Promise<void>;
}

/** Everything a command may touch of the process it runs in. A test hands in its own. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Opens what shows a long text on the terminal that standard output is; undefined where nothing does. */
  readonly page?: () => Promise<Pager | undefined>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Unix seconds. */
  readonly now: () => number;
  /** Aborted when the user presses Ctrl-C, or the process is told to end; its reason is the signal's name. */
  readonly signal: AbortSignal;
}

/**
 * A stream of the process, or any other, as an output.
 *
 * @param signal ends the wait for a reader who does not read
 */
export function outputTo(
  stream: Writable & { isTTY?: boolean; columns?: number },
  signal?: AbortSignal,
): Output {
  let broken: Error | undefined;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    broken = error.code === 'EPIPE' ? new BrokenPipe() : error;
  });
  return {
    isTTY: stream.isTTY === true,
    get width() {
      return stream.columns || 80;
    },
    write: (text) =>
      new Promise((resolve, reject) => {
        if (broken) return reject(broken);
        const cancel = () => reject(new Interrupted());
        signal?.addEventListener('abort', cancel, { once: true });
        stream.write(text, (error) => {
          signal?.removeEventListener('abort', cancel);
          if (!error) resolve();
          else reject((error as NodeJS.ErrnoException).code === 'EPIPE' ? new BrokenPipe() : error);
        });
      }),
  };
}

/** Whether to colour: asked for or refused by the user, else wherever a terminal can show it. */
export function wantsColor(output: Output, env: Io['env'], noColor: boolean): boolean {
  if (noColor || env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return output.isTTY && env.TERM !== 'dumb';
}
