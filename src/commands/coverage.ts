import type { Command } from 'commander';
import { coverage } from '../questions/coverage.js';
import type { Io } from '../terminal/streams.js';
import { parseDuration } from '../terminal/units.js';
import { type FilterOptions, questionList, questionOption, scopeOf } from './filters.js';
import { parsed } from './options.js';
import { questionCommand } from './question.js';

interface CoverageOptions extends FilterOptions {
  readonly interface?: string[];
  readonly interval: '60' | '600';
  readonly lateAfter: number;
}

const EXAMPLES = `
  Is the record of each interface complete?
    $ flowlog coverage --logs ./my-logs

  Of one interface, on one day, of a flow log that aggregates over a minute:
    $ flowlog coverage --interface eni-0a1b2c3d --interval 60 --since 2026-06-01 --until 2026-06-02 --logs ./my-logs
`;

export const coverageCommand = (io: Io, done: (code: number) => void): Command =>
  questionCommand<CoverageOptions>(
    {
      usage: 'coverage',
      description: 'Is the record complete: gaps, skipped records and late files of each interface',
      options(command) {
        command
          .addOption(questionList('--interface <id>', 'eni-… (repeatable; default: all)'))
          .addOption(
            questionOption('--interval <seconds>', 'the maximum aggregation interval of the flow log')
              .choices(['60', '600'])
              .default('600'),
          )
          .addOption(
            questionOption('--late-after <time>', 'a file so long after the end of a record is late')
              .argParser(parsed(parseDuration, 'It must be a duration, such as 20m or 1h.'))
              .default(1200, '20m'),
          );
      },
      examples: EXAMPLES,
      async ask(options, io) {
        const scope = await scopeOf(options, io);
        const request = {
          ...scope,
          interfaces: options.interface ?? [],
          interval: Number(options.interval),
          lateAfter: Math.floor(options.lateAfter),
        };
        return { range: scope.range, query: (source) => coverage(request, source) };
      },
    },
    io,
    done,
  );
