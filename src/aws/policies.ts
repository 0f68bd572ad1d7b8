import { partitionOf, type S3Location } from '../flowlog/table.js';

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
  'inventory',
] as const;
export type Task = (typeof TASKS)[number];

/** Whose permissions, on what. What a task does not touch may be left out. */
export interface Estate {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly workgroup: string;
  readonly catalog: string;
  readonly database: string;
  /** Where the logs are: below `AWSLogs/` there, unless they are `flat`. */
  readonly logs?: S3Location | undefined;
  readonly flat?: boolean | undefined;
  /** CloudWatch log groups that hold logs. */
  readonly logGroups?: readonly string[] | undefined;
  /** Where results go; null where Athena keeps them itself. */
  readonly results?: S3Location | null | undefined;
  /** Keys that logs are encrypted with. */
  readonly logsKeys?: readonly string[] | undefined;
  readonly resultsKeys?: readonly string[] | undefined;
  /** Whether Lake Formation governs the tables. */
  readonly lakeFormation?: boolean | undefined;
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

/** What actions act on: a statement each. */
type Place =
  | 'workgroup'
  | 'dataCatalog'
  | 'databases'
  | 'newDatabases'
  | 'tables'
  | 'newTables'
  | 'lakeFormation'
  | 'logs'
  | 'logsBucket'
  | 'logGroups'
  | 'results'
  | 'buckets'
  | 'describe'
  | 'logsKeys'
  | 'resultsKeys';

type Needs = Partial<Record<Place, readonly string[]>>;

const RESULT_OBJECTS = ['GetObject', 'PutObject', 'AbortMultipartUpload', 'ListMultipartUploadParts'].map(
  (action) => `s3:${action}`,
);
const BUCKETS = ['s3:ListBucket', 's3:GetBucketLocation', 's3:ListBucketMultipartUploads'];
const KEYS = { logsKeys: ['kms:Decrypt'], resultsKeys: ['kms:Decrypt', 'kms:GenerateDataKey'] };
const LAKE_FORMATION = ['lakeformation:GetDataAccess'];
const athena = (...actions: string[]) => actions.map((action) => `athena:${action}`);
const glue = (...actions: string[]) => actions.map((action) => `glue:${action}`);
const ec2 = (...actions: string[]) => actions.map((action) => `ec2:${action}`);

/**
 * What each task needs: what it calls itself, and what Athena does with the caller's permissions (Athena User Guide:
 * example policies for workgroups, fine-grained access to Glue, cross-account access).
 */
const NEEDS: Readonly<Record<Task, Needs>> = {
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
    dataCatalog: athena('GetTableMetadata'),
    databases: glue('GetDatabase'),
    tables: glue('GetTable', 'GetPartition', 'GetPartitions', 'BatchGetPartition'),
    lakeFormation: LAKE_FORMATION,
    logs: ['s3:GetObject'],
    results: RESULT_OBJECTS,
    buckets: BUCKETS,
    ...KEYS,
  },
  'read-logs': { logs: ['s3:GetObject'], logsBucket: ['s3:ListBucket'], logsKeys: KEYS.logsKeys },
  'create-table': {
    workgroup: athena('StartQueryExecution', 'StopQueryExecution', 'GetQueryExecution', 'GetWorkGroup'),
    dataCatalog: athena('GetDatabase', 'GetTableMetadata'),
    newDatabases: glue('GetDatabase', 'GetDatabases', 'CreateDatabase'),
    newTables: glue('GetTable', 'GetTables', 'CreateTable', 'UpdateTable', 'GetPartitions'),
    lakeFormation: LAKE_FORMATION,
    logs: ['s3:GetObject'],
    results: RESULT_OBJECTS,
    buckets: BUCKETS,
    describe: ec2('DescribeFlowLogs'),
    ...KEYS,
  },
  history: { workgroup: athena('ListQueryExecutions', 'BatchGetQueryExecution') },
  result: {
    workgroup: athena('GetQueryExecution', 'GetQueryResults'),
    results: ['s3:GetObject'],
    resultsKeys: ['kms:Decrypt'],
  },
  cancel: { workgroup: athena('GetQueryExecution', 'StopQueryExecution') },
  fields: {
    dataCatalog: athena('GetTableMetadata'),
    databases: glue('GetDatabase'),
    tables: glue('GetTable'),
  },
  init: { describe: ec2('DescribeVpcs', 'DescribeSubnets') },
  // None of them knows a resource, GetManagedPrefixListEntries apart, whose lists are AWS's own here.
  inventory: {
    describe: ec2(
      ...['DescribeNetworkInterfaces', 'DescribeVpcEndpoints', 'DescribeManagedPrefixLists'],
      ...['GetManagedPrefixListEntries', 'DescribePrefixLists', 'DescribeSubnets', 'DescribeVpcs'],
      ...['DescribeNatGateways', 'DescribeInstances'],
    ),
  },
};

/**
 * What `read-logs` needs of logs in CloudWatch. FilterLogEvents reads them; their format is that of the flow log; an import asks
 * for the ARN of the group.
 */
const READ_LOG_GROUPS: Needs = {
  logGroups: ['logs:FilterLogEvents'],
  describe: ['logs:DescribeLogGroups', 'ec2:DescribeFlowLogs'],
};

const SIDS: Readonly<Record<Place, string>> = {
  workgroup: 'RunQueries',
  dataCatalog: 'ReadTableMetadata',
  databases: 'ReadDatabasesInGlue',
  newDatabases: 'CreateDatabasesInGlue',
  tables: 'ReadTablesInGlue',
  newTables: 'CreateTablesInGlue',
  lakeFormation: 'ReadThroughLakeFormation',
  logs: 'ReadLogs',
  logsBucket: 'ListLogs',
  logGroups: 'ReadLogGroups',
  results: 'Results',
  buckets: 'Buckets',
  describe: 'Describe',
  logsKeys: 'LogsKeys',
  resultsKeys: 'ResultsKeys',
};

/** What must be known of an estate for a place. */
const KNOWN_BY: Readonly<Partial<Record<Place, ReadonlyArray<keyof Estate>>>> = {
  workgroup: ['account', 'region'],
  dataCatalog: ['account', 'region'],
  databases: ['account', 'region'],
  newDatabases: ['account', 'region'],
  tables: ['account', 'region'],
  newTables: ['account', 'region'],
  logs: ['region', 'logs'],
  logsBucket: ['region', 'logs'],
  logGroups: ['account', 'region', 'logGroups'],
  results: ['region', 'results'],
  buckets: ['region', 'logs', 'results'],
};

/** What a task needs of this estate. */
function needsOf(task: Task, { logs, logGroups = [] }: Estate): Needs[] {
  if (task !== 'read-logs' || logGroups.length === 0) return [NEEDS[task]];
  return logs === undefined ? [READ_LOG_GROUPS] : [NEEDS[task], READ_LOG_GROUPS];
}

/** What an estate must say for these tasks and does not. */
export function missing(tasks: readonly Task[], estate: Estate): Array<keyof Estate> {
  const places = tasks
    .flatMap((task) => needsOf(task, estate))
    .flatMap((needs) => Object.keys(needs) as Place[]);
  const needed = places.flatMap((place) => KNOWN_BY[place] ?? []);
  return [...new Set(needed)].filter((name) => estate[name] === undefined);
}

/** The policy that is enough for these tasks, and no more than that. Nothing may be {@link missing}. */
export function leastPrivilege(tasks: readonly Task[], estate: Estate): Policy {
  const places = new Map<Place, Set<string>>();
  for (const needs of tasks.flatMap((task) => needsOf(task, estate))) {
    for (const [place, actions] of Object.entries(needs) as [Place, string[]][]) {
      places.set(place, new Set([...(places.get(place) ?? []), ...actions]));
    }
  }
  // Athena asks for a catalog itself where it is not its own.
  if (estate.catalog !== OWN_CATALOG) places.get('dataCatalog')?.add('athena:GetDataCatalog');
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

const OWN_CATALOG = 'AwsDataCatalog';

/** A name in an ARN. What a policy would take for a wildcard or a variable stands for itself (IAM User Guide, "Variables"). */
const literal = (name: string) => name.replace(/[*?$]/g, (each) => `\${${each}}`);

function arns(place: Place, estate: Estate): string[] {
  const { account, region = '', workgroup, catalog, logs, flat, results } = estate;
  const partition = partitionOf(region);
  const database = literal(estate.database);
  const arn = (service: string, rest: string) => `arn:${partition}:${service}:${region}:${account}:${rest}`;
  const s3 = (path: string) => `arn:${partition}:s3:::${literal(path)}`;
  const databases = [arn('glue', 'catalog'), arn('glue', `database/${database}`)];
  // Athena looks at it when it creates a database (fine-grained access to Glue).
  const byDefault = database === 'default' ? [] : [arn('glue', 'database/default')];
  switch (place) {
    case 'workgroup':
      return [arn('athena', `workgroup/${workgroup}`)];
    case 'dataCatalog':
      return [arn('athena', `datacatalog/${literal(catalog)}`)];
    case 'databases':
      return databases;
    case 'newDatabases':
      return [...databases, ...byDefault];
    case 'tables':
      return [...databases, arn('glue', `table/${database}/*`)];
    case 'newTables':
      return [...databases, ...byDefault, arn('glue', `table/${database}/*`)];
    case 'lakeFormation':
      return estate.lakeFormation ? ['*'] : [];
    case 'describe':
      return ['*'];
    case 'logs': {
      const below = flat || /(?:^|\/)AWSLogs\//.test(logs!.prefix) ? '' : 'AWSLogs/';
      return [`${s3(`${logs!.bucket}/${logs!.prefix}${below}`)}*`];
    }
    case 'logsBucket':
      return [s3(logs!.bucket)];
    case 'logGroups':
      // Actions on what is in a group want the ARN with `:*` (CloudWatch Logs User Guide, "Resources").
      return (estate.logGroups ?? []).map((group) => arn('logs', `log-group:${literal(group)}:*`));
    case 'results':
      return results ? [`${s3(`${results.bucket}/${results.prefix}`)}*`] : [];
    case 'buckets':
      return [...new Set([logs!.bucket, ...(results ? [results.bucket] : [])])].map(s3);
    case 'logsKeys':
      return [...(estate.logsKeys ?? [])];
    case 'resultsKeys':
      return [...(estate.resultsKeys ?? [])];
  }
}
