import type { Command } from 'commander';
import { admin } from '../investigations/admin.js';
import type { Io } from '../terminal/streams.js';
import { addFilters, addSubnet, placesOf, scopeOf } from './filters.js';
import { questionCommand } from './question.js';

const EXAMPLES = `
  Who used them, or tried to:
    $ flowlog admin --logs ./my-logs

  SSH and RDP only, and only what got through:
    $ flowlog admin --dst-port 22,3389 --action accept --logs ./my-logs
`;

export const adminCommand = (io: Io, done: (code: number) => void): Command =>
  questionCommand(
    {
      usage: 'admin',
      description: 'Who uses SSH, RDP and other ways to manage machines',
      options(command) {
        addSubnet(command, 'either end', false);
        addFilters(command);
      },
      examples: EXAMPLES,
      ask(options, io) {
        const scope = scopeOf(options, io);
        const { subnets } = placesOf(options);
        return {
          range: scope.range,
          query: (source) => admin({ ...scope, subnets }, source),
        };
      },
    },
    io,
    done,
  );
