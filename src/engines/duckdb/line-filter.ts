import type { Narrowing } from '../../sql/query.js';

/** What to make of the lines of files that share a format. */
export interface LineRules {
  /** Values in a line. */
  readonly values: number;
  /** A line can matter only when it passes all of these. By position in the line, ascending. */
  readonly tests: readonly LineTest[];
}

/** On the text of one value. A value that is absent (`-`) passes. */
export interface LineTest {
  readonly at: number;
  /** It must begin with one of these, if there are any. */
  readonly oneOf: readonly Uint8Array[];
  /** It must begin with none of these. */
  readonly noneOf: readonly Uint8Array[];
}

export function lineRules(columns: readonly string[], narrowing: readonly Narrowing[]): LineRules {
  const bytes = (texts: readonly string[] = []) => texts.map((text) => new TextEncoder().encode(text));
  const tests = narrowing
    .map(({ column, oneOf, noneOf }) => ({
      at: columns.indexOf(column),
      oneOf: bytes(oneOf),
      noneOf: bytes(noneOf),
    }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at);
  return { values: columns.length, tests };
}

export interface LineSink {
  /** Whole lines that may matter, as they stand, the last line end perhaps missing. */
  keep(bytes: Uint8Array): void;
  /** A line that is no record. */
  malformed(line: number, text: string): void;
}

const SPACE = 0x20;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const DASH = 0x2d;

/**
 * Goes over text in pieces, line by line: counts the values of every line, so that none is lost unseen, and passes on
 * those that may matter. One pass over bytes, no strings made: this loop is where the time of a question goes.
 */
export class LineFilter {
  private rest: Uint8Array = new Uint8Array(0);
  private line = 0;

  /** @param header whether the first line is the header */
  constructor(
    private readonly rules: LineRules,
    private readonly sink: LineSink,
    private readonly header: boolean,
  ) {}

  push(piece: Uint8Array): void {
    const bytes = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end > 0) this.lines(bytes, end);
    this.rest = bytes.subarray(end);
  }

  /** @param cut whether the text breaks off here: then its last line is no record, however whole it looks */
  end(cut: boolean): void {
    if (this.rest.length === 0) return;
    if (cut) this.sink.malformed(this.line + 1, text(this.rest));
    else this.lines(Buffer.concat([this.rest, Buffer.from('\n')]), this.rest.length + 1);
    this.rest = new Uint8Array(0);
  }

  private lines(bytes: Uint8Array, end: number): void {
    const { values, tests } = this.rules;
    const separators = values - 1;
    let at = 0;
    if (this.line === 0 && this.header) {
      at = bytes.indexOf(NEWLINE) + 1;
      this.line = 1;
    }
    const firstTest = tests.length > 0 ? tests[0]!.at : -1;
    let keepFrom = -1;
    let start = at;
    let spaces = 0;
    let next = 0;
    let awaited = firstTest;
    let dead = false;
    if (awaited === 0 && at < end) {
      dead = !passes(bytes, at, tests[0]!);
      next = 1;
      awaited = next < tests.length ? tests[next]!.at : -1;
    }
    for (let i = at; i < end; i++) {
      const byte = bytes[i]!;
      if (byte === SPACE) {
        spaces++;
        if (spaces === awaited) {
          if (!dead) dead = !passes(bytes, i + 1, tests[next]!);
          next++;
          awaited = next < tests.length ? tests[next]!.at : -1;
        }
      } else if (byte === NEWLINE) {
        this.line++;
        const whole = spaces === separators;
        if (whole && !dead) {
          if (keepFrom < 0) keepFrom = start;
        } else {
          if (keepFrom >= 0) {
            this.sink.keep(bytes.subarray(keepFrom, start));
            keepFrom = -1;
          }
          if (!whole && !isBlank(bytes, start, i))
            this.sink.malformed(this.line, text(bytes.subarray(start, i)));
        }
        start = i + 1;
        spaces = 0;
        next = 0;
        awaited = firstTest;
        dead = false;
        if (awaited === 0 && start < end) {
          dead = !passes(bytes, start, tests[0]!);
          next = 1;
          awaited = next < tests.length ? tests[next]!.at : -1;
        }
      }
    }
    if (keepFrom >= 0) this.sink.keep(bytes.subarray(keepFrom, end));
  }
}

function passes(bytes: Uint8Array, at: number, { oneOf, noneOf }: LineTest): boolean {
  if (bytes[at] === DASH) return true;
  for (const prefix of noneOf) if (begins(bytes, at, prefix)) return false;
  if (oneOf.length === 0) return true;
  for (const prefix of oneOf) if (begins(bytes, at, prefix)) return true;
  return false;
}

function begins(bytes: Uint8Array, at: number, prefix: Uint8Array): boolean {
  for (let i = 0; i < prefix.length; i++) if (bytes[at + i] !== prefix[i]) return false;
  return true;
}

const isBlank = (bytes: Uint8Array, start: number, end: number) =>
  end === start || (end === start + 1 && bytes[start] === RETURN);

/** Of a line that is no record: enough to recognise it. */
const text = (bytes: Uint8Array) => Buffer.from(bytes.subarray(0, 200)).toString('utf8').trimEnd();
