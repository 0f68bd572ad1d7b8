import type { Result } from '../result.js';
import type { Query, Source } from '../sql/query.js';
import type { TimeRange } from '../time/range.js';

/** How far a run has come. Bytes are of the files as stored. */
export interface Progress {
  readonly files: { readonly done: number; readonly all: number };
  readonly bytes: { readonly done: number; readonly all: number };
}

/** Something in the input that was passed over: how many of them, said in a few words, and each in detail. */
export interface Flaw {
  readonly count: number;
  /** `3 malformed lines`. */
  readonly summary: string;
  /** One line each: file, place, text. */
  readonly details: readonly string[];
}

/** What a finished run has to say for itself. */
export interface RunSummary {
  readonly files: number;
  /** Bytes read, as stored. */
  readonly bytes: number;
  /** Files not read, since their place in an S3 layout says that they hold nothing of the range. */
  readonly outOfRange: number;
  readonly flaws: readonly Flaw[];
}

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** Where a question runs. An engine knows no question. */
export interface Engine {
  source(range: TimeRange): Promise<Source>;
  run(query: Query, options: RunOptions): Promise<Result>;
  /** The statement and its parameters as text, for reading and pasting. */
  statement(query: Query): string;
  /** Of the last run. Complete once its rows are read. */
  summary(): Promise<RunSummary>;
  close(): Promise<void>;
}
