import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_CACHE_SIZE } from '../cache/cache-folder.js';
import type { TypedAthenaOptions } from '../engines/athena/options.js';
import { ATHENA_DEFAULTS } from '../engines/athena/settings.js';
import type { LocalLogsOptions } from '../engines/duckdb/options.js';
import { ENGINE_NAMES, type EngineName } from '../engines/index.js';
import { LOG_KINDS } from '../flowlog/transit-gateway.js';
import { MOST_INPUT } from '../logs/find-files.js';
import type { Networks } from '../net/networks.js';
import { FORMATS, type Format } from '../output/formats.js';
import { humanBytes, parseBytes, parseDuration } from '../terminal/units.js';
import type { EffectiveQuestion } from './configuration.js';
import { list, paths, Setting } from './settings.js';

export { list } from './settings.js';

/** What every question takes, as typed. */
export interface CommonOptions extends OutputOptions, AthenaOptions, LogsOptions {
  readonly since?: string;
  readonly until?: string;
  readonly sql?: boolean;
  readonly strict?: boolean;
}

/** Which logs, as typed. */
export interface LogsOptions extends LocalLogsOptions {
  readonly engine?: EngineName;
  readonly quiet?: boolean;
}

export const DEFAULT_ZONE = 'Asia/Tokyo';

export function wholeNumber(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(value);
}

const option = (flags: string, description: string) => new Option(flags, description);
const setting = (flags: string, description: string) => new Setting(flags, description);

/** An option that takes blocks and names of networks, more than once; `parseBlocks` reads them. */
export const blocksOption = (flags: string, description: string): Setting =>
  setting(flags, description).argParser(list);

function addGroup(command: Command, heading: string, options: readonly Option[]): void {
  for (const made of options) command.addOption(made.helpGroup(heading));
}

/** How an answer is written, which all commands share that give one. */
export interface OutputOptions {
  readonly tz: string;
  readonly format?: Format;
  readonly output?: string;
  readonly limit?: number;
  readonly excel?: boolean;
  readonly withQuestion?: boolean;
  /** What the run asks, whoever said it. */
  readonly effective?: EffectiveQuestion;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color: boolean;
  readonly names: boolean;
  /** Of the configuration; {@link parseBlocks} takes them. */
  readonly networks: Networks;
}

const zoneOption = () => setting('--tz <zone>', 'time zone for input and output').default(DEFAULT_ZONE);

const outputOptions = () => [
  setting('-f, --format <format>', `${FORMATS.join(', ')} (default: table on a terminal, else csv)`).choices(
    FORMATS,
  ),
  option('-o, --output <file>', 'write to a file instead of standard output'),
  setting('-n, --limit <rows>', 'maximum rows to print (default for tables: 1,000)').argParser(wholeNumber),
  option('--with-question', 'JSON as an object: the question as it was in effect, and its rows'),
  setting('--excel', 'CSV for spreadsheets: BOM, CRLF, escaped formulas'),
  setting('--no-names', 'omit the columns of network names'),
];
const noColor = () => setting('--no-color', 'disable colour');
const quiet = () => setting('-q, --quiet', 'print only errors on standard error');

const chosenFiles = () => [
  option('--account <id>', 'only logs from this account (repeatable)').argParser(list),
  option('--aws-region <region>', 'only logs from this region (repeatable)').argParser(list),
  option('--flow-log <id>', 'only files of this flow log, fl-… (repeatable)').argParser(list),
];

const logFormat = () =>
  setting(
    '--log-format <format>',
    "fields of text logs without a header line: default, 5, or '${srcaddr} ${dstaddr} …'",
  );

const maxInput = () =>
  size('--max-input <size>', 'maximum size of standard input, a device or a pipe').default(
    MOST_INPUT,
    humanBytes(MOST_INPUT),
  );

const logsOptions = () => [
  setting('--engine <engine>', 'local or athena (default: local where --logs is given, else athena)').choices(
    ENGINE_NAMES,
  ),
  setting(
    '--logs <path>',
    'file, folder, pattern, s3://…, cloudwatch:LOG-GROUP, or - for standard input (repeatable)',
  ).argParser(paths),
  logFormat(),
  maxInput(),
  ...chosenFiles(),
  option('--kind <kind>', 'vpc or tgw: transit gateway flow logs (default: vpc where present)').choices(
    LOG_KINDS,
  ),
];

const size = (flags: string, description: string) =>
  setting(flags, description).argParser(parsed(parseBytes, 'It must be a size, such as 500MB or 10GB.'));

/** How much of what was fetched is kept. */
export const cacheSize = () =>
  size('--cache-size <size>', 'maximum size of the cache').default(
    DEFAULT_CACHE_SIZE,
    humanBytes(DEFAULT_CACHE_SIZE),
  );

const bucketOptions = () => [
  setting('--requester-pays', 'pay for requests to a Requester Pays bucket'),
  setting('--logs-bucket-owner <account>', 'account that must own the bucket of logs'),
];

const downloadOptions = () => [
  size('--max-download <size>', 'abort if the download would exceed this, e.g. 5GB'),
  cacheSize(),
  setting('--no-cache', 'neither read nor write the cache'),
];

/** Adds what a command needs that looks at logs, or at a table of them, and asks them nothing. */
export function addLogsOptions(command: Command): void {
  addGroup(command, 'Logs:', logsOptions());
  addGroup(command, 'Logs in S3:', bucketOptions());
}

/** Adds what an import needs besides the logs, which are its arguments. */
export function addImportOptions(command: Command): void {
  addGroup(command, 'Store:', [
    option('--to <dir>', 'folder of the store; created if it does not exist').makeOptionMandatory(),
    logFormat(),
    maxInput(),
    zoneOption(),
    ...chosenFiles(),
  ]);
  addGroup(command, 'Logs in S3:', [...downloadOptions(), ...bucketOptions(), ...who()]);
  addGroup(command, 'Notes:', [
    setting('--strict', 'exit with 1 if anything in the logs was skipped'),
    quiet(),
    setting('-v, --verbose', 'list each skipped line or file'),
  ]);
}

/** Adds the options that every question has. */
export function addCommonOptions(command: Command): Command {
  addGroup(command, 'Logs and time:', [
    ...logsOptions(),
    setting(
      '--since <time>',
      "start of the range (inclusive): 2026-06-01, '2026-06-01 09:00', 24h, yesterday",
    ),
    setting('--until <time>', 'end of the range (exclusive)'),
    setting('--late <time>', 'how late files may come (default: S3 24h, here any time)').argParser(
      parsed(parseDuration, 'It must be a duration, such as 70m or 24h.'),
    ),
    zoneOption(),
  ]);
  addGroup(command, 'Logs in S3:', [...downloadOptions(), ...bucketOptions()]);
  addGroup(command, 'Output:', [
    ...outputOptions(),
    option('--sql', 'print the statement and its parameters without running it'),
    noColor(),
  ]);
  addGroup(command, 'Notes:', [
    setting('--strict', 'exit with 1 if anything in the input was skipped'),
    quiet(),
    setting('-v, --verbose', 'list each skipped line or file'),
  ]);
  addAthenaOptions(command, ['table', 'columns', 'workgroup', 'statement', 'question', 'price']);
  return command;
}

/** Adds what a command needs that only shows what Athena has. */
export function addOutputOptions(command: Command): Command {
  addGroup(command, 'Output:', [
    zoneOption(),
    ...outputOptions(),
    noColor(),
    quiet(),
    setting('-v, --verbose', 'show the stack of an internal error'),
  ]);
  return command;
}

/** Who asks AWS, and where, as typed. */
export interface AwsAsked {
  readonly region?: string;
  readonly profile?: string;
  readonly roleArn?: string;
  readonly externalId?: string;
  readonly roleSessionName?: string;
  readonly roleDuration?: number;
  readonly mfaSerial?: string;
  readonly mfaCode?: string;
}

/** How Athena is asked, as typed, and by whom. */
export interface AthenaOptions extends AwsAsked, TypedAthenaOptions {
  readonly database: string;
  readonly table: string;
  readonly catalog: string;
  readonly workgroup: string;
  readonly pricePerTb: number;
}

/** For an option whose value is read by a function that gives undefined for what it cannot read. */
export const parsed =
  (parse: (text: string) => number | undefined, what: string) =>
  (text: string): number => {
    const value = parse(text);
    if (value === undefined) throw new InvalidArgumentError(what);
    return value;
  };

const athenaGroups = {
  table: () => [
    setting('--database <name>', 'database of the table').default(ATHENA_DEFAULTS.database),
    setting('--table <name>', 'table, or database.table').default(ATHENA_DEFAULTS.table),
    setting('--catalog <name>', 'data catalog, also of another account').default(ATHENA_DEFAULTS.catalog),
  ],
  columns: () => [
    setting(
      '--column <field=column>',
      'column that holds a field, such as srcaddr=src_ip (repeatable)',
    ).argParser(list),
    setting(
      '--time-key <key:format>',
      'partition key that holds a time: day:yyyy-MM-dd (repeatable)',
    ).argParser(list),
  ],
  workgroup: () => [
    setting('--workgroup <name>', 'Athena workgroup to run in').default(ATHENA_DEFAULTS.workgroup),
  ],
  statement: () => [
    setting('--output-location <uri>', "s3://… for results (default: the workgroup's)"),
    setting('--expected-bucket-owner <account>', 'account that must own the bucket of results'),
    setting('--encryption <kind>', 'encryption of results').choices(['SSE_S3', 'SSE_KMS', 'CSE_KMS']),
    setting('--kms-key <arn>', 'key for SSE_KMS and CSE_KMS'),
    setting('--timeout <time>', 'cancel the query after this time, e.g. 90s, 10m, 1h').argParser(
      parsed(parseDuration, 'It must be a duration, such as 90s, 10m or 1h.'),
    ),
  ],
  question: () => [
    size('--max-scan <size>', 'abort if the query could read more than this, e.g. 10GB'),
    setting(
      '--reuse <time>',
      'reuse a result of the same query up to this age, e.g. 60m (at most 7d)',
    ).argParser(parsed(reuseMinutes, 'It must be a duration of at most 7 days, such as 60m or 1d.')),
  ],
  price: () => [
    setting('--price-per-tb <usd>', 'price used to estimate the cost')
      .default(ATHENA_DEFAULTS.pricePerTb)
      .argParser(parsed(price, 'It must be a number of dollars.')),
  ],
};

type AthenaGroup = keyof typeof athenaGroups | 'who';

export const athenaOptions = (groups: readonly AthenaGroup[]): Option[] =>
  groups.flatMap((group): Option[] => (group === 'who' ? who() : athenaGroups[group]()));

const who = () => [
  setting('--region <region>', 'AWS region'),
  setting('--profile <name>', 'profile of the AWS configuration'),
  setting('--role-arn <arn>', 'role to assume'),
  setting('--external-id <id>', 'external id that the role requires'),
  setting('--role-session-name <name>', 'session name that CloudTrail shows (default: flowlog)'),
  setting('--role-duration <time>', 'lifetime of the role session: 15m to 12h').argParser(
    parsed(roleSeconds, 'It must be a duration from 15m to 12h.'),
  ),
  setting('--mfa-serial <arn>', 'MFA device that the role requires'),
  option('--mfa-code <code>', 'MFA code (default: prompt on a terminal)'),
];

/** Adds the options of Athena that a command has use for; who asks, and where, always. */
export function addAthenaOptions(
  command: Command,
  groups: ReadonlyArray<Exclude<AthenaGroup, 'who'>>,
): Command {
  addGroup(command, 'Athena:', athenaOptions(groups));
  addGroup(command, 'AWS:', who());
  return command;
}

function reuseMinutes(text: string): number | undefined {
  const seconds = parseDuration(text);
  return seconds === undefined || seconds > 7 * 86_400 ? undefined : Math.floor(seconds / 60);
}

/** What AssumeRole takes as DurationSeconds. */
function roleSeconds(text: string): number | undefined {
  const seconds = parseDuration(text);
  return seconds === undefined || seconds < 900 || seconds > 43_200 ? undefined : seconds;
}

const price = (text: string) => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined);
