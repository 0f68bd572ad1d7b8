import type { Command } from 'commander';
import { TALKERS, type Talker, talkers } from '../questions/talkers.js';
import type { Io } from '../terminal/streams.js';
import { addFilters, addSubnet, type FilterOptions, placesOf, questionOption, scopeOf } from './filters.js';
import { questionCommand } from './question.js';

interface TalkersOptions extends Omit<FilterOptions, 'by'> {
  readonly by: Talker;
  readonly packetLevel?: boolean;
  readonly rare?: boolean;
}

const EXAMPLES = `
  The fifty that send the most, each with its share:
    $ flowlog talkers --limit 50 --logs ./my-logs

  The pairs of one subnet, by the addresses in the packets, which NAT gateways do not hide:
    $ flowlog talkers --by pair --packet-level --subnet 10.10.2.0/24 --table network.vpc_flow_logs --since 7d

  The interfaces that say the least:
    $ flowlog talkers --by interface --rare --limit 20 --logs ./my-logs
`;

export const talkersCommand = (io: Io, done: (code: number) => void): Command =>
  questionCommand<TalkersOptions & FilterOptions>(
    {
      usage: 'talkers',
      description: 'Who sends the most: sources, destinations, pairs, interfaces, instances or subnets',
      options(command) {
        command.addOption(
          questionOption('--by <what>', 'what is added up').choices(TALKERS).default('source'),
        );
        addSubnet(command, 'either end', false);
        addFilters(command);
        command
          .addOption(
            questionOption('--packet-level', 'by the addresses in the packets (pkt-srcaddr, pkt-dstaddr)'),
          )
          .addOption(questionOption('--rare', 'smallest first'));
      },
      examples: EXAMPLES,
      async ask(options, io) {
        const scope = await scopeOf(options, io);
        const { subnets } = placesOf(options);
        const { by, packetLevel = false, rare = false } = options;
        return {
          range: scope.range,
          query: (source) => talkers({ ...scope, subnets, by, packetLevel, rare }, source),
        };
      },
    },
    io,
    done,
  );
