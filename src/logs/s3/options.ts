import type { Aws } from '../../aws/clients.js';
import { cacheFolder } from '../../cache/cache-folder.js';
import { isLogGroup } from '../../flowlog/log-group.js';
import { isS3Uri } from '../../flowlog/s3-place.js';
import { checkAccount } from '../../flowlog/table.js';
import type { S3Settings } from './settings.js';

/** How logs in S3 are fetched, as typed. */
export interface TypedS3Options {
  readonly maxDownload?: number;
  readonly cache?: boolean;
  readonly cacheSize?: number;
  readonly requesterPays?: boolean;
  readonly logsBucketOwner?: string;
}

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
