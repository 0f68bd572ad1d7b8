import { FlowlogError, Interrupted } from '../errors.js';

/** What an error of the SDK may carry; none of it is certain. */
interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly code?: string;
  readonly Code?: string;
  readonly $service?: string;
}

/** What was being done, so that the message can say it. */
export interface Doing {
  /** The permission that the call needs, `athena:StartQueryExecution`. */
  readonly action: string;
  /** On what: an S3 path, a workgroup, a table. */
  readonly resource: string;
  readonly profile?: string | undefined;
}

/** Does a piece of work with an SDK client; its errors become ones that say what to do. */
export async function explained<T>(doing: Doing, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (signal?.aborted) throw new Interrupted();
    throw explain(error, doing);
  }
}

const has = (error: SdkError, ...names: string[]) =>
  names.some((name) => error.name === name || error.code === name || error.Code === name);

export const isAccessDenied = (error: unknown): boolean =>
  error instanceof Error &&
  (has(error as SdkError, 'AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'Forbidden') ||
    ((error as SdkError).$metadata?.httpStatusCode === 403 &&
      !isExpired(error as SdkError) &&
      !isArchived(error)));

export const isMissing = (error: unknown): boolean =>
  error instanceof Error &&
  (has(error as SdkError, 'NoSuchKey', 'NoSuchBucket', 'NotFound') ||
    (error as SdkError).$metadata?.httpStatusCode === 404);

/** The object lies in an archive (S3 Glacier) and has to be restored before it can be read. */
export const isArchived = (error: unknown): boolean =>
  error instanceof Error && has(error as SdkError, 'InvalidObjectState');

/** The object is not the version that was asked for. */
export const isChanged = (error: unknown): boolean =>
  error instanceof Error &&
  (has(error as SdkError, 'PreconditionFailed') || (error as SdkError).$metadata?.httpStatusCode === 412);

export const isThrottled = (error: unknown): boolean =>
  error instanceof Error &&
  has(
    error as SdkError,
    'ThrottlingException',
    'TooManyRequestsException',
    'SlowDown',
    'RequestLimitExceeded',
    'Throttling',
  );

const isExpired = (error: SdkError) =>
  has(
    error,
    'ExpiredToken',
    'ExpiredTokenException',
    'RequestExpired',
    'TokenRefreshRequired',
    'CredentialsExpired',
  ) ||
  /token (?:included in the request )?(?:is|has) expired|session .*has expired|session.*(?:not found|is invalid)|sso session/i.test(
    error.message,
  );

const NETWORK = [
  'ENOTFOUND',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'TimeoutError',
  'UND_ERR_SOCKET',
];

/** The error to show for one of the SDK's; any other error as it is. */
export function explain(thrown: unknown, doing: Doing): unknown {
  if (!(thrown instanceof Error) || thrown instanceof FlowlogError || thrown instanceof Interrupted)
    return thrown;
  const error = thrown as SdkError;
  const made = (message: string, hint: string) => new FlowlogError(message, hint, 1, { cause: error });
  const login = doing.profile === undefined ? 'aws sso login' : `aws sso login --profile ${doing.profile}`;
  const said = sentence(error.message);

  if (/^Region is missing|^Region not accepted: region=""/.test(error.message)) {
    return made(
      'No AWS region is set.',
      'Name it with --region or AWS_REGION, or set one in the profile. For logs on this machine, use --logs PATH.',
    );
  }
  const refused = /^Region not accepted: region="(.*?)"/.exec(error.message);
  if (refused !== null) {
    return made(
      `'${refused[1]}' is not an AWS region.`,
      'A region is written like ap-northeast-1; see --region, AWS_REGION and the profile in use.',
    );
  }
  if (isExpired(error)) {
    return made(
      `The AWS credentials have expired: ${said}`,
      `Sign in again (${login}, or renew the temporary keys in the environment), then run the same command.`,
    );
  }
  if (has(error, 'CredentialsProviderError', 'ProviderError')) {
    return made(
      `There are no AWS credentials: ${said}`,
      `Sign in (${login}), name a profile with --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. ` +
        'For logs on this machine, use --logs PATH.',
    );
  }
  if (
    has(
      error,
      'UnrecognizedClientException',
      'InvalidClientTokenId',
      'InvalidAccessKeyId',
      'SignatureDoesNotMatch',
      'AuthFailure',
      'IncompleteSignature',
      'InvalidSignatureException',
    )
  ) {
    return made(
      `AWS does not accept the credentials: ${said}`,
      "Check which ones are in use with 'aws sts get-caller-identity'; temporary keys need AWS_SESSION_TOKEN too.",
    );
  }
  if (isAccessDenied(error)) {
    const denied =
      /not authorized to perform:? (\S+?)(?: on (?:the )?resource:? (\S+))?(?: because|[,.]?\s|[,.]?$)/.exec(
        error.message,
      );
    const action = denied?.[1] ?? doing.action;
    const resource = denied?.[2]?.replace(/[.,]$/, '') ?? doing.resource;
    return made(
      `Access denied: ${action} on ${resource}.`,
      `Ask for ${action} on that resource in the policy of the role or user in use; 'flowlog policy' prints what is enough.` +
        (denied ? '' : ` AWS says: ${said}`),
    );
  }
  if (has(error, 'NoSuchBucket')) {
    return made(
      `There is no bucket ${doing.resource}.`,
      'Check the name; a bucket belongs to one account and one region.',
    );
  }
  if (isThrottled(error)) {
    return made(
      `AWS asks to go slower: ${said}`,
      'It was tried several times. Wait for other queries to finish, or ask for a higher quota, and run it again.',
    );
  }
  if (
    NETWORK.some((name) => has(error, name)) ||
    /socket hang up|getaddrinfo|^the connection ended|^Checksum mismatch/.test(error.message)
  ) {
    return made(
      `AWS cannot be reached: ${said}`,
      'Check the network, the region, a proxy or VPC endpoint, and AWS_ENDPOINT_URL if it is set.',
    );
  }
  if (/Could not resolve credentials|profile .*(?:could not be found|not found)/i.test(error.message)) {
    return made(said, 'Check the name given with --profile, or AWS_PROFILE.');
  }
  if (error.$metadata === undefined) return thrown;
  const request = error.$metadata.requestId === undefined ? '' : ` (request ${error.$metadata.requestId})`;
  return made(
    `${doing.action} failed: ${said}${request}`,
    error.$metadata.httpStatusCode !== undefined && error.$metadata.httpStatusCode >= 500
      ? 'The fault is on the side of AWS: run it again later.'
      : `It was asked of ${doing.resource}.`,
  );
}

/** One line, ended. */
export function sentence(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim() || 'no reason given';
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
