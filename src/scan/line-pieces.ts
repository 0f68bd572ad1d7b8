/** Text that a kernel has room for (bytes). */
export const PIECE = 1 << 20;
/** Text taken in before it is looked at: so little that it is still in the processor's cache. */
const STEP = 1 << 18;
/** Bytes after the text that a kernel may look at. */
export const MARGIN = 128;

/** A loop over the bytes of whole lines, in WebAssembly, and where it has them. */
export interface LineReader {
  /** The kernel's memory, and the place in it of the text. */
  readonly memory: Uint8Array;
  readonly input: number;
  /** The number of the last line read. */
  lines: number;
  /** Reads the whole lines that stand between two places of the text. */
  read(from: number, to: number): void;
  /** A line that is not a record. */
  malformed(line: number, text: string, why: string): void;
}

/** Hands text that comes in pieces to a kernel as whole lines. */
export class LinePieces {
  private header = false;
  /** Bytes of a line that is not whole yet, at the beginning of the kernel's text. */
  private rest = 0;
  /** A line longer than a piece is not a record: its bytes are skipped until it ends. */
  private overlong: Uint8Array | undefined;
  private presumed: Buffer | undefined;
  private line: string | undefined;
  /** Whether the text began with another line than it should. */
  private strange = false;
  isAsPresumed = true;

  constructor(private readonly reader: LineReader) {}

  /**
   * Begins with another text.
   *
   * @param header whether its first line is the header
   * @param line what that line must be: no other text is looked at
   */
  begin(header: boolean, line?: string): void {
    this.header = header;
    if (line !== this.line) {
      this.presumed = line === undefined ? undefined : Buffer.from(line);
      this.line = line;
    }
    this.isAsPresumed = line === undefined;
    this.strange = false;
    this.rest = 0;
    this.overlong = undefined;
  }

  room(): Uint8Array {
    const { memory, input } = this.reader;
    const from = input + this.rest;
    return memory.subarray(from, from + Math.min(STEP, PIECE - this.rest));
  }

  filled(count: number): void {
    if (count > 0 && !this.strange) this.scan(this.rest + count);
  }

  /** @param cut whether the text breaks off here: then its last line is not a record, however whole it looks */
  end(cut: boolean): void {
    if (this.strange) return;
    if (this.overlong && this.rest === 0) this.rest = 1;
    if (this.rest === 0) return;
    if (cut) {
      const { memory, input, lines } = this.reader;
      this.reader.malformed(lines + 1, text(memory.subarray(input, input + this.rest)), 'it is cut off');
      this.reader.lines++;
    } else {
      this.room()[0] = NEWLINE;
      this.filled(1);
    }
  }

  /** The whole lines of that number of bytes of text; what is left moves to the beginning. */
  private scan(length: number): void {
    const { reader } = this;
    const { memory, input } = reader;
    const whole = memory.subarray(input, input + length).lastIndexOf(NEWLINE) + 1;
    if (whole === 0 && length === PIECE) {
      this.overlong ??= memory.slice(input, input + 200);
      this.rest = 0;
      return;
    }
    let from = 0;
    if (whole > 0 && (this.header || this.overlong)) {
      from = memory.indexOf(NEWLINE, input) + 1 - input;
      if (this.header && this.presumed) {
        this.isAsPresumed = this.presumed.equals(memory.subarray(input, input + from - 1));
        this.strange = !this.isAsPresumed;
        if (this.strange) return;
      }
      reader.lines++;
      if (this.overlong)
        reader.malformed(reader.lines, text(this.overlong), 'it is longer than a record can be');
      this.header = false;
      this.overlong = undefined;
    }
    // What follows the last line is not the kernel's to read.
    const after = whole < length ? memory.slice(input + whole, input + whole + MARGIN) : undefined;
    memory.fill(0, input + whole, input + whole + MARGIN);
    reader.read(from, whole);
    this.rest = length - whole;
    if (!after) return;
    memory.set(after, input + whole);
    memory.copyWithin(input, input + whole, input + length);
  }
}

const NEWLINE = 0x0a;

/** Of a line that is not a record: enough to recognise it. */
export const text = (bytes: Uint8Array) => Buffer.from(bytes.subarray(0, 200)).toString('utf8').trimEnd();
