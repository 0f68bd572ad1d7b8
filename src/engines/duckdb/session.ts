import { Readable } from 'node:stream';
import type { DuckDBValue } from '@duckdb/node-api';
import { Workspace } from '../../cache/workspace.js';
import type { Connection } from '../../duckdb/connection.js';
import { Database } from '../../duckdb/database.js';
import { Interrupted } from '../../errors.js';
import { type FieldSet, fieldSet } from '../../flowlog/fields.js';
import { kindOf } from '../../flowlog/transit-gateway.js';
import { CloudWatchLogs } from '../../logs/cloudwatch/cloudwatch-logs.js';
import type { FileGroup } from '../../logs/group-files.js';
import { isDamage } from '../../logs/parquet-columns.js';
import { readable } from '../../logs/readable.js';
import { S3Logs } from '../../logs/s3/s3-logs.js';
import type { TextOutcome } from '../../scan/scan-text.js';
import { TextThreads } from '../../scan/scan-texts.js';
import { sizeOf } from '../../scan/stored-file.js';
import { duckdbDialect } from '../../sql/duckdb.js';
import type { OwnStatement, Query, Source } from '../../sql/query.js';
import { identifier, parameterComments } from '../../sql/sql.js';
import type { TimeRange } from '../../time/range.js';
import { type InputFile, isOwn, type Run, type RunOptions, type Session } from '../engine.js';
import { readAnswer } from './answer.js';
import { type CheckedGroups, ParquetChecks } from './checked-groups.js';
import { LogSet } from './log-set.js';
import { narrow } from './narrow.js';
import { ownAnswer, refusedStatement } from './own-answer.js';
import { Progressing } from './progressing.js';
import { relation } from './relation.js';
import type { LocalSettings } from './settings.js';
import { ledgersOf, loadSources } from './store-sources.js';
import { summaryOf } from './summary.js';

/** Logs of less than this many bytes as stored are read by one thread: each thread has hash tables of its own to set up. */
const SMALL = 1 << 20;

/** The view that the files are asked through. */
const LOGS = 'flow_logs';

/** Between two looks at how far a statement is (milliseconds). */
const TICK = 200;

/** Log files that were found, and a DuckDB to ask them with. Runs share nothing but these. */
export class LocalSession implements Session {
  readonly billed = false;
  private readonly stop = new AbortController();
  private readonly workspace = new Workspace();
  /** Asked for the columns of Parquet files before it is known which files a run reads. */
  private readonly schemas = new Database(this.workspace);
  /** The database of the next run; the others hold answers. */
  private database: Database | undefined;
  private readonly databases: Database[] = [];
  /** What statements may read, once a run has begun. */
  private reach: ReadonlySet<string> | undefined;
  private readonly threads = new TextThreads();
  private readonly parquet = new ParquetChecks(this.schemas, () => this.newFile());
  private readonly s3: S3Logs | undefined;
  private readonly cloudwatch: CloudWatchLogs | undefined;
  private readonly underway = new Set<Promise<unknown>>();
  private found!: { readonly set: LogSet; readonly fields: FieldSet };
  private runs = 0;

  private constructor(
    private readonly options: LocalSettings,
    private readonly signal: AbortSignal,
  ) {
    const { s3, logFormat, zone = 'UTC', eni } = options;
    this.s3 = s3 && new S3Logs(s3, this.stop.signal, { logFormat, zone });
    this.cloudwatch = s3 && new CloudWatchLogs({ ...s3, logFormat, eni }, this.newFile, this.stop.signal);
    if (signal.aborted) this.onAbort();
    signal.addEventListener('abort', this.onAbort, { once: true });
  }

  static async open(options: LocalSettings, range: TimeRange, signal: AbortSignal): Promise<LocalSession> {
    const session = new LocalSession(options, signal);
    try {
      session.found = await session.find(range);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  private readonly onAbort = () => {
    this.stop.abort();
    for (const database of [this.schemas, ...this.databases]) database.stop();
  };

  private readonly newFile = () => this.workspace.newFile();

  private find(range: TimeRange): Promise<{ set: LogSet; fields: FieldSet }> {
    const { logs, stdin = Readable.from([]), accounts, regions, flowLogs, late, kind } = this.options;
    const { logFormat, zone = 'UTC' } = this.options;
    return LogSet.find({
      logs,
      selection: { range, accounts, regions, flowLogs, late },
      kind,
      told: { logFormat, zone },
      stdin,
      newFile: this.newFile,
      maxInput: this.options.maxInput,
      s3: this.s3,
      cloudwatch: this.cloudwatch,
      // Threads that will be needed start while files are still being found.
      onText: (size) => this.threads.start(size),
      query: (sql) => this.schemas.query(sql),
      signal: this.stop.signal,
    }).catch((error) => {
      throw this.signal.aborted ? new Interrupted() : readable(error, []);
    });
  }

  get inputs(): readonly InputFile[] {
    return this.found.set.files;
  }

  get source(): Source {
    const { kind } = this.options;
    const { set, fields } = this.found;
    // What others wrote takes longer to convert than to keep.
    const converted = set.groups.some(({ parquet }) => parquet && !parquet.asDelivered);
    const dialect = converted ? { ...duckdbDialect, readAgain: duckdbDialect.kept } : duckdbDialect;
    return { dialect, fields, kind, from: identifier(LOGS), where: [] };
  }

  run(query: Query | OwnStatement, options: RunOptions): Promise<Run> {
    const run = this.answer(query, options);
    this.underway.add(run);
    const over = () => this.underway.delete(run);
    run.then(over, over);
    return run;
  }

  private async answer(query: Query | OwnStatement, { onProgress }: RunOptions): Promise<Run> {
    const {
      paths = false,
      narrowing,
      needs = [],
    }: Pick<Query, 'paths' | 'narrowing' | 'needs'> = isOwn(query) ? { narrowing: [] } : query;
    const progress = new Progressing(this.found.set.files, onProgress);
    // DuckDB is loaded while the threads go over the text.
    this.database ??= this.newDatabase(query);
    this.database.load();
    let { set } = this.found;
    const nameOf = (path: string) => set.files.find((file) => file.path === path)?.name;
    try {
      const prepared = await this.prepare(narrowing, paths, progress);
      set = prepared.set;
      const { outcomes } = prepared;
      // A header inside a stream may begin records of the other kind.
      const groups = prepared.groups.filter(({ fields }) => kindOf(fields) === set.kind);
      const otherKind = prepared.groups.length > groups.length;
      const known = this.found.fields;
      const fields = fieldSet([...known.values(), ...groups.flatMap((group) => group.fields)]);
      // A question was written for the fields known before.
      const unasked = isOwn(query) ? [] : [...fields.keys()].filter((column) => !known.has(column));
      const { flowLogs } = this.options;
      const sources = paths || flowLogs !== undefined;
      const ask = async (checked: CheckedGroups) => {
        const groups = await this.parquet.few(checked.groups, fields);
        const database = await this.databaseFor(query, groups, sources);
        const connection = await database.connect();
        if (sources) await loadSources(database, groups);
        const view = relation(groups, fields, { paths, narrowing, flowLogs });
        await connection.query(`CREATE TEMP VIEW ${LOGS} AS ${view}`);
        // What was narrowed is soon read: the time went into the files themselves.
        const showing =
          outcomes && narrowing.length > 0
            ? undefined
            : setInterval(() => progress.part(connection.progress), TICK);
        const result = await this.execute(query, database, connection, this.runs++).finally(() =>
          clearInterval(showing),
        );
        return { result, connection };
      };
      let parquet = await this.parquet.check(groups, nameOf);
      const { result, connection } = await ask(parquet).catch(async (error) => {
        if (this.signal.aborted || !isDamage(error)) throw error;
        const known = parquet.damaged.length;
        parquet = await this.parquet.check(groups, nameOf, true);
        if (parquet.damaged.length === known) throw error;
        return ask(parquet);
      });
      const { signal } = this.stop;
      const { s3, cloudwatch, options } = this;
      return {
        result,
        summary: () =>
          summaryOf({
            ...prepared,
            ...{ parquet, connection, s3, cloudwatch, options, needs, otherKind, unasked, signal },
          }),
      };
    } catch (error) {
      if (this.signal.aborted) throw new Interrupted();
      throw isOwn(query) ? refusedStatement(error) : readable(error, set.files);
    }
  }

  /** What DuckDB reads: of text, only the lines that may matter, where that can be told. */
  private async prepare(
    narrowing: Query['narrowing'],
    paths: boolean,
    progress: Progressing,
  ): Promise<{
    set: LogSet;
    groups: readonly FileGroup[];
    /** Of each text file, where they were gone over. */
    outcomes: readonly TextOutcome[] | undefined;
  }> {
    const { found, threads, newFile } = this;
    if (!found.set.groups.some(({ kind }) => kind === 'text')) {
      return { set: found.set, groups: found.set.groups, outcomes: undefined };
    }
    const keep = narrowing.length > 0 ? 'all' : paths ? 'apart' : 'much';
    return narrow(found.set, { narrowing, keep }, { threads, newFile, progress, signal: this.stop.signal });
  }

  /**
   * A database that can read what a run reads, and nothing else of this machine; the same as before, where that will do. Only
   * a statement that the user lets write may do what the user may.
   */
  private async databaseFor(
    query: Query | OwnStatement,
    groups: readonly FileGroup[],
    paths: boolean,
  ): Promise<Database> {
    const free = isOwn(query) && query.writes === true;
    const files = groups.flatMap((group) => group.paths).filter((path) => !this.workspace.holds(path));
    const needed = free ? [] : [...files, ...(paths ? ledgersOf(groups) : [])];
    if (this.reach && (free || !needed.every((path) => this.reach!.has(path)))) {
      this.database = undefined;
      this.reach = undefined;
    }
    this.database ??= this.newDatabase(query);
    const { database } = this;
    if (!free) {
      this.reach ??= new Set(needed);
      await database.confine({ files: needed, folders: [] });
    }
    return database;
  }

  private newDatabase(query: Query | OwnStatement): Database {
    // What a user's own statement does takes as long as it likes, whatever it reads.
    const oneThread = !isOwn(query) && sizeOf(this.found.set.files) < SMALL;
    const database = new Database(this.workspace, undefined, oneThread ? 1 : undefined);
    this.databases.push(database);
    if (this.stop.signal.aborted) database.stop();
    return database;
  }

  private execute(query: Query | OwnStatement, database: Database, connection: Connection, number: number) {
    const { newFile } = this;
    const table = `answer_${number}`;
    if (isOwn(query)) return ownAnswer({ database, connection, table, newFile }, query);
    const { sql } = query;
    return connection
      .query(`CREATE TABLE ${table} AS ${sql.sql}`, [...sql.values] as DuckDBValue[])
      .then(() => readAnswer({ database, table, newFile }, query));
  }

  statement(query: Query): string {
    const { set, fields } = this.found;
    const limit = query.limit === undefined ? '' : `\nLIMIT ${query.limit}`;
    const parameters = parameterComments(query.sql.values, (value) => JSON.stringify(value));
    return `CREATE TEMP VIEW ${LOGS} AS\n${relation(set.groups, fields, { ...query, flowLogs: this.options.flowLogs })};\n\n${query.sql.sql}${limit};\n${parameters}`;
  }

  async close(): Promise<void> {
    this.signal.removeEventListener('abort', this.onAbort);
    this.onAbort();
    this.threads.close();
    await Promise.allSettled(this.underway);
    for (const database of [this.schemas, ...this.databases]) await database.close();
    this.workspace.remove();
    await this.s3?.close();
  }
}
