import { type ParquetCheck, parquetFlaws } from '../../duckdb/check-parquet.js';
import type { Connection } from '../../duckdb/connection.js';
import { malformedLines } from '../../duckdb/malformed-lines.js';
import type { LogKindName } from '../../flowlog/transit-gateway.js';
import type { CloudWatchLogs } from '../../logs/cloudwatch/cloudwatch-logs.js';
import { type Flaw, faultFlaws, fileFlaw, kindFlaws } from '../../logs/flaws.js';
import type { FileGroup } from '../../logs/group-files.js';
import type { LogFile } from '../../logs/log-file.js';
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
  /** What was found in Parquet that others wrote. */
  readonly parquet: ParquetCheck;
  /** The connection that it ran on, which knows the lines that DuckDB rejected. */
  readonly connection: Connection;
  readonly s3: S3Logs | undefined;
  readonly cloudwatch: CloudWatchLogs | undefined;
  readonly options: Pick<LocalSettings, 'accounts' | 'regions' | 'flowLogs' | 'kind'>;
  /** Columns that the answer needs. */
  readonly needs: readonly string[];
  /** Whether records of the other kind stood inside files of this one. */
  readonly otherKind: boolean;
  /** Columns of fields that only header lines inside files name, so that the question did not know of them. */
  readonly unasked: readonly string[];
  readonly signal: AbortSignal;
}

export async function summaryOf(run: EndedRun): Promise<RunSummary> {
  const { set, outcomes, connection, s3, cloudwatch } = run;
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
    ...parquetFlaws(run.parquet, nameOf),
    ...kindFlaws(set.files),
    ...lackingFlaws(set.groups, run.needs, nameOf),
    ...unaskedFlaws(run.unasked),
    ...(s3?.flaws() ?? []),
  ];
  const read = set.files.filter((file) => file.kind === 'text' || file.kind === 'parquet');
  return {
    read: `${plural(read.length, 'file')}, ${humanBytes(sizeOf(read))} read${s3?.summary() ?? ''}${cloudwatch?.summary() ?? ''}`,
    billed: s3?.billed ?? false,
    notes: selectionNotes(run, read.length),
    flaws,
  };
}

/** What of the logs was not of the selection. */
function selectionNotes({ set, options, s3, otherKind }: EndedRun, read: number): string[] {
  const { accounts, regions, flowLogs, kind } = options;
  const chosen = [
    ...(accounts || regions ? ['accounts', 'regions'] : []),
    ...(flowLogs ? ['flow logs'] : []),
  ];
  const notes = kindNotes(set, kind);
  if (otherKind) {
    notes.push(
      set.kind === 'vpc'
        ? 'Skipped the transit gateway records inside these files; ask them with --kind tgw.'
        : 'Skipped the VPC records inside these files; ask them with --kind vpc.',
    );
  }
  notes.push(...flowLogNotes(set.files));
  if (set.passedOver > 0) {
    notes.push(`${plural(set.passedOver, 'file')} of ${listed(['other days', ...chosen], 'or')} not read.`);
  }
  if (read === 0 && (set.passedOver > 0 || set.files.length === 0)) {
    const asked = listed(['the range of time', ...chosen.map((each) => `the ${each}`)], 'and');
    notes.push(`No file is of ${asked} asked for.`);
  }
  return [...notes, ...(s3?.notes() ?? [])];
}

const NAME = /(\d{12}_vpcflowlogs_[a-z0-9-]+)_(fl-[0-9a-z]+)(_\d{8}T\d{4}Z)_[^/\\]*$/;

/** Flow logs of one account and region that deliver at the same time: both may record the same interfaces. */
function flowLogNotes(files: readonly LogFile[]): string[] {
  const deliveries = new Map<string, string>();
  const several = new Set<string>();
  for (const { name } of files) {
    const [, place, id = '', time] = NAME.exec(name) ?? [];
    if (id === '') continue;
    const other = deliveries.get(`${place}${time}`);
    if (other === undefined) deliveries.set(`${place}${time}`, id);
    else if (other !== id) several.add(other).add(id);
  }
  if (several.size === 0) return [];
  const ids = [...several].sort();
  const named = ids.length > 4 ? [...ids.slice(0, 3), `${ids.length - 3} more`] : ids;
  return [
    `These files are of ${ids.length} flow logs (${listed(named, 'and')}): where two record the same interface, its records are there twice (--flow-log chooses one).`,
  ];
}

const listed = (items: readonly string[], last: string) =>
  items.length < 2 ? items.join() : `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1)}`;

function kindNotes({ kind, otherKind }: LogSet, asked: LogKindName | undefined): string[] {
  if (otherKind > 0) {
    return kind === 'vpc'
      ? [`Skipped ${plural(otherKind, 'transit gateway flow log file')}; ask them with --kind tgw.`]
      : [`Skipped ${plural(otherKind, 'VPC flow log file')}; ask them with --kind vpc.`];
  }
  return kind === 'tgw' && asked === undefined
    ? [
        'These are transit gateway flow logs (version 6), which have no action; --kind tgw shows their own columns.',
      ]
    : [];
}

/** Files without a field that the answer needs and that others have. */
function lackingFlaws(
  groups: readonly FileGroup[],
  needs: readonly string[],
  nameOf: (path: string) => string | undefined,
): Flaw[] {
  const files = new Map<string, string[]>();
  for (const { fields, paths } of groups) {
    const lacking = needs.filter((name) => !fields.some(({ column }) => column === name)).join(', ');
    if (lacking !== '') files.set(lacking, [...(files.get(lacking) ?? []), ...paths]);
  }
  return [...files].flatMap(([lacking, paths]) =>
    fileFlaw(
      paths.map((path) => nameOf(path) ?? path).sort(),
      `file that does not record ${lacking}`,
      `files that do not record ${lacking}`,
    ),
  );
}

function unaskedFlaws(columns: readonly string[]): Flaw[] {
  if (columns.length === 0) return [];
  const [fields, are] = columns.length === 1 ? ['field', 'is'] : ['fields', 'are'];
  return [
    {
      count: columns.length,
      summary: `${fields} first named inside a file, ${columns.join(', ')}, ${are} not in this answer; import the files to ask for ${columns.length === 1 ? 'it' : 'them'}`,
      details: columns,
    },
  ];
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
