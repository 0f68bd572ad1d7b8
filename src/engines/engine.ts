import type { Flaw } from '../logs/flaws.js';
import type { Result } from '../result.js';
import type { OwnStatement, Query, Source } from '../sql/query.js';
import type { Progress } from '../terminal/progress.js';
import type { TimeRange } from '../time/range.js';

/** What a finished run has to say for itself. */
export interface RunSummary {
  /** What was read, in a few words: `8 files, 486 kB read`. */
  readonly read: string;
  /** Whether the reading is paid for: then it is said with every answer. */
  readonly billed: boolean;
  /** What must be known beside the answer, a sentence each. */
  readonly notes: readonly string[];
  readonly flaws: readonly Flaw[];
}

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Told what the user should know before the answer is there. */
  readonly onNote: (note: string) => void;
}

/** Where a question runs. An engine knows no question. */
export interface Engine {
  source(range: TimeRange): Promise<Source>;
  run(query: Query, options: RunOptions): Promise<Result>;
  /** Runs a statement of the user's own; its columns are known when it has run. */
  runOwn(statement: OwnStatement, options: RunOptions): Promise<Result>;
  /** The statement and its parameters as text, for reading and pasting. */
  statement(query: Query): string;
  /** Of the last run. Complete once its rows are read. */
  summary(): Promise<RunSummary>;
  close(): Promise<void>;
}
