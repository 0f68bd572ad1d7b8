import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Command, Option } from 'commander';
import { EXIT, FlowlogError, Interrupted, UsageError } from '../errors.js';
import { parseFormatOption } from '../flowlog/format-option.js';
import { checkAccount } from '../flowlog/table.js';
import { wholeNumber } from '../option.js';
import type { Io } from '../terminal/streams.js';
import { humanBytes, humanSeconds, plural } from '../terminal/units.js';
import { argParser } from './option-from.js';
import { list } from './options.js';

interface SampleOptions {
  readonly records: number;
  readonly days: number;
  readonly start: string;
  readonly seed: number;
  readonly format: string;
  readonly fileFormat: 'text' | 'parquet';
  readonly layout: 'plain' | 'hive';
  readonly hourly?: boolean;
  readonly account?: string[];
  readonly region?: string[];
  readonly files?: number;
  readonly names?: string;
  readonly force?: boolean;
  readonly quiet?: boolean;
}

const EXAMPLES = `
Examples:
  A small set of logs to try questions on:
    $ flowlog sample demo-logs

  Four million records in a hundred files, to measure with:
    $ flowlog sample bench-logs --records 4000000 --files 100

  With an inventory, address ranges and DNS queries that name the addresses:
    $ flowlog sample demo --names demo-names --format 5

  Parquet in Hive-compatible folders, one per hour, with the fields of version 5:
    $ flowlog sample demo-parquet --file-format parquet --layout hive --hourly --format 5
`;

export function sampleCommand(io: Io, done: (code: number) => void): Command {
  return new Command('sample')
    .description('Write synthetic flow logs of a closed SageMaker VPC, in the layout of S3')
    .argument('<dir>', 'folder to write to; created if it does not exist')
    .addOption(
      new Option('--records <n>', 'records to write in all')
        .argParser(argParser(wholeNumber))
        .default(20_000),
    )
    .addOption(new Option('--days <n>', 'days they spread over').argParser(argParser(wholeNumber)).default(2))
    .addOption(new Option('--start <date>', 'first day, in UTC').default('2026-06-01'))
    .addOption(new Option('--seed <n>', 'same seed, same bytes').argParser(argParser(wholeNumber)).default(1))
    .addOption(
      new Option('--format <format>', "default, 5, or fields as '${srcaddr} ${dstaddr} …'").default(
        'default',
      ),
    )
    .addOption(new Option('--file-format <format>').choices(['text', 'parquet']).default('text'))
    .addOption(
      new Option('--layout <layout>', 'folders as AWS names them, or Hive-compatible')
        .choices(['plain', 'hive'])
        .default('plain'),
    )
    .option('--hourly', 'a folder per hour')
    .addOption(new Option('--account <id>', 'account id, twelve digits (repeatable)').argParser(list))
    .addOption(new Option('--region <region>', 'Region (repeatable)').argParser(list))
    .addOption(
      new Option('--files <n>', 'files to write, rounded up to as many in each folder').argParser(
        argParser(wholeNumber),
      ),
    )
    .option('--names <dir>', 'write what names the addresses too: inventory, ranges, DNS queries')
    .option('--force', 'write into a folder that is not empty')
    .option('-q, --quiet', 'say nothing on standard error but errors')
    .addHelpText('after', EXAMPLES)
    .action(async (directory: string, options: SampleOptions) =>
      done(await runSample(directory, options, io)),
    );
}

async function runSample(directory: string, options: SampleOptions, io: Io): Promise<number> {
  const { DEFAULTS, generateSample } = await import('../sample/generate.js');
  const { files } = options;
  options.account?.forEach(checkAccount);
  for (const [name, value] of [
    ['--records', options.records],
    ['--days', options.days],
    ['--files', files ?? 1],
  ] as const) {
    if (value < 1) throw new UsageError(`${name} ${value} writes nothing.`, `Give ${name} a number from 1.`);
  }
  await refuseFull(directory, options.force === true);
  if (options.names !== undefined) await refuseNames(directory, options.names, options.force === true);
  const { parseTime } = await import('../time/range.js');
  const began = performance.now();
  const summary = await generateSample({
    directory,
    seed: options.seed,
    records: options.records,
    days: options.days,
    start: parseTime(options.start, 'UTC', io.now()),
    fields: parseFormatOption('--format', options.format),
    fileFormat: options.fileFormat,
    layout: options.layout,
    hourly: options.hourly === true,
    accounts: options.account ?? DEFAULTS.accounts,
    regions: options.region ?? DEFAULTS.regions,
    ...(files === undefined ? {} : { files }),
    ...(options.names === undefined ? {} : { names: options.names }),
    signal: io.signal,
  }).catch((error) => {
    throw io.signal.aborted ? new Interrupted() : error;
  });
  if (!options.quiet) {
    const seconds = (performance.now() - began) / 1000;
    await io.stderr.write(
      `${plural(summary.records, 'record')} in ${plural(summary.files, 'file')}, ${humanBytes(summary.bytes)}, ` +
        `under ${directory} in ${humanSeconds(seconds)}.\n` +
        `Ask them: flowlog egress --subnet 10.10.24.0/24 --logs ${directory}\n` +
        (options.names === undefined ? '' : `Names: flowlog dns --dns ${join(options.names, 'dns')}\n`),
    );
  }
  return EXIT.done;
}

/** Below the logs, the queries would be read as logs. */
async function refuseNames(directory: string, names: string, force: boolean): Promise<void> {
  if (!relative(directory, names).startsWith('..')) {
    throw new UsageError(`--names ${names} is inside ${directory}.`, 'Name a folder beside it.');
  }
  await refuseFull(names, force);
}

/** Logs of two runs in one folder would answer as one: only where the user says so. */
async function refuseFull(directory: string, force: boolean): Promise<void> {
  if (force) return;
  const entries = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new FlowlogError(
      `${directory} cannot be written (${error.code}).`,
      'Name a folder you may write to.',
    );
  });
  if (entries.length > 0) {
    throw new FlowlogError(
      `${directory} is not empty.`,
      'Name another folder, or add --force to write into this one.',
    );
  }
}
