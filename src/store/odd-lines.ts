import { type RecordFormat, recordFormat } from '../records/format.js';
import { readLine } from '../records/read-line.js';
import { type RecordSink, Unwrap } from '../records/unwrap.js';
import { text } from '../scan/line-pieces.js';

/** Details kept per file. */
const DETAILS = 100;

/** The lines of a text that are not as AWS writes records, and all lines after a header line that says other fields. */
export class OddLines implements RecordSink {
  malformedLines = 0;
  readonly details: string[] = [];
  private others: Unwrap | undefined;
  /** Lines before those of another format. */
  private before = 0;

  constructor(
    private readonly format: RecordFormat,
    private readonly onRecord: (format: RecordFormat, record: string) => void,
  ) {}

  record(format: RecordFormat, record: string): void {
    this.onRecord(format, record);
  }

  /** @returns whether the line is a header line that says other fields */
  odd(line: number, bytes: Uint8Array): boolean {
    const read = readLine(Buffer.from(bytes).toString('utf8'), this.format);
    if (read.kind === 'records') for (const each of read.texts) this.record(this.format, each);
    else if (read.kind === 'malformed') this.malformed(line, text(bytes), read.why);
    else if (read.kind === 'header' && recordFormat(read.fields) !== this.format) {
      const plain = { encoding: 'utf-8', wrapper: undefined, zone: 'UTC' } as const;
      this.before = line;
      this.others = new Unwrap(plain, recordFormat(read.fields), this);
      return true;
    }
    return false;
  }

  rest(lines: Uint8Array): void {
    this.others!.bytes(lines);
  }

  end(): void {
    this.others?.end();
  }

  malformed(line: number, text: string, why: string): void {
    this.malformedLines++;
    if (this.details.length < DETAILS) {
      this.details.push(`${this.before + line}: ${text.slice(0, 200).trimEnd()} (${why})`);
    }
  }
}
