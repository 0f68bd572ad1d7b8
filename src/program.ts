import { Command } from 'commander';
import { acceptedCommand } from './commands/accepted.js';
import { adminCommand } from './commands/admin.js';
import { beaconsCommand } from './commands/beacons.js';
import { cacheCommand } from './commands/cache.js';
import { completeCommand, completionCommand } from './commands/completion.js';
import { configCommand } from './commands/config.js';
import { addConfigurationOptions, settle } from './commands/configuration.js';
import { coverageCommand } from './commands/coverage.js';
import { createTableCommand } from './commands/create-table.js';
import { egressCommand } from './commands/egress.js';
import { cancelCommand, historyCommand, resultCommand } from './commands/executions.js';
import { fieldsCommand } from './commands/fields.js';
import { helpCommand, topicList } from './commands/help.js';
import { importCommand } from './commands/import.js';
import { ingressCommand } from './commands/ingress.js';
import { initCommand } from './commands/init.js';
import { internalCommand } from './commands/internal.js';
import { natCommand } from './commands/nat.js';
import { newCommand } from './commands/new.js';
import { policyCommand } from './commands/policy.js';
import { portsCommand } from './commands/ports.js';
import { protocolsCommand } from './commands/protocols.js';
import { queryCommand } from './commands/query.js';
import { rejectedCommand } from './commands/rejected.js';
import { sampleCommand } from './commands/sample.js';
import { scanCommand } from './commands/scan.js';
import { talkersCommand } from './commands/talkers.js';
import { timelineCommand } from './commands/timeline.js';
import { traceCommand } from './commands/trace.js';
import type { Io } from './terminal/streams.js';
import { VERSION } from './version.js';

// What runs the program loads it in one piece with what it needs to do so.
export { CommanderError } from 'commander';
export { withOrigin } from './commands/configuration.js';

type Done = (code: number) => void;

/** Makes a command. @param program has those that are listed before it */
type Make = (io: Io, done: Done, program: Command) => Command;

/** In the order of the help. */
const COMMANDS = new Map<string, Make>([
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
  ['create-table', createTableCommand],
  ['history', historyCommand],
  ['result', resultCommand],
  ['cancel', cancelCommand],
  ['fields', fieldsCommand],
  ['import', importCommand],
  ['sample', sampleCommand],
  ['cache', cacheCommand],
  ['init', initCommand],
  ['policy', policyCommand],
  ['config', configCommand],
  ['completion', completionCommand],
  ['help', helpCommand],
]);

/** Those that are made of what the others declare. */
const OF_OTHERS: ReadonlySet<string> = new Set(['policy', 'config', 'help']);

/**
 * The whole command line: its commands and what they share.
 *
 * @param done is told the exit code of the command that ran
 * @param name the command that will run, if that is known: of those that stand alone no other is made then, which takes
 * longer than most questions
 */
export function createProgram(io: Io, done: Done, name = ''): Command {
  const program = new Command('flowlog')
    .description('Asks AWS VPC Flow Logs what left a subnet, when, and to where.')
    .version(VERSION)
    .showSuggestionAfterError()
    .exitOverride();
  const alone = OF_OTHERS.has(name) ? undefined : COMMANDS.get(name);
  for (const make of alone ? [alone] : COMMANDS.values()) {
    const command = make(io, done, program);
    addConfigurationOptions(command);
    program.addCommand(command.copyInheritedSettings(program));
  }
  if (!alone) {
    program.addCommand(completeCommand(io, done, program), { hidden: true });
    program.addHelpText('after', topicList);
  }
  const all = () => (alone ? createProgram(io, done) : program).commands;
  program.hook('preAction', (_program, command) => settle(command, all, io));
  return program;
}
