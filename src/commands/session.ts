import { ATHENA_DEFAULTS, type AthenaSettings } from '../engines/athena/settings.js';
import type { Engine } from '../engines/engine.js';
import { UsageError } from '../errors.js';
import { checkAccount, checkName, parseLocation } from '../flowlog/table.js';
import type { Io } from '../terminal/streams.js';
import { parseRange, type TimeRange } from '../time/range.js';
import { parseZone } from '../time/zone.js';
import type { AthenaOptions, CommonOptions, LogsOptions } from './options.js';

/** The common options as meant. */
export interface Asked {
  readonly zone: string;
  readonly range: TimeRange;
}

export function askedOf(options: CommonOptions, io: Io): Asked {
  const zone = parseZone(options.tz);
  return { zone, range: parseRange(options, zone, io.now()) };
}

/** Opens the engine the options ask for, and closes it whatever happens. */
export async function withEngine<T>(
  options: LogsOptions & Partial<AthenaOptions>,
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

async function openEngine(options: LogsOptions & Partial<AthenaOptions>, io: Io): Promise<Engine> {
  const named = options.logs !== undefined && options.logs.length > 0;
  if ((options.engine ?? (named ? 'local' : 'athena')) === 'athena') {
    const { openAthenaEngine } = await import('../engines/athena/engine.js');
    return openAthenaEngine(await athenaSettings(options, io));
  }
  if (!named) {
    throw new UsageError(
      'No logs are named.',
      "Name them with --logs: a folder, a file, a quoted pattern, or - for standard input. 'flowlog sample DIR' makes some.",
    );
  }
  // DuckDB takes longer to load than everything else together: only when it is needed.
  const { openLocalEngine } = await import('../engines/duckdb/engine.js');
  return openLocalEngine({ logs: options.logs!, stdin: io.stdin, signal: io.signal });
}

/** The options of Athena as meant. Commands that use no table or run nothing lack some of them. */
export async function athenaSettings(options: Partial<AthenaOptions>, io: Io): Promise<AthenaSettings> {
  const { Aws } = await import('../aws/clients.js');
  const { region, profile, roleArn, externalId, outputLocation, expectedBucketOwner } = options;
  // `--table db.table` says both, as create-table prints them.
  const [table = '', database = options.database ?? ATHENA_DEFAULTS.database] = (options.table ?? '')
    .split('.')
    .reverse();
  if (options.table !== undefined) {
    checkName('database', database);
    checkName('table', table);
  }
  if (outputLocation !== undefined) parseLocation(outputLocation);
  if (expectedBucketOwner !== undefined) checkAccount(expectedBucketOwner);
  if (options.kmsKey !== undefined && !/_KMS$/.test(options.encryption ?? '')) {
    throw new UsageError('--kms-key needs --encryption SSE_KMS or CSE_KMS.', 'Give both, or neither.');
  }
  if (roleArn !== undefined && !/^arn:[a-z-]+:iam::\d{12}:role\/\S+$/.test(roleArn)) {
    throw new UsageError(
      `'${roleArn}' is not the ARN of a role.`,
      'Write it as arn:aws:iam::123456789012:role/NAME.',
    );
  }
  return {
    aws: new Aws({ region, profile, roleArn, externalId, env: io.env }),
    database,
    table,
    catalog: options.catalog ?? ATHENA_DEFAULTS.catalog,
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
