import { FlowlogError, Interrupted } from '../errors.js';
import { unwrapped, wrappedCode } from './catalog-errors.js';
import { neededEndpoints } from './endpoints.js';
import { profileExists } from './profiles.js';

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
  [error.name, error.code, error.Code, wrappedCode(error.message)].some(
    (code) => code !== undefined && names.includes(code),
  );

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

/** What the SDK says of a host that cannot be reached, or of a connection that broke. */
const isUnreachable = (error: SdkError) =>
  NETWORK.some((name) => has(error, name)) ||
  /socket hang up|getaddrinfo|^the connection ended|^Checksum mismatch/.test(error.message);

/** What the SDK's request handler says of a server that takes a connection and does not answer. */
const silence = (message: string) => {
  const found = /socket timed out after (\d+) ms of inactivity/.exec(message);
  return found ? `no answer within ${Number(found[1]) / 1000} seconds` : undefined;
};

/** The error to show for one of the SDK's; any other error as it is. */
export function explain(thrown: unknown, doing: Doing): unknown {
  if (!(thrown instanceof Error) || thrown instanceof FlowlogError || thrown instanceof Interrupted)
    return thrown;
  const error = thrown as SdkError;
  const made = (message: string, ...advice: string[]) =>
    new FlowlogError(message, advice, 1, { cause: error });
  const said = sentence(unwrapped(error.message));
  const missing = identityMissing(error, doing);
  if (missing) return made(...missing);
  if (isUnusable(error)) {
    return made(
      `AWS does not accept the credentials: ${said}`,
      "Check which ones are in use with 'aws sts get-caller-identity'; temporary keys need AWS_SESSION_TOKEN too.",
    );
  }
  if (isAccessDenied(error)) return made(...denial(error, doing));
  if (has(error, 'NoSuchBucket')) {
    return made(
      `There is no bucket ${doing.resource}.`,
      'Check the name; a bucket belongs to one account and one region.',
    );
  }
  if (isThrottled(error)) {
    return made(
      `AWS is throttling requests: ${said}`,
      'flowlog retried several times. Wait for other queries to finish, or ask for a higher quota, then run it again.',
    );
  }
  if (isUnreachable(error)) {
    return made(
      `AWS cannot be reached: ${sentence(silence(error.message) ?? error.message)}`,
      'Check the network, the region, a proxy, and AWS_ENDPOINT_URL if it is set.',
      `In a VPC without internet access this needs the VPC endpoints ${neededEndpoints(doing.action, error.message)}.`,
    );
  }
  if (error.$metadata === undefined) return thrown;
  const request = error.$metadata.requestId === undefined ? '' : ` (request ${error.$metadata.requestId})`;
  return made(
    `${doing.action} failed: ${said}${request}`,
    error.$metadata.httpStatusCode !== undefined && error.$metadata.httpStatusCode >= 500
      ? 'This is an AWS-side error; try again later.'
      : `The call was for ${doing.resource}.`,
  );
}

const LOCAL = 'For logs on this machine, use --logs PATH.';

/** The message and the advice where region, profile or credentials are missing or no longer valid. */
function identityMissing(error: SdkError, { profile }: Doing): [string, ...string[]] | undefined {
  const said = sentence(error.message);
  const login = profile === undefined ? 'aws sso login' : `aws sso login --profile ${profile}`;
  const noRegion = /^Region is missing|^Region not accepted: region=""/.test(error.message);
  const noCredentials =
    has(error, 'CredentialsProviderError', 'ProviderError') ||
    /Could not resolve credentials|profile .*(?:could not be found|not found)/i.test(error.message);
  const named = profile ?? process.env.AWS_PROFILE;
  if ((noRegion || noCredentials) && named !== undefined && named !== '' && !profileExists(named)) {
    return [
      `AWS profile '${named}' not found.`,
      `Check ${profile === undefined ? 'AWS_PROFILE' : 'the name of the profile'}; 'aws configure list-profiles' lists what there is.`,
    ];
  }
  if (noRegion) {
    return [
      'No AWS region is set.',
      'Name it with --region or AWS_REGION, or set one in the profile.',
      LOCAL,
    ];
  }
  const refused = /^Region not accepted: region="(.*?)"/.exec(error.message);
  if (refused !== null) {
    return [
      `'${refused[1]}' is not an AWS region.`,
      'A region is written like ap-northeast-1; see --region, AWS_REGION and the profile in use.',
    ];
  }
  if (isMfaMissing(error)) {
    return [
      `The AWS credentials need multi-factor authentication: ${said}`,
      'Give the code of the device with --mfa-code.',
      "Or put temporary keys from 'aws sts get-session-token' with --serial-number and --token-code into the environment.",
    ];
  }
  if (isExpired(error)) {
    return [
      `The AWS credentials have expired: ${said}`,
      `Sign in again ('${login}', or renew the temporary keys in the environment), then run the same command.`,
    ];
  }
  if (noCredentials) {
    return [
      `There are no AWS credentials: ${said}`,
      `Sign in ('${login}'), name a profile with --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
      LOCAL,
    ];
  }
  return undefined;
}

const isMfaMissing = (error: SdkError) =>
  /multi-?factor authentication|\bMFA\b/i.test(error.message) && !/because no /.test(error.message);

const isUnusable = (error: SdkError) =>
  has(
    error,
    'UnrecognizedClientException',
    'InvalidClientTokenId',
    'InvalidAccessKeyId',
    'SignatureDoesNotMatch',
    'AuthFailure',
    'IncompleteSignature',
    'InvalidSignatureException',
  );

/** Message and advice for a permission that is missing: the action and the resource, as far as AWS names them. */
function denial(error: SdkError, doing: Doing): [string, ...string[]] {
  const formation = lakeFormationDenial(error.message);
  if (formation) return formation;
  const denied =
    /not authorized to perform:? (\S+?)(?: on (?:the )?resource:? (\S+))?(?: because|[,.]?\s|[,.]?$)/.exec(
      error.message,
    );
  const action = denied?.[1] ?? doing.action;
  const resource = denied?.[2]?.replace(/[.,]$/, '') ?? doing.resource;
  // No policy that is printed lets anyone sign.
  const printed = /^kms:(?:Sign|GetPublicKey)$/.test(action)
    ? ''
    : `; 'flowlog policy' prints what is enough`;
  return [
    `Access denied: ${action} on ${resource}.`,
    `Ask for ${action} on that resource in the policy of the role or user in use${printed}.` +
      (denied ? '' : ` AWS says: ${sentence(unwrapped(error.message))}`),
  ];
}

/** Message and advice where it is Lake Formation that refuses; a policy of IAM does not help there. */
export function lakeFormationDenial(message: string): [string, string] | undefined {
  const formation =
    /Insufficient Lake Formation permission\(s\)(?::? Required (.+?))?(?= on | \(Service|[,;)]|$)(?: on (.+?))?(?= \(Service|[,;)]|\.?$)/.exec(
      message.replace(/\s+/g, ' '),
    );
  if (!formation) return undefined;
  const [, permission = 'a permission', resource = 'the table'] = formation;
  return [
    `Lake Formation denied access: ${permission} on ${resource} is missing.`,
    `Ask an administrator of Lake Formation to grant ${permission} on ${resource} to the role or user in use. Policies of IAM cannot grant it.`,
  ];
}

/** One line, ended. */
export function sentence(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim() || 'no reason given';
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
