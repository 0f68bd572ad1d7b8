import type { Aws } from '../aws/clients.js';
import { UsageError } from '../errors.js';
import { locationUri, parseLocation } from '../flowlog/s3-place.js';
import { checkAccount } from '../flowlog/table.js';
import { namesOf } from '../flowlog/table-name.js';
import { type OptionSpec, parsed, settingSpec as setting } from '../option.js';
import { parseBytes, parseDuration } from '../terminal/units.js';
import { ATHENA_DEFAULTS, type AthenaSettings } from './settings.js';
import { parseColumns, parseTimeKeys } from './table-options.js';

/** How Athena is asked, as typed. Commands that use no table or run nothing lack some of these. */
export interface TypedAthenaOptions {
  readonly database?: string;
  readonly table?: string;
  readonly catalog?: string;
  readonly column?: string[];
  readonly timeKey?: string[];
  readonly workgroup?: string;
  readonly outputLocation?: string;
  readonly expectedBucketOwner?: string;
  readonly encryption?: 'SSE_S3' | 'SSE_KMS' | 'CSE_KMS';
  readonly kmsKey?: string;
  readonly timeout?: number;
  readonly maxScan?: number;
  readonly reuse?: number;
  readonly pricePerTb?: number;
}

/** The options of Athena, by what a command needs them for. */
export const ATHENA_OPTIONS = {
  table: [
    setting('--database <name>', 'database of the table', { default: { value: ATHENA_DEFAULTS.database } }),
    setting('--table <name>', 'table, or database.table', { default: { value: ATHENA_DEFAULTS.table } }),
    setting('--catalog <name>', 'data catalog, also of another account', {
      default: { value: ATHENA_DEFAULTS.catalog },
    }),
  ],
  columns: [
    setting('--column <field=column>', 'column that holds a field, such as srcaddr=src_ip (repeatable)', {
      many: 'list',
    }),
    setting('--time-key <key:format>', 'partition key that holds a time: day:yyyy-MM-dd (repeatable)', {
      many: 'list',
    }),
  ],
  workgroup: [
    setting('--workgroup <name>', 'Athena workgroup to run in', {
      default: { value: ATHENA_DEFAULTS.workgroup },
    }),
  ],
  statement: [
    setting('--output-location <uri>', "s3://… for results (default: the workgroup's)"),
    setting('--expected-bucket-owner <account>', 'account that must own the bucket of results'),
    setting('--encryption <kind>', 'encryption of results', { choices: ['SSE_S3', 'SSE_KMS', 'CSE_KMS'] }),
    setting('--kms-key <arn>', 'key for SSE_KMS and CSE_KMS'),
    setting('--timeout <time>', 'cancel the query after this time, e.g. 90s, 10m, 1h', {
      parse: parsed(parseDuration, 'It must be a duration, such as 90s, 10m or 1h.'),
    }),
  ],
  question: [
    setting('--max-scan <size>', 'abort if the query could read more than this, e.g. 10GB', {
      parse: parsed(parseBytes, 'It must be a size, such as 500MB or 10GB.'),
    }),
    setting('--reuse <time>', 'reuse a result of the same query up to this age, e.g. 60m (at most 7d)', {
      parse: parsed(reuseMinutes, 'It must be a duration of at most 7 days, such as 60m or 1d.'),
    }),
  ],
  price: [
    setting('--price-per-tb <usd>', 'price used to estimate the cost', {
      default: { value: ATHENA_DEFAULTS.pricePerTb },
      parse: parsed(price, 'It must be a number of dollars.'),
    }),
  ],
} as const satisfies Record<string, readonly OptionSpec[]>;

function reuseMinutes(text: string): number | undefined {
  const seconds = parseDuration(text);
  return seconds === undefined || seconds > 7 * 86_400 ? undefined : Math.floor(seconds / 60);
}

function price(text: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** The options of Athena as meant. */
export async function athenaSettings(
  options: TypedAthenaOptions,
  { aws, now, signal }: Pick<AthenaSettings, 'now' | 'signal'> & { readonly aws: () => Promise<Aws> },
): Promise<AthenaSettings> {
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
    aws: await aws(),
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
    now,
    signal,
  };
}
