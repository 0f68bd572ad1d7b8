import type { Connection } from '../../duckdb/connection.js';
import { malformedLines } from '../../duckdb/malformed-lines.js';
import { type Flaw, faultFlaws, kindFlaws } from '../../logs/flaws.js';
import type { S3Logs } from '../../logs/s3/s3-logs.js';
import type { TextOutcome } from '../../scan/scan-text.js';
import { sizeOf } from '../../scan/stored-file.js';
import { humanBytes, plural } from '../../terminal/units.js';
import type { RunSummary } from '../engine.js';
import type { LogSet } from './log-set.js';
import type { LocalSettings } from './settings.js';

/** A run that has ended. */
export interface EndedRun {
  readonly set: LogSet;
  /** Of each text file, where they were gone over; undefined where DuckDB read them itself. */
  readonly outcomes: readonly TextOutcome[] | undefined;
  /** The connection that it ran on, which knows the lines that DuckDB rejected. */
  readonly connection: Connection;
  readonly s3: S3Logs | undefined;
  readonly options: Pick<LocalSettings, 'accounts' | 'regions'>;
  readonly signal: AbortSignal;
}

export async function summaryOf(run: EndedRun): Promise<RunSummary> {
  const { set, outcomes, connection, s3 } = run;
  let names: ReadonlyMap<string, string> | undefined;
  // Most often there is nothing to say of any.
  const nameOf = (path: string) => {
    names ??= new Map(set.files.map(({ path, name }) => [path, name]));
    return names.get(path);
  };
  const texts = set.files.some(({ kind }) => kind === 'text');
  const flaws: Flaw[] = [
    ...(texts ? await malformedLines(connection, outcomes ?? [], nameOf) : []),
    ...faults(run, nameOf),
    ...kindFlaws(set.files),
    ...(s3?.flaws() ?? []),
  ];
  const read = set.files.filter((file) => file.kind === 'text' || file.kind === 'parquet');
  return {
    read: `${plural(read.length, 'file')}, ${humanBytes(sizeOf(read))} read${s3?.summary() ?? ''}`,
    billed: s3?.billed ?? false,
    notes: selectionNotes(run, read.length),
    flaws,
  };
}

/** What of the logs was not of the selection. */
function selectionNotes({ set, options, s3 }: EndedRun, read: number): string[] {
  const all = options.accounts === undefined && options.regions === undefined;
  const notes: string[] = [];
  if (set.passedOver > 0) {
    const other = all ? 'other days' : 'other days, accounts or regions';
    notes.push(`${plural(set.passedOver, 'file')} of ${other} not read.`);
  }
  if (read === 0 && (set.passedOver > 0 || set.files.length === 0)) {
    const asked = all ? 'the range of time' : 'the range of time, the accounts and the regions';
    notes.push(`No file is of ${asked} asked for.`);
  }
  return [...notes, ...(s3?.notes() ?? [])];
}

/** Files that do not unpack to their end. */
function faults({ outcomes }: EndedRun, nameOf: (path: string) => string | undefined): Flaw[] {
  const of = (kind: TextOutcome['fault']) =>
    (outcomes ?? [])
      .filter(({ fault }) => fault === kind)
      .map(({ path }) => nameOf(path)!)
      .sort();
  return faultFlaws(of('truncated'), of('damaged'));
}
