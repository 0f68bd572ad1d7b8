import type { EngineContext, RunOptions, Session } from '../engines/engine.js';
import { type EngineName, type EngineOptions, engineOf } from '../engines/index.js';
import { progressLine } from '../terminal/progress.js';
import type { Io } from '../terminal/streams.js';
import type { TimeRange } from '../time/range.js';
import { awsOf } from './aws.js';
import type { AwsAsked } from './options.js';

type SessionOptions = EngineOptions & AwsAsked & { readonly engine?: EngineName; readonly quiet?: boolean };

/** Opens what the options name, and closes it whatever happens. */
export async function withSession<T>(
  options: SessionOptions,
  range: TimeRange,
  io: Io,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const engine = await engineOf(options).create(options, contextOf(options, io));
  const session = await engine.open(range, io.signal);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** Runs show their progress, unless nothing but errors is wanted; `clear` when they are over. */
export function runOptions(quiet: boolean, io: Io): RunOptions & { clear(): Promise<void> } {
  const { show, note, clear } = progressLine(io.stderr);
  return quiet
    ? { onProgress: () => {}, onNote: () => {}, clear }
    : { onProgress: show, onNote: note, clear };
}

/** What engines may use of this process. */
export function contextOf(options: AwsAsked & { readonly quiet?: boolean }, io: Io): EngineContext {
  const progress = progressLine(io.stderr);
  return {
    aws: () => awsOf(options, io),
    get stdin() {
      return io.stdin;
    },
    env: io.env,
    now: io.now,
    signal: io.signal,
    progress: options.quiet ? { ...progress, show: () => {}, note: () => {} } : progress,
  };
}
