import { Command } from 'commander';
import { EXIT, FlowlogError } from '../errors.js';
import { parseFormatOption } from '../flowlog/format-option.js';
import { checkFlowLog } from '../flowlog/s3-layout.js';
import { checkAccount, checkRegion } from '../flowlog/table.js';
import { s3Settings, type TypedS3Options } from '../logs/s3/options.js';
import type { ImportSummary } from '../store/import.js';
import { progressLine } from '../terminal/progress.js';
import type { Io } from '../terminal/streams.js';
import { humanBytes, humanSeconds, plural } from '../terminal/units.js';
import { parseZone } from '../time/zone.js';
import { flawLines, refuseFlaws } from './flaws.js';
import { type AwsAsked, addImportOptions } from './options.js';
import { contextOf } from './session.js';

interface ImportCommandOptions extends TypedS3Options, AwsAsked {
  readonly to: string;
  readonly logFormat?: string;
  readonly maxInput?: number;
  readonly tz: string;
  readonly account?: string[];
  readonly awsRegion?: string[];
  readonly flowLog?: string[];
  readonly strict?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

const EXAMPLES = `
Examples:
  Take logs into a store, and ask it:
    $ flowlog import ./my-logs --to ./my-store
    $ flowlog egress --subnet 10.10.24.0/24 --logs ./my-store

  Every night, of which only new files cost anything:
    $ flowlog import ./my-logs --to ./my-store --quiet

  Logs in S3, of which only new ones are taken in:
    $ flowlog import s3://my-logs/ --to ./my-store

  Some of the files, and nothing skipped unnoticed:
    $ flowlog import './my-logs/**/*.log.gz' --to ./strict-store --strict
`;

export function importCommand(io: Io, done: (code: number) => void): Command {
  const command = new Command('import')
    .description('Take logs into a store of Parquet files by day, where the next question takes a moment')
    .argument(
      '<logs...>',
      'files, folders, patterns, s3://bucket/prefix/, cloudwatch:LOG-GROUP, or - for standard input',
    );
  addImportOptions(command);
  return command
    .addHelpText('after', EXAMPLES)
    .action(async (logs: string[], options: ImportCommandOptions) =>
      done(await runImport(logs, options, io)),
    );
}

async function runImport(logs: string[], options: ImportCommandOptions, io: Io): Promise<number> {
  const { importLogs } = await import('../store/import.js');
  const began = performance.now();
  const progress = progressLine(io.stderr);
  const summary = await importLogs({
    logs,
    accounts: options.account?.map(checkAccount),
    regions: options.awsRegion?.map(checkRegion),
    logFormat:
      options.logFormat === undefined ? undefined : parseFormatOption('--log-format', options.logFormat),
    zone: parseZone(options.tz),
    flowLogs: options.flowLog?.map(checkFlowLog),
    s3: await s3Settings(logs, options, { ...contextOf(options, io), lookOnly: false }),
    stdin: io.stdin,
    maxInput: options.maxInput,
    directory: options.to,
    signal: io.signal,
    onProgress: options.quiet ? () => {} : progress.show,
  }).finally(progress.clear);
  if (!options.quiet) {
    const seconds = (performance.now() - began) / 1000;
    for (const line of said(summary, options, seconds)) await io.stderr.write(`${line}\n`);
  }
  if (summary.records === 0 && summary.malformed > 0) {
    throw new FlowlogError(
      `None of the ${plural(summary.malformed, 'line')} read is a record of a flow log.`,
      'If these logs have no header line, say their fields with --log-format; --verbose lists the lines.',
    );
  }
  if (options.strict) refuseFlaws(summary.flaws, 'The rest has been imported; --verbose lists each.');
  return EXIT.done;
}

function said(summary: ImportSummary, { to, verbose }: ImportCommandOptions, seconds: number): string[] {
  const { records, files, bytes, known, replaced, copies, flaws, store } = summary;
  const lines = [
    `${plural(records, 'record')} of ${plural(files, 'file')}, ${humanBytes(bytes)}, imported in ${humanSeconds(seconds)}.`,
  ];
  if (known > 0) lines.push(`${plural(known, 'file')} imported before.`);
  if (replaced > 0) lines.push(`${plural(replaced, 'file')} changed since: records replaced.`);
  if (copies > 0) lines.push(`${plural(copies, 'file')} counted once already, as a copy of another.`);
  lines.push(...flawLines(flaws, verbose === true));
  lines.push(
    `${to} has ${plural(store.days, 'day')}, ${plural(store.files, 'file')}, ${humanBytes(store.bytes)}.`,
  );
  return lines;
}
