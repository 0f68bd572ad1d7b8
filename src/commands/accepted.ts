import type { Command } from 'commander';
import { accepted } from '../investigations/accepted.js';
import type { Io } from '../terminal/streams.js';
import { addFilters, addSubnet, placesOf, questionList, scopeOf } from './filters.js';
import { questionCommand } from './question.js';

const EXAMPLES = `
  What was let through to and from a subnet, largest first:
    $ flowlog accepted --subnet 10.10.24.0/24 --logs ./my-logs

  TCP by destination port:
    $ flowlog accepted --protocol tcp --by dstport --logs ./my-logs
`;

export const acceptedCommand = (io: Io, done: (code: number) => void): Command =>
  questionCommand(
    {
      usage: 'accepted',
      description: 'What was let through, to which port',
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
          query: (source) => accepted({ ...scope, subnets, by: options.by ?? [] }, source),
        };
      },
    },
    io,
    done,
  );
