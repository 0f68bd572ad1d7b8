import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { Workspace } from '../cache/workspace.js';
import { type ParquetFinding, parquetFlaws } from '../duckdb/check-parquet.js';
import { Database } from '../duckdb/database.js';
import { malformedLines } from '../duckdb/malformed-lines.js';
import { FlowlogError, Interrupted } from '../errors.js';
import { type Field, fieldOf } from '../flowlog/fields.js';
import { isTransitGateway } from '../flowlog/transit-gateway.js';
import { CloudWatchLogs } from '../logs/cloudwatch/cloudwatch-logs.js';
import { isSettled } from '../logs/cloudwatch/settled-days.js';
import { isFoundExport, isLog, leaveOutExports } from '../logs/exports.js';
import { findFiles } from '../logs/find-files.js';
import { type Flaw, faultFlaws, fileFlaw, kindFlaws } from '../logs/flaws.js';
import { refuseForeign } from '../logs/foreign.js';
import { groupFiles } from '../logs/group-files.js';
import type { FoundFile, LogFile } from '../logs/log-file.js';
import { inspectParquet } from '../logs/parquet-columns.js';
import { readable } from '../logs/readable.js';
import { recognise } from '../logs/recognise.js';
import { S3Logs } from '../logs/s3/s3-logs.js';
import type { S3Settings } from '../logs/s3/settings.js';
import { sizeOf } from '../scan/stored-file.js';
import type { FileProgress } from '../terminal/progress.js';
import { chunksOf, type Numbered } from './chunks.js';
import { compact } from './compact.js';
import type { ChunkOutcome, Part, SourceOutcome } from './convert.js';
import { chunkSize, convertAll, StoreThreads } from './convert-all.js';
import { DuckDbParts } from './duckdb-parts.js';
import type { Entry } from './ledger.js';
import { type NewFile, type Plan, planImport } from './plan.js';
import { Store, stagingOf } from './store.js';

export interface ImportOptions {
  /** What `--logs` takes: files, folders, patterns, `s3://bucket/prefix/`, `-`. */
  readonly logs: readonly string[];
  /** Of files in the S3 layouts of AWS, those of these accounts and regions; undefined is all. */
  readonly accounts?: readonly string[] | undefined;
  readonly regions?: readonly string[] | undefined;
  /** The fields of text that no header line says. */
  readonly logFormat?: readonly Field[] | undefined;
  /** The zone of times in exported answers that say none. */
  readonly zone?: string | undefined;
  /** Of files whose names say their flow log, those of these (`fl-…`); undefined is all. */
  readonly flowLogs?: readonly string[] | undefined;
  /** How logs in S3 are fetched; undefined where none are. */
  readonly s3?: S3Settings | undefined;
  readonly stdin: Readable;
  /** Bytes kept at most of an input of unknown size. */
  readonly maxInput?: number | undefined;
  /** The store's folder. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: FileProgress) => void;
}

export interface ImportSummary {
  /** Taken in by this import. */
  readonly records: number;
  readonly files: number;
  /** Bytes of those files as stored. */
  readonly bytes: number;
  /** Files whose records the store had already. */
  readonly known: number;
  /** Files that had changed, whose records were replaced. */
  readonly replaced: number;
  /** Files that are copies of others. */
  readonly copies: number;
  readonly flaws: readonly Flaw[];
  /** Lines that are no records. */
  readonly malformed: number;
  /** The whole store. */
  readonly store: { readonly files: number; readonly days: number; readonly bytes: number };
}

/** DuckDB's part of the memory: most of the work is not its. */
const MEMORY = '320MB';
/** Between steps at least (milliseconds). */
const STEP = 1000;
/** Parquet files that are taken in together (bytes as stored). */
const PARQUET_AT_ONCE = 64 << 20;

/**
 * Takes log files into a store, each exactly once, whatever interrupted earlier imports.
 *
 * @throws FlowlogError when there are no logs, the store is in use or cannot be written; Interrupted when the signal is
 *   aborted: what was committed until then stays, the rest is imported the next time
 */
export async function importLogs(options: ImportOptions): Promise<ImportSummary> {
  const workspace = new Workspace();
  const database = new Database(workspace, MEMORY);
  const threads = new StoreThreads(stagingOf(options.directory));
  try {
    const found = await foundAtOnce(options);
    if (found) threads.start(sizeOf(found));
    const store = await Store.open(workspace, options.directory);
    try {
      const entries = await store.entries();
      return await new Import(options, store, database, workspace, threads, entries, found).run();
    } finally {
      await store.close();
    }
  } catch (error) {
    if (options.signal.aborted) throw new Interrupted();
    throw readable(error, []);
  } finally {
    threads.close();
    await database.close();
    workspace.remove();
  }
}

/**
 * The files of an import into a new store from folders of this machine, which nothing can be known of before: so that threads
 * are started before DuckDB is loaded. What has to be fetched, or can be read once, waits until the store is held.
 */
async function foundAtOnce({
  logs,
  accounts,
  regions,
  flowLogs,
  stdin,
  directory,
  signal,
}: ImportOptions): Promise<readonly FoundFile[] | undefined> {
  const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (existsSync(directory) || !logs.every(isFolder)) return undefined;
  const spool = () => {
    throw new Error('no folder');
  };
  const sources = { stdin, spool, s3: undefined, cloudwatch: undefined, signal };
  return (await findFiles(logs, { range: EVER, accounts, regions, flowLogs }, sources)).files;
}

const EVER = { since: undefined, until: undefined };

class Import {
  private readonly parts: DuckDbParts;
  private readonly s3: S3Logs | undefined;
  private readonly cloudwatch: CloudWatchLogs | undefined;
  /** Objects in S3 that were not even fetched. */
  private knownObjects = 0;
  private gateways: readonly string[] = [];
  private sizes: Map<string, number> | undefined;
  private readonly touchedDays = new Set<string>();
  private readonly outcomes: Array<SourceOutcome & { readonly path: string }> = [];
  private readonly checkedParquet = { findings: [] as ParquetFinding[], damaged: [] as string[] };
  private all = { files: 0, bytes: 0 };
  private done = { files: 0, bytes: 0 };

  constructor(
    private readonly options: ImportOptions,
    private readonly store: Store,
    private readonly database: Database,
    private readonly workspace: Workspace,
    private readonly threads: StoreThreads,
    private readonly entries: readonly Entry[],
    private readonly found: readonly FoundFile[] | undefined,
  ) {
    this.parts = new DuckDbParts(database, store.staging);
    const { s3, logFormat, signal } = options;
    this.s3 = s3 && new S3Logs({ ...s3, known: this.isKnown }, signal);
    const { settled } = this;
    const spool = () => workspace.newFile();
    this.cloudwatch = s3 && new CloudWatchLogs({ ...s3, logFormat, settled }, spool, signal);
  }

  /** AWS writes a log file once: one of the same place and size need not be fetched to be known. */
  private readonly isKnown = (uri: string, size: number): boolean => {
    this.sizes ??= new Map(this.entries.map((entry) => [entry.name, entry.size]));
    const known = this.sizes.get(uri) === size;
    if (known) this.knownObjects++;
    return known;
  };

  /** Days of a log group that were imported when no more events could come. */
  private readonly settled = (arn: string): ReadonlySet<string> => {
    const days = new Set<string>();
    for (const { name, modified } of this.entries) {
      const day = name.slice(-10);
      if (name === `cloudwatch:${arn}/${day}` && isSettled(day, modified)) days.add(day);
    }
    this.knownObjects += days.size;
    return days;
  };

  async run(): Promise<ImportSummary> {
    try {
      return await this.take();
    } finally {
      await this.s3?.close();
    }
  }

  private async take(): Promise<ImportSummary> {
    const { signal, logs, logFormat, zone = 'UTC' } = this.options;
    const { entries } = this;
    const found = await this.find();
    const names = new Set(entries.map(({ name }) => name));
    this.threads.start(sizeOf(found.filter(({ path }) => !names.has(resolve(path)))));
    const plan = await planImport(found, entries, (path) => this.workspace.holds(path));
    const recognised: LogFile[] = [];
    for (const { found } of plan.files) {
      if (signal.aborted) throw new Interrupted();
      recognised.push(await recognise(found, { logFormat, zone }));
    }
    const inspected = await inspectParquet(recognised, (sql) => this.database.query(sql));
    const files = leaveOutExports(
      inspected,
      inspected.some(isFoundExport) && (await this.knowsLogs(found, plan)),
    );
    refuseForeign(files, logs, plan.known + plan.copies.length + this.knownObjects);
    const gateways = this.ofGateways(files);
    let id = entries.reduce((most, entry) => Math.max(most, entry.id), 0);
    const news = new Map<number, NewFile>();
    const numbered = files.flatMap((file, i): Numbered[] => {
      if (file.kind !== 'text' && file.kind !== 'parquet') return [];
      if (gateways.has(file.path)) return [];
      news.set(++id, plan.files[i]!);
      return [{ id, file }];
    });
    const parquets = numbered.filter(({ file }) => file.kind === 'parquet').map(({ file }) => file.path);
    await this.database.confine({ files: parquets, folders: [resolve(this.options.directory)] });
    this.all = { files: numbered.length, bytes: sizeOf(numbered.map(({ file }) => file)) };
    await this.takeTexts(numbered, news);
    await this.takeParquets(numbered, news);
    await this.forgetEmptied(
      plan.files.filter((_, i) => files[i]!.kind === 'empty' || files[i]!.kind === 'foreign'),
    );
    const seen = [...plan.touched, ...plan.copies.map((copy): Entry => ({ ...copy, id: ++id }))];
    if (seen.length > 0) await this.store.commit({ added: [], removed: [], forgotten: [], entries: seen });
    await compact(this.store, this.database, this.parts, this.touchedDays);
    return this.summary(plan, files);
  }

  /** Whether there is a log among the files that were found, but need not be read again. */
  private async knowsLogs(found: readonly FoundFile[], { files }: Plan): Promise<boolean> {
    if (this.knownObjects > 0) return true;
    const { logFormat, zone = 'UTC' } = this.options;
    const unread = new Set(found);
    for (const { found } of files) unread.delete(found);
    for (const file of unread) if (isLog(await recognise(file, { logFormat, zone }))) return true;
    return false;
  }

  /** Files of transit gateways, which a store does not take: their records are no part of those of VPCs. */
  private ofGateways(files: readonly LogFile[]): ReadonlySet<string> {
    const groups = groupFiles(files);
    const paths = new Set(groups.flatMap(({ fields, paths }) => (isTransitGateway(fields) ? paths : [])));
    this.gateways = files.filter(({ path }) => paths.has(path)).map(({ name }) => name);
    return paths;
  }

  /** The files named, but none of the store itself. */
  private async find(): Promise<readonly FoundFile[]> {
    if (this.found) return this.found;
    const { logs, accounts, regions, flowLogs, stdin, maxInput, directory, signal } = this.options;
    const { files } = await findFiles(
      logs,
      { range: EVER, accounts, regions, flowLogs },
      {
        ...{ stdin, spool: () => this.workspace.newFile(), s3: this.s3, cloudwatch: this.cloudwatch },
        ...{ maxInput, signal },
      },
    );
    const own = resolve(directory) + sep;
    const others = files.filter(({ path }) => !resolve(path).startsWith(own));
    if (others.length > 0 || files.length === 0) return others;
    throw new FlowlogError(`${logs.join(', ')} is the store itself.`, 'Name the logs to import.');
  }

  private async takeTexts(numbered: readonly Numbered[], news: ReadonlyMap<number, NewFile>): Promise<void> {
    const byId = new Map(numbered.map((source) => [source.id, source]));
    const chunks = chunksOf(numbered, chunkSize());
    const waiting: ChunkOutcome[] = [];
    let committing: Promise<void> | undefined;
    let failed: { readonly error: unknown } | undefined;
    const stop = new AbortController();
    const cancel = () => stop.abort();
    this.options.signal.addEventListener('abort', cancel, { once: true });
    // One step at a time, of all chunks that became ready meanwhile, and not too often: what a step writes down beside the
    // records takes longer than some chunks.
    let last = Number.NEGATIVE_INFINITY;
    const commit = async (all = false) => {
      while (waiting.length > 0 && !failed && (all || performance.now() >= last + STEP)) {
        await this.commitTexts(waiting.splice(0), news, byId);
        last = performance.now();
      }
    };
    try {
      if (this.options.signal.aborted) throw new Interrupted();
      await convertAll(chunks, this.threads, stop.signal, (outcome) => {
        waiting.push(outcome);
        this.store.prepare(outcome.parts);
        committing ??= commit()
          .catch((error) => {
            failed = { error };
            stop.abort();
          })
          .finally(() => {
            committing = undefined;
          });
      });
    } catch (error) {
      // What is being committed is carried out; a failure of it is why the threads were stopped.
      await committing;
      throw failed ? failed.error : error;
    } finally {
      this.options.signal.removeEventListener('abort', cancel);
    }
    await committing;
    if (!failed) await commit(true);
    if (failed) throw failed.error;
  }

  private async commitTexts(
    outcomes: readonly ChunkOutcome[],
    news: ReadonlyMap<number, NewFile>,
    byId: ReadonlyMap<number, Numbered>,
  ): Promise<void> {
    const added = outcomes.flatMap(({ parts }) => parts);
    const sources = new Map(outcomes.flatMap(({ sources }) => sources).map((source) => [source.id, source]));
    for (const { path, columns } of outcomes.flatMap(({ odd }) => odd)) {
      const { parts, rows } = await this.parts.ofLines(path, columns.map(fieldOf));
      added.push(...parts);
      for (const [id, count] of rows) {
        const source = sources.get(id)!;
        sources.set(id, { ...source, rows: source.rows + count });
      }
    }
    await this.commit(added, [...sources.values()], news, byId);
  }

  private async takeParquets(
    numbered: readonly Numbered[],
    news: ReadonlyMap<number, NewFile>,
  ): Promise<void> {
    const byId = new Map(numbered.map((source) => [source.id, source]));
    const waiting = numbered.filter(({ file }) => file.kind === 'parquet');
    while (waiting.length > 0) {
      if (this.options.signal.aborted) throw new Interrupted();
      const some = [waiting.shift()!];
      const size = () => sizeOf(some.map(({ file }) => file));
      while (waiting.length > 0 && size() + waiting[0]!.file.size <= PARQUET_AT_ONCE)
        some.push(waiting.shift()!);
      const parts: Part[] = [];
      const sources: SourceOutcome[] = [];
      for (const { id, file } of some) {
        if (file.kind !== 'parquet') continue;
        const hash = createHash('sha256');
        for await (const bytes of createReadStream(file.path)) hash.update(bytes as Buffer);
        const { parts: made, finding } = await this.parts.ofParquet(id, file);
        parts.push(...made);
        const { findings, damaged } = this.checkedParquet;
        if (finding) findings.push({ ...finding, path: file.name });
        else damaged.push(file.name);
        const rows = made.reduce((total, part) => total + part.rows, 0);
        const text = { malformed: 0, details: [], fault: undefined };
        sources.push({ id, sha256: hash.digest('hex'), rows, ...text });
      }
      await this.commit(parts, sources, news, byId);
    }
  }

  /** Files that have changed and hold no records any more. */
  private async forgetEmptied(files: readonly NewFile[]): Promise<void> {
    const forgotten = files.flatMap(({ replaces }) => replaces ?? []);
    if (forgotten.length === 0) return;
    const { parts, removed } = await this.without(forgotten);
    await this.store.commit({ added: parts, removed, forgotten, entries: [] });
  }

  private async without(ids: readonly number[]): Promise<{ parts: Part[]; removed: string[] }> {
    if (ids.length === 0) return { parts: [], removed: [] };
    const paths = (await this.store.parts()).map(({ path }) => path);
    return this.parts.without(ids, this.store.folder, paths);
  }

  private async commit(
    parts: readonly Part[],
    sources: readonly SourceOutcome[],
    news: ReadonlyMap<number, NewFile>,
    byId: ReadonlyMap<number, Numbered>,
  ): Promise<void> {
    const entries = sources.map(({ id, sha256, rows }): Entry => {
      const { name, place, modified, found } = news.get(id)!;
      return { id, name, place, size: found.size, modified, sha256, rows };
    });
    const forgotten = sources.flatMap(({ id }) => news.get(id)!.replaces ?? []);
    const rest = await this.without(forgotten);
    const added = [...parts, ...rest.parts];
    await this.store.commit({ added, removed: rest.removed, forgotten, entries });
    for (const { path } of added) this.touchedDays.add(path.split('/')[0]!);
    this.outcomes.push(...sources.map((source) => ({ ...source, path: byId.get(source.id)!.file.name })));
    this.tell(sources.map(({ id }) => byId.get(id)!.file.size));
  }

  private tell(sizes: readonly number[]): void {
    const { all, done } = this;
    this.done = { files: done.files + sizes.length, bytes: done.bytes + sum(sizes) };
    this.options.onProgress({
      files: { done: this.done.files, all: all.files },
      bytes: { done: this.done.bytes, all: all.bytes },
    });
  }

  private async summary(plan: Plan, files: readonly LogFile[]): Promise<ImportSummary> {
    const { outcomes, database, store } = this;
    const parts = await store.parts();
    const of = (fault: SourceOutcome['fault']) =>
      outcomes.filter((outcome) => outcome.fault === fault).map(({ path }) => path);
    return {
      records: sum(outcomes.map(({ rows }) => rows)),
      files: this.done.files,
      bytes: this.done.bytes,
      known: plan.known + this.knownObjects,
      replaced: plan.files.filter(({ replaces }) => replaces !== undefined).length,
      copies: plan.copies.length,
      malformed: sum(outcomes.map(({ malformed }) => malformed)),
      flaws: [
        ...(await malformedLines(database, outcomes, (path) =>
          path.startsWith(store.staging) ? undefined : path,
        )),
        ...faultFlaws(of('truncated'), of('damaged')),
        ...parquetFlaws(this.checkedParquet, (name) => name),
        ...kindFlaws(files),
        ...fileFlaw(
          this.gateways,
          'transit gateway flow log file, which a store does not take',
          'transit gateway flow log files, which a store does not take',
        ),
        ...(this.s3?.flaws() ?? []),
      ],
      store: {
        files: parts.length,
        days: new Set(parts.map(({ path }) => path.split('/')[0])).size,
        bytes: sizeOf(parts),
      },
    };
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
