import type { Aws } from '../../aws/clients.js';
import { cacheFolder, DEFAULT_CACHE_SIZE } from '../../cache/cache-folder.js';
import { isLogGroup } from '../../flowlog/log-group.js';
import { isS3Uri } from '../../flowlog/s3-place.js';
import { checkAccount } from '../../flowlog/table.js';
import { type OptionSpec, parsed, settingSpec as setting } from '../../option.js';
import { humanBytes, parseBytes } from '../../terminal/units.js';
import type { S3Settings } from './settings.js';

/** How logs in S3 are fetched, as typed. */
export interface TypedS3Options {
  readonly maxDownload?: number;
  readonly cache?: boolean;
  readonly cacheSize?: number;
  readonly requesterPays?: boolean;
  readonly logsBucketOwner?: string;
}

export const parseSize = parsed(parseBytes, 'It must be a size, such as 500MB or 10GB.');

/** How much of what was fetched is kept. */
export const CACHE_SIZE_OPTION = setting('--cache-size <size>', 'maximum size of the cache', {
  parse: parseSize,
  default: { value: DEFAULT_CACHE_SIZE, text: humanBytes(DEFAULT_CACHE_SIZE) },
});

/** The options of logs in S3, by what a command needs them for. */
export const S3_OPTIONS = {
  bucket: [
    setting('--requester-pays', 'pay for requests to a Requester Pays bucket'),
    setting('--logs-bucket-owner <account>', 'account that must own the bucket of logs'),
  ],
  download: [
    setting('--max-download <size>', 'abort if the download would exceed this, e.g. 5GB', {
      parse: parseSize,
    }),
    CACHE_SIZE_OPTION,
    setting('--no-cache', 'neither read nor write the cache'),
  ],
} as const satisfies Record<string, readonly OptionSpec[]>;

/** How logs in S3 and in CloudWatch Logs are fetched; undefined where none of the logs are there. */
export async function s3Settings(
  logs: readonly string[],
  { logsBucketOwner: owner, requesterPays, cache, cacheSize, maxDownload }: TypedS3Options,
  {
    aws,
    env,
    progress,
    lookOnly,
  }: Pick<S3Settings, 'progress' | 'lookOnly'> & {
    readonly aws: () => Promise<Aws>;
    readonly env: Readonly<Record<string, string | undefined>>;
  },
): Promise<S3Settings | undefined> {
  if (!logs.some((each) => isS3Uri(each) || isLogGroup(each))) return undefined;
  if (owner !== undefined) checkAccount(owner);
  return {
    aws: await aws(),
    access: { owner, requesterPays },
    cacheFolder: cacheFolder(env),
    cacheSize: cache === false ? undefined : cacheSize,
    maxDownload,
    lookOnly,
    progress,
  };
}
