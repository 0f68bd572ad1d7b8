import type { Command } from 'commander';
import { protocols } from '../investigations/protocols.js';
import type { Io } from '../terminal/streams.js';
import { addFilters, addSubnet, placesOf, scopeOf } from './filters.js';
import { questionCommand } from './question.js';

const EXAMPLES = `
  Of all traffic:
    $ flowlog protocols --logs ./my-logs

  Of a subnet, on one day:
    $ flowlog protocols --subnet 10.10.24.0/24 --since 2026-06-01 --until 2026-06-02 --logs ./my-logs
`;

export const protocolsCommand = (io: Io, done: (code: number) => void): Command =>
  questionCommand(
    {
      usage: 'protocols',
      description: 'How much is IPv4 and IPv6, TCP, UDP, ICMP and others',
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
          query: (source) => protocols({ ...scope, subnets }, source),
        };
      },
    },
    io,
    done,
  );
