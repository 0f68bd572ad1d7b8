import { fieldOf } from '../flowlog/fields.js';
import type { Content } from '../records/content.js';
import { type RecordFormat, recordFormat } from '../records/format.js';
import { Unwrap, type Wrapping } from '../records/unwrap.js';
import type { Narrowing } from '../sql/query.js';
import { FileRun } from './file-run.js';
import { LineFilter, type LineRules, lineRules } from './line-filter.js';
import { type Fault, readText } from './read-text.js';
import { Spool } from './spool.js';
import { WrappedSink } from './wrapped-sink.js';

type Text = Extract<Content, { kind: 'text' }>;

/** Facts about text files before they are scanned: many files share them. */
export interface TextKind extends Pick<Text, 'packing' | 'header'> {
  readonly wrapping?: Wrapping | undefined;
  /** What the header line must be, where the files were not looked at. */
  readonly line?: string | undefined;
  /** The columns of a record, where no header line in the text says others. */
  readonly columns: readonly string[];
  /** Which records may matter; none where all do. */
  readonly narrowing: readonly Narrowing[];
  /** Where the records go that may matter: those of a format are kept together. */
  readonly spool: string;
  /**
   * `all`: the records that may matter of each file are kept. `much`: those of files that are as AWS writes them only up to some
   * amount; the rest is left as it is. `apart`: other files only, each by itself.
   */
  readonly keep: 'all' | 'much' | 'apart';
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
  /** Whether nothing was kept since the file is as AWS writes it, and can be read itself. */
  readonly untouched?: boolean;
  /** How the file ended, where it did not end well. */
  readonly fault?: Fault;
  readonly malformed: number;
  /** `line: text` of the first of them. */
  readonly details: readonly string[];
}

/** What came of files. */
export interface TaskOutcome {
  /** Bytes of records that may matter. */
  readonly kept: number;
  /** Records that were read, whether they may matter or not. */
  readonly records: number;
  /** Of files of which there is something to say. */
  readonly files: readonly TextOutcome[];
}

/** A file of records as AWS writes them, without a header line. */
export interface SpooledText {
  readonly path: string;
  readonly columns: readonly string[];
  /** The one file that they are of, where those of each are kept by themselves. */
  readonly source?: string;
}

/** Bytes that are kept before files are left as they are, where they can be. */
const MUCH = 256 << 20;

interface OpenSpool {
  readonly spool: Spool;
  readonly of: Omit<SpooledText, 'path'>;
}

/** Records of all files this scanner goes over that may matter, in one file per format. */
export class TextScanner {
  private readonly filter = new LineFilter();
  private readonly open = new Map<string, OpenSpool>();
  private readonly closed: SpooledText[] = [];
  private readonly rules = new Map<string, LineRules>();
  /** Bytes of all that was kept. */
  private kept = 0;

  /** @param name tells the files of this scanner from those of others */
  constructor(private readonly name: string) {}

  async scan({ kind, paths, sizes }: TextTask): Promise<TaskOutcome> {
    const files: TextOutcome[] = [];
    let kept = 0;
    let records = 0;
    for (let i = 0; i < paths.length; i++) {
      const path = paths[i]!;
      const size = sizes[i];
      // What is as AWS writes it can be read as it is, once there is much kept.
      const isChecked =
        !kind.wrapping && (kind.keep === 'apart' || (kind.keep === 'much' && this.kept > MUCH));
      let run = this.begin(kind, path, !isChecked);
      // Of very many files, a promise for each takes its time.
      let ended = this.read(run, kind, path, size);
      let fault = ended instanceof Promise ? await ended : ended;
      if (kind.line !== undefined && !this.filter.isAsPresumed) {
        files.push({ path, strange: true, malformed: 0, details: [] });
        continue;
      }
      const untouched = isChecked && run.oddLines === 0 && fault === undefined;
      if (isChecked && !untouched) {
        run = this.begin(kind, path, true);
        ended = this.read(run, kind, path, size);
        fault = ended instanceof Promise ? await ended : ended;
      }
      if (!untouched) {
        kept += run.kept;
        this.kept += run.kept;
      }
      records += run.records(kind.wrapping ? run.oddLines : this.filter.lines - (kind.header ? 1 : 0));
      const { malformedLines: malformed, details } = run;
      if (fault || malformed > 0 || untouched) {
        files.push({ path, ...(fault && { fault }), ...(untouched && { untouched }), malformed, details });
      }
      if (kind.keep === 'apart') this.closeAll();
    }
    return { kept, records, files };
  }

  private begin(kind: TextKind, path: string, keeps: boolean): FileRun {
    const { narrowing } = kind;
    const tests = new Map(narrowing.map((each) => [each.column, each]));
    const format = recordFormat(kind.columns.map(fieldOf));
    return new FileRun(format, {
      onFormat: (next) => {
        this.filter.rules = this.rulesOf(next, narrowing);
      },
      mayMatter: ({ fields }, record) => {
        if (tests.size === 0) return true;
        const values = record.split(' ');
        return fields.every(({ column }, i) => {
          const test = tests.get(column);
          return (
            !test ||
            passes(
              values[i]!,
              narrowing.filter((each) => each.column === column),
            )
          );
        });
      },
      keep: (next, bytes) => {
        if (keeps) this.spoolOf(kind, next, path).write(bytes);
      },
    });
  }

  private read(run: FileRun, kind: TextKind, path: string, size: number | undefined) {
    const { packing, wrapping, header, line, narrowing } = kind;
    const format = recordFormat(kind.columns.map(fieldOf));
    const file = { path, packing, size };
    if (wrapping) return readText(file, new WrappedSink(new Unwrap(wrapping, format, run)));
    this.filter.begin(this.rulesOf(format, narrowing), run, header, line);
    return readText(file, this.filter);
  }

  private rulesOf(format: RecordFormat, narrowing: readonly Narrowing[]): LineRules {
    const key = `${format.key}\n${narrowing.length === 0 ? '' : JSON.stringify(narrowing)}`;
    const rules = this.rules.get(key) ?? lineRules(format, narrowing);
    this.rules.set(key, rules);
    return rules;
  }

  private spoolOf({ spool: base, keep }: TextKind, format: RecordFormat, path: string): Spool {
    const key = `${base}\n${format.key}`;
    const open = this.open.get(key);
    if (open) return open.spool;
    const spool = new Spool(`${base}-${this.name}-${this.closed.length + this.open.size}`);
    const columns = format.fields.map(({ column }) => column);
    this.open.set(key, { spool, of: keep === 'apart' ? { columns, source: path } : { columns } });
    return spool;
  }

  /** The files that the records are in. */
  close(): SpooledText[] {
    this.closeAll();
    return this.closed;
  }

  private closeAll(): void {
    for (const { spool, of } of this.open.values()) this.closed.push({ path: spool.close(), ...of });
    this.open.clear();
  }
}

/** As the kernel tests lines. */
function passes(value: string, tests: readonly Narrowing[]): boolean {
  if (value.startsWith('-')) return true;
  const begins = (prefix: string) => value.startsWith(prefix);
  return tests.every(
    ({ oneOf = [], noneOf = [] }) => (oneOf.length === 0 || oneOf.some(begins)) && !noneOf.some(begins),
  );
}
