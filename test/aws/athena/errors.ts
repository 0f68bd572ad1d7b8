import { randomUUID } from 'node:crypto';
import { AwsError } from '../server.js';

/**
 * Refusals of Athena. Every one is HTTP 400; the codes tell them apart, not `__type`. The word "measured" in this folder
 * means: on the real service, by the repository aoyagikouhei/athena-local; the file named lies in its docs/dev/measurements.
 */
export function invalid(message: string, code = 'INVALID_INPUT'): AwsError {
  // Measured, errors.md: both members, the same value.
  return new AwsError('InvalidRequestException', message, 400, { AthenaErrorCode: code, ErrorCode: code });
}

/** A wrong JSON type. It comes before any other check, without AthenaErrorCode (measured, errors.md). */
export const malformed = (message?: string) => new AwsError('SerializationException', message ?? '');

/** A syntax error (measured, errors.md). */
export const malformedQuery = (message: string) => invalid(message, 'MALFORMED_QUERY');

/**
 * What the catalog says, as Athena wraps it. A missing table: DyfanJones/noctua#205; a missing database:
 * open-metadata/OpenMetadata#16476; throttling: pyathena-dev/PyAthena, pyathena/util.py.
 */
export const wrapped = (text: string, code = 'EntityNotFoundException') =>
  `${text} (Service: AmazonDataCatalog; Status Code: 400; Error Code: ${code}; Request ID: ${randomUUID()}; Proxy: null)`;

export const metadataError = (text: string, code?: string) =>
  new AwsError('MetadataException', wrapped(text, code));

/** A permission of Glue that is missing, as Athena passes it on (open-metadata/OpenMetadata#15923, dbeaver/dbeaver#18786). */
export const glueDenied = (action: string, resource: string) =>
  metadataError(
    `User: arn:aws:sts::123456789012:assumed-role/r/s is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
    'AccessDeniedException',
  );

/** A federated catalog has no envelope (pyathena-dev/PyAthena#781). */
export const federatedMissing = () =>
  new AwsError(
    'MetadataException',
    'Failed to invoke lambda function due to com.amazonaws.services.lambda.invoke.LambdaFunctionException: Requested resource not found (Service: DynamoDb, Status Code: 400, Request ID: 4B1C) (SDK Attempt Count: 1)',
  );
