import { FlowlogError, UsageError } from '../errors.js';
import { parseKey } from '../flowlog/s3-layout.js';
import { parseS3Place, type S3Location } from '../flowlog/s3-place.js';
import { accessInput, type BucketAccess, inItsRegion } from './bucket-access.js';
import type { Aws } from './clients.js';
import { isAccessDenied } from './errors.js';
import {
  type ListedObject,
  type ListOptions,
  type LogSelection,
  lastLog,
  listLevel,
  listLogs,
} from './list-logs.js';
import { logRoots } from './log-roots.js';
import { locationUri } from './object-stream.js';

/** What there is to read at a place in S3. */
export interface FoundLogs {
  readonly bucket: string;
  /** How they are read. */
  readonly access: BucketAccess;
  readonly objects: readonly ListedObject[];
  /** Whether the place is this very object, rather than a folder it lies in. */
  readonly named: boolean;
  /** Objects left alone, since neither their place nor their name is that of a log. */
  readonly foreign: number;
  /** What was not searched, a sentence each. */
  readonly notes: readonly string[];
  /** Where there are none of the range: one of another time, which tells what is recorded. */
  readonly other?: ListedObject;
}

/** Beside the layouts of AWS a log is known by how its name ends. */
const LOG_NAME = /\.(?:gz|parquet|log|txt)$/i;

/** What CloudWatch Logs puts into a bucket before it exports to it (CloudWatch Logs User Guide, "Exporting log data to Amazon S3"). */
const TEST_OBJECT = /(?:^|\/)aws-logs-write-test$/;

/**
 * The logs of the selection at `s3://bucket/prefix/` or `s3://bucket/key`; none when there are some, but of other times.
 *
 * @throws FlowlogError when nothing at all is there of the accounts and regions that are wanted, or it may not be listed
 */
export async function findLogs(
  aws: Aws,
  uri: string,
  selection: LogSelection,
  listing: ListOptions & { readonly access: BucketAccess },
): Promise<FoundLogs> {
  const place = parseUri(uri);
  const { bucket, prefix } = place;
  const access = await inItsRegion(aws, bucket, listing.access);
  const options = { ...listing, access };
  const single = await singleObject(aws, place, options);
  if (single) return { bucket, access, objects: [single], named: true, foreign: 0, notes: [] };
  const location = { bucket, prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/` };
  const objects: ListedObject[] = [];
  const unnamed: ListedObject[] = [];
  let tests = 0;
  const { places, inLayout, notes } = await placesOf(aws, location, options);
  for (const each of places) {
    for await (const object of listLogs(aws, each, { ...selection, onlyAwsLogs: true }, options)) {
      if (TEST_OBJECT.test(object.key)) tests++;
      else if (parseKey(object.key) || LOG_NAME.test(object.key)) objects.push(object);
      else unnamed.push(object);
    }
  }
  // CloudWatch Logs and Data Firehose name objects as they like: where AWS delivers no flow logs, contents tell what they are.
  const named = inLayout || objects.some(({ key }) => parseKey(key));
  if (!named) objects.push(...unnamed);
  const foreign = tests + (named ? unnamed.length : 0);
  if (objects.length === 0 && foreign === 0) {
    const other = await ofAnyTime(aws, location, selection, options);
    return { bucket, access, objects, named: false, foreign, notes, other };
  }
  if (objects.length === 0 && foreign > 0) {
    throw new FlowlogError(
      `There are no flow logs under ${locationUri(location)}: ${foreign} ${foreign === 1 ? 'object' : 'objects'}, none named like a log.`,
      'Logs are known by their place below AWSLogs/, or by a name that ends in .gz, .parquet, .log or .txt. ' +
        'Another file can be named itself: --logs s3://bucket/key.',
    );
  }
  return { bucket, access, objects, named: false, foreign, notes };
}

/** The location, and where AWSLogs/ lies in it, other folders AWSLogs/ below it: what lies beside is not listed otherwise. */
async function placesOf(
  aws: Aws,
  location: S3Location,
  options: ListOptions,
): Promise<{ places: readonly S3Location[]; inLayout: boolean; notes: readonly string[] }> {
  if (/(?:^|\/)AWSLogs\//.test(location.prefix)) return { places: [location], inLayout: true, notes: [] };
  const { here, below, skipped } = await logRoots(aws, location, options);
  if (!here) return { places: [location], inLayout: below.length > 0, notes: [] };
  const notes =
    skipped > 0
      ? [`Did not search ${skipped} folders beside ${locationUri(location)}AWSLogs/ for more flow logs.`]
      : [];
  return { places: [location, ...below], inLayout: true, notes };
}

/** @throws UsageError for what is no place in S3 */
function parseUri(uri: string): S3Location {
  const { bucket, rest: prefix } = parseS3Place(uri);
  if (/[*?]/.test(prefix)) {
    throw new UsageError(
      `'${uri}' is a pattern, which S3 cannot list.`,
      'Give the folder before it; --since, --until, --account and --aws-region choose what is read of it.',
    );
  }
  return { bucket, prefix };
}

/** The object that is called so, if there is one: a place without a slash at its end may be that, or a folder. */
async function singleObject(
  aws: Aws,
  { bucket, prefix: key }: S3Location,
  options: ListOptions & { readonly access: BucketAccess },
): Promise<ListedObject | undefined> {
  if (key === '' || key.endsWith('/')) return undefined;
  try {
    // In the order of keys it is the first.
    const { value } = await listLevel(aws, { bucket, prefix: key }, options).next();
    return value?.objects.find((object: ListedObject) => object.key === key);
  } catch (error) {
    const cause = error instanceof FlowlogError ? error.cause : error;
    if (!isAccessDenied(cause)) throw error;
    // To read one object, it need not be listed.
    const found = await headObject(aws, { bucket, key }, options.access).catch(() => undefined);
    if (found) return found;
    throw error;
  }
}

async function headObject(
  aws: Aws,
  { bucket, key }: { bucket: string; key: string },
  access: BucketAccess,
): Promise<ListedObject> {
  const client = access.client ?? (await aws.s3());
  const { HeadObjectCommand } = await import('@aws-sdk/client-s3');
  const { ContentLength, ETag } = await client.send(
    new HeadObjectCommand({ Bucket: bucket, Key: key, ...accessInput(access) }),
  );
  return { key, size: ContentLength ?? 0, etag: (ETag ?? '').replaceAll('"', '') };
}

/** Nothing in range is an answer; nothing of any time is a mistake. */
async function ofAnyTime(
  aws: Aws,
  location: S3Location,
  { accounts, regions }: LogSelection,
  options: ListOptions,
): Promise<ListedObject> {
  const range = { since: undefined, until: undefined };
  const found = await lastLog(aws, location, { range, accounts, regions, onlyAwsLogs: true }, options);
  if (found) return found;
  const of = [...(accounts ?? []), ...(regions ?? [])];
  throw new FlowlogError(
    `There are no flow logs under ${locationUri(location)}${of.length > 0 ? ` of ${of.join(', ')}` : ''}.`,
    'Give --logs the folder that AWSLogs/ lies in, or one below it. A new flow log delivers its first files after about ten minutes.',
  );
}
