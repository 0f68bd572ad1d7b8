import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError, type FakeAws } from './server.js';

export class Bucket {
  readonly objects = new Map<string, Buffer>();
  owner = '123456789012';
  /** Keys in a page of a listing; S3 gives up to 1,000. */
  pageSize = 1000;
  /** Where it lies; requests signed for another region are sent here. */
  region = 'ap-northeast-1';
  /** Whether who asks has to agree to pay. */
  requesterPays = false;
  /** Keys in an archive: listed like others, but not readable. */
  readonly archived = new Set<string>();
  /** Called before an object is given. */
  onGet: (key: string) => void = () => {};
  /** The connection is cut after so many bytes of a body, so many times. */
  cuts: { readonly after: number; times: number } | undefined;

  /** So many answers have another byte in their middle. */
  corrupt = 0;
  /** Bodies end after so many bytes without an end, the connection open. */
  stalls: number | undefined;
  /** Whether answers have a checksum beside them, where it is asked for. */
  checksums = false;
  /** As answers name it: `AES256`, `aws:kms`. */
  encryption: string | undefined;

  put(key: string, body: string | Uint8Array): this {
    this.objects.set(key, Buffer.from(body as Uint8Array));
    return this;
  }
}

const text = (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** The MD5 of objects that came in one piece, but for those that KMS encrypts ("Object", Amazon S3 API Reference). */
const etagOf = ({ encryption }: Bucket, body: Buffer) =>
  `"${createHash(encryption === 'aws:kms' ? 'sha256' : 'md5')
    .update(body)
    .digest('hex')
    .slice(0, 32)}"`;

/** GetObject, HeadObject, HeadBucket and ListObjectsV2, path style. */
export function s3(aws: FakeAws, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url!, 'http://localhost');
  const [, name = '', ...rest] = url.pathname.split('/').map(decodeURIComponent);
  const key = rest.join('/');
  const listing = key === '' && url.searchParams.get('list-type') === '2';
  const head = request.method === 'HEAD';
  const operation = listing
    ? 'ListObjectsV2'
    : head
      ? key === ''
        ? 'HeadBucket'
        : 'HeadObject'
      : 'GetObject';
  const input = {
    bucket: name,
    key,
    range: request.headers.range,
    payer: request.headers['x-amz-request-payer'],
    ...Object.fromEntries(url.searchParams),
  };
  if (request.method !== 'GET' && !head) throw new AwsError('MethodNotAllowed', request.method ?? '', 405);
  aws.enter(
    operation,
    key === '' ? 's3:ListBucket' : 's3:GetObject',
    input,
    `arn:aws:s3:::${name}${key === '' ? '' : `/${key}`}`,
  );
  const bucket = aws.buckets.get(name);
  if (!bucket) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404);
  const signedFor = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
  if (signedFor !== bucket.region) {
    response.setHeader('x-amz-bucket-region', bucket.region);
    throw new AwsError('PermanentRedirect', 'The bucket must be addressed at another endpoint.', 301);
  }
  const owner = request.headers['x-amz-expected-bucket-owner'];
  if (owner !== undefined && owner !== bucket.owner) throw new AwsError('AccessDenied', 'Access Denied', 403);
  if (bucket.requesterPays && operation !== 'HeadBucket' && input.payer !== 'requester') {
    throw new AwsError('AccessDenied', 'Access Denied', 403);
  }
  if (operation === 'HeadBucket') {
    response.writeHead(200, { 'x-amz-bucket-region': bucket.region }).end();
  } else if (listing) {
    const xml = list(aws, name, bucket, url.searchParams);
    response.writeHead(200, { 'content-type': 'application/xml' }).end(aws.distort?.(operation, xml) ?? xml);
  } else {
    get(bucket, key, request, response);
  }
}

function list(aws: FakeAws, name: string, bucket: Bucket, query: URLSearchParams): string {
  const allowed = [
    'list-type',
    'prefix',
    'delimiter',
    'continuation-token',
    'max-keys',
    'start-after',
    'x-id',
    'encoding-type',
  ];
  const unknown = [...query.keys()].find((each) => !allowed.includes(each));
  if (unknown !== undefined) throw new AwsError('InvalidArgument', `unknown parameter ${unknown}`);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const after = (aws.repeats ? null : query.get('continuation-token')) ?? query.get('start-after') ?? '';
  const size = Math.min(Number(query.get('max-keys') ?? 1000), bucket.pageSize);
  const entries = new Set<string>();
  for (const key of [...bucket.objects.keys()].sort()) {
    if (!key.startsWith(prefix)) continue;
    const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    entries.add(at < 0 ? key : key.slice(0, at + delimiter.length));
  }
  const left = [...entries].filter((entry) => entry > after);
  const page = left.slice(0, size);
  const more = left.length > page.length;
  const items = page.map((entry) => {
    const body = bucket.objects.get(entry);
    return body && !(delimiter !== '' && entry.endsWith(delimiter) && entry !== prefix)
      ? `<Contents><Key>${text(entry)}</Key><Size>${body.length}</Size><LastModified>2026-06-01T00:00:00.000Z</LastModified><ETag>${etagOf(bucket, body).replaceAll('"', '&quot;')}</ETag></Contents>`
      : `<CommonPrefixes><Prefix>${text(entry)}</Prefix></CommonPrefixes>`;
  });
  const next = more ? `<NextContinuationToken>${text(page.at(-1)!)}</NextContinuationToken>` : '';
  return `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${name}</Name><Prefix>${text(prefix)}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${size}</MaxKeys><IsTruncated>${more}</IsTruncated>${next}${items.join('')}</ListBucketResult>`;
}

function get(bucket: Bucket, key: string, request: IncomingMessage, response: ServerResponse): void {
  bucket.onGet(key);
  const body = bucket.objects.get(key);
  if (!body) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
  if (bucket.archived.has(key)) {
    throw new AwsError(
      'InvalidObjectState',
      "The operation is not valid for the object's storage class",
      403,
    );
  }
  const etag = etagOf(bucket, body);
  const wanted = request.headers['if-match'];
  if (wanted !== undefined && wanted !== etag) throw new AwsError('PreconditionFailed', 'changed', 412);
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const from = range ? Number(range[1]) : 0;
  const to = range?.[2] ? Math.min(Number(range[2]) + 1, body.length) : body.length;
  if (range && from >= body.length)
    throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416);
  const part = Buffer.from(body.subarray(from, to));
  if (bucket.corrupt > 0 && request.method === 'GET') {
    bucket.corrupt--;
    const middle = part.length >> 1;
    part[middle] = part[middle]! ^ 1;
  }
  const checked = bucket.checksums && !range && request.headers['x-amz-checksum-mode'] === 'ENABLED';
  response.writeHead(range ? 206 : 200, {
    etag,
    'content-length': part.length,
    'accept-ranges': 'bytes',
    ...(bucket.encryption === undefined ? {} : { 'x-amz-server-side-encryption': bucket.encryption }),
    // Of the object as it was stored: GetObject, ChecksumMode.
    ...(checked ? { 'x-amz-checksum-sha256': createHash('sha256').update(body).digest('base64') } : {}),
    ...(range ? { 'content-range': `bytes ${from}-${to - 1}/${body.length}` } : {}),
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const { cuts, stalls } = bucket;
  if (stalls !== undefined) {
    response.flushHeaders();
    if (stalls > 0) response.write(part.subarray(0, stalls));
    return;
  }
  if (cuts && cuts.times > 0 && part.length > cuts.after) {
    cuts.times--;
    response.write(part.subarray(0, cuts.after), () => setTimeout(() => request.socket.destroy(), 20));
    return;
  }
  response.end(part);
}
