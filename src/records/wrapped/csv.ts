import { parse } from 'csv-parse/sync';
import type { Field } from '../../flowlog/fields.js';
import { LineCutter } from './lines.js';
import { fieldsByName, valuesOf } from './named-values.js';
import type { Unwrapping, WrappedText, Wrapper } from './wrapper.js';

const MESSAGES = ['@message', 'message'];
const STREAMS = ['@logstream', 'logstreamname', 'logstream', 'log stream name'];
/** Lines that one row may go over. */
const MOST_LINES = 20;

/** What the columns of a CSV file hold, as its header row says; undefined where that is not a record. */
function columnsOf(names: readonly string[]) {
  const lower = names.map((name) => name.trim().toLowerCase());
  const message = lower.findIndex((name) => MESSAGES.includes(name));
  const stream = lower.findIndex((name) => STREAMS.includes(name));
  const fields = message < 0 ? fieldsByName(names) : undefined;
  return message < 0 && !fields ? undefined : { count: names.length, message, stream, fields };
}

const DELIMITERS = [',', ';', '\t'];

function rowOf(text: string, delimiter: string): string[] | undefined {
  try {
    const rows: string[][] = parse(text, { delimiter, relax_column_count: true, bom: true });
    return rows.length === 1 ? rows[0] : undefined;
  } catch {
    return undefined;
  }
}

function header(line: string) {
  for (const delimiter of DELIMITERS) {
    const names = rowOf(line, delimiter);
    const columns = names && names.length > 1 ? columnsOf(names) : undefined;
    if (columns) return { delimiter, ...columns };
  }
  return undefined;
}

/** Rows of named values, or of messages: what Athena, the consoles of CloudWatch Logs, and flowlog itself write. */
class CsvText implements WrappedText {
  private columns: ReturnType<typeof header>;
  private row = '';
  private begun = 0;
  private count = 0;
  private readonly lines = new LineCutter(
    (line, number) => this.line(line, number),
    (line, number) => this.to.malformed(number, line, 'it is longer than a record can be'),
  );

  constructor(
    private readonly to: Unwrapping,
    private readonly zone: string,
  ) {}

  text(piece: string): void {
    this.lines.text(piece);
  }

  end(): void {
    this.lines.end();
    if (this.row !== '') this.to.malformed(this.begun, this.row, 'a quote is not closed');
    this.row = '';
  }

  private line(line: string, number: number): void {
    if (this.row === '' && line.trim() === '') return;
    if (this.row === '') {
      this.begun = number;
      this.count = 0;
    }
    this.row += this.row === '' ? line : `\n${line}`;
    this.count++;
    // A row goes on while a quote is open.
    if (quotes(this.row) % 2 === 0) {
      this.take();
      return;
    }
    if (this.count < MOST_LINES) return;
    this.to.malformed(this.begun, this.row, 'a quote is not closed');
    this.row = '';
  }

  private take(): void {
    const text = this.row;
    this.row = '';
    const next = /message|addr/i.test(text) ? header(text) : undefined;
    if (next) {
      this.columns = next;
      return;
    }
    const { columns, begun, to } = this;
    const values = columns && rowOf(text, columns.delimiter);
    if (!columns || !values || values.length !== columns.count) {
      to.malformed(begun, text, 'its values are not those of the header row');
      return;
    }
    const stream = columns.stream < 0 ? undefined : values[columns.stream];
    if (columns.message >= 0) to.line(values[columns.message]!, begun, stream);
    else
      to.record(
        valuesOf(columns.fields as ReadonlyArray<Field | undefined>, values, this.zone),
        begun,
        stream,
      );
  }
}

const quotes = (text: string) => text.split('"').length - 1;

const firstHeader = (head: string) => header(head.trimStart().split('\n', 1)[0]!);

export const csv: Wrapper = {
  name: 'CSV',
  matches: (head) => firstHeader(head) !== undefined,
  // Nothing delivers logs as comma-separated fields. A log with tabs between its values is one.
  isAnswer: (head) => {
    const { message = 0, delimiter } = firstHeader(head) ?? {};
    return message < 0 && delimiter !== '\t';
  },
  read: (to, zone) => new CsvText(to, zone),
};
