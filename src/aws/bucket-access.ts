import type { S3Client } from '@aws-sdk/client-s3';
import type { Aws } from './clients.js';

/** What the owner of a bucket asks of its readers. */
export interface BucketTerms {
  /** The account that the bucket must belong to. */
  readonly owner?: string | undefined;
  /** Whether who asks agrees to pay, as the owner of some buckets wants it. */
  readonly requesterPays?: boolean | undefined;
}

/** How a bucket is read. */
export interface BucketAccess extends BucketTerms {
  /** A client of the bucket's own region; otherwise the usual one, which S3 sends there with every request. */
  readonly client?: S3Client | undefined;
}

/** What every request to the bucket says. */
export const accessInput = ({ owner, requesterPays }: BucketAccess) => ({
  ...(owner === undefined ? {} : { ExpectedBucketOwner: owner }),
  ...(requesterPays ? { RequestPayer: 'requester' as const } : {}),
});

/**
 * The same access with a client of the bucket's own region: redirecting thousands of requests, each by itself, would double
 * them. Where S3 does not say the region, the request that follows says why.
 */
export async function inItsRegion(aws: Aws, bucket: string, access: BucketAccess): Promise<BucketAccess> {
  const client = await aws.s3();
  const { HeadBucketCommand } = await import('@aws-sdk/client-s3');
  const { ExpectedBucketOwner } = accessInput(access);
  const head = new HeadBucketCommand({
    Bucket: bucket,
    ...(ExpectedBucketOwner === undefined ? {} : { ExpectedBucketOwner }),
  });
  const found = await client.send(head).catch(() => undefined);
  return { ...access, client: found?.BucketRegion ? await aws.s3(found.BucketRegion) : client };
}
