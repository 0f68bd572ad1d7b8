import type { Command } from 'commander';
import { allowCommand } from './commands/allow.js';
import { auditCommand } from './commands/audit.js';
import { cacheCommand } from './commands/cache.js';
import { completeCommand, completionCommand } from './commands/completion.js';
import { configCommand } from './commands/config.js';
import { createTableCommand } from './commands/create-table.js';
import { dnsCommand } from './commands/dns.js';
import { cancelCommand, historyCommand, resultCommand } from './commands/executions.js';
import { fieldsCommand } from './commands/fields.js';
import { helpCommand, topicList } from './commands/help.js';
import { importCommand } from './commands/import.js';
import { initCommand } from './commands/init.js';
import { inventoryCommand } from './commands/inventory.js';
import { policyCommand } from './commands/policy.js';
import { sampleCommand } from './commands/sample.js';
import { verifyCommand } from './commands/verify.js';
import type { Io } from './terminal/streams.js';

export { completeCommand, topicList };

/** Makes a command. @param program has those that are listed before it */
export type Make = (io: Io, done: (code: number) => void, program: Command) => Command;

/** The commands that are no questions, in the order of the help. */
export const OTHERS: ReadonlyMap<string, Make> = new Map([
  ['allow', allowCommand],
  ['audit', auditCommand],
  ['verify', verifyCommand],
  ['create-table', createTableCommand],
  ['history', historyCommand],
  ['result', resultCommand],
  ['cancel', cancelCommand],
  ['fields', fieldsCommand],
  ['import', importCommand],
  ['sample', sampleCommand],
  ['inventory', inventoryCommand],
  ['dns', dnsCommand],
  ['cache', cacheCommand],
  ['init', initCommand],
  ['policy', policyCommand],
  ['config', configCommand],
  ['completion', completionCommand],
  ['help', helpCommand],
]);

/** Those of them that are made of what all declare. */
export const OF_ALL: ReadonlySet<string> = new Set(['policy', 'config', 'help']);
