import { UsageError } from '../../errors.js';
import { checkFlowLog } from '../../flowlog/s3-layout.js';
import { locationUri, parseLocation } from '../../flowlog/s3-place.js';
import { checkAccount, checkRegion } from '../../flowlog/table.js';
import { namesOf } from '../../flowlog/table-name.js';
import type { LogKindName } from '../../flowlog/transit-gateway.js';
import type { Engine, EngineContext } from '../engine.js';
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

export const ATHENA = {
  namedBy: ['table', 'database', 'catalog'],
  async create(
    options: TypedAthenaOptions & {
      readonly account?: string[];
      readonly awsRegion?: string[];
      readonly flowLog?: string[];
      readonly kind?: LogKindName;
      readonly late?: number;
    },
    context: EngineContext,
  ): Promise<Engine> {
    const { athenaEngine } = await import('./engine.js');
    return athenaEngine({
      ...(await athenaSettings(options, context)),
      accounts: options.account?.map(checkAccount),
      regions: options.awsRegion?.map(checkRegion),
      flowLogs: options.flowLog?.map(checkFlowLog),
      kind: options.kind,
      late: options.late,
    });
  },
};

/** The options of Athena as meant. */
export async function athenaSettings(
  options: TypedAthenaOptions,
  { aws, now, signal }: Pick<EngineContext, 'aws' | 'now' | 'signal'>,
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
