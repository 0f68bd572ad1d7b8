import { FlowlogError } from '../../errors.js';
import { fieldOf } from '../../flowlog/fields.js';
import type { FileGroup } from '../../logs/group-files.js';
import type { LogFile } from '../../logs/log-file.js';
import { readable } from '../../logs/readable.js';
import type { SpooledText, TextKind, TextOutcome } from '../../scan/scan-text.js';
import { scanTexts, type Texts, type TextThreads } from '../../scan/scan-texts.js';
import { plural } from '../../terminal/units.js';
import type { LogSet } from './log-set.js';
import type { Progressing } from './progressing.js';

/** What narrowing needs. */
export interface NarrowingTools {
  readonly threads: TextThreads;
  readonly newFile: () => string;
  readonly progress: Progressing;
  readonly signal: AbortSignal;
}

/** What is left of logs for DuckDB to read. */
export interface Narrowed {
  readonly groups: readonly FileGroup[];
  readonly outcomes: readonly TextOutcome[];
  /** The logs, with what files turned out to be. */
  readonly set: LogSet;
}

/** What is wanted of the records. */
export type Wanted = Pick<TextKind, 'narrowing' | 'keep'>;

/**
 * Goes over the text files on all cores, and leaves DuckDB the records that may matter, all of them as AWS writes them.
 *
 * @throws FlowlogError when there are lines, and none is a record
 */
export async function narrow(set: LogSet, wanted: Wanted, tools: NarrowingTools): Promise<Narrowed> {
  const { records, ...narrowed } = await goOver(set, wanted, tools);
  const malformed = narrowed.outcomes.filter(({ malformed }) => malformed > 0);
  if (records === 0 && malformed.length > 0 && set.groups.every(({ kind }) => kind === 'text')) {
    const lines = malformed.reduce((sum, outcome) => sum + outcome.malformed, 0);
    const [{ path, details }] = malformed as [TextOutcome];
    const name = narrowed.set.files.find((file) => file.path === path)!.name;
    throw new FlowlogError(
      `None of the ${plural(lines, 'line')} read is a record of a flow log: ${name}:${details[0]}.`,
      'If these logs have no header line, say their fields: --log-format, as `aws ec2 describe-flow-logs` prints it.',
    );
  }
  return narrowed;
}

async function goOver(
  set: LogSet,
  wanted: Wanted,
  tools: NarrowingTools,
): Promise<Narrowed & { readonly records: number }> {
  const { threads, newFile, progress, signal } = tools;
  const files = new Map(set.files.map((file) => [file.path, file]));
  const texts = set.groups.filter(({ kind }) => kind === 'text');
  const others = set.groups.filter(({ kind }) => kind !== 'text');
  const spool = newFile();
  const tasks = texts.flatMap(({ packing, header, wrapping, fields, paths }) => {
    const columns = fields.map(({ column }) => column);
    return [...byLine(paths, files)].map(
      ([line, files]): Texts => ({
        kind: { packing, header, wrapping, line, columns, spool, ...wanted },
        files,
      }),
    );
  });
  const onDone = (count: number, size: number) => progress.files(count, size);
  const scanned = await scanTexts(tasks, threads, signal, onDone).catch((error) => {
    throw readable(error, set.files);
  });
  const strange = scanned.outcomes.filter((outcome) => outcome.strange).map(({ path }) => path);
  const groups = [...spooled(scanned.spools), ...untouched(texts, scanned.outcomes), ...others];
  const { records } = scanned;
  if (strange.length === 0) return { groups, outcomes: scanned.outcomes, set, records };
  // Files that are not what they were presumed to be.
  const { some, all } = await set.inspectedOnly(new Set(strange));
  const rest = await goOver(some, wanted, tools);
  return {
    groups: [...groups, ...rest.groups],
    outcomes: [...scanned.outcomes.filter((outcome) => !outcome.strange), ...rest.outcomes],
    set: all,
    records: records + rest.records,
  };
}

/** What was kept, by format. */
function spooled(spools: readonly SpooledText[]): FileGroup[] {
  const formats = new Map<string, SpooledText[]>();
  for (const each of spools) {
    const key = each.columns.join(' ');
    formats.set(key, [...(formats.get(key) ?? []), each]);
  }
  return [...formats.values()].map((some) => ({
    kind: 'text',
    packing: 'none',
    header: false,
    fields: some[0]!.columns.map(fieldOf),
    paths: some.map(({ path }) => path),
    sources: new Map(some.flatMap(({ path, source }) => (source === undefined ? [] : [[path, source]]))),
  }));
}

/** Files that were left as they are, which DuckDB reads itself. */
function untouched(texts: readonly FileGroup[], outcomes: readonly TextOutcome[]): FileGroup[] {
  const left = new Set(outcomes.flatMap(({ path, untouched }) => (untouched ? [path] : [])));
  return texts
    .map((group) => ({ ...group, paths: group.paths.filter((path) => left.has(path)) }))
    .filter(({ paths }) => paths.length > 0);
}

/** Text files by the header line that they are presumed to have; the others have none. */
function byLine(
  paths: readonly string[],
  files: ReadonlyMap<string, LogFile>,
): Map<string | undefined, LogFile[]> {
  const all = new Map<string | undefined, LogFile[]>();
  for (const path of paths) {
    const file = files.get(path)!;
    const line = file.kind === 'text' && file.presumed ? file.line : undefined;
    const same = all.get(line);
    if (same) same.push(file);
    else all.set(line, [file]);
  }
  return all;
}
