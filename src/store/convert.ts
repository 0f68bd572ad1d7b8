import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fieldOf } from '../flowlog/fields.js';
import { partPath, SOURCE_COLUMN } from '../flowlog/store-layout.js';
import type { Packing } from '../records/content.js';
import { type RecordFormat, recordFormat } from '../records/format.js';
import { Unwrap, type Wrapping } from '../records/unwrap.js';
import { type Fault, readText } from '../scan/read-text.js';
import { Spool } from '../scan/spool.js';
import { WrappedSink } from '../scan/wrapped-sink.js';
import { VERSION } from '../version.js';
import { ColumnTable } from './column-table.js';
import { OddLines } from './odd-lines.js';
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
  readonly packing: Packing;
  readonly header: boolean;
  readonly wrapping: Wrapping | undefined;
}

export interface ChunkOutcome {
  readonly number: number;
  readonly parts: readonly Part[];
  readonly sources: readonly SourceOutcome[];
  /** Records that are left to DuckDB, as AWS would have written them, the number of the source before each. */
  readonly odd: readonly OddRecords[];
}

/** A file of records of one format. */
export interface OddRecords {
  readonly path: string;
  readonly columns: readonly string[];
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

/** Rows of a row group at most: what a reader can skip at a time. */
export const GROUP = 61_440;

export interface ConverterSettings {
  /** Folder for what is unfinished. */
  readonly staging: string;
  /** Rows kept in memory and put in order together. */
  readonly rows: number;
}

/** Turns log files into Parquet files by day. One per thread. */
export class Converter {
  private readonly zstd = new Zstd();
  private table:
    | { readonly format: string; readonly columns: readonly ParquetColumn[]; readonly table: ColumnTable }
    | undefined;
  /** Of the text that is being read. */
  private lines!: OddLines;
  private parts: Part[] = [];
  private readonly odd = new Map<RecordFormat, { readonly path: string; readonly spool: Spool }>();
  private rows = 0;

  constructor(private readonly settings: ConverterSettings) {}

  async convert(task: ChunkTask): Promise<ChunkOutcome> {
    const table = this.tableOf(task.columns);
    const sources: SourceOutcome[] = [];
    for (const source of task.sources) sources.push(await this.read(source, table));
    table.finish();
    const odd = [...this.odd].map(([{ fields }, { spool }]) => ({
      path: spool.close(),
      columns: fields.map(({ column }) => column),
    }));
    const outcome = { number: task.number, parts: this.parts, sources, odd };
    this.parts = [];
    this.odd.clear();
    return outcome;
  }

  private async read(source: SourceTask, table: ColumnTable): Promise<SourceOutcome> {
    const before = this.rows + table.rows;
    const format = recordFormat(this.table!.columns.map(({ name }) => fieldOf(name)));
    // A JSON object leaves out what is absent: that is no other format.
    const keep = source.wrapping?.wrapper
      ? (of: RecordFormat, record: string) => this.keepWidened(source.id, of, record, format)
      : (of: RecordFormat, record: string) => this.keep(source.id, of, record);
    const lines = new OddLines(format, keep);
    this.lines = lines;
    table.begin(source.id, source.header);
    const hash = createHash('sha256');
    const sink = source.wrapping ? new WrappedSink(new Unwrap(source.wrapping, format, lines)) : table;
    const fault = await readText(source, sink, (bytes) => hash.update(bytes));
    lines.end();
    const { malformedLines: malformed, details } = lines;
    return {
      id: source.id,
      // Of a file that does not unpack to its end, not all has been seen.
      sha256: fault
        ? createHash('sha256').update(readFileSync(source.path)).digest('hex')
        : hash.digest('hex'),
      rows: this.rows + table.rows - before,
      malformed,
      details,
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
        odd: (line, bytes) => this.lines.odd(line, bytes),
        rest: (lines) => this.lines.rest(lines),
        malformed: (line, text, why) => this.lines.malformed(line, text, why),
      },
      this.settings.rows,
      GROUP,
    );
    this.table = { format, columns, table };
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

  /** A record that lacks values of the whole format, which are absent then. */
  private keepWidened(source: number, format: RecordFormat, record: string, whole: RecordFormat): void {
    const has = new Set(format.fields.map(({ column }) => column));
    const absent = whole.fields.filter(({ column }) => !has.has(column));
    this.keep(source, recordFormat([...format.fields, ...absent]), record + ' -'.repeat(absent.length));
  }

  private keep(source: number, format: RecordFormat, record: string): void {
    let odd = this.odd.get(format);
    if (!odd) {
      const path = join(this.settings.staging, `${newId()}.txt`);
      odd = { path, spool: new Spool(path) };
      this.odd.set(format, odd);
    }
    odd.spool.write(Buffer.from(`${source} ${record}\n`));
  }
}

/** A name that no other file of the store has. */
export const newId = () => randomBytes(8).toString('hex');
