import type { Command } from 'commander';
import { parseBlocks } from '../net/networks.js';
import { trace } from '../questions/trace.js';
import type { Io } from '../terminal/streams.js';
import { addFilters, scopeOf } from './filters.js';
import { questionCommand } from './question.js';

const EXAMPLES = `
  Everything to and from an address, as conversations:
    $ flowlog trace 198.51.100.200 --logs ./my-logs

  Of a block and an IPv6 address, in one hour:
    $ flowlog trace 192.0.2.0/24 2001:db8:ffff::50 --since '2026-06-02 09:00' --until '2026-06-02 10:00' --logs ./my-logs
`;

export const traceCommand = (io: Io, done: (code: number) => void): Command =>
  questionCommand(
    {
      usage: 'trace <address...>',
      description: 'Everything to and from addresses: both directions, and who opened each conversation',
      options: (command) => addFilters(command),
      examples: EXAMPLES,
      async ask(options, io, words) {
        const scope = await scopeOf(options, io);
        const addresses = parseBlocks(words, options.networks);
        return { range: scope.range, query: (source) => trace({ ...scope, addresses }, source) };
      },
    },
    io,
    done,
  );
