import { type Field, fieldOf, findField } from '../flowlog/fields.js';
import { type RecordFormat, recordFormat } from './format.js';
import { readLine, readValues } from './read-line.js';
import { WRAPPERS } from './wrapped/index.js';
import { plainText } from './wrapped/plain.js';
import type { Unwrapping, WrappedText } from './wrapped/wrapper.js';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** How records are wrapped in a text that is not stored as AWS stores it. */
export interface Wrapping {
  readonly encoding: Encoding;
  /** The name of its wrapper; undefined where records stand by themselves. */
  readonly wrapper: string | undefined;
  /** The zone of times that say none. */
  readonly zone: string;
}

/** Takes the records of a text, as AWS would have written them. */
export interface RecordSink {
  record(format: RecordFormat, text: string): void;
  malformed(line: number, text: string, why: string): void;
}

const INTERFACE = fieldOf('interface-id');

/** Reads the records of a wrapped text that comes in pieces. */
export class Unwrap implements Unwrapping {
  private readonly decoder: InstanceType<typeof TextDecoder>;
  private readonly wrapped: WrappedText;

  /** @param format of records that no header line comes before */
  constructor(
    { encoding, wrapper, zone }: Wrapping,
    private format: RecordFormat | undefined,
    private readonly sink: RecordSink,
  ) {
    this.decoder = new TextDecoder(encoding);
    this.wrapped = (WRAPPERS.find(({ name }) => name === wrapper) ?? plainText).read(this, zone);
  }

  bytes(bytes: Uint8Array): void {
    this.wrapped.text(this.decoder.decode(bytes, { stream: true }));
  }

  end(): void {
    this.wrapped.text(this.decoder.decode());
    this.wrapped.end();
  }

  line(text: string, number: number, stream?: string): void {
    const read = readLine(text, this.format);
    if (read.kind === 'header') this.format = recordFormat(read.fields);
    else if (read.kind === 'malformed') this.sink.malformed(number, text, read.why);
    else if (read.kind === 'records') {
      for (const each of read.texts) this.tell(this.format!, each, stream);
    }
  }

  record(values: ReadonlyMap<Field, string>, number: number, stream?: string): void {
    const format = recordFormat([...values.keys()]);
    const read = readValues([...values.values()], format);
    if (typeof read === 'string') this.tell(format, read, stream);
    else this.sink.malformed(number, [...values.values()].join(' '), read.why);
  }

  malformed(number: number, text: string, why: string): void {
    this.sink.malformed(number, text, why);
  }

  /** A log stream is of one interface: where the record does not say which, the name of the stream does. */
  private tell(format: RecordFormat, text: string, stream: string | undefined): void {
    const eni = stream === undefined ? undefined : /eni-[0-9a-z]+/i.exec(stream)?.[0];
    if (eni === undefined || format.fields.some(({ column }) => column === INTERFACE.column)) {
      this.sink.record(format, text);
      return;
    }
    this.sink.record(recordFormat([...format.fields, findField('interface-id')!]), `${text} ${eni}`);
  }
}
