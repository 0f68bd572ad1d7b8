import { type Command, InvalidArgumentError } from 'commander';
import { UsageError } from '../errors.js';
import { checkInside } from '../questions/flows.js';
import { newDestinations } from '../questions/new.js';
import type { Io } from '../terminal/streams.js';
import { parseDuration } from '../terminal/units.js';
import {
  addFilters,
  addInside,
  addSubnet,
  assumedVpc,
  type FilterOptions,
  placesOf,
  questionList,
  questionOption,
  scopeOf,
} from './filters.js';
import { questionCommand } from './question.js';

interface NewOptions extends FilterOptions {
  readonly before?: number;
}

const EXAMPLES = `
  Destinations of a day that the day before had not seen:
    $ flowlog new --subnet 10.10.24.0/24 --since 2026-06-02 --until 2026-06-03 --logs ./my-logs

  Of the last day, against the thirty before, by source, destination and port:
    $ flowlog new --subnet 10.10.24.0/24 --since 24h --before 30d --by srcaddr,dstaddr,dstport --table network.vpc_flow_logs
`;

export const newCommand = (io: Io, done: (code: number) => void): Command =>
  questionCommand<NewOptions>(
    {
      usage: 'new',
      description: 'Destinations outside that were reached in this range and never in the one before',
      options(command) {
        addSubnet(command, 'source addresses', true);
        addInside(command, 'destinations');
        addFilters(command);
        command
          .addOption(
            questionOption(
              '--before <time>',
              'how long before --since to look: 7d (default: as long as the range)',
            ).argParser(duration),
          )
          .addOption(
            questionList(
              '--by <columns>',
              'what is new when it was not there: dstaddr,dstport (default: dstaddr)',
            ),
          );
      },
      examples: EXAMPLES,
      async ask(options, io) {
        const scope = await scopeOf(options, io);
        const { since, until = io.now() } = scope.range;
        if (since === undefined) {
          throw new UsageError(
            'New since when?',
            'Give --since, such as 24h or 2026-06-02; what comes before it is what is known.',
          );
        }
        const places = placesOf(options);
        checkInside(places.subnets, places.vpc);
        const before = options.before ?? until - since;
        const range = { since: since - before, until: scope.range.until };
        const request = { ...scope, ...places, range, from: since, by: options.by ?? [] };
        return {
          range,
          query: (source) => newDestinations(request, source),
          notes: assumedVpc(options, places),
        };
      },
    },
    io,
    done,
  );

function duration(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined || seconds < 1) {
    throw new InvalidArgumentError('It must be a duration, such as 12h or 7d.');
  }
  return Math.floor(seconds);
}
