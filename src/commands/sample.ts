import { readdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Command, Option } from 'commander';
import { EXIT, FlowlogError, Interrupted, UsageError } from '../errors.js';
import { parseFormatOption } from '../flowlog/format-option.js';
import { checkAccount } from '../flowlog/table.js';
import { wholeNumber } from '../option.js';
import type { Plant, Planted } from '../sample/planted.js';
import type { Io } from '../terminal/streams.js';
import { humanBytes, humanSeconds, plural } from '../terminal/units.js';
import { argParser } from './option-from.js';
import { list } from './options.js';
import { paths } from './settings.js';

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
  readonly with?: string[];
  readonly truth?: string;
  readonly force?: boolean;
  readonly quiet?: boolean;
}

const EXAMPLES = `
Known traffic (--with), each with its defaults:
  beacon=60s,jitter=0,kept=no          scan=vertical,targets=100,every=2s
  exfiltration=500MB,port=50443        served=500MB,port=50443
  nat=200MB  pods=200MB  failover=200MB  browsing=20
  A scan is vertical, horizontal, diagonal or block; interval=600 aggregates for longer.

Examples:
  A small set of logs to try questions on:
    $ flowlog sample demo-logs

  Four million records in a hundred files, to measure with:
    $ flowlog sample bench-logs --records 4000000 --files 100

  With an inventory, address ranges and DNS queries that name the addresses:
    $ flowlog sample demo --names demo-names --format 5

  With known traffic among the rest, and what the right answers are:
    $ flowlog sample known --with beacon=5m,jitter=30 --with scan=horizontal --truth known.json

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
    .addOption(
      new Option('--with <kind>', 'plant known traffic, such as beacon=5m,jitter=20 (repeatable)').argParser(
        paths,
      ),
    )
    .option('--truth <file>', 'write what was planted, as JSON')
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
  const plants = await plantsOf(directory, options);
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
    plants,
    signal: io.signal,
  }).catch((error) => {
    throw io.signal.aborted ? new Interrupted() : error;
  });
  if (options.truth !== undefined) {
    await writeFile(options.truth, `${JSON.stringify(summary.planted, null, 2)}\n`).catch(
      unwritable(options.truth),
    );
  }
  if (!options.quiet) {
    const seconds = (performance.now() - began) / 1000;
    await io.stderr.write(
      `${plural(summary.records, 'record')} in ${plural(summary.files, 'file')}, ${humanBytes(summary.bytes)}, ` +
        `under ${directory} in ${humanSeconds(seconds)}.\n` +
        `Ask them: flowlog egress --subnet 10.10.24.0/24 --logs ${directory}\n` +
        (options.names === undefined ? '' : `Names: flowlog dns --dns ${join(options.names, 'dns')}\n`) +
        summary.planted.map((each) => `Planted: ${inWords(each)}\n`).join(''),
    );
  }
  return EXIT.done;
}

async function plantsOf(directory: string, options: SampleOptions): Promise<Plant[]> {
  const { with: kinds = [], truth } = options;
  if (kinds.length === 0) {
    if (truth !== undefined) throw new UsageError(`--truth ${truth} has nothing to tell.`, 'Add --with.');
    return [];
  }
  // It would be read as a log.
  if (truth !== undefined && !relative(directory, truth).startsWith('..')) {
    throw new UsageError(`--truth ${truth} is inside ${directory}.`, 'Name a file beside it.');
  }
  const [{ parsePlant }, { MOST_PLANTS }] = await Promise.all([
    import('./sample-with.js'),
    import('../sample/planted.js'),
  ]);
  if (kinds.length > MOST_PLANTS) {
    throw new UsageError(`--with is given ${kinds.length} times.`, `Give it at most ${MOST_PLANTS} times.`);
  }
  return kinds.map(parsePlant);
}

function inWords({ kind, shape, srcaddr, dstaddr, dstport, via, ...planted }: Planted): string {
  const { period_s, jitter_percent, contacts, targets, bytes, records } = planted;
  return [
    [
      shape === undefined ? kind : `${shape} scan`,
      ...(srcaddr === undefined ? [] : [`from ${srcaddr}`]),
    ].join(' '),
    ...(dstaddr === undefined ? [] : [`to ${dstaddr}`]),
    ...(dstport === undefined ? [] : [`port ${dstport}`]),
    ...(via === undefined ? [] : [`by ${via}`]),
    ...(period_s === undefined
      ? []
      : [`every ${period_s} s ± ${jitter_percent}%, ${plural(contacts!, 'contact')}`]),
    ...(targets === undefined ? [] : [plural(targets, 'target')]),
    `${bytes} bytes`,
    plural(records, 'record'),
  ].join(', ');
}

/** Below the logs, the queries would be read as logs. */
async function refuseNames(directory: string, names: string, force: boolean): Promise<void> {
  if (!relative(directory, names).startsWith('..')) {
    throw new UsageError(`--names ${names} is inside ${directory}.`, 'Name a folder beside it.');
  }
  await refuseFull(names, force);
}

const unwritable =
  (path: string, advice = 'Name a file you may write to.') =>
  (error: NodeJS.ErrnoException): never => {
    throw new FlowlogError(`${path} cannot be written (${error.code}).`, advice);
  };

/** Logs of two runs in one folder would answer as one: only where the user says so. */
async function refuseFull(directory: string, force: boolean): Promise<void> {
  if (force) return;
  const entries = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    return unwritable(directory, 'Name a folder you may write to.')(error);
  });
  if (entries.length > 0) {
    throw new FlowlogError(
      `${directory} is not empty.`,
      'Name another folder, or add --force to write into this one.',
    );
  }
}
