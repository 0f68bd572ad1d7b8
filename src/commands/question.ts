import { Command } from 'commander';
import type { Format } from '../output/formats.js';
import { pickColumns } from '../questions/pick-columns.js';
import type { Result } from '../result.js';
import type { Query, Source } from '../sql/query.js';
import type { Io } from '../terminal/streams.js';
import type { TimeRange } from '../time/range.js';
import { answer } from './answer.js';
import { type FilterOptions, questionList } from './filters.js';
import { addCommonOptions } from './options.js';
import { withEngine } from './session.js';

/** A question as a command line asks it. */
export interface Question {
  /** The records that are looked at. */
  readonly range: TimeRange;
  readonly query: (source: Source) => Query;
  /** What must be known of the answer, a sentence each; said before it. */
  readonly notes?: readonly string[];
  /** What is made of the answer before it is written. */
  readonly shape?: (result: Result, format: Format) => Result;
}

/** What a command is, beside the options that all questions have. */
export interface QuestionSpec<O extends FilterOptions> {
  /** `trace <address...>`. */
  readonly usage: string;
  readonly description: string;
  /** Adds what only this question takes. */
  readonly options: (command: Command) => void;
  /** `--columns` picks among the columns of the answer; not where the question itself knows columns. */
  readonly pick?: boolean;
  readonly examples: string;
  /** From what was typed to what is meant. */
  readonly ask: (options: O, io: Io, words: readonly string[]) => Promise<Question>;
}

/** The command of a question. */
export function questionCommand<O extends FilterOptions>(
  spec: QuestionSpec<O>,
  io: Io,
  done: (code: number) => void,
): Command {
  const { pick = true } = spec;
  const command = new Command().description(spec.description);
  const [name, ...words] = spec.usage.split(' ');
  command.name(name!);
  if (words.length > 0) command.arguments(words.join(' '));
  spec.options(command);
  if (pick) command.addOption(questionList('--columns <names>', 'columns of the answer to show'));
  addCommonOptions(command);
  return command
    .addHelpText('after', `\nExamples:\n${spec.examples.replace(/^\n/, '')}`)
    .action(async (...given: unknown[]) => {
      const options = given.at(-2) as O;
      const typed = (given.slice(0, -2) as Array<string | string[]>).flat();
      done(await run(await spec.ask(options, io, typed), options, pick ? options.columns : undefined, io));
    });
}

async function run(
  { range, query: queryOf, notes = [], shape = (result) => result }: Question,
  options: FilterOptions,
  columns: readonly string[] | undefined,
  io: Io,
): Promise<number> {
  return withEngine(options, io, async (engine) => {
    const source = await engine.source(range);
    const query = queryOf(source);
    const pick = pickColumns(columns, query.columns);
    if (!options.quiet) for (const note of notes) await io.stderr.write(`${note}\n`);
    return answer(engine, query, options, io, (result, format) => pick(shape(result, format)));
  });
}
