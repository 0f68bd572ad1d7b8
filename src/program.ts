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
    ingressCommand,
    internalCommand,
    talkersCommand,
    rejectedCommand,
    acceptedCommand,
    portsCommand,
    adminCommand,
    protocolsCommand,
    traceCommand,
    natCommand,
    timelineCommand,
    scanCommand,
    beaconsCommand,
    newCommand,
    coverageCommand,
    queryCommand,
    createTableCommand,
    historyCommand,
    resultCommand,
    cancelCommand,
    fieldsCommand,
    importCommand,
    sampleCommand,
    cacheCommand,
  ].map((make) => make(io, done));
  const policy = policyCommand(io, done, commands);
  const about = [
    initCommand(io, done),
    policy,
    configCommand(io, done, [...commands, policy]),
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
