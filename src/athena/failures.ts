import type { QueryExecution } from '@aws-sdk/client-athena';
import { wrappedCode } from '../aws/catalog-errors.js';
import { explain, lakeFormationDenial, sentence } from '../aws/errors.js';
import { FlowlogError } from '../errors.js';
import type { AthenaSettings } from './settings.js';

/** A query that Athena started and that ended without success. */
export class QueryFailed extends FlowlogError {
  constructor(
    message: string,
    advice: readonly string[],
    /** As Athena gives it. */
    readonly reason: string,
  ) {
    super(message, advice);
  }
}

/** What was asked of a workgroup, for the message of an error. */
export const doing = (action: string, { workgroup, aws }: AthenaSettings) => ({
  action,
  resource: `workgroup ${workgroup}`,
  profile: aws.options.profile,
});

export const reasonOf = ({ Status }: QueryExecution) =>
  Status?.StateChangeReason ?? Status?.AthenaError?.ErrorMessage ?? 'no reason given';

type Said = readonly [message: string, ...advice: string[]];

const ASK_LESS = 'Ask for a shorter range of time with --since and --until.';
const LIST_CATALOGS = "'aws athena list-data-catalogs' lists the catalogs of a region.";

/** The error for a statement that Athena did not start. */
export function refused(
  error: Error,
  settings: AthenaSettings,
  action = 'athena:StartQueryExecution',
  statement?: string,
): unknown {
  const [message, ...advice] = refusal(error, settings, statement) ?? [];
  if (message === undefined) return explain(error, doing(action, settings));
  return new FlowlogError(message, advice, 1, { cause: error });
}

/** The first line of flowlog's statements, a comment, which Athena counts (measured, athena-local statements.md). */
const MARK = /^-- flowlog: /;

/** A message of Athena with its positions as the user counts lines. */
const positioned = (message: string, statement = '') =>
  MARK.test(statement)
    ? message.replace(
        /\bline (\d+):(?=\d)/g,
        (_all, line: string) => `line ${Math.max(Number(line) - 1, 1)}:`,
      )
    : message;

/** Texts: measured, athena-local errors.md, client-request-token.md and work-groups.md, unless another source is named. */
function refusal(error: Error, settings: AthenaSettings, statement?: string): Said | undefined {
  const { workgroup, outputLocation, database, aws } = settings;
  const text = error.message ?? '';
  const code = (error as { AthenaErrorCode?: string }).AthenaErrorCode;
  if (/No output location/i.test(text)) {
    return [
      `Workgroup ${workgroup} has no location for results.`,
      'Name one with --output-location s3://bucket/prefix/, or set it in the workgroup.',
    ];
  }
  const place = outputLocation ?? `the result location of workgroup ${workgroup}`;
  if (/outputLocation is not a valid S3 path/i.test(text)) {
    return [
      `Athena does not accept ${place} for results.`,
      'Write --output-location as s3://bucket/prefix/, or correct the location in the workgroup.',
    ];
  }
  // airbnb/streamalert#848
  if (/S3 location provided to save your query results is invalid/i.test(text)) {
    return [
      `Athena cannot write results to ${place}: the bucket does not exist, or lies in another region.`,
      `The bucket must be in the region of the query${aws.options.region ? `, ${aws.options.region}` : ''}.`,
      'Name one there with --output-location s3://bucket/prefix/.',
    ];
  }
  // pyathena-dev/PyAthena#67
  const bucket = /Unable to verify\/create output bucket (\S+?)\.?(?:\s|$)/i.exec(text)?.[1];
  if (bucket !== undefined) {
    return [
      `Athena cannot use the result bucket ${bucket}.`,
      `Check that it exists in the region of the query and that the role or user in use may s3:GetBucketLocation, s3:ListBucket and s3:PutObject there.`,
      'Name another with --output-location s3://bucket/prefix/.',
    ];
  }
  if (/WorkGroup .*not found/i.test(text)) {
    return [
      `There is no workgroup ${workgroup}.`,
      "Name another with --workgroup; 'aws athena list-work-groups' lists them. Check the region too.",
    ];
  }
  if (/disabled/i.test(text) && /workgroup/i.test(text)) {
    return [`Workgroup ${workgroup} is disabled.`, 'Name another with --workgroup.'];
  }
  const catalog = /Catalog '(.*?)' does not exist/i.exec(text)?.[1];
  if (catalog !== undefined || code === 'DATACATALOG_NOT_FOUND') {
    return [`There is no data catalog ${catalog ?? settings.catalog}.`, LIST_CATALOGS];
  }
  if (wrappedCode(text) === 'EntityNotFoundException') {
    return [
      'The statement names a database or a table that does not exist.',
      `Names without a database are looked up in ${database}, see --database.`,
    ];
  }
  if (
    code === 'MALFORMED_QUERY' ||
    /^(?:line \d+:\d+: |Only one sql statement|Queries of this type)/.test(text)
  ) {
    return [
      `SQL error: ${sentence(positioned(text, statement))}`,
      'Athena reads Trino SQL, and the DDL of Hive.',
    ];
  }
  return undefined;
}

/** The error for an execution that ended without success. */
export function unsuccessful(execution: QueryExecution, settings: AthenaSettings): FlowlogError {
  const { workgroup } = settings;
  const id = execution.QueryExecutionId!;
  const raw = reasonOf(execution);
  const reason = sentence(positioned(raw, execution.Query));
  if (execution.Status?.State === 'CANCELLED') {
    if (/bytes scanned|data (?:usage|scanned)|limit/i.test(reason)) {
      return new QueryFailed(
        `Workgroup ${workgroup} limits the bytes a query may read, and this query reached the limit: ${reason}`,
        [ASK_LESS, 'Or have the limit of the workgroup raised.'],
        raw,
      );
    }
    return new QueryFailed(
      `Query ${id} was cancelled: ${reason}`,
      ['Run it again; it was not flowlog that stopped it.'],
      raw,
    );
  }
  const formation = lakeFormationDenial(raw);
  const advice = formation ? [formation[1]] : adviceFor(execution.Status?.AthenaError?.ErrorType, raw);
  return new QueryFailed(
    formation ? `${formation[0]} Athena says: ${reason}` : `Athena could not answer: ${reason}`,
    [...advice, `(Query ${id}.)`],
    raw,
  );
}

/** A failure that goes by itself: the catalog throttles. */
export const isThrottledFailure = (execution: QueryExecution) =>
  wrappedCode(reasonOf(execution)) === 'ThrottlingException';

/** Whether a statement failed because its database does not exist (measured, athena-local result-files.md). */
export const isNoDatabase = (error: unknown) =>
  error instanceof QueryFailed && /Database does not exist|Database \S+ not found/i.test(error.reason);

/**
 * What to do about a failure: the first entry that fits. Names and types of errors: measured, athena-local
 * result-files.md and failure.rs; types from 1400 on: Athena User Guide, "Athena error catalog".
 */
const ADVICE: ReadonlyArray<readonly [fits: (reason: string, type: number) => boolean, ...advice: string[]]> =
  [
    [
      // Always ends "or requester is not authorized to access requested resources", with rights or without.
      (reason, type) =>
        /COLUMN_NOT_FOUND|Column '.*?' cannot be resolved/.test(reason) ||
        (type === 1006 && /cannot be resolved/.test(reason)),
      "The table has no such column; 'flowlog fields' lists the fields it has.",
    ],
    [
      (reason) => /CATALOG_NOT_FOUND|Catalog '.*?' does not exist/.test(reason),
      'Check --catalog.',
      LIST_CATALOGS,
    ],
    [
      (reason, type) =>
        type === 1110 || /TABLE_ALREADY_EXISTS|AlreadyExistsException|already exists?\b/i.test(reason),
      'It exists already: use another name.',
    ],
    [
      (reason, type) =>
        type === 1301 ||
        /TABLE_NOT_FOUND|SCHEMA_NOT_FOUND|(?:Table|Schema|Database) .*(?:does not exist|not found)|Table not found|Database does not exist/i.test(
          reason,
        ),
      'Check --database and --table.',
      "'flowlog create-table' creates the table of flow logs.",
    ],
    [
      (reason) => /HIVE_PARTITION_SCHEMA_MISMATCH/.test(reason),
      "Partitions were registered before the table's columns changed. 'flowlog create-table --if-exists replace' creates the table again; the logs are not touched.",
    ],
    [
      (reason) => /missing projection configuration|INVALID_TABLE_PROPERTY/i.test(reason),
      "The table has projection.enabled, but a partition key without projection properties. 'flowlog create-table --if-exists replace' creates the table again; the logs are not touched.",
    ],
    [
      (reason) => /injected project/i.test(reason),
      'The table needs one value for each of its injected keys.',
      'Name it with --account.',
      'Name it with --aws-region.',
    ],
    [
      (reason) =>
        /PermanentRedirect|AuthorizationHeaderMalformed|is in this region|Status Code: 301/i.test(reason),
      'A bucket lies in another region than the query. Athena reads logs of other regions, but writes results only to its own: check the result location.',
    ],
    [
      (reason, type) => type === 1306 || /NoSuchBucket/.test(reason),
      'Check the bucket of the table and the bucket of the results.',
    ],
    [
      (reason, type) => type === 1501 || /access denied|status code: 403|not authorized/i.test(reason),
      'The role or user in use needs s3:GetObject and s3:ListBucket on the logs (and kms:Decrypt, where they are encrypted), and s3:PutObject on the result location.',
    ],
    [
      (reason, type) => (type >= 1400 && type <= 1406) || /ThrottlingException|SlowDown/.test(reason),
      'AWS is throttling requests: run it again in a while.',
    ],
    [
      (reason) => /HIVE_BAD_DATA|HIVE_CANNOT_OPEN_SPLIT|HIVE_CURSOR_ERROR/.test(reason),
      "The table does not fit the files it reads: 'flowlog create-table --if-exists skip' lists the differences.",
    ],
    [(reason) => /exhausted|EXCEEDED_/i.test(reason), ASK_LESS, 'Or ask for less with --limit.'],
    [(_reason, type) => type >= 100 && type < 1000, 'This is an AWS-side error: run it again.'],
  ];

function adviceFor(type = 0, reason: string): readonly string[] {
  const [, ...advice] = ADVICE.find(([fits]) => fits(reason, type)) ?? [];
  return advice.length > 0 ? advice : ['Run it with --sql to see the statement.'];
}
