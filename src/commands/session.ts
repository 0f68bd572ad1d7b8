import { Readable } from 'node:stream';
import { cacheFolder } from '../cache/cache-folder.js';
import { ATHENA_DEFAULTS, type AthenaSettings } from '../engines/athena/settings.js';
import { openLocalEngine } from '../engines/duckdb/engine.js';
import type { Engine } from '../engines/engine.js';
import { UsageError } from '../errors.js';
import { isS3Uri, locationUri, parseLocation } from '../flowlog/s3-place.js';
import { checkAccount, checkRegion } from '../flowlog/table.js';
import { namesOf } from '../flowlog/table-name.js';
import type { S3Settings } from '../logs/s3/settings.js';
import { progressLine } from '../terminal/progress.js';
import type { Io } from '../terminal/streams.js';
import { awsOf } from './aws.js';
import type { AthenaOptions, LogsOptions } from './options.js';
import { parseColumns, parseTimeKeys } from './table-options.js';

/** What an engine is opened with, as typed. With `sql` nothing is run, and so nothing fetched. */
type EngineOptions = LogsOptions & Partial<AthenaOptions> & { readonly sql?: boolean };

/** Opens the engine the options ask for, and closes it whatever happens. */
export async function withEngine<T>(
  options: EngineOptions,
  io: Io,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await openEngine(options, io);
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

async function openEngine(options: EngineOptions, io: Io): Promise<Engine> {
  const named = options.logs !== undefined && options.logs.length > 0;
  if ((options.engine ?? (named ? 'local' : 'athena')) === 'athena') {
    const { openAthenaEngine } = await import('../engines/athena/engine.js');
    return openAthenaEngine({
      ...(await athenaSettings(options, io)),
      accounts: options.account?.map(checkAccount),
      regions: options.awsRegion?.map(checkRegion),
    });
  }
  if (!named) {
    throw new UsageError(
      'No logs are named.',
      "Name them with --logs: a folder, a file, a quoted pattern, s3://bucket/prefix/, or - for standard input. 'flowlog sample DIR' makes some.",
    );
  }
  return openLocalEngine({
    logs: options.logs!,
    accounts: options.account?.map(checkAccount),
    regions: options.awsRegion?.map(checkRegion),
    s3: await s3SettingsFor(options.logs!, options, io),
    // Standard input is opened only where it is read.
    stdin: options.logs!.includes('-') ? io.stdin : Readable.from([]),
    signal: io.signal,
  });
}

/** How logs in S3 are fetched; undefined where none of the logs are there. */
export async function s3SettingsFor(
  logs: readonly string[],
  options: EngineOptions,
  io: Io,
): Promise<S3Settings | undefined> {
  if (!logs.some(isS3Uri)) return undefined;
  const { logsBucketOwner: owner, requesterPays, cacheSize, maxDownload } = options;
  if (owner !== undefined) checkAccount(owner);
  const { show, note, clear } = progressLine(io.stderr);
  const quiet = options.quiet === true;
  return {
    aws: await awsOf(options, io),
    access: { owner, requesterPays },
    cacheFolder: cacheFolder(io.env),
    cacheSize: options.cache === false ? undefined : cacheSize,
    maxDownload,
    lookOnly: options.sql === true,
    progress: { show: quiet ? () => {} : show, note: quiet ? () => {} : note, clear },
  };
}

/** The options of Athena as meant. Commands that use no table or run nothing lack some of them. */
export async function athenaSettings(options: Partial<AthenaOptions>, io: Io): Promise<AthenaSettings> {
  const { expectedBucketOwner } = options;
  const outputLocation =
    options.outputLocation === undefined ? undefined : locationUri(parseLocation(options.outputLocation));
  const names = namesOf({
    table: options.table,
    database: options.database ?? ATHENA_DEFAULTS.database,
    catalog: options.catalog ?? ATHENA_DEFAULTS.catalog,
  });
  if (expectedBucketOwner !== undefined) checkAccount(expectedBucketOwner);
  if (options.kmsKey !== undefined && !/_KMS$/.test(options.encryption ?? '')) {
    throw new UsageError('--kms-key needs --encryption SSE_KMS or CSE_KMS.', 'Give both, or neither.');
  }
  return {
    aws: await awsOf(options, io),
    ...names,
    accounts: undefined,
    regions: undefined,
    columns: parseColumns(options.column),
    timeKeys: parseTimeKeys(options.timeKey),
    workgroup: options.workgroup ?? ATHENA_DEFAULTS.workgroup,
    outputLocation,
    expectedBucketOwner,
    encryption: options.encryption,
    kmsKey: options.kmsKey,
    timeout: options.timeout,
    maxScan: options.maxScan,
    reuse: options.reuse,
    pricePerTb: options.pricePerTb ?? ATHENA_DEFAULTS.pricePerTb,
    now: io.now,
    signal: io.signal,
  };
}
