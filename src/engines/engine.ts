import type { Readable } from 'node:stream';
import type { Aws } from '../aws/clients.js';
import type { Flaw } from '../logs/flaws.js';
import type { Result } from '../result.js';
import type { OwnStatement, Query, Source } from '../sql/query.js';
import type { Progress, ProgressLine } from '../terminal/progress.js';
import type { TimeRange } from '../time/range.js';

/** Where questions run. An engine knows no question. */
export interface Engine {
  /**
   * Finds the logs of a range of time.
   *
   * @param signal stops this, and all that the session does, when it is aborted
   * @throws Interrupted when the signal is aborted
   */
  open(range: TimeRange, signal?: AbortSignal): Promise<Session>;
}

/** Records that can be asked, as often as wanted. */
export interface Session {
  readonly source: Source;
  /** Whether each run is paid for: nothing is run that was not asked for. */
  readonly billed: boolean;
  /** Runs a query, or a statement of the user's own, whose columns are known when it has run. */
  run(query: Query | OwnStatement, options: RunOptions): Promise<Run>;
  /** The files that runs read, as far as the engine has them here. */
  readonly inputs: readonly InputFile[];
  /** The statement and its parameters as text, for reading and pasting. */
  statement(query: Query): string;
  /** Stops what still runs, and frees everything. */
  close(): Promise<void>;
}

/** A file of the logs, as evidence names it. */
export interface InputFile {
  /** As the user knows it: a path, or where it came from. */
  readonly name: string;
  /** Where it can be read until the session is closed. */
  readonly path: string;
  /** Bytes as stored. */
  readonly size: number;
  readonly etag?: string;
}

/** A query that a service ran, as evidence names it. */
export interface Execution {
  readonly id: string;
  readonly workgroup: string | undefined;
  readonly scannedBytes: number | undefined;
  /** `s3://…` of the result. */
  readonly output: string | undefined;
  /** ISO 8601, UTC. */
  readonly submitted: string | undefined;
}

export interface RunOptions {
  readonly onProgress: (progress: Progress) => void;
  /** Receives what the user should know before the answer is there. */
  readonly onNote: (note: string) => void;
}

export interface Run {
  readonly result: Result;
  /** What the run has to say for itself. Complete once the rows are read. */
  summary(): Promise<RunSummary>;
}

export interface RunSummary {
  /** What was read, in a few words: `8 files, 486 kB read`. */
  readonly read: string;
  /** Whether the reading is paid for: then it is said with every answer. */
  readonly billed: boolean;
  /** What must be known beside the answer, a sentence each. */
  readonly notes: readonly string[];
  readonly flaws: readonly Flaw[];
  readonly execution?: Execution;
}

/** Whether a statement is the user's own. */
export const isOwn = (query: Query | OwnStatement): query is OwnStatement => 'text' in query;

/** What an engine may use of the process that it runs in. */
export interface EngineContext {
  /** AWS's clients, for whoever the options name; made when they are needed. */
  readonly aws: () => Promise<Aws>;
  readonly stdin: Readable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Unix seconds. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly progress: ProgressLine;
}
