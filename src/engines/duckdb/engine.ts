import type { Readable } from 'node:stream';
import type { DuckDBValue } from '@duckdb/node-api';
import { Workspace } from '../../cache/workspace.js';
import { Database } from '../../duckdb/database.js';
import { malformedLines } from '../../duckdb/malformed-lines.js';
import { Interrupted } from '../../errors.js';
import { type FieldSet, fieldSet } from '../../flowlog/fields.js';
import { DEFAULT_FORMAT } from '../../flowlog/log-format.js';
import { findFiles } from '../../logs/find-files.js';
import { type Flaw, faultFlaws, kindFlaws } from '../../logs/flaws.js';
import { refuseForeign } from '../../logs/foreign.js';
import { type FileGroup, groupFiles } from '../../logs/group-files.js';
import { isCutShort } from '../../logs/gzip-end.js';
import type { LogFile } from '../../logs/log-file.js';
import { readable } from '../../logs/readable.js';
import { recognise } from '../../logs/recognise.js';
import { recogniseAll, recognisePresumed } from '../../logs/recognise-many.js';
import { S3Logs } from '../../logs/s3/s3-logs.js';
import type { S3Settings } from '../../logs/s3/settings.js';
import { inParallel } from '../../parallel.js';
import type { Result } from '../../result.js';
import { lineRules } from '../../scan/line-filter.js';
import type { TextOutcome } from '../../scan/scan-text.js';
import { scanTexts, type Texts, TextThreads } from '../../scan/scan-texts.js';
import { sizeOf } from '../../scan/stored-file.js';
import { duckdbDialect } from '../../sql/duckdb.js';
import type { OwnStatement, Query, Source } from '../../sql/query.js';
import { identifier } from '../../sql/sql.js';
import { humanBytes, plural } from '../../terminal/units.js';
import type { TimeRange } from '../../time/range.js';
import type { Engine, RunOptions, RunSummary } from '../engine.js';
import { ANSWER, readAnswer } from './answer.js';
import { ownAnswer, refusedStatement } from './own-answer.js';
import { Progressing } from './progressing.js';
import { relation } from './relation.js';
import { loadSources } from './store-sources.js';

/** The view that the files are asked through. */
const LOGS = 'flow_logs';

/** Enough at a time to keep the disk busy, few enough for any limit on open files. */
const OPEN_FILES = 64;

export interface LocalOptions {
  /** Files, folders, patterns, `s3://bucket/prefix/`, `-`. */
  readonly logs: readonly string[];
  /** Of files in the S3 layouts of AWS, wherever they are, those of these accounts and regions; undefined is all. */
  readonly accounts?: readonly string[] | undefined;
  readonly regions?: readonly string[] | undefined;
  /** How logs in S3 are fetched; undefined where none are. */
  readonly s3?: S3Settings | undefined;
  readonly stdin: Readable;
  readonly signal: AbortSignal;
}

/** The embedded engine: DuckDB in this process, over log files of this machine. */
export function openLocalEngine(options: LocalOptions): Engine {
  return new LocalEngine(options);
}

class LocalEngine implements Engine {
  private files: readonly LogFile[] = [];
  private passedOver = 0;
  private groups: readonly FileGroup[] = [];
  private fields: FieldSet = new Map();
  private outcomes: readonly TextOutcome[] | undefined;

  private readonly workspace = new Workspace();
  private readonly database = new Database(this.workspace);
  private readonly threads = new TextThreads();
  private readonly s3: S3Logs | undefined;

  constructor(private readonly options: LocalOptions) {
    this.s3 = options.s3 && new S3Logs(options.s3, options.signal);
  }

  async source(range: TimeRange): Promise<Source> {
    const { logs, stdin, accounts, regions, signal } = this.options;
    const selection = { range, accounts, regions };
    const found = await findFiles(logs, selection, {
      stdin,
      spool: () => this.workspace.newFile(),
      s3: this.s3,
      // Threads that will be needed start while files are still being found.
      onText: (size) => this.threads.start(size),
    });
    this.files = await recogniseAll(found.files, signal);
    refuseForeign(this.files, logs, found.passedOver);
    this.passedOver = found.passedOver;
    this.groups = await this.groupFiles(this.files);
    const { example } = found;
    const known =
      this.groups.length > 0 || !example ? this.groups : await this.groupFiles([await recognise(example)]);
    this.fields = fieldSet(known.length > 0 ? known.flatMap((group) => group.fields) : DEFAULT_FORMAT);
    return { dialect: duckdbDialect, fields: this.fields, from: identifier(LOGS), where: [] };
  }

  private groupFiles(files: readonly LogFile[]): Promise<FileGroup[]> {
    return groupFiles(files, (sql) => this.query(sql));
  }

  /** Looks at the files that were only presumed to be what they are: DuckDB would not see that they are not. */
  private async inspectAll(): Promise<void> {
    if (!this.files.some((file) => file.kind === 'text' && file.presumed)) return;
    this.files = await recognisePresumed(this.files, this.options.signal);
    refuseForeign(this.files, this.options.logs, this.passedOver);
    this.groups = await this.groupFiles(this.files);
  }

  async run(query: Query, { signal, onProgress }: RunOptions): Promise<Result> {
    if (query.narrowing.length === 0) await this.inspectAll();
    const texts = this.groups.filter((group) => group.kind === 'text');
    const narrowed = texts.length > 0 && query.narrowing.length > 0;
    const progress = new Progressing(this.files, onProgress);
    this.outcomes = undefined;
    // DuckDB is loaded while the threads go over the text.
    const narrowing = narrowed ? this.narrow(query, texts, signal, progress) : texts;
    const [kept, connection] = await Promise.all([narrowing, this.database.connection()]);
    const groups = [...kept, ...this.groups.filter(({ kind }) => kind === 'parquet')];
    if (query.paths) await loadSources(this.database, groups);
    if (texts.length > 0) {
      await this.query('DROP TABLE IF EXISTS reject_errors');
      await this.query('DROP TABLE IF EXISTS reject_scans');
    }
    await this.query(
      `CREATE OR REPLACE TEMP VIEW ${LOGS} AS ${relation(groups, this.fields, query.paths, query.narrowing)}`,
    );
    // What was narrowed is soon read: the time went into the files themselves.
    const timer = setInterval(() => narrowed || progress.part(connection.progress.percentage / 100), 200);
    const interrupt = () => connection.interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
    try {
      await this.query(`CREATE OR REPLACE TABLE ${ANSWER} AS ${query.sql.sql}`, bound(query.sql.values));
    } finally {
      clearInterval(timer);
      signal.removeEventListener('abort', interrupt);
    }
    return readAnswer(this.database, query, () => this.workspace.newFile());
  }

  async runOwn(
    { text, parameters, column }: OwnStatement,
    { signal, onProgress }: RunOptions,
  ): Promise<Result> {
    await this.inspectAll();
    const connection = await this.database.connection();
    await this.query(`CREATE OR REPLACE TEMP VIEW ${LOGS} AS ${relation(this.groups, this.fields)}`);
    const progress = new Progressing(this.files, onProgress);
    const timer = setInterval(() => progress.part(connection.progress.percentage / 100), 200);
    const interrupt = () => connection.interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
    try {
      const newFile = () => this.workspace.newFile();
      return await ownAnswer(this.database, text, bound(parameters), column, newFile);
    } catch (error) {
      if (signal.aborted) throw new Interrupted();
      throw refusedStatement(error);
    } finally {
      clearInterval(timer);
      signal.removeEventListener('abort', interrupt);
    }
  }

  /** Goes over the text files first, on all cores, and leaves DuckDB the lines that may matter. */
  private async narrow(
    query: Query,
    texts: readonly FileGroup[],
    signal: AbortSignal,
    progress: Progressing,
  ): Promise<FileGroup[]> {
    const files = new Map<string, LogFile>();
    for (const file of this.files) files.set(file.path, file);
    const spools = texts.map(() => this.workspace.newFile());
    const tasks = texts.flatMap((group, i) => {
      const rules = lineRules(
        group.fields.map(({ column }) => column),
        query.narrowing,
      );
      const { gzip, header } = group;
      return [...byLine(group.paths, files)].map(
        ([line, files]): Texts => ({ kind: { gzip, header, line, rules, spool: spools[i]! }, files }),
      );
    });
    const onDone = (count: number, size: number) => progress.files(count, size);
    const scanned = await scanTexts(tasks, this.threads, signal, onDone).catch((error) => {
      throw readable(error, this.files);
    });
    const strange = new Set(scanned.outcomes.filter((outcome) => outcome.strange).map(({ path }) => path));
    this.outcomes = [...(this.outcomes ?? []), ...scanned.outcomes.filter((outcome) => !outcome.strange)];
    const kept = texts.map((group, i) => {
      const paths = scanned.spools.filter((path) => path.startsWith(`${spools[i]}-`));
      return { ...group, gzip: false, header: false, paths };
    });
    return [
      ...kept.filter(({ paths }) => paths.length > 0),
      ...(strange.size > 0 ? await this.narrowStrange(query, strange, signal, progress) : []),
    ];
  }

  /** Of files that are not what they were presumed to be. */
  private async narrowStrange(
    query: Query,
    strange: ReadonlySet<string>,
    signal: AbortSignal,
    progress: Progressing,
  ): Promise<FileGroup[]> {
    const inspected = await recognisePresumed(
      this.files.filter(({ path }) => strange.has(path)),
      signal,
    );
    const known = new Map(inspected.map((file) => [file.path, file]));
    this.files = this.files.map((file) => known.get(file.path) ?? file);
    refuseForeign(this.files, this.options.logs, this.passedOver);
    const groups = await this.groupFiles(inspected);
    return [
      ...(await this.narrow(
        query,
        groups.filter(({ kind }) => kind === 'text'),
        signal,
        progress,
      )),
      ...groups.filter(({ kind }) => kind === 'parquet'),
    ];
  }

  private async query(sql: string, values?: DuckDBValue[]): Promise<DuckDBValue[][]> {
    try {
      return await this.database.query(sql, values);
    } catch (error) {
      if (this.options.signal.aborted) throw new Interrupted();
      throw readable(error, this.files);
    }
  }

  statement(query: Query): string {
    const limit = query.limit === undefined ? '' : `\nLIMIT ${query.limit}`;
    const parameters = query.sql.values
      .map((value, i) => `-- parameter ${i + 1}: ${JSON.stringify(value)}\n`)
      .join('');
    return `CREATE TEMP VIEW ${LOGS} AS\n${relation(this.groups, this.fields, query.paths, query.narrowing)};\n\n${query.sql.sql}${limit};\n${parameters}`;
  }

  async summary(): Promise<RunSummary> {
    let names: ReadonlyMap<string, string> | undefined;
    // Most often there is nothing to say of any.
    const nameOf = (path: string) => {
      names ??= new Map(this.files.map(({ path, name }) => [path, name]));
      return names.get(path);
    };
    const texts = this.files.some(({ kind }) => kind === 'text');
    const flaws: Flaw[] = [
      ...(texts ? await malformedLines(this.database, this.outcomes ?? [], nameOf) : []),
      ...(await this.faults(nameOf)),
      ...kindFlaws(this.files),
      ...(this.s3?.flaws() ?? []),
    ];
    const read = this.files.filter((file) => file.kind === 'text' || file.kind === 'parquet');
    return {
      read: `${plural(read.length, 'file')}, ${humanBytes(sizeOf(read))} read${this.s3?.summary() ?? ''}`,
      billed: this.s3?.billed ?? false,
      notes: this.selectionNotes(read.length),
      flaws,
    };
  }

  /** What of the logs was not of the selection. */
  private selectionNotes(read: number): string[] {
    const { accounts, regions } = this.options;
    const all = accounts === undefined && regions === undefined;
    const notes: string[] = [];
    if (this.passedOver > 0) {
      const other = all ? 'other days' : 'other days, accounts or regions';
      notes.push(`${plural(this.passedOver, 'file')} of ${other} not read.`);
    }
    if (read === 0 && (this.passedOver > 0 || this.files.length === 0)) {
      const asked = all ? 'the range of time' : 'the range of time, the accounts and the regions';
      notes.push(`No file is of ${asked} asked for.`);
    }
    return [...notes, ...(this.s3?.notes() ?? [])];
  }

  /** Files that do not unpack to their end. */
  private async faults(nameOf: (path: string) => string | undefined): Promise<Flaw[]> {
    const of = (kind: TextOutcome['fault']) =>
      (this.outcomes ?? [])
        .filter(({ fault }) => fault === kind)
        .map(({ path }) => nameOf(path)!)
        .sort();
    let truncated = of('truncated');
    if (!this.outcomes) {
      // DuckDB stops at the end of what it can unpack and says nothing.
      const gzips = this.files.filter((file) => file.kind === 'text' && file.gzip);
      const isCut = (file: LogFile) => isCutShort(file.path, file.size);
      const cut = await inParallel(gzips, OPEN_FILES, isCut, this.options.signal);
      truncated = gzips.filter((_, i) => cut[i]).map(({ name }) => name);
    }
    return faultFlaws(truncated, of('damaged'));
  }

  async close(): Promise<void> {
    this.threads.close();
    await this.database.close();
    this.workspace.remove();
    await this.s3?.close();
  }
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

/** Whole numbers go to DuckDB as they are, as INTEGER or BIGINT: a BigInt would become a HUGEINT, which few functions take. */
const bound = (values: readonly unknown[]) => [...values] as DuckDBValue[];
