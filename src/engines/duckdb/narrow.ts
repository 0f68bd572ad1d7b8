import type { FileGroup } from '../../logs/group-files.js';
import type { LogFile } from '../../logs/log-file.js';
import { readable } from '../../logs/readable.js';
import { lineRules } from '../../scan/line-filter.js';
import type { TextOutcome } from '../../scan/scan-text.js';
import { scanTexts, type Texts, type TextThreads } from '../../scan/scan-texts.js';
import type { Narrowing } from '../../sql/query.js';
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

/** Goes over the text files on all cores, and leaves DuckDB the lines that may matter. */
export async function narrow(
  set: LogSet,
  narrowing: readonly Narrowing[],
  tools: NarrowingTools,
): Promise<Narrowed> {
  const { threads, newFile, progress, signal } = tools;
  const files = new Map(set.files.map((file) => [file.path, file]));
  const texts = set.groups
    .filter(({ kind }) => kind === 'text')
    .map((group) => ({ group, spool: newFile() }));
  const others = set.groups.filter(({ kind }) => kind !== 'text');
  const tasks = texts.flatMap(({ group, spool }) => {
    const rules = lineRules(
      group.fields.map(({ column }) => column),
      narrowing,
    );
    const { gzip, header, paths } = group;
    return [...byLine(paths, files)].map(
      ([line, files]): Texts => ({ kind: { gzip, header, line, rules, spool }, files }),
    );
  });
  const onDone = (count: number, size: number) => progress.files(count, size);
  const scanned = await scanTexts(tasks, threads, signal, onDone).catch((error) => {
    throw readable(error, set.files);
  });
  const kept = texts.map(({ group, spool }) => {
    const paths = scanned.spools.filter((path) => path.startsWith(`${spool}-`));
    return { ...group, gzip: false, header: false, paths };
  });
  const groups = [...kept.filter(({ paths }) => paths.length > 0), ...others];
  const strange = scanned.outcomes.filter((outcome) => outcome.strange).map(({ path }) => path);
  if (strange.length === 0) return { groups, outcomes: scanned.outcomes, set };
  // Files that are not what they were presumed to be.
  const { some, all } = await set.inspectedOnly(new Set(strange));
  const rest = await narrow(some, narrowing, tools);
  return {
    groups: [...groups, ...rest.groups],
    outcomes: [...scanned.outcomes.filter((outcome) => !outcome.strange), ...rest.outcomes],
    set: all,
  };
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
