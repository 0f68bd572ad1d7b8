import { type Command, Option } from 'commander';
import { ATHENA_OPTIONS, type TypedAthenaOptions } from '../athena/options.js';
import { ENGINE_NAMES, ENGINES, type EngineName, type EngineOptions } from '../engines/index.js';
import { LOG_KINDS } from '../flowlog/transit-gateway.js';
import { READING_OPTIONS } from '../logs/options.js';
import { S3_OPTIONS } from '../logs/s3/options.js';
import type { Networks } from '../net/networks.js';
import { type OptionGroup, parsed, wholeNumber } from '../option.js';
import { FORMATS, type Format } from '../output/formats.js';
import type { EffectiveQuestion } from '../output/renderer.js';
import { parseDuration } from '../terminal/units.js';
import type { Namer } from '../whose/namer.js';
import { type NamesOptions, namesOptions } from './names-options.js';
import { argParser, chosen, optionFrom } from './option-from.js';
import { list, Setting } from './settings.js';

export { list } from './settings.js';

/** What every question takes, as typed. */
export interface CommonOptions extends OutputOptions, AwsAsked, LogsOptions {
  readonly since?: string;
  readonly until?: string;
  readonly sql?: boolean;
  readonly strict?: boolean;
}

/** Which logs, as typed. */
export interface LogsOptions extends Omit<EngineOptions, 'tz'> {
  readonly engine?: EngineName;
  readonly quiet?: boolean;
}

export const DEFAULT_ZONE = 'Asia/Tokyo';

const option = (flags: string, description: string) => new Option(flags, description);
const setting = (flags: string, description: string) => new Setting(flags, description);

/** An option that takes blocks and names of networks, more than once; `parseBlocks` reads them. */
export const blocksOption = (flags: string, description: string): Setting =>
  setting(flags, description).argParser(list);

function addGroup(command: Command, heading: string, options: readonly Option[]): void {
  for (const made of options) command.addOption(made.helpGroup(heading));
}

/** Adds options that are declared as data. */
export function addSpecs(command: Command, ...groups: readonly OptionGroup[]): void {
  for (const { heading, options } of groups) addGroup(command, heading, options.map(optionFrom));
}

/** How an answer is written, which all commands share that give one. */
export interface OutputOptions extends NamesOptions {
  readonly tz: string;
  readonly format?: Format;
  readonly output?: string;
  readonly limit?: number;
  readonly excel?: boolean;
  readonly withQuestion?: boolean;
  readonly withNotes?: boolean;
  readonly notes?: boolean;
  /** What the run asks, whoever said it. */
  readonly effective?: EffectiveQuestion;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color: boolean;
  readonly pager: boolean;
  readonly names: boolean;
  /** Of the configuration; {@link parseBlocks} takes them. */
  readonly networks: Networks;
  /** What else names addresses; undefined where nothing does. */
  readonly known?: Namer | undefined;
}

const zoneOption = () => setting('--tz <zone>', 'time zone for input and output').default(DEFAULT_ZONE);

const outputOptions = () => [
  chosen(
    setting('-f, --format <format>', `${FORMATS.join(', ')} (default: table on a terminal, else csv)`),
    FORMATS,
    { md: 'markdown', jsonl: 'ndjson', excel: 'xlsx', htm: 'html' },
  ),
  option('-o, --output <file>', 'write to a file; its ending chooses the format'),
  setting('-n, --limit <rows>', 'maximum rows to print (default for tables: 1,000)').argParser(
    argParser(wholeNumber),
  ),
  setting('--with-notes', 'write the question and the notes with the rows (Markdown and pages always do)'),
  option('--with-question', 'the same, of JSON: an object of question, rows and notes'),
  setting('--no-notes', 'Markdown without the question and the notes'),
  setting('--excel', 'CSV for spreadsheets: BOM, CRLF, escaped formulas'),
  setting('--no-names', 'omit the columns of names'),
  setting('--no-pager', 'do not show answers by PAGER or less'),
];
const noColor = () => setting('--no-color', 'disable colour');
const quiet = () => setting('-q, --quiet', 'print only errors on standard error');

const chosenFiles = () => [
  option('--account <id>', 'only logs from this account (repeatable)').argParser(list),
  option('--aws-region <region>', 'only logs from this region (repeatable)').argParser(list),
  option('--flow-log <id>', 'only files of this flow log, fl-… (repeatable)').argParser(list),
];

/** The options of every engine that say what is asked, with those that all engines have. */
function addSourceOptions(command: Command): void {
  addGroup(command, 'Logs and time:', [
    setting(
      '--engine <engine>',
      'local or athena (default: local where --logs is given, else athena)',
    ).choices(ENGINE_NAMES),
  ]);
  addSpecs(command, ...ENGINE_NAMES.flatMap((name) => ENGINES[name].sourceOptions));
  addGroup(command, 'Logs and time:', [
    ...chosenFiles(),
    option('--kind <kind>', 'vpc or tgw: transit gateway flow logs (default: vpc where present)').choices(
      LOG_KINDS,
    ),
  ]);
}

/** Adds what a command needs that looks at logs, or at a table of them, and asks them nothing. */
export function addLogsOptions(command: Command): void {
  addSourceOptions(command);
  addGroup(command, 'AWS:', who());
}

/** Adds what an import needs besides the logs, which are its arguments. */
export function addImportOptions(command: Command): void {
  addGroup(command, 'Store:', [
    option('--to <dir>', 'folder of the store; created if it does not exist').makeOptionMandatory(),
    ...READING_OPTIONS.map(optionFrom),
    zoneOption(),
    ...chosenFiles(),
  ]);
  addGroup(command, 'Logs in S3:', [
    ...[...S3_OPTIONS.download, ...S3_OPTIONS.bucket].map(optionFrom),
    ...who(),
  ]);
  addGroup(command, 'Notes:', [
    setting('--strict', 'exit with 1 if anything in the logs was skipped'),
    quiet(),
    setting('-v, --verbose', 'list each skipped line or file'),
  ]);
}

/** Options of a range of time, and of the files that may hold it. */
function addRangeOptions(command: Command): void {
  addGroup(command, 'Logs and time:', [
    setting(
      '--since <time>',
      "start of the range (inclusive): 2026-06-01, '2026-06-01 09:00', 24h, yesterday",
    ),
    setting('--until <time>', 'end of the range (exclusive)'),
    setting('--late <time>', 'how late files may come (default: S3 24h, here any time)').argParser(
      argParser(parsed(parseDuration, 'It must be a duration, such as 70m or 24h.')),
    ),
    zoneOption(),
  ]);
}

const addRunOptions = (command: Command) =>
  addSpecs(command, ...ENGINE_NAMES.flatMap((name) => ENGINES[name].runOptions));

/** Which logs, from when to when, and how a run is limited: of all that asks the logs something. */
function addAskingOptions(command: Command): void {
  addSourceOptions(command);
  addRangeOptions(command);
  addRunOptions(command);
}

/** Adds what an audit needs of the options that questions have. */
export function addAuditOptions(command: Command): void {
  addAskingOptions(command);
  addGroup(command, 'Output:', [
    option(
      '-f, --format <format>',
      'text, html (a page), json (the whole report) or csv (exceptions)',
    ).choices(['text', 'html', 'json', 'csv']),
    option('-o, --output <file>', 'write to a file instead of standard output'),
    setting('--excel', 'CSV for spreadsheets: BOM, CRLF, escaped formulas'),
    noColor(),
    quiet(),
    setting('-v, --verbose', 'show the stack of an internal error'),
  ]);
  addGroup(command, 'AWS:', who());
}

/** Adds what learning from logs, and looking at allow-lists, needs of the options that questions have. */
export function addAllowOptions(command: Command): void {
  addAskingOptions(command);
  addGroup(command, 'Output:', [...outputOptions(), noColor()]);
  addNotesOptions(command);
  addGroup(command, 'AWS:', who());
}

/** Adds what verifying needs to repeat an audit. */
export function addVerifyOptions(command: Command): void {
  addSourceOptions(command);
  addRunOptions(command);
  addGroup(command, 'Output:', [quiet(), setting('-v, --verbose', 'show the stack of an internal error')]);
  addGroup(command, 'AWS:', who());
}

const addNotesOptions = (command: Command) =>
  addGroup(command, 'Notes:', [
    setting('--strict', 'exit with 1 if anything in the input was skipped'),
    quiet(),
    setting('-v, --verbose', 'list each skipped line or file'),
  ]);

/** Adds the options that every question has. */
export function addCommonOptions(command: Command): Command {
  addAskingOptions(command);
  addGroup(command, 'Names:', namesOptions());
  addGroup(command, 'Output:', [
    ...outputOptions(),
    option('--sql', 'print the statement and its parameters without running it'),
    noColor(),
  ]);
  addNotesOptions(command);
  addGroup(command, 'AWS:', who());
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
  readonly quiet?: boolean;
}

/** How Athena is asked, as typed, and by whom. */
export interface AthenaOptions extends AwsAsked, TypedAthenaOptions {
  readonly database: string;
  readonly table: string;
  readonly catalog: string;
  readonly workgroup: string;
  readonly pricePerTb: number;
}

type AthenaGroup = keyof typeof ATHENA_OPTIONS | 'who';

export const athenaOptions = (groups: readonly AthenaGroup[]): Option[] =>
  groups.flatMap((group): Option[] => (group === 'who' ? who() : ATHENA_OPTIONS[group].map(optionFrom)));

const who = () => [
  setting('--region <region>', 'AWS region'),
  setting('--profile <name>', 'profile of the AWS configuration'),
  setting('--role-arn <arn>', 'role to assume'),
  setting('--external-id <id>', 'external id that the role requires'),
  setting('--role-session-name <name>', 'session name that CloudTrail shows (default: flowlog)'),
  setting('--role-duration <time>', 'lifetime of the role session: 15m to 12h').argParser(
    argParser(parsed(roleSeconds, 'It must be a duration from 15m to 12h.')),
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

/** What AssumeRole takes as DurationSeconds. */
function roleSeconds(text: string): number | undefined {
  const seconds = parseDuration(text);
  return seconds === undefined || seconds < 900 || seconds > 43_200 ? undefined : seconds;
}
