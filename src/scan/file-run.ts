import { type RecordFormat, recordFormat } from '../records/format.js';
import { readLine } from '../records/read-line.js';
import type { RecordSink } from '../records/unwrap.js';
import type { LineSink } from './line-filter.js';
import { text } from './line-pieces.js';

/** What a run needs of those who read the file. */
export interface FileRunHost {
  /** Records of that format come from here on. */
  onFormat(format: RecordFormat): void;
  /** Whether a record may matter. */
  mayMatter(format: RecordFormat, record: string): boolean;
  /** Keeps records of a format. */
  keep(format: RecordFormat, bytes: Uint8Array): void;
}

/** Details kept per file. */
const DETAILS = 100;

/** One going over a file: what is kept of it, and what is to be said. */
export class FileRun implements LineSink, RecordSink {
  /** Bytes kept. */
  kept = 0;
  /** Lines that are not as AWS writes records, and the records that they turned out to be. */
  oddLines = 0;
  private oddRecords = 0;
  malformedLines = 0;
  readonly details: string[] = [];

  constructor(
    private format: RecordFormat,
    private readonly host: FileRunHost,
  ) {}

  /** Records read, and the number of lines that are not the header. */
  records(lines: number): number {
    return lines - this.oddLines + this.oddRecords;
  }

  keep(bytes: Uint8Array): void {
    this.kept += bytes.length;
    this.host.keep(this.format, bytes);
  }

  odd(line: number, bytes: Uint8Array): void {
    this.oddLines++;
    const read = readLine(Buffer.from(bytes).toString('utf8'), this.format);
    if (read.kind === 'records') {
      for (const each of read.texts) this.record(this.format, each);
    } else if (read.kind === 'malformed') {
      this.tell(line, text(bytes), read.why);
    } else if (read.kind === 'header') {
      this.format = recordFormat(read.fields);
      this.host.onFormat(this.format);
    }
  }

  /** One that had to be read from what it was wrapped in. */
  record(format: RecordFormat, record: string): void {
    this.oddRecords++;
    if (!this.host.mayMatter(format, record)) return;
    const bytes = Buffer.from(`${record}\n`);
    this.kept += bytes.length;
    this.host.keep(format, bytes);
  }

  malformed(line: number, text: string, why: string): void {
    this.oddLines++;
    this.tell(line, text.slice(0, 200).trimEnd(), why);
  }

  private tell(line: number, text: string, why: string): void {
    this.malformedLines++;
    if (this.details.length < DETAILS) this.details.push(`${line}: ${text} (${why})`);
  }
}
