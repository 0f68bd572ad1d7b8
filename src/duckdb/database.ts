import { availableParallelism } from 'node:os';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { OpenDuckDb } from './open-duckdb.js';

/** DuckDB keeps to this and spills to disk beyond it, so that the whole process stays below 1 GB. */
const MEMORY = '640MB';

/** A DuckDB of this process, opened when it is first needed: loading it takes longer than most of what is asked of it. */
export class Database {
  private opened: Promise<OpenDuckDb> | undefined;
  private readonly others: Array<Promise<DuckDBConnection> | undefined> = [];

  /**
   * @param spillTo has a folder for what does not fit in memory, which is asked for when this opens
   * @param memory what DuckDB may use, as it writes sizes
   */
  constructor(
    private readonly spillTo: { readonly path: string },
    private readonly memory = MEMORY,
  ) {}

  /** Whether anything was asked of it. */
  get isOpen(): boolean {
    return this.opened !== undefined;
  }

  async connection(): Promise<DuckDBConnection> {
    this.opened ??= this.open();
    return (await this.opened).connection;
  }

  /**
   * The rows of a statement that runs beside others: on a connection of its own, by number. It sees the tables, not what
   * is temporary.
   */
  async queryBeside(number: number, sql: string): Promise<DuckDBValue[][]> {
    await this.connection();
    const { instance } = await this.opened!;
    this.others[number] ??= instance.connect();
    return (await (await this.others[number]).runAndReadAll(sql)).getRows();
  }

  /** The rows of a statement. */
  async query(sql: string, values?: DuckDBValue[]): Promise<DuckDBValue[][]> {
    const connection = await this.connection();
    return (await connection.runAndReadAll(sql, values)).getRows();
  }

  /** What a statement of any kind yields, with the names of its columns. */
  async statement(
    sql: string,
    values?: DuckDBValue[],
  ): Promise<{ names: readonly string[]; rows: readonly DuckDBValue[][] }> {
    const reader = await (await this.connection()).runAndReadAll(sql, values);
    return { names: reader.deduplicatedColumnNames(), rows: reader.getRows() };
  }

  async close(): Promise<void> {
    const opened = await this.opened?.catch(() => undefined);
    for (const other of this.others.splice(0)) (await other?.catch(() => undefined))?.closeSync();
    opened?.connection.closeSync();
    opened?.instance.closeSync();
    this.opened = undefined;
  }

  private async open(): Promise<OpenDuckDb> {
    const { openDuckDb } = await import('./open-duckdb.js');
    return openDuckDb({
      threads: String(availableParallelism()),
      memory_limit: this.memory,
      temp_directory: this.spillTo.path,
    });
  }
}
