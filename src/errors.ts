/** Exit codes that scripts can rely on. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/**
 * Something the user can mend: one line that says what was wrong and with which value, one that says what to do.
 * Any other error is a bug.
 */
export class FlowlogError extends Error {
  override readonly name: string = 'FlowlogError';

  constructor(
    message: string,
    readonly hint: string,
    readonly exitCode: number = EXIT.failed,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The command line asks for something that cannot be asked: exit code 2. */
export class UsageError extends FlowlogError {
  override readonly name = 'UsageError';

  constructor(message: string, hint: string) {
    super(message, hint, EXIT.usage);
  }
}

/** The user pressed Ctrl-C: exit code 130, and nothing more to say. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor() {
    super('interrupted');
  }
}
