import { Command, Option } from 'commander';
import { checkCatalog, databaseExists } from '../athena/catalog.js';
import { execute, type Statement } from '../athena/execution.js';
import { isNoDatabase } from '../athena/failures.js';
import { athenaSettings } from '../athena/options.js';
import { registerPartitions } from '../athena/registered-partitions.js';
import type { AthenaSettings } from '../athena/settings.js';
import { hasNoColumns, readTable } from '../athena/table-info.js';
import { describeFlowLog } from '../aws/describe-flow-log.js';
import { findLayout, type Known, type LogFindings } from '../aws/find-layout.js';
import { logScope } from '../aws/log-folders.js';
import { EXIT, FlowlogError, UsageError } from '../errors.js';
import { parseFormatOption } from '../flowlog/format-option.js';
import type { FileFormat, Layout } from '../flowlog/s3-layout.js';
import { locationUri, parseLocation } from '../flowlog/s3-place.js';
import {
  ACCOUNT_KEYS,
  type AccountKey,
  alterTable,
  checkAccount,
  checkDate,
  checkNewName,
  checkRegion,
  createDatabase,
  createStatements,
  differences,
  dropTable,
  extension,
  PARTITIONINGS,
  type Partitioning,
  type TableSpec,
  tableDefinition,
} from '../flowlog/table.js';
import { type DayProgress, progressLine } from '../terminal/progress.js';
import type { Io } from '../terminal/streams.js';
import { plural } from '../terminal/units.js';
import { type AthenaOptions, addAthenaOptions, list } from './options.js';
import { contextOf } from './session.js';
import { Setting } from './settings.js';

const IF_EXISTS = ['skip', 'replace', 'fail'] as const;

interface CreateTableOptions extends AthenaOptions {
  readonly location?: string;
  readonly flowLog?: string;
  readonly logFormat?: string;
  readonly fileFormat?: FileFormat;
  readonly layout?: Layout;
  readonly hourly?: boolean;
  readonly account?: string[];
  readonly awsRegion?: string[];
  readonly startDate?: string;
  readonly endDate?: string;
  readonly accountKey: AccountKey;
  readonly partitions: Partitioning;
  readonly ifExists: (typeof IF_EXISTS)[number];
  readonly dryRun?: boolean;
  readonly quiet?: boolean;
}

const EXAMPLES = `
Examples:
  From nothing but the bucket: fields, format, folders, accounts, regions and first day are found there:
    $ flowlog create-table --location s3://my-logs/prefix/ --database network

  In a setup script; run twice it changes nothing:
    $ TABLE=$(flowlog create-table --location s3://my-logs/ --database network --workgroup security --quiet)
    $ flowlog egress --subnet 10.10.24.0/24 --table "$TABLE" --since yesterday

  See the statements, reading nothing and running nothing:
    $ flowlog create-table --location s3://my-logs/ --log-format default --file-format text --layout plain --no-hourly \\
        --account 123456789012 --aws-region ap-northeast-1 --start-date 2026-06-01 --dry-run
`;

export function createTableCommand(io: Io, done: (code: number) => void): Command {
  const command = new Command('create-table').description(
    'Create the Athena table of flow logs in S3: no prompts, safe to run twice',
  );
  const group =
    (heading: string) =>
    (flags: string, description: string, change = (made: Option) => made) =>
      command.addOption(change(new Option(flags, description)).helpGroup(heading));
  const logs = group('Logs:');
  command.addOption(
    new Setting(
      '--location <uri>',
      's3://bucket/prefix/ that contains AWSLogs/, or a folder below it',
    ).helpGroup('Logs:'),
  );
  logs('--flow-log <id>', 'ask EC2 about the flow log fl-… instead (region of --region)');
  const instead = group('Instead of looking:');
  instead('--log-format <format>', "default, 5, or fields as '${srcaddr} ${dstaddr} …'");
  instead('--file-format <format>', '', (made) => made.choices(['text', 'parquet']));
  instead('--layout <layout>', 'keys as AWS names them, or Hive-compatible', (made) =>
    made.choices(['plain', 'hive']),
  );
  instead('--hourly', 'a folder per hour');
  instead('--no-hourly', 'a folder per day');
  instead('--account <id>', 'account whose logs they are (repeatable)', (made) => made.argParser(list));
  instead('--aws-region <region>', 'region whose logs they are (repeatable)', (made) => made.argParser(list));
  instead('--start-date <date>', 'first UTC day, 2026-06-01');
  instead('--end-date <date>', 'last UTC day, for a table of older logs');
  const table = group('Table:');
  table('--partitions <kind>', 'computed; found by their keys; or none', (made) =>
    made.choices(PARTITIONINGS).default('projection'),
  );
  table('--account-key <kind>', 'accounts listed in the table, or named by each question', (made) =>
    made.choices(ACCOUNT_KEYS).default('enum'),
  );
  table('--if-exists <what>', 'skip adds accounts and regions, and says what differs', (made) =>
    made.choices(IF_EXISTS).default('skip'),
  );
  table('--dry-run', 'print the statements and run none');
  command.addOption(
    new Setting('-q, --quiet', 'say nothing on standard error but errors').helpGroup('Notes:'),
  );
  addAthenaOptions(command, ['table', 'workgroup', 'statement']);
  return command
    .addHelpText('after', EXAMPLES)
    .action(async (options: CreateTableOptions) => done(await runCreateTable(options, io)));
}

async function runCreateTable(options: CreateTableOptions, io: Io): Promise<number> {
  const settings = await athenaSettings(options, contextOf(options, io));
  const say = async (text: string) => {
    if (!options.quiet) await io.stderr.write(`${text}\n`);
  };
  const { fixedStart, ...spec } = await specOf(options, settings, say, io);
  const statements = createStatements(spec);
  if (options.dryRun) {
    const all = [createDatabase(spec.database), ...statements];
    await io.stdout.write(all.map((text) => `${text};\n`).join('\n'));
    return EXIT.done;
  }
  await create(options, settings, spec, fixedStart, statements, say, io);
  await io.stdout.write(`${spec.database}.${spec.table}\n`);
  return EXIT.done;
}

type Say = (text: string) => Promise<void>;

/** What the options say, and for the rest what is found. */
async function specOf(
  options: CreateTableOptions,
  settings: AthenaSettings,
  say: Say,
  io: Io,
): Promise<TableSpec & Pick<LogFindings, 'fixedStart'>> {
  const known: Known = {
    fields:
      options.logFormat === undefined ? undefined : parseFormatOption('--log-format', options.logFormat),
    format: options.fileFormat,
    layout: options.layout,
    hourly: options.hourly,
    accounts: options.account?.map(checkAccount),
    regions: options.awsRegion?.map(checkRegion),
    startDate: options.startDate === undefined ? undefined : checkDate(options.startDate),
    endDate: options.endDate === undefined ? undefined : checkDate(options.endDate),
  };
  const { database, table } = settings;
  const { partitions, accountKey } = options;
  if (accountKey === 'injected' && partitions !== 'projection') {
    throw new UsageError(
      '--account-key injected requires --partitions projection.',
      'Leave out one of them.',
    );
  }
  const { notes, fixedStart, ...found } = await findings(options, settings, known, say, io);
  if (fixedStart && partitions !== 'projection') {
    throw new UsageError(
      `--partitions ${partitions} reads all days, and those before ${found.startDate} have another format.`,
      'Use --partitions projection, whose first day is set.',
    );
  }
  for (const note of notes) await say(note);
  if (accountKey === 'enum' && found.accounts.length > MANY_ACCOUNTS) {
    await say(
      `The table lists ${found.accounts.length} accounts, more than Athena advises. --account-key injected has each question name its --account instead.`,
    );
  }
  const fixed = fixedStart || options.startDate !== undefined;
  return { database, table, partitions, accountKey, ...found, fixedStart: fixed };
}

/** Athena User Guide, "Supported types for partition projection": enumerations of a few dozen values at most. */
const MANY_ACCOUNTS = 50;

async function findings(
  options: CreateTableOptions,
  { aws, signal }: AthenaSettings,
  known: Known,
  say: Say,
  io: Io,
): Promise<LogFindings> {
  const progress = progressLine(io.stderr);
  const running = { signal, onDays: (days: DayProgress['days']) => progress.show({ days }) };
  const { location, flowLog, partitions } = options;
  const place = location === undefined ? undefined : parseLocation(location);
  if (partitions === 'hive' && place && logScope(place).account !== undefined) {
    throw new UsageError(
      `--partitions hive registers all accounts under AWSLogs/, and --location ${location} is one of them.`,
      'Use --partitions projection, or the folder that AWSLogs/ lies in.',
    );
  }
  if (flowLog === undefined) {
    if (place === undefined) {
      throw new UsageError(
        'No log location given.',
        'Use --location s3://bucket/prefix/, or --flow-log fl-….',
      );
    }
    const found = await findLayout(aws, place, known, running).finally(progress.clear);
    await say(`${locationUri(place)}: ${summaryOf(found)}.`);
    return found;
  }
  if (!/^fl-[0-9a-f]+$/.test(flowLog)) {
    throw new UsageError(`'${flowLog}' is not the id of a flow log.`, 'It looks like fl-0123456789abcdef0.');
  }
  const described = await describeFlowLog(aws, flowLog);
  for (const note of described.notes) await say(note);
  const where = place ?? described.location;
  const found = await findLayout(aws, where, known, {
    ...running,
    described: { id: flowLog, ...described },
  }).finally(progress.clear);
  await say(`${flowLog}, ${locationUri(where)}: ${summaryOf(found)}.`);
  return found;
}

function summaryOf(found: LogFindings): string {
  const { format, layout, hourly, accounts, regions, startDate, endDate, fields } = found;
  const keys = `${layout === 'hive' ? 'Hive-compatible' : 'plain'} ${hourly ? 'hourly' : 'daily'} keys`;
  const few = (values: readonly string[], what: string) =>
    values.length <= 3 ? values.join(', ') : plural(values.length, what);
  return `${format}, ${keys}, ${few(accounts, 'account')}, ${few(regions, 'region')}, since ${startDate}${endDate === undefined ? '' : ` to ${endDate}`}, ${plural(fields.length, 'field')}`;
}

async function create(
  { ifExists }: CreateTableOptions,
  settings: AthenaSettings,
  spec: TableSpec,
  fixedStart: boolean,
  statements: readonly string[],
  say: Say,
  io: Io,
): Promise<void> {
  const name = `${spec.database}.${spec.table}`;
  const progress = progressLine(io.stderr);
  const run = (statement: Statement) =>
    execute(settings, statement, { onProgress: progress.show, onNote: progress.note }).finally(
      progress.clear,
    );
  await checkCatalog(settings);
  const existing = await readTable(settings);
  const hasDatabase = existing !== undefined || (await databaseExists(settings));
  if (existing && ifExists === 'fail') {
    throw new FlowlogError(
      `Table ${name} exists.`,
      'Use another --table, or --if-exists skip to keep it or replace to make it anew.',
    );
  }
  if (existing && ifExists === 'skip') {
    if (hasNoColumns(existing)) {
      throw new FlowlogError(
        `Table ${name} exists, but has no columns.`,
        'Use another --table, or --if-exists replace to create it again.',
      );
    }
    const definition = tableDefinition(spec);
    const more = extension(definition, existing, fixedStart);
    if (more !== undefined) {
      if (more.size > 0) await run({ text: alterTable(spec, more), database: spec.database });
      await say(
        more.size > 0
          ? `${name} exists and was extended: ${[...more].map(([key, value]) => `${key}=${value}`).join(', ')}.`
          : `${name} exists and is what would be created.`,
      );
      // New folders are registered by running it again.
      for (const text of statements.slice(1)) await say(await registerPartitions(settings, spec, text, run));
      return;
    }
    await say(`${name} exists and is left as it is, though it differs:`);
    for (const line of differences(definition, existing)) await say(`  ${line}`);
    await say(
      '--if-exists replace creates it again (grants on it are lost, the logs are not touched); another --table keeps both.',
    );
    return;
  }
  if (existing) await run({ text: dropTable(spec.database, spec.table) });
  const createDatabaseFirst = async () => {
    checkNewName('database', spec.database);
    await run({ text: createDatabase(spec.database) });
    await say(`Database ${spec.database} created.`);
  };
  if (hasDatabase === false) await createDatabaseFirst();
  const [create = '', ...load] = statements;
  await run({ text: create, database: spec.database }).catch(async (error) => {
    // The caller may not ask whether the database exists: the statement has told.
    if (hasDatabase !== undefined || !isNoDatabase(error)) throw error;
    await createDatabaseFirst();
    await run({ text: create, database: spec.database });
  });
  await say(`${name} ${existing ? 'replaced' : 'created'}.`);
  for (const text of load) await say(await registerPartitions(settings, spec, text, run));
}
