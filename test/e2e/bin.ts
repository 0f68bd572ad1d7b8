import { type ChildProcess, spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { run as runOfSource } from '../../src/main.js';
import type { Output } from '../../src/terminal/streams.js';

export const BIN = fileURLToPath(new URL('../../bin/flowlog.js', import.meta.url));
const MAIN = new URL('../../dist/main.js', import.meta.url).href;

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessSettings {
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  readonly env?: Record<string, string>;
}

export interface RunSettings extends ProcessSettings {
  /** Unix seconds at which the program believes to run; the real time unless given. */
  readonly now?: number;
  /** Columns of the terminal that standard output and standard error pretend to be; none unless given. */
  readonly terminal?: number;
  readonly signal?: AbortSignal;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of a user who has set up nothing, and what the test sets. */
function environment(env: ProcessSettings['env']): Environment {
  const clean = Object.entries(process.env).filter(
    ([name]) => !/^(FLOWLOG_|AWS_|NO_COLOR|FORCE_COLOR)/.test(name),
  );
  // Whoever runs the tests may have a configuration of their own.
  return { ...Object.fromEntries(clean), XDG_CONFIG_HOME: '/nonexistent', ...env };
}

/** Runs the built program in this process. */
export function flowlog(args: readonly string[], settings: RunSettings = {}): Promise<Outcome> {
  return inTurn(settings, async (env) => {
    const { run } = (await import(MAIN)) as { run: typeof runOfSource };
    const stdout = new Collected(settings.terminal);
    const stderr = new Collected(settings.terminal);
    const code = await run(args, {
      stdin: Readable.from([Buffer.from(settings.input ?? '')]),
      stdout,
      stderr,
      env,
      now: () => settings.now ?? Math.floor(Date.now() / 1000),
      signal: settings.signal ?? new AbortController().signal,
    });
    return { code, stdout: stdout.text, stderr: stderr.text };
  });
}

class Collected implements Output {
  readonly isTTY: boolean;
  private readonly parts: Buffer[] = [];

  constructor(private readonly columns: number | undefined) {
    this.isTTY = columns !== undefined;
  }

  get width(): number {
    return this.columns ?? 80;
  }

  async write(text: string | Uint8Array): Promise<void> {
    // A copy: what was written may be memory that is used again.
    this.parts.push(Buffer.from(text));
  }

  get text(): string {
    return Buffer.concat(this.parts).toString();
  }
}

/** The SDK would print about Node 20 into the report of the tests. */
const WITHOUT_WARNING = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

/** The runs that share the folder and the environment of this process at the moment. */
let turn = { key: '', runs: new Set<Promise<unknown>>() };

/** A process has one folder and one environment (which the AWS SDK reads): runs with different ones wait for each other. */
async function inTurn<T>({ cwd, env }: RunSettings, work: (env: Environment) => Promise<T>): Promise<T> {
  const key = JSON.stringify([cwd, env]);
  while (turn.runs.size > 0 && turn.key !== key) await Promise.allSettled(turn.runs);
  const given = { env: { ...process.env }, cwd: process.cwd() };
  const first = turn.runs.size === 0;
  if (first) {
    turn = { key, runs: new Set() };
    replaceEnvironment({ ...environment(env), ...WITHOUT_WARNING });
    if (cwd !== undefined) process.chdir(cwd);
    outside = given;
  }
  const run = work({ ...process.env });
  turn.runs.add(run);
  try {
    return await run;
  } finally {
    turn.runs.delete(run);
    if (turn.runs.size === 0) {
      process.chdir(outside.cwd);
      replaceEnvironment(outside.env);
    }
  }
}

let outside: { readonly env: Environment; readonly cwd: string };

function replaceEnvironment(env: Environment): void {
  for (const name of Object.keys(process.env)) if (env[name] === undefined) delete process.env[name];
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && process.env[name] !== value) process.env[name] = value;
  }
}

/** Starts the built program as a user would: for what only a process has, such as signals and pipes. */
export function startFlowlog(args: readonly string[], { cwd, env }: ProcessSettings = {}): ChildProcess {
  return spawn(process.execPath, [BIN, ...args], { cwd, env: environment(env) });
}

/** Runs the built program as a process, to its end. */
export async function spawnFlowlog(
  args: readonly string[],
  settings: ProcessSettings = {},
  onStart: (child: ChildProcess) => void = () => {},
): Promise<Outcome> {
  const child = startFlowlog(args, settings);
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  onStart(child);
  child.stdin!.on('error', () => {});
  child.stdin!.end(settings.input ?? '');
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}
