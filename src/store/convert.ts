import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { partPath, SOURCE_COLUMN } from '../flowlog/store-layout.js';
import { type Fault, readText } from '../scan/read-text.js';
import { Spool } from '../scan/spool.js';
import { VERSION } from '../version.js';
import { ColumnTable } from './column-table.js';
import { type ParquetColumn, ParquetFile } from './parquet/file.js';
import { Zstd } from './parquet/zstd.js';
import { rowGroups } from './record-order.js';

/** Log files of one format that become Parquet together. */
export interface ChunkTask {
  readonly number: number;
  /** The columns of a record, in the order of its text. */
  readonly columns: readonly ParquetColumn[];
  readonly sources: readonly SourceTask[];
}

export interface SourceTask {
  /** The number by which its records are known. */
  readonly id: number;
  readonly path: string;
  readonly size: number;
  readonly gzip: boolean;
  readonly header: boolean;
}

export interface ChunkOutcome {
  readonly number: number;
  readonly parts: readonly Part[];
  readonly sources: readonly SourceOutcome[];
  /** A file of lines that are left to DuckDB, the number of the source before each. */
  readonly odd: string | undefined;
}

/** A finished Parquet file that is not in its place yet. */
export interface Part {
  /** Where it is to be, in the store. */
  readonly path: string;
  /** Where it is. */
  readonly staged: string;
  readonly rows: number;
  readonly size: number;
}

/** What came of a log file. */
export interface SourceOutcome {
  readonly id: number;
  readonly sha256: string;
  readonly rows: number;
  readonly malformed: number;
  /** `line: text` of the first of them. */
  readonly details: readonly string[];
  readonly fault: Fault | undefined;
}

/** Rows of a row group at most: what a reader can pass over at a time. */
export const GROUP = 61_440;
/** Details kept per file. */
const DETAILS = 100;

export interface ConverterSettings {
  /** Folder for what is unfinished. */
  readonly staging: string;
  /** Rows kept in memory and put in order together. */
  readonly rows: number;
}

/** Turns log files into Parquet files by day. One per thread. */
export class Converter {
  private readonly zstd = new Zstd();
  private table: { readonly format: string; readonly table: ColumnTable } | undefined;
  private parts: Part[] = [];
  private odd: { readonly path: string; readonly spool: Spool } | undefined;
  private malformed = 0;
  private details: string[] = [];
  private rows = 0;

  constructor(private readonly settings: ConverterSettings) {}

  async convert(task: ChunkTask): Promise<ChunkOutcome> {
    const table = this.tableOf(task.columns);
    const sources: SourceOutcome[] = [];
    for (const source of task.sources) sources.push(await this.read(source, table));
    table.finish();
    this.odd?.spool.close();
    const outcome = { number: task.number, parts: this.parts, sources, odd: this.odd?.path };
    this.parts = [];
    this.odd = undefined;
    return outcome;
  }

  private async read(source: SourceTask, table: ColumnTable): Promise<SourceOutcome> {
    const before = this.rows + table.rows;
    this.malformed = 0;
    this.details = [];
    table.begin(source.id, source.header);
    const hash = createHash('sha256');
    const fault = await readText(source, table, (bytes) => hash.update(bytes));
    return {
      id: source.id,
      // Of a file that does not unpack to its end, not all has been seen.
      sha256: fault
        ? createHash('sha256').update(readFileSync(source.path)).digest('hex')
        : hash.digest('hex'),
      rows: this.rows + table.rows - before,
      malformed: this.malformed,
      details: this.details,
      fault,
    };
  }

  /** Files of the same format keep their table: its memory is large. */
  private tableOf(columns: readonly ParquetColumn[]): ColumnTable {
    const format = JSON.stringify(columns);
    if (this.table?.format === format) return this.table.table;
    const table = new ColumnTable(
      columns,
      {
        take: () => this.take(table, columns),
        odd: (source, line) => this.keep(source, line),
        malformed: (line, text) => {
          this.malformed++;
          if (this.details.length < DETAILS) this.details.push(`${line}: ${text}`);
        },
      },
      this.settings.rows,
      GROUP,
    );
    this.table = { format, table };
    return table;
  }

  private take(table: ColumnTable, columns: readonly ParquetColumn[]): void {
    const all = [...columns, { name: SOURCE_COLUMN, type: 'integer' } as const];
    for (const { day, from, count, kinds } of table.arrange()) {
      const id = newId();
      const staged = join(this.settings.staging, `${id}.parquet`);
      const file = new ParquetFile(staged, all, this.zstd, `flowlog version ${VERSION}`);
      let begin = from;
      for (const rows of rowGroups(kinds, GROUP)) {
        const first = begin;
        file.add(rows, (column) => table.encoded(column, first, rows));
        begin += rows;
      }
      this.parts.push({ path: partPath(day, id), staged, rows: count, size: file.close() });
    }
    this.rows += table.rows;
  }

  private keep(source: number, line: Uint8Array): void {
    if (!this.odd) {
      const path = join(this.settings.staging, `${newId()}.txt`);
      this.odd = { path, spool: new Spool(path) };
    }
    const end = line.at(-1) === RETURN ? line.length - 1 : line.length;
    this.odd.spool.write(Buffer.from(`${source} `));
    this.odd.spool.write(line.subarray(0, end));
    this.odd.spool.write(NEWLINE);
  }
}

const RETURN = 0x0d;
const NEWLINE = Buffer.from('\n');

/** A name that no other file of the store has. */
export const newId = () => randomBytes(8).toString('hex');
