import { type Command, InvalidArgumentError } from 'commander';
import { beacons } from '../questions/beacons.js';
import { checkInside } from '../questions/flows.js';
import type { Io } from '../terminal/streams.js';
import { parseBytes } from '../terminal/units.js';
import {
  addFilters,
  addInside,
  addSubnet,
  assumedVpc,
  type FilterOptions,
  placesOf,
  questionOption,
  scopeOf,
} from './filters.js';
import { wholeNumber } from './options.js';
import { questionCommand } from './question.js';

interface BeaconsOptions extends FilterOptions {
  readonly minContacts: number;
  readonly maxJitter: number;
  readonly maxBytes: number;
}

const EXAMPLES = `
  Who calls somebody outside regularly:
    $ flowlog beacons --subnet 10.10.24.0/24 --logs ./my-logs

  With larger contacts and less regular ones too:
    $ flowlog beacons --subnet 10.10.24.0/24 --max-bytes 1MB --max-jitter 50 --min-contacts 5 --logs ./my-logs
`;

export const beaconsCommand = (io: Io, done: (code: number) => void): Command =>
  questionCommand<BeaconsOptions>(
    {
      usage: 'beacons',
      description: 'Who makes regular, small contacts with one destination outside: period, jitter, count',
      options(command) {
        addSubnet(command, 'source addresses', true);
        addInside(command, 'destinations');
        addFilters(command);
        command
          .addOption(
            questionOption('--min-contacts <n>', 'so many contacts at least')
              .argParser(minContacts)
              .default(10),
          )
          .addOption(
            questionOption('--max-jitter <percent>', 'of the period, at most')
              .argParser(wholeNumber)
              .default(20),
          )
          .addOption(
            questionOption('--max-bytes <size>', 'of a contact on average, at most')
              .argParser(size)
              .default(10_000, '10kB'),
          );
      },
      examples: EXAMPLES,
      async ask(options, io) {
        const scope = await scopeOf(options, io);
        const places = placesOf(options);
        checkInside(places.subnets, places.vpc);
        const { minContacts: min, maxJitter, maxBytes } = options;
        return {
          range: scope.range,
          query: (source) => beacons({ ...scope, ...places, minContacts: min, maxJitter, maxBytes }, source),
          notes: [
            ...assumedVpc(options, places),
            'Contacts up to a minute apart, or within one aggregation interval (60 or 600 s), are one: shorter periods are not seen.',
          ],
        };
      },
    },
    io,
    done,
  );

/** Of two contacts there is one pause, of which nothing can be said. */
function minContacts(text: string): number {
  const number = wholeNumber(text);
  if (number < 3) throw new InvalidArgumentError('It must be 3 or more.');
  return number;
}

function size(text: string): number {
  const bytes = parseBytes(text);
  if (bytes === undefined || !Number.isSafeInteger(bytes)) {
    throw new InvalidArgumentError('It must be a size, such as 10kB or 1MB.');
  }
  return bytes;
}
