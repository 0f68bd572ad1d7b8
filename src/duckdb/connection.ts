import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { Interrupted } from '../errors.js';

/** Between two interrupts of a statement (milliseconds): one that comes before the statement has begun is lost. */
const AGAIN = 10;

/** A connection that knows what runs on it. */
export class Connection {
  private readonly running = new Set<Promise<unknown>>();
  private stopping: Promise<void> | undefined;

  constructor(private readonly duckdb: DuckDBConnection) {}

  /** How far the running statement is, 0 to 1. */
  get progress(): number {
    return this.duckdb.progress.percentage / 100;
  }

  /** The rows of a statement. */
  query(sql: string, values?: DuckDBValue[]): Promise<DuckDBValue[][]> {
    return this.run(async () => (await this.duckdb.runAndReadAll(sql, values)).getRows());
  }

  /** What a statement of any kind yields, with the names of its columns. */
  statement(
    sql: string,
    values?: DuckDBValue[],
  ): Promise<{ names: readonly string[]; rows: readonly DuckDBValue[][] }> {
    return this.run(async () => {
      const reader = await this.duckdb.runAndReadAll(sql, values);
      return { names: reader.deduplicatedColumnNames(), rows: reader.getRows() };
    });
  }

  /** How many statements a text is, as DuckDB reads it. */
  countStatements(sql: string): Promise<number> {
    return this.run(async () => (await this.duckdb.extractStatements(sql)).count);
  }

  private async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.stopping) throw new Interrupted();
    const running = work();
    this.running.add(running);
    try {
      return await running;
    } catch (error) {
      throw this.stopping ? new Interrupted() : error;
    } finally {
      this.running.delete(running);
    }
  }

  /** Interrupts what runs, and refuses what comes. */
  stop(): void {
    this.stopping ??= this.interruptAll();
    this.stopping.catch(() => {});
  }

  private async interruptAll(): Promise<void> {
    const timer = setInterval(() => this.duckdb.interrupt(), AGAIN);
    try {
      if (this.running.size > 0) this.duckdb.interrupt();
      await Promise.allSettled(this.running);
    } finally {
      clearInterval(timer);
    }
  }

  /** Closes when nothing runs any more. */
  async close(): Promise<void> {
    this.stop();
    await this.stopping;
    this.duckdb.closeSync();
  }
}
