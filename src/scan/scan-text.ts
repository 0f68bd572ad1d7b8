import { LineFilter, type LineRules } from './line-filter.js';
import { type Fault, readText } from './read-text.js';
import { Spool } from './spool.js';

/** What there is to know of text files before they are gone over: many have it in common. */
export interface TextKind {
  readonly gzip: boolean;
  readonly header: boolean;
  /** What the header line must be, where the files were not looked at. */
  readonly line?: string | undefined;
  readonly rules: LineRules;
  /** Where the lines go that may matter: those of files of one format are kept together. */
  readonly spool: string;
}

/** Text files to go over. */
export interface TextTask {
  readonly kind: TextKind;
  readonly paths: readonly string[];
  /** Bytes as stored, as far as known. */
  readonly sizes: readonly number[];
}

/** What came of a file. */
export interface TextOutcome {
  readonly path: string;
  /** Whether the file is not what it was presumed to be: then nothing of it was kept. */
  readonly strange?: true;
  /** How the file ended, where it did not end well. */
  readonly fault?: Fault;
  readonly malformed: number;
  /** `line: text` of the first of them. */
  readonly details: readonly string[];
}

/** What came of files. */
export interface TaskOutcome {
  /** Bytes of lines that may matter. */
  readonly kept: number;
  /** Of files of which there is something to say. */
  readonly files: readonly TextOutcome[];
}

/** Details kept per file. */
const DETAILS = 100;

/** Kept lines of all files this scanner goes over, in one file per format. */
export class TextScanner {
  private readonly filter = new LineFilter();
  private readonly spools = new Map<string, Spool>();

  /** @param name tells the files of this scanner from those of others */
  constructor(private readonly name: string) {}

  async scan({ kind, paths, sizes }: TextTask): Promise<TaskOutcome> {
    const { filter } = this;
    const { gzip, header, line, rules } = kind;
    const spool = this.spool(kind.spool);
    const files: TextOutcome[] = [];
    let kept = 0;
    let malformed = 0;
    let details: string[] = [];
    const sink = {
      keep: (bytes: Uint8Array) => {
        kept += bytes.length;
        spool.write(bytes);
      },
      malformed: (line: number, text: string) => {
        malformed++;
        if (details.length < DETAILS) details.push(`${line}: ${text}`);
      },
    };
    for (let i = 0; i < paths.length; i++) {
      const path = paths[i]!;
      malformed = 0;
      details = [];
      filter.begin(rules, sink, header, line);
      const ended = readText({ path, gzip, size: sizes[i] }, filter);
      // Of very many files, a promise for each takes its time.
      const fault = ended instanceof Promise ? await ended : ended;
      if (line !== undefined && !filter.isAsPresumed) {
        files.push({ path, strange: true, malformed: 0, details: [] });
      } else if (fault || malformed > 0) {
        files.push({ path, ...(fault ? { fault } : {}), malformed, details });
      }
    }
    return { kept, files };
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
