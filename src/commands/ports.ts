import type { Command } from 'commander';
import { ports } from '../investigations/ports.js';
import type { Io } from '../terminal/streams.js';
import { addFilters, addSubnet, placesOf, scopeOf } from './filters.js';
import { questionCommand } from './question.js';

const EXAMPLES = `
  What the notebooks serve and what they reach:
    $ flowlog ports --subnet 10.10.24.0/24 --logs ./my-logs

  The same as numbers, of what got through:
    $ flowlog ports --subnet 10.10.24.0/24 --action accept --format csv --logs ./my-logs
`;

export const portsCommand = (io: Io, done: (code: number) => void): Command =>
  questionCommand(
    {
      usage: 'ports',
      description: 'Which ports a subnet serves, and which it reaches elsewhere',
      options(command) {
        addSubnet(command, 'either end', true);
        addFilters(command);
      },
      examples: EXAMPLES,
      ask(options, io) {
        const scope = scopeOf(options, io);
        const { subnets } = placesOf(options);
        return {
          range: scope.range,
          query: (source) => ports({ ...scope, subnets }, source),
        };
      },
    },
    io,
    done,
  );
