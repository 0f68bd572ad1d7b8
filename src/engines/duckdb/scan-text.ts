import { LineFilter, type LineRules } from './line-filter.js';
import { type Fault, readText } from './read-text.js';
import { Spool } from './spool.js';

/** A text file to go over, and where the lines go that may matter. */
export interface TextTask {
  readonly path: string;
  readonly size: number;
  readonly gzip: boolean;
  readonly header: boolean;
  /** What the header line must be, where the file was not looked at. */
  readonly line?: string | undefined;
  readonly rules: LineRules;
  /** Lines of files of one format are kept together. */
  readonly spool: string;
}

/** What came of a file. */
export interface TextOutcome {
  readonly path: string;
  /** Whether the file is not what it was presumed to be: then nothing of it was kept. */
  readonly strange?: true;
  /** How the file ended, where it did not end well. */
  readonly fault?: Fault;
  /** Bytes of lines that may matter. */
  readonly kept: number;
  readonly malformed: number;
  /** `line: text` of the first of them. */
  readonly details: readonly string[];
}

/** Details kept per file. */
const DETAILS = 100;

/** Kept lines of all files this scanner goes over, in one file per format. */
export class TextScanner {
  private readonly filter = new LineFilter();
  private readonly spools = new Map<string, Spool>();

  /** @param name tells the files of this scanner from those of others */
  constructor(private readonly name: string) {}

  async scan(task: TextTask): Promise<TextOutcome> {
    const spool = this.spool(task.spool);
    const details: string[] = [];
    let malformed = 0;
    let kept = 0;
    this.filter.begin(
      task.rules,
      {
        keep: (bytes) => {
          kept += bytes.length;
          spool.write(bytes);
        },
        malformed: (line, text) => {
          malformed++;
          if (details.length < DETAILS) details.push(`${line}: ${text}`);
        },
      },
      task.header,
      task.line,
    );
    const fault = await readText(task, this.filter);
    if (task.line !== undefined && !this.filter.isAsPresumed) {
      return { path: task.path, strange: true, kept: 0, malformed: 0, details: [] };
    }
    return { path: task.path, ...(fault ? { fault } : {}), kept, malformed, details };
  }

  /** The files the kept lines are in. */
  close(): string[] {
    return [...this.spools.values()].map((spool) => spool.close());
  }

  private spool(path: string): Spool {
    const name = `${path}-${this.name}`;
    const open = this.spools.get(name) ?? new Spool(name);
    this.spools.set(name, open);
    return open;
  }
}
