import { Command } from 'commander';
import { acceptedCommand } from './commands/accepted.js';
import { adminCommand } from './commands/admin.js';
import { beaconsCommand } from './commands/beacons.js';
import { addConfigurationOptions, settle } from './commands/configuration.js';
import { coverageCommand } from './commands/coverage.js';
import { egressCommand } from './commands/egress.js';
import { ingressCommand } from './commands/ingress.js';
import { internalCommand } from './commands/internal.js';
import { natCommand } from './commands/nat.js';
import { newCommand } from './commands/new.js';
import { portsCommand } from './commands/ports.js';
import { protocolsCommand } from './commands/protocols.js';
import { queryCommand } from './commands/query.js';
import { rejectedCommand } from './commands/rejected.js';
import { scanCommand } from './commands/scan.js';
import { talkersCommand } from './commands/talkers.js';
import { timelineCommand } from './commands/timeline.js';
import { traceCommand } from './commands/trace.js';
import type { Make } from './other-commands.js';
import type { Io } from './terminal/streams.js';
import { VERSION } from './version.js';

// Whoever runs the program needs these as well, and loads one file.
export { CommanderError } from 'commander';
export { withOrigin } from './commands/configuration.js';

/** The questions, in the order of the help. */
const QUESTIONS: ReadonlyMap<string, Make> = new Map([
  ['egress', egressCommand],
  ['ingress', ingressCommand],
  ['internal', internalCommand],
  ['talkers', talkersCommand],
  ['rejected', rejectedCommand],
  ['accepted', acceptedCommand],
  ['ports', portsCommand],
  ['admin', adminCommand],
  ['protocols', protocolsCommand],
  ['trace', traceCommand],
  ['nat', natCommand],
  ['timeline', timelineCommand],
  ['scan', scanCommand],
  ['beacons', beaconsCommand],
  ['new', newCommand],
  ['coverage', coverageCommand],
  ['query', queryCommand],
]);

/**
 * The whole command line: its commands and what they share.
 *
 * @param done is told the exit code of the command that ran
 * @param name the command that will run, where that is known: it is made alone then, if it can be, for to make them all
 * takes longer than most questions
 */
export async function createProgram(io: Io, done: (code: number) => void, name = ''): Promise<Command> {
  const program = new Command('flowlog')
    .description('Asks AWS VPC Flow Logs what left a subnet, when, and to where.')
    .version(VERSION)
    .showSuggestionAfterError()
    .exitOverride();
  const add = (make: Make) => {
    const command = make(io, done, program);
    addConfigurationOptions(command);
    program.addCommand(command.copyInheritedSettings(program));
  };
  const all = async () => (await createProgram(io, done)).commands;
  program.hook('preAction', (_program, command) => settle(command, all, io));
  const question = QUESTIONS.get(name);
  if (question) {
    add(question);
    return program;
  }
  const { completeCommand, OF_ALL, OTHERS, topicList } = await import('./other-commands.js');
  const other = OF_ALL.has(name) ? undefined : OTHERS.get(name);
  if (other) {
    add(other);
    return program;
  }
  for (const make of [...QUESTIONS.values(), ...OTHERS.values()]) add(make);
  program.addCommand(completeCommand(io, done, program), { hidden: true });
  program.addHelpText('after', topicList);
  return program;
}
