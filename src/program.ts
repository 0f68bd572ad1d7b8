import { Command } from 'commander';
import { createTableCommand } from './commands/create-table.js';
import { egressCommand } from './commands/egress.js';
import { cancelCommand, historyCommand, resultCommand } from './commands/executions.js';
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
    sampleCommand,
  ];
  for (const make of commands) {
    program.addCommand(make(io, done).copyInheritedSettings(program));
  }
  return program;
}
