import type { Command } from 'commander';
import { parseBlocks } from '../net/networks.js';
import { nat } from '../questions/nat.js';
import type { Io } from '../terminal/streams.js';
import { addFilters, addSubnet, type FilterOptions, placesOf, scopeOf } from './filters.js';
import { blocksOption } from './options.js';
import { questionCommand } from './question.js';

interface NatOptions extends FilterOptions {
  readonly via?: string[];
}

const EXAMPLES = `
  Who speaks to whom through NAT gateways and load balancers, each byte counted once:
    $ flowlog nat --table network.vpc_flow_logs --since yesterday

  Of the WorkSpaces, through one gateway:
    $ flowlog nat --subnet 10.10.2.0/23 --via 10.10.0.220 --logs ./my-logs
`;

export const natCommand = (io: Io, done: (code: number) => void): Command =>
  questionCommand<NatOptions>(
    {
      usage: 'nat',
      description: 'Who speaks to whom through a NAT gateway or load balancer, each byte counted once',
      options(command) {
        addSubnet(command, 'addresses behind it', false);
        command.addOption(
          blocksOption('--via <cidr>', 'addresses of the gateway (repeatable; default: any)').helpGroup(
            'Question:',
          ),
        );
        addFilters(command);
      },
      examples: EXAMPLES,
      async ask(options, io) {
        const scope = await scopeOf(options, io);
        const { subnets } = placesOf(options);
        const via = parseBlocks(options.via ?? [], options.networks);
        return { range: scope.range, query: (source) => nat({ ...scope, subnets, via }, source) };
      },
    },
    io,
    done,
  );
