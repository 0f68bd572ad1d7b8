import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { BrokenPipe, outputTo, type Pager } from './streams.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The command that shows what is longer than a screen, as git and gh choose it: PAGER, else `less` where there is one. None for
 * `cat` and for an empty one.
 */
export function pagerOf(env: Environment): string | undefined {
  const command = (env.PAGER ?? (isInstalled('less', env) ? 'less' : '')).trim();
  return command === '' || command === 'cat' || env.TERM === 'dumb' ? undefined : command;
}

function isInstalled(name: string, { PATH = '' }: Environment): boolean {
  return PATH.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}

/** Starts a pager on the terminal of this process. Whoever leaves it before the end has seen enough. */
export function openPager(command: string, env: Environment): Pager {
  const child = spawn(command, {
    shell: true,
    stdio: ['pipe', 'inherit', 'inherit'],
    // As git has it: no pages for what fits on one screen, colours as they are, the text left on the screen.
    env: { LESS: 'FRX', LV: '-c', ...env },
  });
  const left = new Promise<void>((resolve) => {
    child.on('close', () => resolve());
    child.on('error', () => resolve());
  });
  const input = outputTo(child.stdin);
  return {
    write: (text) =>
      input.write(text).catch((error) => {
        if (!(error instanceof BrokenPipe)) throw error;
      }),
    end() {
      child.stdin.end();
      return left;
    },
  };
}
