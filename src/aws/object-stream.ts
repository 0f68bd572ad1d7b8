import { setTimeout as sleep } from 'node:timers/promises';
import { accessInput, type BucketAccess } from './bucket-access.js';
import type { Aws } from './clients.js';
import { explain, isAccessDenied, isMissing, isThrottled } from './errors.js';

/** An object of S3: its bucket and key. */
export interface S3Object {
  readonly bucket: string;
  readonly key: string;
}

/** `s3://bucket/key` in two, or undefined. */
export function parseObject(uri: string): S3Object | undefined {
  const match = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri);
  return match ? { bucket: match[1]!, key: match[2]! } : undefined;
}

export const uriOf = ({ bucket, key }: S3Object) => `s3://${bucket}/${key}`;
export { locationUri } from '../flowlog/s3-place.js';

/** Breaks without a byte between them before it gives up; more of them where S3 throttles. */
const PATIENCE = 5;
const THROTTLE_PATIENCE = 10;
/** The longest wait between two tries (milliseconds). */
const LONGEST_WAIT = 20_000;

export interface StreamOptions {
  readonly signal: AbortSignal;
  readonly access?: BucketAccess;
  /** The version that is wanted: of any other S3 says PreconditionFailed. */
  readonly etag?: string | undefined;
  /** Told the version that is given. */
  readonly onVersion?: (version: ObjectVersion) => void;
}

export interface ObjectVersion {
  readonly etag: string;
  /** Of its content, in hex, where S3 says it. */
  readonly md5: string | undefined;
}

/** What came is not what S3 keeps. */
export class DamagedBody extends Error {}

/**
 * The bytes of an object. A connection that breaks is taken up again where it broke, of the same version of the
 * object, so that an answer of gigabytes does not begin anew.
 */
export async function* objectStream(
  aws: Aws,
  object: S3Object,
  { signal, access = {}, etag: wanted, onVersion }: StreamOptions,
): AsyncGenerator<Uint8Array> {
  const client = access.client ?? (await aws.s3());
  const { GetObjectCommand } = await import('@aws-sdk/client-s3');
  let from = 0;
  let etag = wanted === undefined ? undefined : `"${wanted}"`;
  for (let breaks = 0; ; ) {
    // A server that has not answered any of the SDK's own attempts is not asked again.
    let answered = false;
    try {
      const { Body, ETag, ContentLength, ServerSideEncryption } = await client.send(
        new GetObjectCommand({
          Bucket: object.bucket,
          Key: object.key,
          ...accessInput(access),
          ...(etag === undefined ? {} : { IfMatch: etag }),
          ...(from === 0 ? {} : { Range: `bytes=${from}-` }),
        }),
        { abortSignal: signal },
      );
      answered = true;
      etag ??= ETag;
      const version = (ETag ?? '').replaceAll('"', '');
      onVersion?.({ etag: version, md5: isMd5(version, object, ServerSideEncryption) ? version : undefined });
      const end = ContentLength === undefined ? undefined : from + ContentLength;
      for await (const chunk of Body as AsyncIterable<Uint8Array>) {
        breaks = 0;
        from += chunk.byteLength;
        yield chunk;
      }
      // A server that closes early without an error.
      if (end === undefined || from >= end) return;
      throw new Error(`the connection ended ${end - from} bytes early`);
    } catch (error) {
      // The SDK's own words, of an object that S3 keeps a checksum of.
      if (/^Checksum mismatch/.test((error as Error).message)) {
        throw new DamagedBody('it has another checksum than S3 says', { cause: error });
      }
      const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
      const throttled = isThrottled(error);
      const final =
        signal.aborted ||
        ((error as Error).name === 'TimeoutError' && !answered) ||
        isAccessDenied(error) ||
        isMissing(error) ||
        (status !== undefined && status < 500 && !throttled);
      if (final || ++breaks >= (throttled ? THROTTLE_PATIENCE : PATIENCE)) throw error;
      // Not all at the same moment, when many were sent away together.
      const wait = Math.min(100 * 2 ** breaks, LONGEST_WAIT) * (0.5 + Math.random() / 2);
      await sleep(wait, undefined, { signal });
    }
  }
}

/**
 * Whether an ETag is the MD5 of the content: of an object in one piece that is not encrypted with keys of KMS or of its owner
 * ("Object", Amazon S3 API Reference), in a bucket that is no directory bucket ("Checking object integrity", S3 User Guide).
 */
const isMd5 = (etag: string, { bucket }: S3Object, encryption: string | undefined): boolean =>
  /^[0-9a-f]{32}$/.test(etag) && !bucket.endsWith('--x-s3') && (encryption ?? 'AES256') === 'AES256';

/** Some bytes of an object, `first` to `last` included; the whole of it when it is shorter. */
export async function objectRange(
  aws: Aws,
  object: S3Object,
  range: string,
  access: BucketAccess = {},
  signal = aws.options.signal,
): Promise<{ bytes: Uint8Array; size: number }> {
  const client = access.client ?? (await aws.s3());
  const { GetObjectCommand } = await import('@aws-sdk/client-s3');
  try {
    const { Body, ContentRange, ContentLength } = await client.send(
      new GetObjectCommand({
        Bucket: object.bucket,
        Key: object.key,
        Range: `bytes=${range}`,
        ...accessInput(access),
      }),
      signal === undefined ? {} : { abortSignal: signal },
    );
    const bytes = await Body!.transformToByteArray();
    return { bytes, size: Number(ContentRange?.split('/')[1] ?? ContentLength ?? bytes.byteLength) };
  } catch (error) {
    throw explain(error, { action: 's3:GetObject', resource: uriOf(object), profile: aws.options.profile });
  }
}
