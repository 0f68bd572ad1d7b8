/**
 * What the data catalog answers, wrapped in an error of Athena. Athena names each such error MetadataException or
 * InvalidRequestException; the catalog's own code stands in the last parenthesis of the message:
 *
 *     Entity Not Found (Service: AmazonDataCatalog; Status Code: 400; Error Code: EntityNotFoundException; Request ID: …; Proxy: null)
 *
 * Sources: DyfanJones/noctua#205, pyathena-dev/PyAthena#783.
 */

const ENVELOPE = /\(Service: [^;()]+; Status Code: \d+; Error Code: (\w+)(?:;[^()]*)?\)/g;

/** The code inside the message of an error; undefined where there is none. */
export function wrappedCode(message: string): string | undefined {
  return [...message.matchAll(ENVELOPE)].at(-1)?.[1];
}

/** The message without its envelopes: `Database d not found.` */
export const unwrapped = (message: string) => message.replace(ENVELOPE, '').replace(/\s+\.?$/, '');

/**
 * The catalog has no such database or table. A federated catalog has no envelope: its connector repeats what its own source
 * said (pyathena-dev/PyAthena#781, DynamoDB).
 */
export function isMissingEntity(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (wrappedCode(error.message) === 'EntityNotFoundException') return true;
  return (
    error.name === 'MetadataException' &&
    /LambdaFunctionException: Requested resource not found/.test(error.message.replace(/\s+/g, ' '))
  );
}

const THROTTLED = /^(?:Throttling|ThrottlingException|TooManyRequestsException|RequestLimitExceeded)$/;

/** The catalog throttles, which the SDK does not see and so does not retry. */
export const isWrappedThrottling = (error: unknown): boolean =>
  error instanceof Error && THROTTLED.test(wrappedCode(error.message) ?? '');

const ATTEMPTS = 5;

/** Calls the catalog; retries while it throttles, after 0.2, 0.4, 0.8 and 1.6 seconds, give or take a half. */
export async function askCatalog<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt === ATTEMPTS || signal.aborted || !isWrappedThrottling(error)) throw error;
      const { setTimeout: sleep } = await import('node:timers/promises');
      // An interrupted wait makes the next call fail with what the caller expects of an interruption.
      await sleep(100 * 2 ** attempt * (0.5 + Math.random()), undefined, { signal }).catch(() => {});
    }
  }
}
