import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../duckdb/database.js';
import { literalPath, readCsv, TYPES } from '../duckdb/read-csv.js';
import { type Field, fieldOf } from '../flowlog/fields.js';
import { partPath, SOURCE_COLUMN } from '../flowlog/store-layout.js';
import { parquetColumns } from '../logs/parquet-columns.js';
import { quotedName, quotedText } from '../sql/sql.js';
import { GROUP, newId, type Part } from './convert.js';
import { orderBy } from './record-order.js';

/** Parquet files that DuckDB writes: of what is Parquet already, and of what is not as AWS writes it. */
export class DuckDbParts {
  private tables = 0;

  /** @param staging folder for what is unfinished */
  constructor(
    private readonly database: Database,
    private readonly staging: string,
  ) {}

  /** Lines that a worker left, the number of the source before each. What DuckDB cannot read either, it keeps apart. */
  async ofLines(
    path: string,
    fields: readonly Field[],
  ): Promise<{ parts: Part[]; rows: Map<number, number> }> {
    const table = `odd_${this.tables++}`;
    const columns = [[SOURCE_COLUMN, 'INTEGER'], ...fields.map(({ column, type }) => [column, TYPES[type]])];
    const text = readCsv(`[${literalPath(path)}]`, columns as Array<[string, string]>, {
      header: false,
      gzip: false,
    });
    await this.database.query(`CREATE TEMP TABLE ${table} AS FROM ${text}`);
    const parts = await this.byDay(`SELECT ${listed(fields)} FROM ${table}`, fields);
    const rows = await this.counts(`FROM ${table}`);
    await this.database.query(`DROP TABLE ${table}`);
    return { parts, rows };
  }

  /** Log files that are Parquet, by the numbers of their sources. */
  async ofParquet(
    sources: ReadonlyArray<{ readonly id: number; readonly path: string }>,
  ): Promise<{ parts: Part[]; rows: Map<number, number> }> {
    const columns = await parquetColumns(
      sources.map(({ path }) => path),
      (sql) => this.database.query(sql),
    );
    const parts: Part[] = [];
    const rows = new Map<number, number>();
    for (const { id, path } of sources) {
      const fields = columns
        .get(path)!
        .filter((name) => name !== SOURCE_COLUMN)
        .map(fieldOf);
      const values = fields.map(({ column, type }) => {
        const name = quotedName(column);
        const value = `CAST(${name} AS ${TYPES[type]})`;
        return `${type === 'text' ? `nullif(${value}, '-')` : value} AS ${name}`;
      });
      const select = `SELECT ${values.join(', ')}, ${id}::INTEGER AS ${SOURCE_COLUMN} FROM read_parquet([${literalPath(path)}], hive_partitioning = false)`;
      const made = await this.byDay(select, fields);
      parts.push(...made);
      rows.set(
        id,
        made.reduce((sum, part) => sum + part.rows, 0),
      );
    }
    return { parts, rows };
  }

  /** What is left of the store's files that hold records of these sources when those are taken out. */
  async without(
    ids: readonly number[],
    store: string,
    paths: readonly string[],
  ): Promise<{ parts: Part[]; removed: string[] }> {
    const parts: Part[] = [];
    const removed: string[] = [];
    if (paths.length === 0) return { parts, removed };
    const list = paths.map((path) => literalPath(join(store, path))).join(', ');
    const of = `${SOURCE_COLUMN} IN (${ids.join(', ')})`;
    const found = await this.database.query(
      `SELECT DISTINCT filename FROM read_parquet([${list}], union_by_name = true, filename = true, hive_partitioning = false) WHERE ${of}`,
    );
    const holding = new Set(found.map(([path]) => String(path)));
    for (const path of paths) {
      const whole = join(store, path);
      if (!holding.has(whole)) continue;
      removed.push(path);
      const part = await this.write(
        `FROM read_parquet([${literalPath(whole)}], hive_partitioning = false) WHERE NOT ${of}`,
        dayOf(path),
      );
      if (part) parts.push(part);
    }
    return { parts, removed };
  }

  /** One file of several of the store's that have the same columns and are of the same day. */
  async together(store: string, paths: readonly string[], columns: readonly string[]): Promise<Part> {
    const list = paths.map((path) => literalPath(join(store, path))).join(', ');
    const select = `FROM read_parquet([${list}], hive_partitioning = false) ${orderBy(columns)}`;
    return (await this.write(select, dayOf(paths[0]!)))!;
  }

  private async byDay(select: string, fields: readonly Field[]): Promise<Part[]> {
    const columns = fields.map(({ column }) => column);
    const day = columns.includes('start')
      ? 'CASE WHEN start >= 0 AND start < 253402300800 THEN start // 86400 END'
      : 'CAST(NULL AS BIGINT)';
    const days = await this.database.query(`SELECT DISTINCT ${day} AS day FROM (${select}) ORDER BY day`);
    const parts: Part[] = [];
    for (const [value] of days) {
      const number = value === null ? undefined : Number(value);
      const only = `(${day}) IS NOT DISTINCT FROM ${number ?? 'NULL'}`;
      const part = await this.write(`FROM (${select}) WHERE ${only} ${orderBy(columns)}`, number);
      if (part) parts.push(part);
    }
    return parts;
  }

  /** @param day days since 1970, or a folder's path */
  private async write(from: string, day: number | string | undefined): Promise<Part | undefined> {
    const id = newId();
    const staged = join(this.staging, `${id}.parquet`);
    const [[rows]] = (await this.database.query(
      `COPY (${from}) TO ${quotedText(staged)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${GROUP})`,
    )) as [[bigint]];
    if (Number(rows) === 0) return undefined;
    const path = typeof day === 'string' ? `${day}/flowlog-${id}.parquet` : partPath(day, id);
    return { path, staged, rows: Number(rows), size: (await stat(staged)).size };
  }

  private async counts(from: string): Promise<Map<number, number>> {
    const rows = await this.database.query(`SELECT ${SOURCE_COLUMN}, count(*) ${from} GROUP BY ALL`);
    return new Map(rows.map(([id, count]) => [Number(id), Number(count)]));
  }
}

/** The folder of a store's file. */
const dayOf = (path: string) => path.slice(0, path.indexOf('/'));

const listed = (fields: readonly Field[]) =>
  [...fields.map(({ column }) => quotedName(column)), SOURCE_COLUMN].join(', ');
