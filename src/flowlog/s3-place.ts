import { UsageError } from '../errors.js';

/** A folder in S3. The prefix is empty or ends with a slash. */
export interface S3Location {
  readonly bucket: string;
  readonly prefix: string;
}

/** A place in S3 as typed: `rest` may be a key, a folder with or without its slash, or empty. */
export interface S3Place {
  /** A bucket's name, an access point's alias, or an access point's ARN. */
  readonly bucket: string;
  readonly rest: string;
}

/** Whether a text is meant as a place in S3: s3://…, an ARN of S3, or a URL of S3, which {@link parseS3Place} refuses. */
export const isS3Uri = (text: string): boolean =>
  /^s3[an]?:\/\//i.test(text) || /^arn:[^:]*:s3[a-z0-9-]*:/i.test(text) || s3Url(text) !== undefined;

/** Names given before 2018 may hold upper case and underscores, and be 255 characters long. */
const BUCKET = /^[a-zA-Z0-9][a-zA-Z0-9._-]{1,253}[a-zA-Z0-9]$/;
const ACCESS_POINT =
  /^(arn:[a-z-]+:s3:[a-z0-9-]+:\d{12}:accesspoint[/:][a-z0-9-]+)(?:\/(?:object\/)?(.*))?$/s;

export const isAccessPointArn = (bucket: string): boolean => ACCESS_POINT.test(bucket);

/**
 * Reads `s3://bucket/prefix/`, `arn:aws:s3:::bucket/prefix/` and ARNs of access points.
 *
 * @throws UsageError for anything else; for a URL of S3 with the s3:// form
 */
export function parseS3Place(text: string): S3Place {
  const given = text.replace(/^s3[an]?:\/\//i, 's3://');
  const accessPoint = ACCESS_POINT.exec(given.replace(/^s3:\/\/(?=arn:)/, ''));
  if (accessPoint) return { bucket: accessPoint[1]!, rest: accessPoint[2] ?? '' };
  const match = /^(?:s3:\/\/|arn:[a-z-]+:s3:::)([^/]*)(?:\/(.*))?$/s.exec(given);
  if (match && BUCKET.test(match[1]!)) return { bucket: match[1]!, rest: match[2] ?? '' };
  const url = s3Url(text);
  throw new UsageError(
    url === undefined ? `'${text}' is not an S3 location.` : `'${text}' is a URL of S3, not an S3 location.`,
    url === undefined ? 'Write it as s3://bucket/prefix/.' : `Did you mean ${url}?`,
  );
}

/**
 * What a URL of S3 is as s3://…; undefined for any other text. Known are the addresses of buckets, path style and virtual
 * host style, and the pages of the console.
 */
function s3Url(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  if (
    !/^https?:$/.test(url.protocol) ||
    !/(?:^|\.)(?:amazonaws\.com|amazon\.com|amazonaws-us-gov\.com|amazonaws\.cn)(?:\.cn)?$/.test(url.hostname)
  ) {
    return undefined;
  }
  const path = decoded(url.pathname).slice(1);
  if (/\bconsole\b/.test(url.hostname)) {
    const [, bucket] = /^s3\/(?:buckets|object)\/([^/]+)/.exec(path) ?? [];
    return bucket === undefined ? undefined : `s3://${bucket}/${url.searchParams.get('prefix') ?? ''}`;
  }
  const host = /^(?:(.+)\.)?s3(?:[.-][a-z0-9.-]+)?\.amazonaws\.com(?:\.cn)?$/.exec(url.hostname);
  if (!host || (host[1] === undefined && path === '')) return undefined;
  return host[1] === undefined ? `s3://${path}` : `s3://${host[1]}/${path}`;
}

/** A path whose percent signs may be the user's own. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * Reads a folder that a statement or a setting of Athena names; the slash at the end may be missing.
 *
 * @throws UsageError for what is no place in S3, and for characters that cannot stand in a statement
 */
export function parseLocation(text: string): S3Location {
  const { bucket, rest } = parseS3Place(text);
  if (isAccessPointArn(bucket)) {
    // S3 User Guide, "Access point compatibility": where a bucket's name is expected, an access point has its alias.
    throw new UsageError(
      `'${text}' is the ARN of an access point, which Athena does not take.`,
      "Write the access point's alias: s3://NAME-…-s3alias/prefix/ ('aws s3control get-access-point' prints it).",
    );
  }
  const prefix = rest === '' || rest.endsWith('/') ? rest : `${rest}/`;
  if (/['"`\\;*?]|\$\{|\/\/|^\/|[^\x20-\x7e]/.test(prefix)) {
    throw new UsageError(
      `'${text}' cannot be the location of a table.`,
      'A prefix may not hold quotes, backslashes, semicolons, wildcards or an empty folder (//).',
    );
  }
  return { bucket, prefix };
}

export const locationUri = ({ bucket, prefix }: S3Location) => `s3://${bucket}/${prefix}`;
