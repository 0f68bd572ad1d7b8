import { describe, expect, it } from 'vitest';
import type { Policy } from '../../src/aws/policies.js';
import { allows, denies } from '../aws/iam.js';
import { objections } from '../aws/service-authorization.js';
import { answerOf, putLogs, world } from '../aws/world.js';
import { testFolder, writeFiles } from '../folder.js';
import { flowlog } from './bin.js';

const ESTATE = [
  ...['--account', '123456789012', '--region', 'ap-northeast-1', '--workgroup', 'security'],
  ...['--database', 'network', '--location', 's3://logs/p/', '--output-location', 's3://results/security/'],
];

async function policy(...args: string[]): Promise<Policy> {
  const { code, stdout, stderr } = await flowlog(['policy', ...args], { cwd: testFolder() });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Policy;
}

const actionsOf = ({ Statement }: Policy) => Statement.flatMap(({ Action }) => Action);

/** A server with a table, a workgroup and logs as in {@link ESTATE}, and the program with nothing but this policy. */
async function estate(granted?: Policy) {
  const made = await world({ database: 'network' });
  const { aws } = made;
  aws.athena.workgroups.set('security', { OutputLocation: 's3://results/security/' });
  putLogs(aws, ['2026-06-01']);
  aws.athena.script = () => ({ result: answerOf(['srcaddr'], [['10.10.24.1']]) });
  aws.policy = granted;
  return made;
}

const IN = ['--workgroup', 'security'];
const EGRESS = [
  ...['egress', '--subnet', '10.10.24.0/24', '--columns', 'srcaddr', '--since', '2026-06-01'],
  ...['--table', 'network.vpc_flow_logs', '--max-scan', '1GB', ...IN],
];
const CREATE = ['create-table', '--location', 's3://logs/p/', '--database', 'network', ...IN];

describe('what is printed for a command is enough for it', () => {
  it('a question', async () => {
    const { run } = await estate(await policy('egress', ...ESTATE));
    expect(await run(EGRESS)).toMatchObject({ code: 0, stdout: 'srcaddr\n10.10.24.1\n' });
  });

  it('create-table, twice', async () => {
    const { aws, run } = await estate(await policy('create-table', ...ESTATE));
    aws.athena.databases.delete('network');
    aws.athena.tables.clear();
    for (const _times of [1, 2]) {
      expect(await run(CREATE)).toMatchObject({ code: 0, stdout: 'network.vpc_flow_logs\n' });
    }
  });

  it('history, result, cancel and fields', async () => {
    const { aws, run } = await estate();
    await run(EGRESS);
    const [id] = [...aws.athena.executions.keys()];
    aws.policy = await policy('history', ...ESTATE);
    expect((await run(['history', ...IN])).stdout).toContain(id);
    aws.policy = await policy('result', ...ESTATE);
    expect(await run(['result', id!])).toMatchObject({ code: 0, stdout: 'srcaddr\n10.10.24.1\n' });
    aws.policy = await policy('cancel', ...ESTATE);
    expect((await run(['cancel', id!])).code).toBe(0);
    aws.policy = await policy('fields', ...ESTATE);
    expect((await run(['fields', '--table', 'network.vpc_flow_logs'])).stdout).toContain(',yes\n');
  });

  it('with no command, for all of them', async () => {
    const all = await policy(...ESTATE);
    for (const command of ['egress', 'create-table', 'history', 'result', 'cancel', 'fields', 'init']) {
      expect(actionsOf(all)).toEqual(expect.arrayContaining(actionsOf(await policy(command, ...ESTATE))));
    }
    expect(new Set(all.Statement.map(({ Sid }) => Sid)).size).toBe(all.Statement.length);
  });

  it('and for what Athena does on its behalf, as the guide of Athena lists it', async () => {
    const at = 'arn:aws:glue:ap-northeast-1:123456789012';
    const tables = [`${at}:catalog`, `${at}:database/network`, `${at}:table/network/vpc_flow_logs`];
    const ask = await policy('egress', ...ESTATE);
    const create = await policy('create-table', ...ESTATE);
    const may = (granted: Policy, name: string, resources: readonly string[]) => {
      for (const resource of resources)
        expect(allows(granted, { action: `glue:${name}`, resource })).toBe(true);
    };
    may(ask, 'GetDatabase', tables.slice(0, 2));
    for (const name of ['GetTable', 'GetPartition', 'GetPartitions', 'BatchGetPartition'])
      may(ask, name, tables);
    // CREATE DATABASE and CREATE TABLE.
    for (const name of ['GetDatabase', 'GetDatabases', 'CreateDatabase'])
      may(create, name, tables.slice(0, 2));
    for (const name of ['GetTable', 'GetTables', 'GetPartitions', 'CreateTable']) may(create, name, tables);
    for (const each of [ask, create]) {
      expect(allows(each, { action: 's3:PutObject', resource: 'arn:aws:s3:::results/security/a.csv' })).toBe(
        true,
      );
      for (const bucket of ['logs', 'results']) {
        expect(allows(each, { action: 's3:GetBucketLocation', resource: `arn:aws:s3:::${bucket}` })).toBe(
          true,
        );
      }
    }
  });
});

describe('and no more than that', () => {
  it.each([
    [['--workgroup', 'primary'], 'athena:'],
    [['--region', 'us-east-1'], 'athena:'],
    [['--location', 's3://others/p/'], 's3:ListBucket on'],
  ])('a question elsewhere is refused: the policy is of %j', async (other, denied) => {
    const { run } = await estate(await policy('egress', ...ESTATE, ...other));
    const { code, stderr } = await run(EGRESS);
    expect(code).toBe(1);
    expect(stderr).toContain(`Access denied: ${denied}`);
  });

  it('one command is not allowed what only another needs', async () => {
    const { run } = await estate(await policy('history', ...ESTATE));
    expect((await run(EGRESS)).stderr).toContain('Access denied: athena:GetTableMetadata');
    const asking = await estate(await policy('egress', ...ESTATE));
    expect((await asking.run(['history', ...IN])).stderr).toContain(
      'Access denied: athena:ListQueryExecutions',
    );
  });

  it('names nothing outside what was named', async () => {
    const { Version, Statement } = await policy(...ESTATE);
    expect(Version).toBe('2012-10-17');
    for (const { Effect, Action, Resource } of Statement) {
      expect(Effect).toBe('Allow');
      expect(JSON.stringify(Action)).not.toContain('*');
      if (Resource === '*') {
        const known = /^(ec2:Describe|ec2:GetManagedPrefixListEntries$)/;
        expect([Action].flat().filter((action) => !known.test(action))).toEqual([]);
      } else expect(JSON.stringify(Resource)).not.toMatch(/[:/]\*:|\*\*|:::\*/);
    }
    expect(Statement.find(({ Sid }) => Sid === 'ReadLogs')!.Resource).toBe('arn:aws:s3:::logs/p/AWSLogs/*');
    expect(Statement.find(({ Sid }) => Sid === 'Results')!.Resource).toBe('arn:aws:s3:::results/security/*');
  });

  it('the actions that cannot be gone without are those of the policy, but for stopping and for results', async () => {
    const all = actionsOf(await policy('egress', ...ESTATE)).filter((action) => action.startsWith('athena:'));
    const missed: string[] = [];
    for (const action of all) {
      const { aws, run } = await estate();
      aws.denied.add(action);
      if ((await run(EGRESS)).code !== 0) missed.push(action);
    }
    expect(missed).toEqual([
      'athena:StartQueryExecution',
      'athena:GetQueryExecution',
      'athena:GetTableMetadata',
    ]);
  });
});

describe('fits the estate', () => {
  const at = (sid: string, { Statement }: Policy) => Statement.find(({ Sid }) => Sid === sid);

  it('a place without AWSLogs, and one below it', async () => {
    const flat = await policy('read-logs', ...ESTATE, '--flat');
    expect(at('ReadLogs', flat)!.Resource).toBe('arn:aws:s3:::logs/p/*');
    const account = await policy('read-logs', ...ESTATE, '--location', 's3://logs/p/AWSLogs/123456789012');
    expect(at('ReadLogs', account)!.Resource).toBe('arn:aws:s3:::logs/p/AWSLogs/123456789012/*');
  });

  it('keys of logs, of results, and of both', async () => {
    const key = (id: string) => `arn:aws:kms:ap-northeast-1:123456789012:key/${id}`;
    const keys = ['--kms-key', `logs=${key('a')}`, '--kms-key', `results=${key('b')}`, '--kms-key', key('c')];
    const ask = await policy('egress', ...ESTATE, ...keys);
    const may = (action: string, id: string) => allows(ask, { action: `kms:${action}`, resource: key(id) });
    expect(['a', 'b', 'c', 'd'].map((id) => may('Decrypt', id))).toEqual([true, true, true, false]);
    expect(['a', 'b', 'c', 'd'].map((id) => may('GenerateDataKey', id))).toEqual([false, true, true, false]);
  });

  it('another catalog, whose own permission Athena wants too', async () => {
    const { stdout, stderr } = await flowlog(['policy', 'egress', ...ESTATE, '--catalog', 'partner'], {
      cwd: testFolder(),
    });
    expect(at('ReadTableMetadata', JSON.parse(stdout))).toMatchObject({
      Action: ['athena:GetTableMetadata', 'athena:GetDataCatalog'],
      Resource: 'arn:aws:athena:ap-northeast-1:123456789012:datacatalog/partner',
    });
    expect(stderr).toContain('Catalog partner: where it is the catalog of another account');
  });

  it('names that hold wildcards stand for themselves', async () => {
    const ask = await policy('egress', ...ESTATE, '--table', '"net*"."flow_logs"');
    const may = (database: string) =>
      allows(ask, {
        action: 'glue:GetTable',
        resource: `arn:aws:glue:ap-northeast-1:123456789012:table/${database}/flow_logs`,
      });
    expect([may('net*'), may('network')]).toEqual([true, false]);
  });

  it('Lake Formation where it governs the tables', async () => {
    expect(actionsOf(await policy('egress', ...ESTATE))).not.toContain('lakeformation:GetDataAccess');
    expect(actionsOf(await policy('egress', ...ESTATE, '--lake-formation'))).toContain(
      'lakeformation:GetDataAccess',
    );
  });

  it('logs in CloudWatch', async () => {
    const group = [
      '--logs',
      'cloudwatch:/vpc/flow-logs',
      '--account',
      '123456789012',
      '--region',
      'us-east-1',
    ];
    expect(await policy('read-logs', ...group)).toMatchInlineSnapshot(`
      {
        "Statement": [
          {
            "Action": [
              "logs:FilterLogEvents",
            ],
            "Effect": "Allow",
            "Resource": "arn:aws:logs:us-east-1:123456789012:log-group:/vpc/flow-logs:*",
            "Sid": "ReadLogGroups",
          },
          {
            "Action": [
              "logs:DescribeLogGroups",
              "ec2:DescribeFlowLogs",
            ],
            "Effect": "Allow",
            "Resource": "*",
            "Sid": "Describe",
          },
        ],
        "Version": "2012-10-17",
      }
    `);
  });
});

describe('the Service Authorization Reference has each action, and the type of each resource', () => {
  const KEYS = ['--kms-key', 'arn:aws:kms:ap-northeast-1:123456789012:key/1234'];

  it.each([
    [],
    ['egress'],
    ['create-table'],
    ['create-table', '--catalog', 'partner', '--quiet'],
    ['read-logs', '--flat'],
    ['read-logs', '--logs', 'cloudwatch:/vpc/flow-logs'],
    ['history'],
    ['result'],
    ['cancel'],
    ['fields'],
    ['init'],
    ['inventory'],
  ])('%s %s %s', async (...args) => {
    expect(objections(await policy(...args, ...ESTATE, ...KEYS, '--lake-formation'))).toEqual([]);
  });

  it('and what it has not is seen', () => {
    const statement = (Action: string, Resource: string) =>
      ({ Version: '2012-10-17', Statement: [{ Sid: 'A', Effect: 'Allow', Action, Resource }] }) as const;
    const bucket = 'arn:aws:s3:::logs';
    expect(objections(statement('s3:ListBucket', bucket))).toEqual([]);
    expect(objections(statement('s3:ListBucket', `${bucket}/*`))).toEqual([`s3:ListBucket on ${bucket}/*`]);
    expect(objections(statement('s3:GetObject', bucket))).toEqual([`s3:GetObject on ${bucket}`]);
    expect(objections(statement('s3:GetObject', '*'))).toEqual(['s3:GetObject on *']);
    expect(objections(statement('s3:ReadObject', bucket))[0]).toContain(
      's3:ReadObject is not in the extract',
    );
  });
});

describe('names come from the options or the configuration', () => {
  it('and the partition of the ARNs from the region', async () => {
    const cwd = await writeFiles(testFolder(), {
      'flowlog.toml':
        'account = "210987654321"\nregion = "cn-north-1"\ntable = "flows.t"\nlocation = "s3://bkt/AWSLogs/210987654321/"\n',
    });
    const { code, stdout } = await flowlog(['policy', 'egress', '--managed-results'], { cwd });
    expect(code).toBe(0);
    const { Statement } = JSON.parse(stdout) as Policy;
    expect(Statement.map(({ Resource }) => Resource)).toEqual([
      'arn:aws-cn:athena:cn-north-1:210987654321:workgroup/primary',
      'arn:aws-cn:athena:cn-north-1:210987654321:datacatalog/AwsDataCatalog',
      [
        'arn:aws-cn:glue:cn-north-1:210987654321:catalog',
        'arn:aws-cn:glue:cn-north-1:210987654321:database/flows',
      ],
      [
        'arn:aws-cn:glue:cn-north-1:210987654321:catalog',
        'arn:aws-cn:glue:cn-north-1:210987654321:database/flows',
        'arn:aws-cn:glue:cn-north-1:210987654321:table/flows/*',
      ],
      'arn:aws-cn:s3:::bkt/AWSLogs/210987654321/*',
      'arn:aws-cn:s3:::bkt',
    ]);
  });

  it('the region also from AWS_REGION; a key is added where one is named', async () => {
    const key = 'arn:aws:kms:ap-northeast-1:123456789012:key/1234';
    const args = [
      'policy',
      'result',
      '--output-location',
      's3://results/',
      '--account',
      '123456789012',
      '--kms-key',
      key,
    ];
    const { stdout } = await flowlog(args, { env: { AWS_REGION: 'ap-northeast-1' }, cwd: testFolder() });
    const { Statement } = JSON.parse(stdout) as Policy;
    expect(Statement.at(-1)).toEqual({
      Sid: 'ResultsKeys',
      Effect: 'Allow',
      Action: ['kms:Decrypt'],
      Resource: key,
    });
  });

  it.each([
    [['egress'], 'Missing required options: --account, --region, --location, --output-location'],
    [['history', '--region', 'us-east-1'], 'Missing required options: --account.'],
    [['history', ...ESTATE, '--account', '12'], "'12' is not an account id"],
    [['history', ...ESTATE, '--region', 'Tokyo'], "'Tokyo' is not an AWS region"],
    [['history', ...ESTATE, '--workgroup', 'a b'], "'a b' is not the name of a workgroup"],
    [['egress', ...ESTATE, '--database', 'a"b'], 'a"b'],
    [['egress', ...ESTATE, '--location', 'logs'], "'logs' is not an S3 location"],
    [['egress', ...ESTATE, '--kms-key', 'mine'], "'mine' is not the ARN of a key"],
    [['egres', ...ESTATE], "'egres' is invalid"],
    [['remote-access'], 'At least one --allow-ip, --allow-vpc or --allow-vpce is required.'],
    [['remote-access', '--allow-ip', 'office'], "'office' is neither a CIDR block nor the name"],
    [['remote-access', '--allow-ip', '10.10.24.0/24'], '10.10.24.0/24 is not public (10.0.0.0/8)'],
    [['remote-access', '--allow-ip', '192.168.1.1'], 'not public'],
    [
      ['remote-access', '--allow-ip', '8.0.0.0/5'],
      '8.0.0.0/5 contains addresses that are not public (10.0.0.0/8)',
    ],
    [['remote-access', '--allow-ip', '0.0.0.0/0'], 'not public'],
    [['remote-access', '--allow-ip', 'fd00::/8'], 'not public'],
    [['remote-access', '--allow-vpc', 'vpc-1'], "--allow-vpc: 'vpc-1' is not valid."],
    [['remote-access', '--allow-vpce', 'vpc-0a1b2c3d'], "--allow-vpce: 'vpc-0a1b2c3d' is not valid."],
    [
      ['remote-access', '--allow-ip', '131.248.10.10', '--allow-vpc-ip', '10.10.24.0/24'],
      '--allow-vpc-ip requires --allow-vpc or --allow-vpce.',
    ],
    [
      ['egress', ...ESTATE, '--kms-key', 'arn:aws:kms:ap-northeast-1:123456789012:alias/logs'],
      'A policy cannot name a key by its alias',
    ],
    [['read-logs', ...ESTATE, '--logs', 'cloudwatch:a b'], "'cloudwatch:a b' names no log group."],
    [['read-logs', ...ESTATE, '--logs', './logs'], "'./logs' is not an S3 location"],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await flowlog(['policy', ...args], { cwd: testFolder() });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});

describe('remote-access', () => {
  const ALLOW = ['remote-access', '--allow-ip', '131.248.10.10/32', '--allow-ip', '131.248.20.0/28'];
  const call = { action: 'athena:StartQueryExecution', resource: 'arn:aws:athena:x:1:workgroup/a' };
  const read = { action: 's3:GetObject', resource: 'arn:aws:s3:::logs/p/AWSLogs/x' };

  it('denies everything from elsewhere, and grants nothing', async () => {
    const only = await policy(...ALLOW, '--quiet');
    for (const request of [call, read]) {
      expect(denies(only, { ...request, sourceIp: '131.248.10.11' })).toBe(true);
      expect(denies(only, { ...request, sourceIp: '131.248.10.10' })).toBe(false);
      expect(denies(only, { ...request, sourceIp: '131.248.20.15' })).toBe(false);
      expect(denies(only, { ...request, sourceIp: '131.248.20.16' })).toBe(true);
      expect(allows(only, { ...request, sourceIp: '131.248.10.10' })).toBe(false);
    }
  });

  it('lets Athena read the logs for a caller that was let in, and stops calls through a VPC endpoint', async () => {
    const only = await policy(...ALLOW, '--quiet');
    // From a private address of Athena, or with none that IAM sees.
    expect(denies(only, { ...read, viaAwsService: true, sourceIp: '10.0.0.7' })).toBe(false);
    expect(denies(only, { ...read, viaAwsService: true })).toBe(false);
    expect(denies(only, call)).toBe(true);
  });

  const VPC = 'vpc-0a1b2c3d4e5f67890';
  const ENDPOINT = 'vpce-0a1b2c3d4e5f67890';
  const inside = { ...call, vpc: VPC, vpce: ENDPOINT, vpcSourceIp: '10.10.24.5' };
  const other = { ...inside, vpc: 'vpc-0fffffffffffffff0', vpce: 'vpce-0fffffffffffffff0' };

  it.each([
    ['VPC', ['--allow-vpc', VPC]],
    ['VPC endpoint', ['--allow-vpce', ENDPOINT]],
  ])('lets calls through a %s in that is named, beside public addresses', async (_what, named) => {
    const only = await policy(...ALLOW, ...named, '--quiet');
    expect(denies(only, { ...call, sourceIp: '131.248.10.10' })).toBe(false);
    expect(denies(only, { ...call, sourceIp: '131.248.10.11' })).toBe(true);
    expect(denies(only, inside)).toBe(false);
    expect(denies(only, other)).toBe(true);
    expect(denies(only, { ...read, viaAwsService: true })).toBe(false);
    const closed = await policy('remote-access', ...named, '--quiet');
    expect(denies(closed, { ...call, sourceIp: '131.248.10.10' })).toBe(true);
    expect(denies(closed, inside)).toBe(false);
  });

  it('lets in what is either of a VPC or through an endpoint that is named', async () => {
    const only = await policy('remote-access', '--allow-vpc', VPC, '--allow-vpce', other.vpce, '--quiet');
    expect(denies(only, inside)).toBe(false);
    expect(denies(only, other)).toBe(false);
    expect(denies(only, { ...other, vpce: 'vpce-0eeeeeeeeeeeeeee0' })).toBe(true);
  });

  it('narrows a VPC to private addresses, which let no other VPC in', async () => {
    const only = await policy(...ALLOW, '--allow-vpc', VPC, '--allow-vpc-ip', '10.10.24.0/24', '--quiet');
    expect(only.Statement).toHaveLength(2);
    expect(denies(only, inside)).toBe(false);
    expect(denies(only, { ...inside, vpcSourceIp: '10.10.25.5' })).toBe(true);
    expect(denies(only, other)).toBe(true);
    expect(denies(only, { ...call, sourceIp: '131.248.10.10' })).toBe(false);
    expect(denies(only, { ...read, viaAwsService: true })).toBe(false);
  });

  it('says its limits on standard error, and takes names of networks', async () => {
    const cwd = await writeFiles(testFolder(), {
      'flowlog.toml': '[networks]\noffice = "131.248.10.10/32"\n',
    });
    const { code, stdout, stderr } = await flowlog(['policy', 'remote-access', '--allow-ip', 'office'], {
      cwd,
    });
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "{
        "Version": "2012-10-17",
        "Statement": [
          {
            "Sid": "DenyFromElsewhere",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {
              "NotIpAddressIfExists": {
                "aws:SourceIp": [
                  "131.248.10.10/32"
                ]
              },
              "BoolIfExists": {
                "aws:ViaAWSService": "false"
              }
            }
          }
        ]
      }
      "
    `);
    expect(stderr).toMatch(
      /grants nothing[\s\S]*VPC endpoint[\s\S]*on behalf of the caller[\s\S]*private addresses/,
    );
  });
});
