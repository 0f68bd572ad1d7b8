import { describe, expect, it } from 'vitest';
import type { Policy } from '../../src/aws/policies.js';
import { allows, denies } from '../aws/iam.js';
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
    for (const resource of tables) {
      for (const action of [
        'GetDatabase',
        'GetTable',
        'GetPartition',
        'GetPartitions',
        'BatchGetPartition',
      ]) {
        expect(allows(ask, { action: `glue:${action}`, resource })).toBe(true);
      }
      // CREATE DATABASE and CREATE TABLE.
      for (const action of [
        ...['GetDatabase', 'CreateDatabase', 'GetDatabases', 'GetTable', 'GetTables', 'GetPartitions'],
        'CreateTable',
      ]) {
        expect(allows(create, { action: `glue:${action}`, resource })).toBe(true);
      }
    }
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
        expect(
          [Action]
            .flat()
            .every((action) => /^(ec2:Describe|athena:Get(Database|TableMetadata))/.test(action)),
        ).toBe(true);
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
      '*',
      [
        'arn:aws-cn:glue:cn-north-1:210987654321:catalog',
        'arn:aws-cn:glue:cn-north-1:210987654321:database/flows',
        'arn:aws-cn:glue:cn-north-1:210987654321:table/flows/*',
      ],
      'arn:aws-cn:s3:::bkt/AWSLogs/*',
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
    expect(Statement.at(-1)).toEqual({ Sid: 'Key', Effect: 'Allow', Action: ['kms:Decrypt'], Resource: key });
  });

  it.each([
    [['egress'], 'The policy needs to know more: --account, --region, --location, --output-location'],
    [['history', '--region', 'us-east-1'], 'needs to know more: --account.'],
    [['history', ...ESTATE, '--account', '12'], "'12' is not an account id"],
    [['history', ...ESTATE, '--region', 'Tokyo'], "'Tokyo' is not an AWS region"],
    [['history', ...ESTATE, '--workgroup', 'a b'], "'a b' is not the name of a workgroup"],
    [['egress', ...ESTATE, '--database', 'a"b'], 'a"b'],
    [['egress', ...ESTATE, '--location', 'logs'], "'logs' is not an S3 location"],
    [['egress', ...ESTATE, '--kms-key', 'mine'], "'mine' is not the ARN of a key"],
    [['egres', ...ESTATE], "'egres' is invalid"],
    [['remote-access'], 'No address is named'],
    [['remote-access', '--allow-ip', 'office'], "'office' is neither a CIDR block nor the name"],
    [
      ['remote-access', '--allow-ip', '10.10.24.0/24'],
      '10.10.24.0/24 is addresses that are not public (10.0.0.0/8)',
    ],
    [['remote-access', '--allow-ip', '192.168.1.1'], 'not public'],
    [
      ['remote-access', '--allow-ip', '8.0.0.0/5'],
      '8.0.0.0/5 has addresses that are not public (10.0.0.0/8)',
    ],
    [['remote-access', '--allow-ip', '0.0.0.0/0'], 'not public'],
    [['remote-access', '--allow-ip', 'fd00::/8'], 'not public'],
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
              "NotIpAddress": {
                "aws:SourceIp": [
                  "131.248.10.10/32"
                ]
              },
              "Bool": {
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
