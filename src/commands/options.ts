import { type Command, InvalidArgumentError, Option } from 'commander';
import { FORMATS, type Format } from '../output/formats.js';
import type { Io } from '../terminal/streams.js';

/** What every question takes, as typed. */
export interface CommonOptions {
  readonly logs?: string[];
  readonly tz: string;
  readonly since?: string;
  readonly until?: string;
  readonly format?: Format;
  readonly output?: string;
  readonly limit?: number;
  readonly excel?: boolean;
  readonly sql?: boolean;
  readonly strict?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color: boolean;
}

export const DEFAULT_ZONE = 'Asia/Tokyo';

/** For an option that may be given more than once, and takes several values between commas. */
export function list(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), ...value.split(',').filter((part) => part !== '')];
}

/** As {@link list}, for paths, which may hold commas. */
const repeated = (value: string, before: string[] | undefined) => [...(before ?? []), value];

export function wholeNumber(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(value);
}

/** Adds the options that every question has. The environment's FLOWLOG_* stand in for those not given. */
export function addCommonOptions(command: Command, io: Io): Command {
  const option = (flags: string, description: string) => new Option(flags, description);
  const fromEnv = (variable: string, made: Option) => {
    const value = io.env[variable];
    return value === undefined || value === ''
      ? made
      : made.default(made.parseArg ? made.parseArg(value, undefined) : value);
  };
  const group = (heading: string, options: readonly Option[]) => {
    for (const made of options) command.addOption(made.helpGroup(heading));
  };
  group('Logs and time:', [
    fromEnv(
      'FLOWLOG_LOGS',
      option('--logs <path>', 'file, folder, pattern, or - for standard input (repeatable)').argParser(
        repeated,
      ),
    ),
    option(
      '--since <time>',
      "first moment, on a record's start: 2026-06-01, '2026-06-01 09:00', 24h, yesterday",
    ),
    option('--until <time>', 'moment before which it must start'),
    fromEnv('FLOWLOG_TZ', option('--tz <zone>', 'time zone of times given and shown').default(DEFAULT_ZONE)),
  ]);
  group('Output:', [
    fromEnv(
      'FLOWLOG_FORMAT',
      option(
        '-f, --format <format>',
        `${FORMATS.join(', ')} (default: table on a terminal, else csv)`,
      ).choices(FORMATS),
    ),
    option('-o, --output <file>', 'write to a file instead of standard output'),
    option('-n, --limit <rows>', 'at most so many rows (tables show the first 1,000 unless told)').argParser(
      wholeNumber,
    ),
    option('--excel', 'CSV for spreadsheets: BOM, CRLF, formulas made harmless'),
    option('--sql', 'print the statement and its parameters, and run nothing'),
    option('--no-color', 'no colour'),
  ]);
  group('Notes:', [
    option('--strict', 'exit with 1 when anything in the input had to be passed over'),
    option('-q, --quiet', 'say nothing on standard error but errors'),
    option('-v, --verbose', 'list each line or file passed over'),
  ]);
  return command;
}
