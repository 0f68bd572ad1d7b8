import type { Command } from 'commander';
import { rejected } from '../investigations/rejected.js';
import type { Io } from '../terminal/streams.js';
import { addFilters, addSubnet, placesOf, questionList, scopeOf } from './filters.js';
import { questionCommand } from './question.js';

const EXAMPLES = `
  Who was refused, most often first:
    $ flowlog rejected --logs ./my-logs

  Which ports of the WorkSpaces were tried in vain:
    $ flowlog rejected --subnet 10.10.2.0/23 --by dstport,protocol --logs ./my-logs
`;

export const rejectedCommand = (io: Io, done: (code: number) => void): Command =>
  questionCommand(
    {
      usage: 'rejected',
      description: 'Who was refused, at which port, when first and last',
      options(command) {
        addSubnet(command, 'either end', false);
        addFilters(command, { action: false });
        command.addOption(
          questionList(
            '--by <columns>',
            'sum up by these columns instead of srcaddr,dstaddr,dstport,protocol',
          ),
        );
      },
      examples: EXAMPLES,
      ask(options, io) {
        const scope = scopeOf(options, io);
        const { subnets } = placesOf(options);
        return {
          range: scope.range,
          query: (source) => rejected({ ...scope, subnets, by: options.by ?? [] }, source),
        };
      },
    },
    io,
    done,
  );
