import type { Command } from 'commander';
import { parseBlocks } from '../net/networks.js';
import { checkInside } from '../questions/flows.js';
import { internal } from '../questions/internal.js';
import type { Io } from '../terminal/streams.js';
import {
  addFilters,
  addFlowColumns,
  addInside,
  addSubnet,
  assumedVpc,
  type FilterOptions,
  flowColumns,
  placesOf,
  scopeOf,
} from './filters.js';
import { blocksOption } from './options.js';
import { questionCommand } from './question.js';

interface InternalOptions extends FilterOptions {
  readonly to?: string[];
}

const EXAMPLES = `
  What went from the subnet to others of its VPC, by port:
    $ flowlog internal --subnet 10.10.24.0/24 --by dstaddr,dstport --logs ./my-logs

  From one subnet to another:
    $ flowlog internal --subnet 10.10.2.0/24 --to 10.10.24.0/24 --dst-port 22 --logs ./my-logs
`;

export const internalCommand = (io: Io, done: (code: number) => void): Command =>
  questionCommand<InternalOptions>(
    {
      usage: 'internal',
      description: 'What went from a subnet to others of the same VPC',
      pick: false,
      options(command) {
        addSubnet(command, 'source addresses', true);
        command.addOption(
          blocksOption('--to <cidr>', 'destinations (repeatable; default: the rest of the VPC)').helpGroup(
            'Question:',
          ),
        );
        addInside(command, 'destinations');
        addFilters(command);
        addFlowColumns(command, 'dstaddr,dstport');
      },
      examples: EXAMPLES,
      async ask(options, io) {
        const scope = await scopeOf(options, io);
        const places = placesOf(options);
        checkInside(places.subnets, places.vpc);
        const to = parseBlocks(options.to ?? [], options.networks);
        const request = { ...scope, ...places, ...flowColumns(options), to };
        return {
          range: scope.range,
          query: (source) => internal(request, source),
          notes: to.length > 0 ? [] : assumedVpc(options, places),
        };
      },
    },
    io,
    done,
  );
