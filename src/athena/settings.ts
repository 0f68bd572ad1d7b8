import type { Aws } from '../aws/clients.js';
import type { LogKindName } from '../flowlog/transit-gateway.js';

/** How and where Athena is asked. */
export interface AthenaOptions {
  readonly database: string;
  readonly table: string;
  readonly catalog: string;
  readonly workgroup: string;
  /** Of the logs, those of these accounts and regions; undefined for all. */
  readonly accounts: readonly string[] | undefined;
  readonly regions: readonly string[] | undefined;
  /** Only records of files of these flow logs, `fl-…`; undefined for all. */
  readonly flowLogs?: readonly string[] | undefined;
  /** What the table has to be of; undefined for whatever it is. */
  readonly kind?: LogKindName | undefined;
  /** How long after the range a file is looked for (seconds); undefined for 70 minutes. */
  readonly late?: number | undefined;
  /** Columns of the table by the fields they hold, and formats of its partition keys, where the user says them. */
  readonly columns: ReadonlyMap<string, string>;
  readonly timeKeys: ReadonlyMap<string, string>;
  /** `s3://…`; undefined for the workgroup's own. */
  readonly outputLocation: string | undefined;
  /** Account id that the result bucket must belong to. */
  readonly expectedBucketOwner: string | undefined;
  readonly encryption: 'SSE_S3' | 'SSE_KMS' | 'CSE_KMS' | undefined;
  readonly kmsKey: string | undefined;
  /** Seconds; undefined waits as long as Athena lets a query run. */
  readonly timeout: number | undefined;
  /** Bytes that a query may read at most, by a listing made before. */
  readonly maxScan: number | undefined;
  /** Minutes that an earlier result of the same query may be old. */
  readonly reuse: number | undefined;
  /** USD. */
  readonly pricePerTb: number;
  /** Unix seconds. */
  readonly now: () => number;
}

export interface AthenaSettings extends AthenaOptions {
  readonly aws: Aws;
  readonly signal: AbortSignal;
}

/** What is asked where nothing else is said. The price is that of most regions, of the Athena pricing page. */
export const ATHENA_DEFAULTS = {
  database: 'default',
  table: 'vpc_flow_logs',
  catalog: 'AwsDataCatalog',
  workgroup: 'primary',
  pricePerTb: 5,
} as const;
