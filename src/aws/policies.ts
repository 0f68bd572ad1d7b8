import { UsageError } from '../errors.js';
import type { S3Location } from '../flowlog/table.js';
import { type Cidr, containsBlock, parseCidr } from '../net/cidr.js';

/** What flowlog does at AWS, as far as permissions go. */
export const TASKS = [
  'question',
  /** A question too, but of `--logs s3://…`. */
  'read-logs',
  'create-table',
  'history',
  'result',
  'cancel',
  'fields',
  'init',
] as const;
export type Task = (typeof TASKS)[number];

/** Whose permissions, on what. What a task does not touch may be left out. */
export interface Estate {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly workgroup: string;
  readonly database: string;
  /** Where the logs are. */
  readonly logs?: S3Location | undefined;
  /** Where results go; null where Athena keeps them itself. */
  readonly results?: S3Location | null | undefined;
  /** Key that logs or results are encrypted with. */
  readonly kmsKey?: string | undefined;
}

export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** An IAM policy, as JSON has it. */
export interface Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

/** Where actions act: a statement each. */
type Place =
  | 'workgroup'
  | 'tables'
  | 'catalog'
  | 'newCatalog'
  | 'logs'
  | 'logsBucket'
  | 'results'
  | 'buckets'
  | 'ec2'
  | 'key';

const RESULT_OBJECTS = ['GetObject', 'PutObject', 'AbortMultipartUpload', 'ListMultipartUploadParts'].map(
  (action) => `s3:${action}`,
);
const BUCKETS = ['s3:ListBucket', 's3:GetBucketLocation', 's3:ListBucketMultipartUploads'];
const KEY = ['kms:Decrypt', 'kms:GenerateDataKey'];
const athena = (...actions: string[]) => actions.map((action) => `athena:${action}`);
const glue = (...actions: string[]) => actions.map((action) => `glue:${action}`);

/**
 * What each task needs: what it calls itself, and what Athena does with the caller's permissions (Athena User Guide:
 * example policies for workgroups, fine-grained access to Glue, cross-account access).
 */
const NEEDS: Readonly<Record<Task, Partial<Record<Place, readonly string[]>>>> = {
  question: {
    workgroup: athena(
      ...[
        'StartQueryExecution',
        'StopQueryExecution',
        'GetQueryExecution',
        'GetQueryResults',
        'GetWorkGroup',
      ],
    ),
    tables: athena('GetTableMetadata'),
    catalog: glue('GetDatabase', 'GetTable', 'GetPartition', 'GetPartitions', 'BatchGetPartition'),
    logs: ['s3:GetObject'],
    results: RESULT_OBJECTS,
    buckets: BUCKETS,
    key: KEY,
  },
  'read-logs': { logs: ['s3:GetObject'], logsBucket: ['s3:ListBucket'], key: ['kms:Decrypt'] },
  'create-table': {
    workgroup: athena('StartQueryExecution', 'StopQueryExecution', 'GetQueryExecution', 'GetWorkGroup'),
    tables: athena('GetDatabase', 'GetTableMetadata'),
    newCatalog: glue(
      ...['GetDatabase', 'GetDatabases', 'CreateDatabase'],
      ...['GetTable', 'GetTables', 'CreateTable', 'UpdateTable', 'GetPartitions'],
    ),
    logs: ['s3:GetObject'],
    results: RESULT_OBJECTS,
    buckets: BUCKETS,
    ec2: ['ec2:DescribeFlowLogs'],
    key: KEY,
  },
  history: { workgroup: athena('ListQueryExecutions', 'BatchGetQueryExecution') },
  result: {
    workgroup: athena('GetQueryExecution', 'GetQueryResults'),
    results: ['s3:GetObject'],
    key: ['kms:Decrypt'],
  },
  cancel: { workgroup: athena('GetQueryExecution', 'StopQueryExecution') },
  fields: { tables: athena('GetTableMetadata'), catalog: glue('GetDatabase', 'GetTable') },
  init: { ec2: ['ec2:DescribeVpcs', 'ec2:DescribeSubnets'] },
};

const SIDS: Readonly<Record<Place, string>> = {
  workgroup: 'AskAthena',
  tables: 'SeeTables',
  catalog: 'SeeTablesInGlue',
  newCatalog: 'MakeTablesInGlue',
  logs: 'ReadLogs',
  logsBucket: 'ListLogs',
  results: 'Results',
  buckets: 'Buckets',
  ec2: 'DescribeNetwork',
  key: 'Key',
};

/** What must be known of an estate for a place, by the option that says it. */
const KNOWN_BY: Readonly<Record<Place, ReadonlyArray<keyof Estate>>> = {
  workgroup: ['account', 'region'],
  tables: [],
  catalog: ['account', 'region'],
  newCatalog: ['account', 'region'],
  logs: ['region', 'logs'],
  logsBucket: ['region', 'logs'],
  results: ['region', 'results'],
  buckets: ['region', 'logs', 'results'],
  ec2: [],
  key: [],
};

/** What an estate must say for these tasks and does not. */
export function missing(tasks: readonly Task[], estate: Estate): Array<keyof Estate> {
  const needed = tasks
    .flatMap((task) => Object.keys(NEEDS[task]) as Place[])
    .flatMap((place) => KNOWN_BY[place]);
  return [...new Set(needed)].filter((name) => estate[name] === undefined);
}

/** The policy that is enough for these tasks, and no more than that. Nothing may be {@link missing}. */
export function leastPrivilege(tasks: readonly Task[], estate: Estate): Policy {
  const places = new Map<Place, Set<string>>();
  for (const [place, actions] of tasks.flatMap(
    (task) => Object.entries(NEEDS[task]) as [Place, string[]][],
  )) {
    places.set(place, new Set([...(places.get(place) ?? []), ...actions]));
  }
  const statements = (Object.keys(SIDS) as Place[]).flatMap((place): Statement[] => {
    const actions = places.get(place);
    const resources = actions ? arns(place, estate) : [];
    if (!actions || resources.length === 0) return [];
    return [
      {
        Sid: SIDS[place],
        Effect: 'Allow',
        Action: [...actions],
        Resource: resources.length === 1 ? resources[0]! : resources,
      },
    ];
  });
  return { Version: '2012-10-17', Statement: statements };
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

function arns(place: Place, estate: Estate): string[] {
  const { account, region = '', workgroup, database, logs, results, kmsKey } = estate;
  const partition = partitionOf(region);
  const arn = (service: string, rest: string) => `arn:${partition}:${service}:${region}:${account}:${rest}`;
  const s3 = (path: string) => `arn:${partition}:s3:::${path}`;
  switch (place) {
    case 'workgroup':
      return [arn('athena', `workgroup/${workgroup}`)];
    // Athena's actions on tables know no narrower resource that AWS documents: what may be seen is Glue's to say.
    case 'tables':
    case 'ec2':
      return ['*'];
    case 'catalog':
    case 'newCatalog':
      return [
        arn('glue', 'catalog'),
        ...(place === 'newCatalog' ? [arn('glue', 'database/default')] : []),
        ...(place === 'newCatalog' && database === 'default' ? [] : [arn('glue', `database/${database}`)]),
        arn('glue', `table/${database}/*`),
      ];
    case 'logs':
      return [s3(`${logs!.bucket}/${logs!.prefix.replace(/AWSLogs\/.*$/, '')}AWSLogs/*`)];
    case 'logsBucket':
      return [s3(logs!.bucket)];
    case 'results':
      return results ? [s3(`${results.bucket}/${results.prefix}*`)] : [];
    case 'buckets':
      return [...new Set([logs!.bucket, ...(results ? [results.bucket] : [])])].map(s3);
    case 'key':
      return kmsKey === undefined ? [] : [kmsKey];
  }
}

/** Addresses that AWS never sees a call come from. */
const PRIVATE = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['0.0.0.0/8', '224.0.0.0/3', '::/8', 'fc00::/7', 'fe80::/10', 'ff00::/8'],
];

/**
 * The policy that denies everything to who does not call from these addresses, but for what AWS services do on the
 * caller's behalf, without which no query of Athena could read a file (IAM User Guide, forward access sessions).
 *
 * @throws UsageError for addresses that are not public: AWS never sees them
 */
export function onlyFrom(blocks: readonly Cidr[]): Policy {
  const closed = PRIVATE.map(parseCidr);
  for (const block of blocks) {
    const within = closed.find((each) => containsBlock(each, block) || containsBlock(block, each));
    if (!within) continue;
    throw new UsageError(
      `${block.text} ${containsBlock(within, block) ? 'is' : 'has'} addresses that are not public (${within.text}).`,
      'aws:SourceIp is the public address that a call arrives from, of your proxy or NAT: give that one.',
    );
  }
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'DenyFromElsewhere',
        Effect: 'Deny',
        Action: '*',
        Resource: '*',
        Condition: {
          NotIpAddress: { 'aws:SourceIp': blocks.map(({ text }) => text) },
          Bool: { 'aws:ViaAWSService': 'false' },
        },
      },
    ],
  };
}

/** What must be known of {@link onlyFrom}, a sentence or two each. */
export const ONLY_FROM_NOTES = [
  'It grants nothing: attach it beside a policy that allows.',
  'A call through a VPC endpoint has no aws:SourceIp, and is denied wherever it comes from.',
  'What AWS services do on behalf of the caller is exempt (aws:ViaAWSService), so that Athena can read logs and write results. ' +
    'What a service does by a role of its own is not touched: that is for the policy of that role.',
  "Athena's guide says that its calls to S3 come from private addresses; the exemption is how the guide of IAM lets them " +
    'through. The same condition without it, in a bucket policy say, can make every query fail with access denied on S3.',
];
