import { Command } from 'commander';
import { egressCommand } from './commands/egress.js';
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
  for (const command of [egressCommand(io, done), sampleCommand(io, done)]) {
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
}
