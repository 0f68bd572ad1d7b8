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

/** The commands that are no questions, by the group of the help that they stand in. */
export const GROUPS: ReadonlyMap<string, ReadonlyMap<string, Make>> = new Map([
  [
    'Ask:',
    new Map([
      ['fields', fieldsCommand],
      ['dns', dnsCommand],
      ['history', historyCommand],
      ['result', resultCommand],
      ['cancel', cancelCommand],
    ]),
  ],
  [
    'Audit:',
    new Map([
      ['audit', auditCommand],
      ['allow', allowCommand],
      ['verify', verifyCommand],
    ]),
  ],
  [
    'Set up Athena:',
    new Map([
      ['create-table', createTableCommand],
      ['policy', policyCommand],
    ]),
  ],
  [
    'Data:',
    new Map([
      ['import', importCommand],
      ['sample', sampleCommand],
      ['inventory', inventoryCommand],
      ['cache', cacheCommand],
    ]),
  ],
  [
    'Settings and help:',
    new Map([
      ['init', initCommand],
      ['config', configCommand],
      ['completion', completionCommand],
      ['help', helpCommand],
    ]),
  ],
]);

export const OTHERS: ReadonlyMap<string, Make> = new Map([...GROUPS.values()].flatMap((group) => [...group]));

/** Those of them that are made of what all declare. */
export const OF_ALL: ReadonlySet<string> = new Set(['policy', 'config', 'help']);
