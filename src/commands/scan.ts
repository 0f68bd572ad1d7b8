import type { Command } from 'commander';
import { scan } from '../questions/scan.js';
import type { Io } from '../terminal/streams.js';
import { addFilters, addSubnet, type FilterOptions, placesOf, questionOption, scopeOf } from './filters.js';
import { wholeNumber } from './options.js';
import { questionCommand } from './question.js';

interface ScanOptions extends FilterOptions {
  readonly minPorts: number;
  readonly minHosts: number;
}

const EXAMPLES = `
  Who walks ports or hosts:
    $ flowlog scan --logs ./my-logs

  Only slow or small ones that others would miss, of what was refused:
    $ flowlog scan --min-ports 5 --min-hosts 5 --action reject --logs ./my-logs
`;

export const scanCommand = (io: Io, done: (code: number) => void): Command =>
  questionCommand<ScanOptions>(
    {
      usage: 'scan',
      description: 'Who tries many ports of a host, or one port of many hosts',
      options(command) {
        addSubnet(command, 'either end', false);
        addFilters(command);
        command
          .addOption(
            questionOption('--min-ports <n>', 'so many ports of one host are a scan')
              .argParser(wholeNumber)
              .default(20),
          )
          .addOption(
            questionOption('--min-hosts <n>', 'so many hosts with one port are a scan')
              .argParser(wholeNumber)
              .default(20),
          );
      },
      examples: EXAMPLES,
      async ask(options, io) {
        const scope = await scopeOf(options, io);
        const { subnets } = placesOf(options);
        const { minPorts, minHosts } = options;
        return {
          range: scope.range,
          query: (source) => scan({ ...scope, subnets, minPorts, minHosts }, source),
        };
      },
    },
    io,
    done,
  );
