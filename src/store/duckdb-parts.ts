import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkParquet, type ParquetFinding } from '../duckdb/check-parquet.js';
import type { Database } from '../duckdb/database.js';
import { readableRecords } from '../duckdb/parquet-records.js';
import { literalPath, readCsv, TYPES } from '../duckdb/read-csv.js';
import type { Field } from '../flowlog/fields.js';
import { partPath, SOURCE_COLUMN } from '../flowlog/store-layout.js';
import type { LogFile } from '../logs/log-file.js';
import { isDamage } from '../logs/parquet-columns.js';
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

  /** A log file that is Parquet, by the number of its source. No finding where it is damaged. */
  async ofParquet(
    id: number,
    { path, columns = [], asDelivered = false }: Extract<LogFile, { kind: 'parquet' }>,
  ): Promise<{ parts: Part[]; finding: ParquetFinding | undefined }> {
    const fields = columns.map(({ field }) => field);
    const names = fields.map(({ column }) => quotedName(column)).join(', ');
    const take = (from: string) =>
      this.byDay(`SELECT ${names}, ${id}::INTEGER AS ${SOURCE_COLUMN} FROM ${from}`, fields);
    if (asDelivered) {
      try {
        const parts = await take(deliveredRecords(path, fields));
        return { parts, finding: { path, records: sum(parts), malformed: 0, columns: [] } };
      } catch (error) {
        if (!isDamage(error)) throw error;
      }
    }
    const { findings } = await checkParquet([path], columns, (sql) => this.database.query(sql));
    const [finding] = findings;
    if (!finding) return { parts: [], finding };
    return { parts: await take(readableRecords([path], columns, finding.malformed > 0)), finding };
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

const sum = (parts: readonly Part[]) => parts.reduce((total, { rows }) => total + rows, 0);

/** Records of a Parquet file as AWS delivers it: absent text is `-`. */
function deliveredRecords(path: string, fields: readonly Field[]): string {
  const values = fields.map(({ column, type }) => {
    const name = quotedName(column);
    const value = `CAST(${name} AS ${TYPES[type]})`;
    return `${type === 'text' ? `nullif(${value}, '-')` : value} AS ${name}`;
  });
  return `(SELECT ${values.join(', ')} FROM read_parquet([${literalPath(path)}], hive_partitioning = false))`;
}

/** The folder of a store's file. */
const dayOf = (path: string) => path.slice(0, path.indexOf('/'));

const listed = (fields: readonly Field[]) =>
  [...fields.map(({ column }) => quotedName(column)), SOURCE_COLUMN].join(', ');
