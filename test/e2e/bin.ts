import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const BIN = fileURLToPath(new URL('../../bin/flowlog.js', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunSettings {
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  readonly env?: Record<string, string>;
  /** Told of the process as soon as it runs. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Starts the built program as a user would. */
export function startFlowlog(args: readonly string[], { cwd, env }: RunSettings = {}): ChildProcess {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(FLOWLOG_|AWS_|NO_COLOR|FORCE_COLOR)/.test(name)),
  );
  // Whoever runs the tests may have a configuration of their own.
  const home = { XDG_CONFIG_HOME: '/nonexistent' };
  return spawn(process.execPath, [BIN, ...args], { cwd, env: { ...clean, ...home, ...env } });
}

/** Runs the built program to its end. */
export async function flowlog(args: readonly string[], settings: RunSettings = {}): Promise<Outcome> {
  const child = startFlowlog(args, settings);
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  settings.onStart?.(child);
  child.stdin!.on('error', () => {});
  child.stdin!.end(settings.input ?? '');
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}
