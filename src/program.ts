import { Command } from 'commander';
import { completeCommand, completionCommand } from './commands/completion.js';
import { configCommand } from './commands/config.js';
import { addConfigurationOptions, settle } from './commands/configuration.js';
import { createTableCommand } from './commands/create-table.js';
import { egressCommand } from './commands/egress.js';
import { cancelCommand, historyCommand, resultCommand } from './commands/executions.js';
import { fieldsCommand } from './commands/fields.js';
import { helpCommand, topicList } from './commands/help.js';
import { sampleCommand } from './commands/sample.js';
import type { Io } from './terminal/streams.js';
import { VERSION } from './version.js';

/**
 * The whole command line: its commands and what they share.
 *
 * @param done is told the exit code of the command that ran
 */
export function createProgram(io: Io, done: (code: number) => void): Command {
  const program = new Command('flowlog')
    .description('Asks AWS VPC Flow Logs what left a subnet, when, and to where.')
    .version(VERSION)
    .showSuggestionAfterError()
    .exitOverride();
  const commands = [
    egressCommand,
    createTableCommand,
    historyCommand,
    resultCommand,
    cancelCommand,
    fieldsCommand,
    sampleCommand,
  ].map((make) => make(io, done));
  const about = [
    configCommand(io, done, commands),
    completionCommand(io, done),
    helpCommand(io, done, program),
  ];
  for (const command of [...commands, ...about]) {
    addConfigurationOptions(command);
    program.addCommand(command.copyInheritedSettings(program));
  }
  program.addCommand(completeCommand(io, done, program), { hidden: true });
  program.addHelpText('after', topicList);
  program.hook('preAction', (_program, command) => settle(command, program, io));
  return program;
}
