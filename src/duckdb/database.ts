import { availableParallelism } from 'node:os';
import type { DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { quotedText } from '../sql/sql.js';
import { Connection } from './connection.js';
import { globbed } from './read-csv.js';

/** DuckDB keeps to this and spills to disk beyond it, so that the whole process stays below 1 GB. */
const MEMORY = '640MB';

/** The files that DuckDB keeps a database in. */
export const databaseFiles = (path: string): string[] =>
  ['', '.wal', '.wal.checkpoint', '.wal.recovery'].map((end) => path + end);

/** What statements may touch of this machine. */
export interface Reach {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/**
 * A DuckDB of this process, loaded when it is first needed. A connection that is closed under a running statement ends the
 * process or hangs its exit: so `close` interrupts what runs, waits for it, and closes then.
 */
export class Database {
  private opened: Promise<DuckDBInstance> | undefined;
  private first: Promise<Connection> | undefined;
  private readonly others: Array<Promise<Connection> | undefined> = [];
  private readonly connections: Connection[] = [];
  private confined: Promise<void> | undefined;
  private stopped = false;

  /**
   * @param spillTo has a folder for what does not fit in memory, which is asked for when this opens
   * @param memory what DuckDB may use, as it writes sizes
   * @param threads that run statements
   */
  constructor(
    private readonly spillTo: { readonly path: string },
    private readonly memory = MEMORY,
    private readonly threads = availableParallelism(),
  ) {}

  /** Loads DuckDB while other work goes on. A failure is reported to the first who connects. */
  load(): void {
    this.instance().catch(() => {});
  }

  /**
   * From now on statements reach these files, what is in these folders, and what was spilled: nothing else of this machine, no
   * network, no extension; and none can change that ("Securing DuckDB" in its documentation).
   */
  confine({ files, folders }: Reach): Promise<void> {
    this.confined ??= this.confineTo(files, [...folders, this.spillTo.path]);
    return this.confined;
  }

  private async confineTo(files: readonly string[], folders: readonly string[]): Promise<void> {
    const list = (paths: readonly string[]) => `[${paths.map(quotedText).join(', ')}]`;
    // Paths are looked up as they stand in a statement.
    const named = files.flatMap((path) => (globbed(path) === path ? [path] : [path, globbed(path)]));
    for (const setting of [
      `allowed_paths = ${list(named)}`,
      `allowed_directories = ${list(folders)}`,
      'enable_external_access = false',
      'lock_configuration = true',
    ]) {
      await this.query(`SET ${setting}`);
    }
  }

  /** A connection of its own: what is temporary on it, its progress and its rejected lines are nobody else's. */
  async connect(): Promise<Connection> {
    const connection = new Connection(await (await this.instance()).connect());
    this.connections.push(connection);
    if (this.stopped) connection.stop();
    return connection;
  }

  /** The rows of a statement, on one connection for all of these. */
  async query(sql: string, values?: DuckDBValue[]): Promise<DuckDBValue[][]> {
    this.first ??= this.connect();
    return (await this.first).query(sql, values);
  }

  /** The rows of a statement that runs beside others, on a connection by number. It sees the tables, not what is temporary. */
  async queryBeside(number: number, sql: string): Promise<DuckDBValue[][]> {
    this.others[number] ??= this.connect();
    return (await this.others[number]).query(sql);
  }

  /** Interrupts every statement, and refuses new ones. */
  stop(): void {
    this.stopped = true;
    for (const connection of this.connections) connection.stop();
  }

  async close(): Promise<void> {
    this.stop();
    const instance = await this.opened?.catch(() => undefined);
    // Those who are connecting just now.
    await Promise.allSettled([this.first, ...this.others]);
    for (const connection of this.connections.splice(0)) await connection.close();
    instance?.closeSync();
    this.opened = undefined;
  }

  private instance(): Promise<DuckDBInstance> {
    this.opened ??= this.open();
    return this.opened;
  }

  private async open(): Promise<DuckDBInstance> {
    const { openDuckDb } = await import('./open-duckdb.js');
    return openDuckDb({
      threads: String(this.threads),
      memory_limit: this.memory,
      temp_directory: this.spillTo.path,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
    });
  }
}
