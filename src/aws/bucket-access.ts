import type { S3Client } from '@aws-sdk/client-s3';
import { FlowlogError, Interrupted } from '../errors.js';
import { isAccessPointArn } from '../flowlog/s3-place.js';
import type { Aws } from './clients.js';
import { explain } from './errors.js';

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
  if (isAccessPointArn(bucket)) {
    const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = aws.options.env;
    const endpoint = AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL;
    if (endpoint === undefined) return { ...access, client: await aws.s3(bucket.split(':')[3]) };
    throw new FlowlogError(
      `An access point cannot be reached by its ARN at ${endpoint}: ${bucket}.`,
      "Use the access point's alias or the bucket (s3://…), or unset AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL.",
    );
  }
  const client = await aws.s3();
  const { HeadBucketCommand } = await import('@aws-sdk/client-s3');
  const { ExpectedBucketOwner } = accessInput(access);
  const head = new HeadBucketCommand({
    Bucket: bucket,
    ...(ExpectedBucketOwner === undefined ? {} : { ExpectedBucketOwner }),
  });
  const found = await client.send(head).catch((error: Error) => {
    // The next request would wait as long for nothing.
    if (error instanceof Interrupted) throw error;
    if (error.name !== 'TimeoutError') return undefined;
    throw explain(error, {
      action: 's3:ListBucket',
      resource: `s3://${bucket}/`,
      profile: aws.options.profile,
    });
  });
  return { ...access, client: found?.BucketRegion ? await aws.s3(found.BucketRegion) : client };
}
