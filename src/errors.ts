/** Exit codes that scripts can rely on. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Signals that end a run in order, and the exit codes that shells give them: 128 and the signal's number. */
export const SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: 143, SIGHUP: 129 } as const;
export type EndSignal = keyof typeof SIGNALS;

/**
 * Something the user can fix: one line that says what was wrong and with which value, one that says what to do.
 * Any other error is a bug.
 */
export class FlowlogError extends Error {
  override readonly name: string = 'FlowlogError';

  readonly hint: string;

  /** @param advice what to do; of several pieces, those that name an option which the command lacks are not shown */
  constructor(
    message: string,
    readonly advice: string | readonly string[],
    readonly exitCode: number = EXIT.failed,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.hint = this.hintFor(() => true);
  }

  /** @param has whether the command has an option, `--logs` */
  hintFor(has: (option: string) => boolean): string {
    const { advice } = this;
    if (typeof advice === 'string') return advice;
    // What stands in quotes is another command, whose options are its own.
    const fits = (piece: string) =>
      (piece.replace(/'(?:flowlog|aws) [^']*'/g, '').match(/--[a-z][a-z-]*/g) ?? []).every(has);
    return advice.filter(fits).join(' ');
  }
}

/** The command line asks for something that cannot be asked: exit code 2. */
export class UsageError extends FlowlogError {
  override readonly name = 'UsageError';

  constructor(message: string, hint: string) {
    super(message, hint, EXIT.usage);
  }
}

const DISK: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
};

/** What the system, or DuckDB on its behalf, says of the machine: no bug of ours. Undefined for any other error. */
export function systemError(error: unknown): FlowlogError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  const line = error.message.split('\n', 1)[0]!;
  const duckdb = /^(?:IO|Out of Memory) Error: (.+)/.exec(line)?.[1];
  const full =
    code !== undefined ? DISK[code] : /no space left|disk quota/i.test(line) ? DISK.ENOSPC : undefined;
  if (full !== undefined && (syscall !== undefined || duckdb !== undefined)) {
    return new FlowlogError(
      `${path ?? 'The output or the temporary folder'} cannot be written: ${full}.`,
      'Free space there, or set TMPDIR to a folder on another disk, and run it again.',
      EXIT.failed,
      { cause: error },
    );
  }
  const said = duckdb ?? (code !== undefined && syscall !== undefined ? line : undefined);
  if (said === undefined) return undefined;
  return new FlowlogError(
    `The system refused: ${said}`,
    'Check the file, folder or connection that it names, and run it again.',
    EXIT.failed,
    { cause: error },
  );
}

/** The user pressed Ctrl-C, or the system ends the run: nothing more to say. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor() {
    super('interrupted');
  }
}
