import { Command } from 'commander';
import { addConfigurationOptions, settle } from './commands/configuration.js';
import { queryCommand } from './commands/query.js';
import { questionCommand } from './commands/question.js';
import type { Make } from './other-commands.js';
import { QUESTIONS } from './questions/index.js';
import type { Io } from './terminal/streams.js';
import { VERSION } from './version.js';

// Whoever runs the program needs these as well, and loads one file.
export { CommanderError } from 'commander';
export { withOrigin } from './commands/configuration.js';
export { betterAdvice, logsOfPattern } from './commands/said-otherwise.js';

/** The commands that ask the logs, in the order of the help. */
const ASKING: ReadonlyMap<string, Make> = new Map<string, Make>([
  ...QUESTIONS.map((question): [string, Make] => [
    question.name,
    (io, done) => questionCommand(question, io, done),
  ]),
  ['query', queryCommand],
]);

const ASK = 'Ask:';

/**
 * The words of a command line with its command first: options of any command may stand before its name.
 *
 * @param argv the words after the program's name
 */
export async function commandFirst(argv: readonly string[]): Promise<readonly string[]> {
  if (!argv[0]?.startsWith('-')) return argv;
  const { OTHERS } = await import('./other-commands.js');
  const at = argv.findIndex((word) => ASKING.has(word) || OTHERS.has(word));
  return at < 0 ? argv : [argv[at]!, ...argv.slice(0, at), ...argv.slice(at + 1)];
}

/**
 * The whole command line: its commands and what they share.
 *
 * @param done is told the exit code of the command that ran
 * @param name the command that will run, where that is known: it is made alone then, if it can be, for to make them all
 * takes longer than most questions
 */
export async function createProgram(io: Io, done: (code: number) => void, name = ''): Promise<Command> {
  const program = new Command('flowlog')
    .description('Find out from AWS VPC Flow Logs what left a subnet, when, and to where.')
    .version(VERSION)
    .showSuggestionAfterError()
    .exitOverride();
  const add = (make: Make, group: string) => {
    const command = make(io, done, program).helpGroup(group);
    addConfigurationOptions(command);
    program.addCommand(command.copyInheritedSettings(program));
  };
  const all = async () => (await createProgram(io, done)).commands;
  program.hook('preAction', (_program, command) => settle(command, all, io));
  const asking = ASKING.get(name);
  if (asking) {
    add(asking, ASK);
    return program;
  }
  const { completeCommand, GROUPS, OF_ALL, OTHERS, topicList } = await import('./other-commands.js');
  const other = OF_ALL.has(name) ? undefined : OTHERS.get(name);
  if (other) {
    add(other, '');
    return program;
  }
  for (const make of ASKING.values()) add(make, ASK);
  for (const [group, commands] of GROUPS) for (const make of commands.values()) add(make, group);
  program.addCommand(completeCommand(io, done, program), { hidden: true });
  program.addHelpText('after', topicList);
  return program;
}
