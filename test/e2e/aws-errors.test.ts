import { describe, expect, it } from 'vitest';
import { invalid } from '../aws/athena/errors.js';
import { columnNotFound, tableNotFound } from '../aws/athena/failures.js';
import { wrapped } from '../aws/athena.js';
import { AwsError } from '../aws/server.js';
import { type World, world } from '../aws/world.js';
import type { RunSettings } from './bin.js';

const ASK = ['egress', '--subnet', '10.10.24.0/24', '--since', '2026-06-01', '--until', '2026-06-02'];

interface Case {
  readonly name: string;
  readonly prepare?: (world: World['aws']) => void;
  readonly args?: readonly string[];
  readonly settings?: RunSettings;
  readonly says: readonly string[];
  /** What must not be said. */
  readonly not?: RegExp;
  readonly code?: number;
}

const failed = (reason: string, ErrorType: number) => (aws: World['aws']) => {
  aws.athena.script = () => ({
    state: 'FAILED',
    reason,
    error: { ErrorCategory: 2, ErrorType, Retryable: false },
  });
};

const refusedAtStart = (message: string) => (aws: World['aws']) =>
  aws.faults.push({ operation: 'StartQueryExecution', times: 9, kind: invalid(message) });

const CASES: readonly Case[] = [
  {
    name: 'no credentials',
    settings: { env: { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' } },
    says: ['There are no AWS credentials', 'aws sso login', '--profile', '--logs PATH'],
  },
  {
    name: 'no region',
    settings: { env: { AWS_REGION: '' } },
    says: ['No AWS region is set', '--region', '--logs PATH'],
  },
  {
    name: 'no region by that name',
    args: ['--region', 'Tokyo 1'],
    says: ["'Tokyo 1' is not an AWS region", '--region'],
  },
  {
    name: 'an unknown profile',
    args: ['--profile', 'nobody'],
    settings: { env: { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' } },
    says: ["AWS profile 'nobody' not found.", 'aws configure list-profiles'],
  },
  {
    name: 'an unknown profile of the environment',
    settings: { env: { AWS_PROFILE: 'nope', AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' } },
    says: ["AWS profile 'nope' not found.", 'Check AWS_PROFILE'],
  },
  {
    name: 'an unknown profile of the environment, and no region',
    settings: {
      env: { AWS_PROFILE: 'nope', AWS_REGION: '', AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
    },
    says: ["AWS profile 'nope' not found."],
  },
  {
    name: 'throttling by the catalog, which is retried',
    prepare: (aws) =>
      aws.faults.push({
        operation: 'GetTableMetadata',
        times: 99,
        kind: new AwsError('MetadataException', wrapped('Rate exceeded', 'ThrottlingException')),
      }),
    says: ['AWS is throttling requests: Rate exceeded.'],
  },
  {
    name: 'a permission of Glue that is missing',
    prepare: (aws) =>
      aws.faults.push({
        operation: 'GetTableMetadata',
        times: 9,
        kind: new AwsError(
          'MetadataException',
          // open-metadata/OpenMetadata#15923
          wrapped(
            'User: arn:aws:sts::123456789012:assumed-role/r/s is not authorized to perform: glue:GetTable on resource: arn:aws:glue:ap-northeast-1:123456789012:catalog because no identity-based policy allows the glue:GetTable action',
            'AccessDeniedException',
          ),
        ),
      }),
    says: ['Access denied: glue:GetTable on arn:aws:glue:ap-northeast-1:123456789012:catalog.'],
  },
  {
    name: 'an expired token',
    settings: { env: { AWS_SESSION_TOKEN: 'expired' } },
    says: ['The AWS credentials have expired', 'Sign in again'],
  },
  {
    name: 'credentials of nobody',
    settings: { env: { AWS_ACCESS_KEY_ID: 'AKIAUNKNOWN' } },
    says: ['AWS does not accept the credentials', 'aws sts get-caller-identity'],
  },
  {
    name: 'access denied',
    prepare: (aws) => aws.denied.add('athena:StartQueryExecution'),
    says: [
      'Access denied: athena:StartQueryExecution on arn:aws:example:::StartQueryExecution.',
      'Ask for athena:StartQueryExecution',
    ],
  },
  {
    name: 'access denied to the catalog',
    prepare: (aws) => aws.denied.add('athena:GetTableMetadata'),
    says: ['Access denied: athena:GetTableMetadata'],
  },
  {
    name: 'no such table',
    args: ['--table', 'other', '--workgroup', 'security'],
    prepare: (aws) => aws.athena.workgroups.set('security', { OutputLocation: 's3://results/' }),
    says: [
      'There is no table default.other.',
      'flowlog create-table --location s3://BUCKET/PREFIX/ --database default --table other --workgroup security',
    ],
  },
  {
    name: 'no such database',
    args: ['--database', 'nowhere'],
    says: ['There is no table nowhere.vpc_flow_logs.', '--database nowhere'],
  },
  {
    name: 'a table of something else',
    prepare: (aws) =>
      aws.athena.tables.set('default.vpc_flow_logs', {
        Columns: [
          { Name: 'eventname', Type: 'string' },
          { Name: 'start', Type: 'bigint' },
        ],
      }),
    says: [
      'default.vpc_flow_logs is not a table of flow logs: no column for srcaddr, dstaddr.',
      '--column srcaddr=NAME',
    ],
  },
  {
    name: 'no output location',
    prepare: (aws) => aws.athena.workgroups.set('primary', {}),
    says: ['Workgroup primary has no location for results.', '--output-location s3://'],
  },
  {
    name: 'no such workgroup',
    args: ['--workgroup', 'nobody'],
    says: ['There is no workgroup nobody.', 'list-work-groups'],
  },
  {
    name: 'a disabled workgroup',
    prepare: (aws) =>
      aws.athena.workgroups.set('primary', { OutputLocation: 's3://results/', disabled: true }),
    says: ['Workgroup primary is disabled.'],
  },
  {
    name: "the workgroup's limit of bytes",
    prepare: (aws) => {
      aws.athena.script = () => ({
        state: 'CANCELLED',
        reason: 'Bytes scanned limit was exceeded',
        scanned: 10_000_000,
      });
    },
    says: [
      'Workgroup primary limits the bytes a query may read',
      'Bytes scanned limit was exceeded.',
      'shorter range',
    ],
  },
  {
    name: 'a query that somebody cancelled',
    prepare: (aws) => {
      aws.athena.script = () => ({ state: 'CANCELLED', reason: 'Query cancelled by user' });
    },
    says: ['was cancelled: Query cancelled by user.'],
  },
  {
    name: 'throttling without end',
    prepare: (aws) =>
      aws.faults.push({
        operation: 'GetTableMetadata',
        times: 99,
        kind: new AwsError('ThrottlingException', 'Rate exceeded'),
      }),
    says: ['AWS is throttling requests: Rate exceeded.', 'retried several times'],
  },
  {
    name: 'a server that is broken',
    prepare: (aws) =>
      aws.faults.push({
        operation: 'GetTableMetadata',
        times: 99,
        kind: new AwsError('InternalServerException', 'We are sorry', 500),
      }),
    says: ['We are sorry', 'try again later'],
  },
  {
    name: 'a server that is not there',
    settings: { env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' } },
    says: [
      'AWS cannot be reached',
      'AWS_ENDPOINT_URL',
      'com.amazonaws.REGION.athena (interface), com.amazonaws.REGION.s3 (gateway or interface)',
    ],
  },
  {
    name: 'a query that failed for a reason of its own',
    prepare: failed('EXCEEDED_LOCAL_MEMORY_LIMIT: Query exceeded', 8),
    says: [
      'Athena could not answer: EXCEEDED_LOCAL_MEMORY_LIMIT: Query exceeded.',
      'shorter range',
      '(Query ',
    ],
  },
  {
    name: 'logs that may not be read',
    prepare: failed('PERMISSION_DENIED: Access denied when reading s3://logs/a (Status Code: 403)', 1501),
    says: ['Athena could not answer', 's3:GetObject and s3:ListBucket on the logs'],
  },
  {
    name: 'a table that does not fit its files',
    prepare: failed('HIVE_BAD_DATA: Field protocol has type INT32 in parquet file', 1001),
    says: ['HIVE_BAD_DATA', '--if-exists skip'],
  },
  {
    name: 'a result that is gone',
    prepare: (aws) => {
      aws.denied.add('s3:GetObject');
      aws.faults.push({
        operation: 'GetQueryResults',
        times: 9,
        kind: new AwsError('InvalidRequestException', 'Could not find results'),
      });
    },
    says: ['Athena has no result of query', 'at s3://results/athena/', 'The bucket does not exist'],
  },
  {
    name: 'a result bucket that does not exist',
    prepare: (aws) => aws.buckets.delete('results'),
    says: ['The result bucket results does not exist', '--output-location'],
  },
  {
    // pyathena-dev/PyAthena#67
    name: 'a result bucket that Athena cannot use',
    prepare: refusedAtStart('Unable to verify/create output bucket my-results'),
    says: ['Athena cannot use the result bucket my-results.', 's3:GetBucketLocation'],
  },
  {
    // airbnb/streamalert#848
    name: 'a result bucket in another region',
    prepare: refusedAtStart(
      'The S3 location provided to save your query results is invalid. Please check your S3 location is correct and is in the same region and try again. If you continue to see the issue, contact customer support for further assistance.',
    ),
    args: ['--region', 'ap-northeast-1'],
    says: ['the bucket does not exist, or lies in another region', 'region of the query, ap-northeast-1'],
  },
  {
    name: 'a result location that is none',
    prepare: (aws) => aws.athena.workgroups.set('primary', { OutputLocation: 'results' }),
    says: ['Athena does not accept the result location of workgroup primary'],
  },
  {
    name: 'a column that does not exist, though the text speaks of rights',
    prepare: (aws) => {
      aws.athena.script = () => columnNotFound('srcadr');
    },
    says: ['COLUMN_NOT_FOUND', "The table has no such column; 'flowlog fields' lists"],
    not: /s3:GetObject|kms:/,
  },
  {
    name: 'a table that the engine does not find',
    prepare: (aws) => {
      aws.athena.script = () => tableNotFound('default', 'vpc_flow_logs');
    },
    says: ['TABLE_NOT_FOUND', 'Check --database and --table.', "'flowlog create-table'"],
  },
  {
    name: 'a catalog that does not exist',
    args: ['--catalog', 'mistyped'],
    says: ["Catalog 'mistyped' does not exist", "'aws athena list-data-catalogs'"],
  },
  {
    // cloud-intelligence-dashboards-data-collection#341
    name: 'partitions with other columns than the table',
    prepare: failed(
      "HIVE_PARTITION_SCHEMA_MISMATCH: There is a mismatch between the table and partition schemas. The types are incompatible and cannot be coerced. The column 'protocol' in table 'default.vpc_flow_logs' is declared as type 'int', but partition 'day=01' declared column 'protocol' as type 'bigint'.",
      1200,
    ),
    says: ['HIVE_PARTITION_SCHEMA_MISMATCH', '--if-exists replace'],
  },
  {
    name: 'a key without projection properties',
    prepare: failed(
      "INVALID_TABLE_PROPERTY: Table default.vpc_flow_logs is configured for partition projection, but the following partition columns are missing projection configuration: 'day'",
      1200,
    ),
    says: ['without projection properties', '--if-exists replace'],
  },
  {
    name: 'a table that Lake Formation guards',
    prepare: failed(
      'Insufficient Lake Formation permission(s): Required Select on vpc_flow_logs (Service: AmazonDataCatalog; Status Code: 400; Error Code: AccessDeniedException; Request ID: 1; Proxy: null)',
      1501,
    ),
    says: [
      'Lake Formation denied access: Select on vpc_flow_logs is missing.',
      'Policies of IAM cannot grant it',
    ],
  },
  {
    name: 'a location that is none',
    args: ['--output-location', '/tmp'],
    code: 2,
    says: ["'/tmp' is not an S3 location"],
  },
  {
    name: 'a role that is none',
    args: ['--role-arn', 'auditor'],
    code: 2,
    says: ["--role-arn: 'auditor' is not valid."],
  },
  {
    name: 'a table name that is none',
    args: ['--table', 'x"y'],
    code: 2,
    says: ["'x\"y' is not a name"],
  },
  { name: 'a size that is none', args: ['--max-scan', 'lots'], code: 2, says: ["'lots' is invalid", '10GB'] },
  {
    name: 'a duration that is none',
    args: ['--timeout', 'soon'],
    code: 2,
    says: ["'soon' is invalid", '90s'],
  },
  { name: 'a reuse too long', args: ['--reuse', '8d'], code: 2, says: ["'8d' is invalid", '7 days'] },
  {
    name: 'a key without encryption',
    args: ['--kms-key', 'k'],
    code: 2,
    says: ['--kms-key needs --encryption'],
  },
  {
    name: 'the local engine without logs',
    args: ['--engine', 'local'],
    code: 2,
    says: ['No logs are named', '--logs'],
  },
];

it('names only options that the command has', async () => {
  const { run } = await world();
  const env = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
  const history = await run(['history'], { env });
  expect(history.stderr).toContain('There are no AWS credentials');
  expect(history.stderr).not.toContain('--logs');
});

describe('an error users meet says what was wrong and what to do', () => {
  it.each(CASES)('$name', async ({ prepare, args = [], settings, says, not, code = 1 }) => {
    const { aws, run } = await world();
    prepare?.(aws);
    const outcome = await run([...ASK, ...args], settings);
    expect(outcome).toMatchObject({ code });
    for (const text of says) expect(outcome.stderr).toContain(text);
    if (not) expect(outcome.stderr).not.toMatch(not);
    expect(outcome.stderr).not.toMatch(/internal error|\n\s+at |Warning/);
    // A header may stand when the rows do not come; rows never.
    expect(outcome.stdout.split('\n').length).toBeLessThanOrEqual(2);
  });
});
