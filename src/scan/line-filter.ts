import type { RecordFormat } from '../records/format.js';
import { RULES as ALL_RULES } from '../records/values.js';
import type { Narrowing } from '../sql/query.js';
import { KERNEL } from './line-kernel/kernel.generated.js';
import { LinePieces, type LineReader, MARGIN, PIECE } from './line-pieces.js';

/** What to make of the lines of files that share a format. */
export interface LineRules {
  /** What the values of a line may be: numbers of rules. */
  readonly values: readonly number[];
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

export function lineRules(format: RecordFormat, narrowing: readonly Narrowing[]): LineRules {
  const bytes = (texts: readonly string[] = []) => texts.map((text) => new TextEncoder().encode(text));
  const tests = narrowing
    .map(({ column, oneOf, noneOf }) => ({
      at: format.fields.findIndex((field) => field.column === column),
      oneOf: bytes(oneOf),
      noneOf: bytes(noneOf),
    }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at);
  return { values: format.rules.map((rule) => ALL_RULES.indexOf(rule)), tests };
}

export interface LineSink {
  /** Whole lines that may matter, as they stand, the last line end perhaps missing. */
  keep(bytes: Uint8Array): void;
  /** A line that is not as AWS writes records; the next lines may follow other rules: {@link LineFilter.rules}. */
  odd(line: number, bytes: Uint8Array): void;
  /** A line that is not a record: too long, or cut off. */
  malformed(line: number, text: string, why: string): void;
}

/** Where the kernel expects tests and text, and leaves events. Kept in step with line-kernel/assembly.ts. */
const TESTS = 1024;
const RULES = 57_344;
const EVENTS = 65_536;
const INPUT = EVENTS + 16_384 * 12;

interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly position: WebAssembly.Global;
  readonly lines: WebAssembly.Global;
  begin(): void;
  scan(from: number, length: number, values: number, tests: number): number;
}

let compiled: WebAssembly.Module | undefined;

function newKernel(): Kernel {
  compiled ??= new WebAssembly.Module(Buffer.from(KERNEL, 'base64'));
  const { exports } = new WebAssembly.Instance(compiled);
  const kernel = exports as unknown as Kernel;
  const missing = INPUT + PIECE + MARGIN - kernel.memory.buffer.byteLength;
  if (missing > 0) kernel.memory.grow(Math.ceil(missing / 65_536));
  return kernel;
}

/**
 * Goes over text in pieces, line by line: counts the values of every line, so that none is lost unseen, and passes on
 * those that may matter, once it has seen that they are as AWS writes records. The loop over the bytes is WebAssembly: here is where the time of a question goes.
 */
export class LineFilter implements LineReader {
  private readonly kernel = newKernel();
  readonly memory = new Uint8Array(this.kernel.memory.buffer);
  readonly input = INPUT;
  private readonly view = new DataView(this.kernel.memory.buffer);
  private readonly pieces = new LinePieces(this);
  private current: LineRules | undefined;
  private sink!: LineSink;

  /**
   * Begins with another text.
   *
   * @param header whether its first line is the header
   * @param line what that line must be: no other text is looked at
   */
  begin(rules: LineRules, sink: LineSink, header: boolean, line?: string): void {
    this.rules = rules;
    this.sink = sink;
    this.kernel.begin();
    this.pieces.begin(header, line);
  }

  /** What to make of the lines from here on. */
  set rules(rules: LineRules) {
    if (rules === this.current) return;
    this.current = rules;
    this.memory.set(rules.values, RULES);
    this.writeTests(rules.tests);
  }

  /** Whether the text began with the line that was given. */
  get isAsPresumed(): boolean {
    return this.pieces.isAsPresumed;
  }

  room(): Uint8Array {
    return this.pieces.room();
  }

  filled(count: number): void {
    this.pieces.filled(count);
  }

  /** @param cut whether the text breaks off here: then its last line is not a record, however whole it looks */
  end(cut: boolean): void {
    this.pieces.end(cut);
  }

  get lines(): number {
    return this.kernel.lines.value;
  }

  set lines(line: number) {
    this.kernel.lines.value = line;
  }

  malformed(line: number, text: string, why: string): void {
    this.sink.malformed(line, text, why);
  }

  read(from: number, to: number): void {
    const { kernel } = this;
    for (let at = from; at < to; at = kernel.position.value) {
      const { values, tests } = this.current!;
      this.tell(kernel.scan(at, to, values.length, tests.length));
    }
  }

  private tell(events: number): void {
    for (let at = EVENTS; at < EVENTS + events * 12; at += 12) {
      const bytes = this.memory.subarray(
        INPUT + this.view.getUint32(at, true),
        INPUT + this.view.getUint32(at + 4, true),
      );
      const line = this.view.getUint32(at + 8, true);
      if (line === 0) this.sink.keep(bytes);
      else this.sink.odd(line, bytes);
    }
  }

  private writeTests(tests: readonly LineTest[]): void {
    let at = TESTS;
    for (const { at: position, oneOf, noneOf } of tests) {
      for (const number of [position, oneOf.length, noneOf.length]) {
        this.view.setUint32(at, number, true);
        at += 4;
      }
      for (const prefix of [...oneOf, ...noneOf]) {
        if (at + prefix.length + 1 > RULES) throw new RangeError('too many prefixes');
        this.memory[at] = prefix.length;
        this.memory.set(prefix, at + 1);
        at += 1 + prefix.length;
      }
      at = (at + 3) & ~3;
    }
  }
}
