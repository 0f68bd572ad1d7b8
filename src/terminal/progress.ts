import type { Output } from './streams.js';
import { grouped, humanBytes, humanSeconds, plural } from './units.js';

/** How far a piece of work has come. */
export type Progress = FileProgress | ListProgress | EventProgress | DayProgress | QueryProgress;

/** Bytes are of the files as stored. */
export interface FileProgress {
  readonly files: { readonly done: number; readonly all: number };
  readonly bytes: { readonly done: number; readonly all: number };
  /** Where the files are fetched, for how long already (seconds). */
  readonly downloading?: { readonly seconds: number };
}

/** Objects seen so far in the listings of a bucket. */
export interface ListProgress {
  readonly listed: number;
}

/** Events fetched so far from a log group, and their bytes. */
export interface EventProgress {
  readonly events: number;
  readonly bytes: number;
}

/** Folders of days looked at in a bucket. */
export interface DayProgress {
  readonly days: { readonly done: number; readonly all: number };
}

/** A statement that runs elsewhere. */
export interface QueryProgress {
  readonly state: string;
  /** Bytes, as far as told. */
  readonly scanned: number | undefined;
  /** Seconds in the queue, as far as told. */
  readonly queued: number | undefined;
}

export interface ProgressLine {
  /** Draws where the work stands, in place of what stood there. */
  show(progress: Progress): void;
  /** Writes a line that stays, above the one that changes. */
  note(text: string): void;
  /** Leaves the line as it was before. */
  clear(): Promise<void>;
}

/** Work shorter than this shows nothing (seconds). */
const MOMENT = 0.7;
const CLEAR = '\r\x1b[2K';

/** One line on a terminal that says how far the work is and how long it will take; nothing elsewhere. */
export function progressLine(output: Output, now: () => number = () => process.uptime()): ProgressLine {
  const start = now();
  let shown = false;
  const note = (text: string) => {
    void output.write(`${shown ? CLEAR : ''}${text}\n`).catch(() => {});
    shown = false;
  };
  if (!output.isTTY) return { show: () => {}, note, clear: async () => {} };
  return {
    note,
    show(progress) {
      const elapsed = now() - start;
      if (elapsed < MOMENT) return;
      shown = true;
      void output.write(CLEAR + progressText(progress, elapsed).slice(0, output.width - 1)).catch(() => {});
    },
    async clear() {
      if (shown) await output.write(CLEAR);
      shown = false;
    },
  };
}

export function progressText(progress: Progress, elapsed: number): string {
  if ('listed' in progress) return `Listing: ${plural(progress.listed, 'object')}`;
  if ('events' in progress) {
    const rate = elapsed > 0 ? `, ${humanBytes(progress.bytes / elapsed)}/s` : '';
    return `Fetching: ${plural(progress.events, 'event')}, ${humanBytes(progress.bytes)}${rate}`;
  }
  if ('days' in progress) {
    return `Looking at the folders of days: ${grouped(progress.days.done)} of ${grouped(progress.days.all)}`;
  }
  return 'files' in progress ? filesText(progress, elapsed) : queryText(progress, elapsed);
}

function queryText({ state, scanned, queued }: QueryProgress, elapsed: number): string {
  const parts = [`Athena: ${state.toLowerCase()}`, humanSeconds(elapsed)];
  if (queued !== undefined && queued >= 1) parts.push(`${humanSeconds(queued)} of it in the queue`);
  if (scanned !== undefined) parts.push(`${humanBytes(scanned)} scanned`);
  return parts.join(', ');
}

function filesText({ files, bytes, downloading }: FileProgress, sinceStart: number): string {
  const elapsed = downloading?.seconds ?? sinceStart;
  const part = bytes.all === 0 ? 0 : bytes.done / bytes.all;
  const left = part > 0.02 ? `, ${humanSeconds((elapsed / part) * (1 - part))} left` : '';
  const rate = downloading && elapsed > 0 ? `, ${humanBytes(bytes.done / elapsed)}/s` : '';
  return (
    `${downloading ? 'Downloading' : 'Reading'}: ` +
    `${grouped(files.done)} of ${grouped(files.all)} files, ` +
    `${humanBytes(bytes.done)} of ${humanBytes(bytes.all)}${rate}${left}`
  );
}
