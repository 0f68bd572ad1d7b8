import type { CommanderError } from 'commander';
import { type EndSignal, EXIT, FlowlogError, Interrupted, SIGNALS, systemError } from './errors.js';
import { visibleLines } from './output/text.js';
import { BrokenPipe, type Io, outputTo } from './terminal/streams.js';
import { VERSION } from './version.js';

/**
 * Runs a command line and returns its exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted (or
 * another signal's, where that is the reason of the abort). The one place where an
 * error becomes a message.
 *
 * @param given the words after the program's name
 */
export async function run(given: readonly string[], io: Io): Promise<number> {
  // Asked by scripts before every use, so answered before anything is loaded.
  if (given.length === 1 && /^(?:--version|-V|version)$/.test(given[0]!)) {
    return io.stdout.write(`${VERSION}\n`).then(
      () => EXIT.done,
      (error) => failure(error, false, io),
    );
  }
  const { betterAdvice, CommanderError, commandFirst, createProgram, logsOfPattern, withOrigin } =
    await import('./program.js');
  const argv = given.length === 0 ? ['--help'] : logsOfPattern(await commandFirst(given));
  let code: number = EXIT.done;
  let texts: Array<[to: 'stdout' | 'stderr', text: string]> = [];
  const done = (exitCode: number) => {
    code = exitCode;
  };
  const program = await createProgram(io, done, argv[0]);
  const name = argv.find((word) => !word.startsWith('-'));
  const command = program.commands.find((each) => each.name() === name);
  const has = (option: string) =>
    command === undefined || command.options.some(({ long }) => long === option);
  const output = {
    writeOut: (text: string) => void texts.push(['stdout', text]),
    writeErr: (text: string) => void texts.push(['stderr', text]),
    getOutHelpWidth: () => io.stdout.width,
    getErrHelpWidth: () => io.stderr.width,
    outputError: (text: string, write: (text: string) => void) =>
      write(visibleLines(betterAdvice(text.replace(/^error: /, 'flowlog: '), has))),
  };
  for (const command of [program, ...program.commands]) command.configureOutput(output);
  const flush = async () => {
    for (const [to, text] of texts) await io[to].write(text);
    texts = [];
  };
  try {
    await program.parseAsync([...argv], { from: 'user' });
    await flush();
    return code;
  } catch (error) {
    try {
      if (error instanceof CommanderError) {
        await flush();
        return await usage(error, command?.name(), io);
      }
      const shown = withOrigin(error, command);
      return await failure(shown, argv.includes('--verbose') || argv.includes('-v'), io, has);
    } catch (second) {
      if (second instanceof BrokenPipe) return EXIT.done;
      throw second;
    }
  }
}

/** Help and version were asked for and have been given; the rest is wrong usage. */
async function usage(error: CommanderError, command: string | undefined, io: Io): Promise<number> {
  if (error.exitCode === 0) return EXIT.done;
  if (error.code !== 'commander.help') {
    await io.stderr.write(`See 'flowlog ${command ? `${command} ` : ''}--help' for usage.\n`);
  }
  return EXIT.usage;
}

async function failure(
  error: unknown,
  verbose: boolean,
  io: Io,
  has: (option: string) => boolean = () => true,
): Promise<number> {
  if (error instanceof BrokenPipe) return EXIT.done;
  if (error instanceof Interrupted || io.signal.aborted) {
    // Not awaited: nobody may read it any more.
    io.stderr.write('Interrupted.\n').catch(() => {});
    return SIGNALS[io.signal.reason as EndSignal] ?? EXIT.interrupted;
  }
  const known = error instanceof FlowlogError ? error : systemError(error);
  if (known) {
    // Names of files, and what servers say, may hold anything.
    await io.stderr.write(`flowlog: ${visibleLines(known.message)}\n${visibleLines(known.hintFor(has))}\n`);
    return known.exitCode;
  }
  const text = error instanceof Error ? (verbose ? error.stack : error.message) : String(error);
  await io.stderr.write(
    `flowlog: internal error: ${visibleLines(String(text))}\n` +
      (verbose
        ? ''
        : 'This is a bug in flowlog. Run it again with --verbose for the stack, and please report it.\n'),
  );
  return EXIT.failed;
}

/** Starts the program in this process and ends the process with the exit code. */
export async function start(): Promise<void> {
  // The AWS SDK reads the environment of the process. It takes an empty region for a name, and on Node 20 it prints a
  // warning that a user of flowlog can do nothing about.
  if (process.env.AWS_REGION === '') delete process.env.AWS_REGION;
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const interrupt = new AbortController();
  let readsStdin = false;
  for (const [name, code] of Object.entries(SIGNALS)) {
    process.on(name, () => {
      // Whatever is still under way: a second signal leaves at once.
      if (interrupt.signal.aborted) process.exit(code);
      interrupt.abort(name);
      // Whoever reads it stops; where nobody does just now, that is no failure.
      if (readsStdin) process.stdin.on('error', () => {}).destroy(new Interrupted());
    });
  }
  const code = await run(process.argv.slice(2), {
    // Node opens it when it is first named, which takes a while and is mostly for nothing.
    get stdin() {
      readsStdin = true;
      return process.stdin;
    },
    stdout: outputTo(process.stdout, interrupt.signal),
    stderr: outputTo(process.stderr, interrupt.signal),
    async page() {
      const { openPager, pagerOf } = await import('./terminal/pager.js');
      const command = pagerOf(process.env);
      return command === undefined ? undefined : openPager(command, process.env);
    },
    env: process.env,
    now: () => Math.floor(Date.now() / 1000),
    signal: interrupt.signal,
  });
  // Not left to the event loop: open handles of libraries must not keep a finished program waiting.
  process.exit(code);
}
