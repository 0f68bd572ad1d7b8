import { FlowlogError } from '../errors.js';
import { isOf, isOfFlowLog, mayHold, ORGANISATION, parseKey } from '../flowlog/s3-layout.js';
import type { S3Location } from '../flowlog/table.js';
import { inParallel } from '../parallel.js';
import type { TimeRange } from '../time/range.js';
import { accessInput, type BucketAccess } from './bucket-access.js';
import type { Aws } from './clients.js';
import { explain } from './errors.js';
import { locationUri } from './object-stream.js';
import { pagesOf } from './pages.js';

export interface ListedObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Of this version of the object, without quotes. */
  readonly etag: string;
}

export interface ListOptions {
  readonly access?: BucketAccess;
  readonly signal?: AbortSignal | undefined;
  /** What ends the name of a folder, usually a slash; null for objects alone. */
  readonly delimiter?: string | null;
  /** Told of the objects of each page. */
  readonly onPage?: ((objects: number) => void) | undefined;
}

/** One level of a bucket: the folders and the objects directly under a prefix, all pages of them. */
export async function* listLevel(
  aws: Aws,
  { bucket, prefix }: S3Location,
  { access = {}, signal, delimiter = '/', onPage }: ListOptions = {},
): AsyncGenerator<{ folders: readonly string[]; objects: readonly ListedObject[] }> {
  const client = access.client ?? (await aws.s3());
  const { paginateListObjectsV2 } = await import('@aws-sdk/client-s3');
  try {
    const pages = paginateListObjectsV2(
      { client },
      {
        Bucket: bucket,
        Prefix: prefix,
        ...(delimiter === null ? {} : { Delimiter: delimiter }),
        ...accessInput(access),
      },
      signal ? { abortSignal: signal } : {},
    );
    const each = pagesOf(pages, 'NextContinuationToken', `the objects of ${locationUri({ bucket, prefix })}`);
    for await (const { CommonPrefixes = [], Contents = [], IsTruncated, NextContinuationToken } of each) {
      const named = CommonPrefixes.every(({ Prefix }) => Prefix) && Contents.every(({ Key }) => Key);
      if (!named || (IsTruncated === true && !NextContinuationToken)) {
        throw new FlowlogError(
          `The listing of ${locationUri({ bucket, prefix })} is damaged: ${named ? 'it says that more follows, and not where' : 'it holds an object without a name'}.`,
          'Run it again. If it stays so, something between here and S3, such as a proxy, changes what passes through it.',
        );
      }
      onPage?.(Contents.length);
      yield {
        folders: CommonPrefixes.map(({ Prefix }) => Prefix!),
        objects: Contents.map(({ Key, Size, ETag }) => ({
          key: Key!,
          size: Size ?? 0,
          etag: (ETag ?? '').replaceAll('"', ''),
        })),
      };
    }
  } catch (error) {
    const missing = (error as Error).name === 'NoSuchBucket';
    throw explain(error, {
      action: 's3:ListBucket',
      resource: missing ? bucket : locationUri({ bucket, prefix }),
      profile: aws.options.profile,
    });
  }
}

/** All objects under a prefix that Athena reads, however deep. */
export async function* listBelow(
  aws: Aws,
  location: S3Location,
  options: ListOptions = {},
): AsyncGenerator<ListedObject> {
  for await (const { objects } of listLevel(aws, location, { ...options, delimiter: null })) {
    yield* objects.filter(({ key }) => isRead(key));
  }
}

/** The names of the folders directly under a prefix, without it and without the slash. */
export async function listFolders(
  aws: Aws,
  location: S3Location,
  options: ListOptions = {},
): Promise<string[]> {
  const names: string[] = [];
  for await (const { folders } of listLevel(aws, location, options)) {
    names.push(...folders.map((folder) => folder.slice(location.prefix.length, -1)));
  }
  return names;
}

/**
 * The keys under a prefix, those that share what stands before the next delimiter as one; without a delimiter one page of
 * the objects that have any content.
 */
export async function listGroups(
  aws: Aws,
  location: S3Location,
  delimiter: string | undefined,
): Promise<string[]> {
  const groups: string[] = [];
  for await (const { folders, objects } of listLevel(aws, location, { delimiter: delimiter ?? null })) {
    groups.push(...folders, ...objects.filter(({ size }) => size > 0).map(({ key }) => key));
    if (delimiter === undefined && groups.length > 0) break;
  }
  return groups.sort();
}

/** What of the logs is wanted; undefined is all. */
export interface LogSelection {
  readonly range: TimeRange;
  readonly accounts?: readonly string[] | undefined;
  readonly regions?: readonly string[] | undefined;
  /** Flow logs, `fl-…`, by the names of files. */
  readonly flowLogs?: readonly string[] | undefined;
  /** How long after the start of a record its file may come (seconds). */
  readonly late?: number | undefined;
  /** Whether what lies beside a folder AWSLogs/ is left alone: a bucket may hold much else. */
  readonly onlyAwsLogs?: boolean;
}

/** Listings that are asked for at once. */
const AT_ONCE = 16;

/**
 * The files under a location that can hold records of the range, or do not say by their keys what they hold. Folders of
 * other accounts, regions and days are not even listed.
 */
export async function* listLogs(
  aws: Aws,
  location: S3Location,
  selection: LogSelection,
  options: ListOptions = {},
): AsyncGenerator<ListedObject> {
  let prefixes: readonly string[] = [location.prefix];
  while (prefixes.length > 0) {
    const levels = await inParallel(
      prefixes,
      AT_ONCE,
      (prefix, signal) => wantedLevel(aws, { ...location, prefix }, selection, { ...options, signal }),
      options.signal,
    );
    for (const { objects } of levels) yield* objects;
    prefixes = levels.flatMap(({ folders }) => folders);
  }
}

/** One file of the selection, of the last folders that have any; undefined when there is none. */
export async function lastLog(
  aws: Aws,
  location: S3Location,
  selection: LogSelection,
  options: ListOptions = {},
): Promise<ListedObject | undefined> {
  const { folders, objects } = await wantedLevel(aws, location, selection, options);
  for (const prefix of [...folders].reverse()) {
    const found = await lastLog(aws, { ...location, prefix }, selection, options);
    if (found) return found;
  }
  return objects.findLast(({ size }) => size > 0);
}

/** What of one level is of the selection. */
async function wantedLevel(
  aws: Aws,
  location: S3Location,
  selection: LogSelection,
  options: ListOptions,
): Promise<{ folders: readonly string[]; objects: readonly ListedObject[] }> {
  const { folders, objects } = await wholeLevel(aws, location, options);
  const logs = folders.filter((prefix) => /(?:^|\/)AWSLogs\/$/.test(prefix));
  const among = selection.onlyAwsLogs && logs.length > 0 ? logs : folders;
  return {
    folders: among.filter((prefix) => mayContain(prefix, selection)),
    objects: objects.filter(({ key }) => isWanted(key, selection)),
  };
}

async function wholeLevel(aws: Aws, location: S3Location, options: ListOptions) {
  const folders: string[] = [];
  const objects: ListedObject[] = [];
  for await (const page of listLevel(aws, location, options)) {
    folders.push(...page.folders);
    objects.push(...page.objects);
  }
  return { folders, objects };
}

/** Athena leaves out names that begin with a dot or an underscore; a key that ends in a slash stands for a folder. */
const isRead = (key: string) => !/(?:^|\/)[._][^/]*$|\/$/.test(key);

function isWanted(key: string, selection: LogSelection): boolean {
  if (!isRead(key)) return false;
  const log = parseKey(key);
  return (
    isOf(log, selection) &&
    isOfFlowLog(key, selection.flowLogs) &&
    (log === undefined || mayHold(log, selection.range, selection.late))
  );
}

/** Transit gateway flow logs have Hive-compatible keys without `aws-` (Transit Gateway Guide, "flow-logs-s3"). */
const SERVICE = /^(?:(?:aws-)?service=)?([a-z]+)$/;
const ACCOUNT = /^(?:aws-account-id=)?(\d{12})$/;
const REGION = /^(?:aws-region=)?([a-z]{2,}(?:-[a-z0-9]+)+)$/;

/** Whether a folder, from what its path says so far, can hold files of the selection. */
export function mayContain(prefix: string, { range, accounts, regions, late }: LogSelection): boolean {
  const at = prefix.lastIndexOf('AWSLogs/');
  if (at < 0) return true;
  const parts = prefix
    .slice(at + 'AWSLogs/'.length)
    .split('/')
    .filter((part) => part !== '');
  if (ORGANISATION.test(parts[0] ?? '')) parts.shift();
  const [account, service, region, year, month, day, hour] = parts;
  const accepts = (pattern: RegExp, part: string | undefined, among: readonly string[] | undefined) => {
    if (part === undefined) return true;
    const name = pattern.exec(part)?.[1];
    return name !== undefined && (among === undefined || among.includes(name));
  };
  if (!accepts(ACCOUNT, account, accounts)) return false;
  if (!accepts(SERVICE, service, ['vpcflowlogs'])) return false;
  if (!accepts(REGION, region, regions)) return false;
  if (year === undefined) return true;
  return overlaps(
    [year, month, day, hour].flatMap((part) => (part === undefined ? [] : number(part))),
    range,
    late,
  );
}

const number = (part: string) => Number(/(?:^|=)(\d{2,4})$/.exec(part)?.[1] ?? Number.NaN);

/** Whether a year, month, day or hour given by its parts can hold deliveries of the range. */
function overlaps(parts: readonly number[], range: TimeRange, late: number | undefined): boolean {
  if (parts.some(Number.isNaN)) return false;
  const [year, month, day, hour] = parts as [number, ...number[]];
  const days = (from: number, to: number) => {
    const key = (at: number) => ({
      layout: 'plain' as const,
      account: '',
      region: '',
      hour,
      day: new Date(at).toISOString().slice(0, 10),
    });
    const { since, until } = range;
    // Of a span of days the first one tells whether it is too late, and the last one whether it is too early.
    return mayHold(key(from), { until }, late) && mayHold(key(to), { since });
  };
  const first = Date.UTC(year, (month ?? 1) - 1, day ?? 1);
  const last = Date.UTC(year, (month ?? 12) - (day === undefined ? 0 : 1), day ?? 0);
  return days(first, last);
}
