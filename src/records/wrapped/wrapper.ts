import type { Field } from '../../flowlog/fields.js';

/** What is found inside a wrapping. Line numbers are those of the text as it is stored. */
export interface Unwrapping {
  /**
   * A line that should be a record, or a header line.
   *
   * @param stream the log stream it came from, whose name says the interface
   */
  line(text: string, number: number, stream?: string): void;
  /** A record whose values have names. */
  record(values: ReadonlyMap<Field, string>, number: number, stream?: string): void;
  /** Something that is not a record. */
  malformed(number: number, text: string, why: string): void;
}

/** Takes a text in pieces, cut anywhere. */
export interface WrappedText {
  text(piece: string): void;
  end(): void;
}

/** A way to wrap records in text. */
export interface Wrapper {
  /** What it is called in messages. */
  readonly name: string;
  /** Whether a text that begins like this may be one; its first lines are then read to be sure. */
  matches(head: string): boolean;
  /** Whether such a text is what somebody was answered, rather than a log: its records are in some log, too. */
  isAnswer?(head: string): boolean;
  /** @param zone the zone of times that say none */
  read(to: Unwrapping, zone: string): WrappedText;
}
