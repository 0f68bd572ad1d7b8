import type { FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs';
import { type Field, findField } from '../../flowlog/fields.js';
import { headerLine } from '../../flowlog/log-format.js';

interface EventFormat {
  /** The header line of its records, as text files have it. */
  readonly header: string;
  /** Values in a record. */
  readonly values: number;
  /** Whether the name of the stream gives the interface, which the records do not. */
  readonly needsInterface: boolean;
}

/**
 * Turns events of a log group into the lines of text files. Events have no header line: it is written where the format is known,
 * and wherever it changes, since several flow logs may deliver to one group.
 */
export class EventFormats {
  private readonly formats: readonly EventFormat[];
  /** The format of the last line of each day's text. */
  private readonly last = new Map<string, EventFormat | undefined>();

  /** @param formats of records, as far as known */
  constructor(formats: ReadonlyArray<readonly Field[]>) {
    this.formats = [...new Map(formats.map((fields) => [headerLine(fields), eventFormat(fields)])).values()];
  }

  /** Whether the number of values does not tell one format from another. */
  get areAmbiguous(): boolean {
    return new Set(this.formats.map(({ values }) => values)).size < this.formats.length;
  }

  /** The header line of the first format; undefined where none is known. */
  get header(): string | undefined {
    return this.formats[0] && `${this.formats[0].header}\n`;
  }

  /** The lines of events, by the UTC day of the event. */
  textByDay(events: readonly FilteredLogEvent[]): Map<string, string> {
    const days = new Map<string, Map<EventFormat | undefined, string[]>>();
    for (const { timestamp = 0, message = '', logStreamName } of events) {
      const day = new Date(timestamp).toISOString().slice(0, 10);
      const lines = days.get(day) ?? new Map<EventFormat | undefined, string[]>();
      days.set(day, lines);
      for (const line of message.split('\n')) {
        if (line.trim() === '') continue;
        const format = this.formatOf(line);
        const text = format?.needsInterface ? `${line} ${interfaceOf(logStreamName)}` : line;
        const those = lines.get(format);
        if (those) those.push(text);
        else lines.set(format, [text]);
      }
    }
    return new Map([...days].map(([day, lines]) => [day, this.text(day, lines)]));
  }

  private text(day: string, lines: ReadonlyMap<EventFormat | undefined, readonly string[]>): string {
    const pieces: string[] = [];
    for (const [format, texts] of lines) {
      if (format && this.last.get(day) !== format) pieces.push(format.header);
      this.last.set(day, format);
      // One by one: a page has more lines than a call takes arguments.
      for (const text of texts) pieces.push(text);
    }
    return pieces.map((piece) => `${piece}\n`).join('');
  }

  /** A line with a number of values of its own is written as it is, and counted as malformed when it is read. */
  private formatOf(line: string): EventFormat | undefined {
    if (this.formats.length < 2) return this.formats[0];
    const count = line.trim().split(/\s+/).length;
    return this.formats.find(({ values }) => values === count) ?? this.formats[0];
  }
}

function eventFormat(fields: readonly Field[]): EventFormat {
  const eni = findField('interface-id')!;
  const isGateway = fields.some(({ column }) => column === 'tgw_id' || column === 'tgw_attachment_id');
  const needsInterface = !isGateway && !fields.some(({ column }) => column === eni.column);
  return {
    header: headerLine(needsInterface ? [...fields, eni] : fields),
    values: fields.length,
    needsInterface,
  };
}

/** Flow logs write a stream for each interface, `eni-0a1b2c3d-all`. */
const interfaceOf = (stream = '') => /^eni-[0-9a-z]+/i.exec(stream)?.[0] ?? '-';
