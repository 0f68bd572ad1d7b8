import { UsageError } from '../errors.js';

/**
 * Where AWS delivers flow logs in S3. All times in keys are UTC.
 * Source: Amazon VPC User Guide, "Flow log files" (publishing to S3).
 */

export type Layout = 'plain' | 'hive';
export type FileFormat = 'text' | 'parquet';

/** What a key says of itself. */
export interface LogKey {
  readonly layout: Layout;
  readonly account: string;
  readonly region: string;
  /** The UTC day, `YYYY-MM-DD`. */
  readonly day: string;
  /** The UTC hour, 0 to 23, where the flow log has hourly folders. */
  readonly hour: number | undefined;
}

const two = (n: number) => String(n).padStart(2, '0');

/** The folder of one delivery, from `AWSLogs/` on, with a slash at its end. */
export function folderOf(
  key: { layout: Layout; hourly: boolean; account: string; region: string },
  unixSeconds: number,
): string {
  const time = new Date(unixSeconds * 1000);
  const year = String(time.getUTCFullYear());
  const month = two(time.getUTCMonth() + 1);
  const day = two(time.getUTCDate());
  const hour = two(time.getUTCHours());
  if (key.layout === 'hive') {
    const date = `year=${year}/month=${month}/day=${day}/${key.hourly ? `hour=${hour}/` : ''}`;
    return `AWSLogs/aws-account-id=${key.account}/aws-service=vpcflowlogs/aws-region=${key.region}/${date}`;
  }
  const date = `${year}/${month}/${day}/${key.hourly ? `${hour}/` : ''}`;
  return `AWSLogs/${key.account}/vpcflowlogs/${key.region}/${date}`;
}

/** The name of a log file: its time relates to the end of the records in it. */
export function fileName(file: {
  account: string;
  region: string;
  flowLogId: string;
  unixSeconds: number;
  hash: string;
  format: FileFormat;
}): string {
  const stamp = new Date(file.unixSeconds * 1000).toISOString().replace(/[-:]/g, '').slice(0, 13);
  const ending = file.format === 'parquet' ? 'log.parquet' : 'log.gz';
  return `${file.account}_vpcflowlogs_${file.region}_${file.flowLogId}_${stamp}Z_${file.hash}.${ending}`;
}

const PLAIN = /(?:^|\/)(\d{12})\/vpcflowlogs\/([a-z0-9-]+)\/(\d{4})\/(\d{2})\/(\d{2})\/(?:(\d{2})\/)?[^/]*$/;
const HIVE =
  /(?:^|\/)aws-account-id=(\d{12})\/(?:aws-)?service=vpcflowlogs\/aws-region=([a-z0-9-]+)\/year=(\d{4})\/month=(\d{2})\/day=(\d{2})\/(?:hour=(\d{2})\/)?[^/]*$/;

/** Reads a key (or a local path that ends like one); undefined when it is in neither layout. */
export function parseKey(path: string): LogKey | undefined {
  const key = path.replaceAll('\\', '/');
  const plain = PLAIN.exec(key);
  const match = plain ?? HIVE.exec(key);
  if (!match) return undefined;
  const [, account, region, year, month, day, hour] = match;
  return {
    layout: plain ? 'plain' : 'hive',
    account: account!,
    region: region!,
    day: `${year}-${month}-${day}`,
    hour: hour === undefined ? undefined : Number(hour),
  };
}

/** A level of an organisation above those of its accounts, as central buckets have it: `AWSLogs/o-abc123def4/…`. */
export const ORGANISATION = /^o-[a-z0-9]{4,32}$/;

/** The flow log's id in a file's name, `fl-…`; undefined where there is none. */
export function parseFlowLogId(key: string): string | undefined {
  return /_(fl-[0-9a-z]+)_[^/]*$/.exec(key)?.[1];
}

/** A file may hold records that ended up to this long before it was delivered (seconds). */
export const DELIVERY_SLACK = 70 * 60;

/**
 * Whether a file can hold records whose start lies in [since, until) (Unix seconds).
 *
 * A file's time is that of its records' ends, so never before their start; it is later by
 * the aggregation interval (10 minutes at most) and by late delivery, for which an hour is kept.
 *
 * @param late how long after the start of a record its file may come (seconds)
 */
export function mayHold(
  key: LogKey,
  range: { since?: number | undefined; until?: number | undefined },
  late: number = DELIVERY_SLACK,
): boolean {
  const from = Date.parse(`${key.day}T${two(key.hour ?? 0)}:00:00Z`) / 1000;
  const to = from + (key.hour === undefined ? 86_400 : 3_600);
  if (range.since !== undefined && to <= range.since) return false;
  if (range.until !== undefined && from >= range.until + late) return false;
  return true;
}

/** @throws UsageError for what is no id of a flow log */
export function checkFlowLog(id: string): string {
  if (/^fl-[0-9a-z]+$/.test(id)) return id;
  throw new UsageError(
    `'${id}' is not the id of a flow log.`,
    'It is fl- and hexadecimal digits, as file names have it.',
  );
}

/** Whether a file is of a flow log that is wanted, by its name. One that does not say is not, where only some are. */
export function isOfFlowLog(name: string, wanted: readonly string[] | undefined): boolean {
  return wanted === undefined || wanted.includes(parseFlowLogId(name.replaceAll('\\', '/')) ?? '');
}

/** Whether a file is of an account and a region that are wanted. One that does not say is not, where only some are. */
export function isOf(
  key: LogKey | undefined,
  wanted: { accounts?: readonly string[] | undefined; regions?: readonly string[] | undefined },
): boolean {
  const { accounts, regions } = wanted;
  if (key === undefined) return accounts === undefined && regions === undefined;
  return (accounts?.includes(key.account) ?? true) && (regions?.includes(key.region) ?? true);
}
