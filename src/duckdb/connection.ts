import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { Interrupted } from '../errors.js';

/** Between two interrupts of a statement (milliseconds): one that comes before the statement has begun is lost. */
const AGAIN = 10;

/** A node of a plan as DuckDB writes it. */
interface Planned {
  readonly children?: readonly Planned[];
  readonly extra_info?: { readonly Function?: string };
}

/** With a list of values, even an empty one, a statement is prepared first, which plans it twice. */
const given = (values?: DuckDBValue[]) => (values?.length ? values : undefined);

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
    return this.run(async () => (await this.duckdb.runAndReadAll(sql, given(values))).getRows());
  }

  /** What a statement of any kind yields, with the names of its columns. */
  statement(
    sql: string,
    values?: DuckDBValue[],
  ): Promise<{ names: readonly string[]; rows: readonly DuckDBValue[][] }> {
    return this.run(async () => {
      const reader = await this.duckdb.runAndReadAll(sql, given(values));
      return { names: reader.deduplicatedColumnNames(), rows: reader.getRows() };
    });
  }

  /** How many statements a text is, and of what kind the one is, as DuckDB reads it: `SELECT`, `COPY`, … */
  kindOf(sql: string): Promise<{ count: number; kind: string }> {
    return this.run(async () => {
      const { statementKind } = await import('./open-duckdb.js');
      const statements = await this.duckdb.extractStatements(sql);
      const { count } = statements;
      if (count !== 1) return { count, kind: '' };
      const prepared = await statements.prepare(0);
      const kind = statementKind(prepared.statementType);
      prepared.destroySync();
      return { count, kind };
    });
  }

  /** The names of the table functions that a query runs, in capitals, as DuckDB plans it. */
  async functions(sql: string, values?: DuckDBValue[]): Promise<string[]> {
    const [[, plan] = []] = await this.query(`EXPLAIN (FORMAT json) ${sql}`, values);
    const all: string[] = [];
    const visit = ({ children = [], extra_info }: Planned): void => {
      if (extra_info?.Function !== undefined) all.push(extra_info.Function);
      for (const child of children) visit(child);
    };
    for (const each of JSON.parse(String(plan)) as Planned[]) visit(each);
    return all;
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
