import { createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_FORMAT, formatString } from '../../src/flowlog/log-format.js';
import { putLogs, type World, world } from '../aws/world.js';
import { testFolder } from '../folder.js';

const RANGE = ['--since', '2026-06-01', '--until', '2026-06-02'];
const EGRESS = ['egress', '--subnet', '10.10.24.0/24', ...RANGE];
const TABLE = ['--table', 'vpc_flow_logs', '--database', 'default'];
const GROUP = '/vpc/flow-logs';
const SHORT = { FLOWLOG_TEST_SILENCE: '200' };
/** Stands for the id of a query that runs. */
const ID = 'ID';

/** A command, the operation that is never answered, and what makes the others answer. */
type Case = readonly [service: string, operation: string, args: readonly string[]];

const CASES: readonly Case[] = [
  ['S3', 'HeadBucket', [...EGRESS, '--logs', 's3://logs/p/']],
  ['S3', 'ListObjectsV2', [...EGRESS, '--logs', 's3://logs/p/']],
  ['S3', 'GetObject', [...EGRESS, '--logs', 's3://logs/p/', '--no-cache']],
  ['S3', 'ListObjectsV2', ['create-table', '--location', 's3://logs/p/', '--table', 'new', '--dry-run']],
  ['Athena', 'GetTableMetadata', [...EGRESS, ...TABLE]],
  ['Athena', 'GetWorkGroup', [...EGRESS, ...TABLE]],
  ['Athena', 'StartQueryExecution', [...EGRESS, ...TABLE]],
  ['Athena', 'GetQueryExecution', [...EGRESS, ...TABLE]],
  ['Athena', 'ListQueryExecutions', ['history']],
  ['Athena', 'StopQueryExecution', ['cancel', ID]],
  [
    'Glue',
    'GetPartitions',
    [...EGRESS, '--table', 'registered', '--database', 'default', '--max-scan', '1kB'],
  ],
  ['CloudWatch Logs', 'FilterLogEvents', [...EGRESS, '--logs', `cloudwatch:${GROUP}`]],
  ['EC2', 'DescribeFlowLogs', ['create-table', '--flow-log', 'fl-0a1b2c3d', '--table', 'new']],
  ['EC2', 'DescribeVpcs', ['init', '--vpc-id', 'vpc-0a1b2c3d']],
  ['EC2', 'DescribeNetworkInterfaces', ['inventory', 'update']],
  [
    'STS',
    'AssumeRole',
    [...EGRESS, '--logs', 's3://logs/p/', '--role-arn', 'arn:aws:iam::123456789012:role/r'],
  ],
];

const NOTHING = {
  networkInterfaceSet: [],
  vpcEndpointSet: [],
  prefixListSet: [],
  natGatewaySet: [],
  reservationSet: [],
  vpcSet: [],
  subnetSet: [],
};

/** A world in which every command of the cases has its answer, but for the operation. */
async function silent(operation: string): Promise<World & { readonly id: string }> {
  const made = await world();
  const { aws } = made;
  putLogs(aws, ['2026-06-01']);
  aws.athena.script = () => ({ running: 600_000 });
  aws.athena.tables.set('default.registered', {
    Columns: ['srcaddr:string', 'dstaddr:string', 'bytes:bigint', 'start:int', 'end:int'].map((each) => {
      const [Name, Type] = each.split(':') as [string, string];
      return { Name, Type };
    }),
    PartitionKeys: [{ Name: 'dt', Type: 'string' }],
    Parameters: { location: 's3://logs/p' },
  });
  aws.inventory = { ...NOTHING, entries: {} };
  aws.logs.groups.set(GROUP, { events: [] });
  aws.flowLogs.set('fl-01', {
    LogGroupName: GROUP,
    LogDestinationType: 'cloud-watch-logs',
    LogFormat: formatString(DEFAULT_FORMAT),
  });
  aws.role = { arn: 'arn:aws:iam::123456789012:role/r' };
  const { QueryExecutionId: id } = (await aws.athena.call('StartQueryExecution', {
    QueryString: 'SELECT 1',
    ClientRequestToken: 'x'.repeat(32),
  })) as { QueryExecutionId: string };
  aws.calls.length = 0;
  aws.faults.push({ operation, times: Number.POSITIVE_INFINITY, kind: 'silence' });
  return { ...made, id };
}

const given = (args: readonly string[], id: string) => args.map((each) => (each === ID ? id : each));

describe('a server that takes the call and never answers', () => {
  it.each(CASES)('%s, %s: an error, and told meanwhile', async (_service, operation, args) => {
    const { aws, run, id } = await silent(operation);
    const { code, stdout, stderr } = await run(given(args, id), { cwd: testFolder(), env: SHORT });
    expect({ code, stdout, asked: aws.operations(operation).length > 1 }).toEqual({
      code: 1,
      stdout: '',
      asked: true,
    });
    expect(stderr).toContain('AWS cannot be reached: no answer within 0.2 seconds.');
    if (operation !== 'AssumeRole') expect(stderr).toContain('No answer from 127.0.0.1; trying again.');
  });

  it.each(CASES)('%s, %s: an interrupt ends it', { timeout: 25_000 }, async (_service, operation, args) => {
    // With the time-outs as they are, so that they are not what ends it.
    const { aws, run, id } = await silent(operation);
    const abort = new AbortController();
    const running = run(given(args, id), { cwd: testFolder(), signal: abort.signal });
    while (aws.operations(operation).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    abort.abort('SIGTERM');
    expect(await running).toMatchObject({ code: 143, stdout: '' });
    expect(aws.operations(operation)).toHaveLength(1);
  });

  it('and one that begins an answer and goes no further', async () => {
    const { aws, run } = await world();
    putLogs(aws, ['2026-06-01']);
    aws.bucket('logs').stalls = 0;
    const { code, stdout, stderr } = await run([...EGRESS, '--logs', 's3://logs/p/', '--no-cache'], {
      env: SHORT,
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('AWS cannot be reached: no answer within 0.2 seconds.');
  });

  it('and a proxy that does neither', async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => void sockets.add(socket.on('error', () => {})));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const { port } = server.address() as { port: number };
    const { run } = await world();
    const env = { ...SHORT, HTTPS_PROXY: `http://127.0.0.1:${port}`, AWS_ENDPOINT_URL: '' };
    const { code, stdout, stderr } = await run([...EGRESS, '--logs', 's3://logs/p/'], { env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('AWS cannot be reached');
    expect(sockets.size).toBeGreaterThan(0);
  });
});

describe('a listing that repeats its token ends with an error', () => {
  const TWICE = 'AWS returned the same page token twice for';

  it('of objects in S3', async () => {
    const { aws, run } = await world();
    putLogs(aws, ['2026-06-01', '2026-06-02']);
    aws.bucket('logs').pageSize = 1;
    aws.repeats = true;
    const { code, stdout, stderr } = await run([
      'egress',
      '--subnet',
      '10.10.24.0/24',
      '--logs',
      's3://logs/p/',
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`${TWICE} the objects of s3://logs/p/`);
  });

  it('of partitions', async () => {
    const { aws, run } = await silent('nothing');
    aws.glue.pageSize = 1;
    const days = ['2026-05-31', '2026-06-01', '2026-06-02'];
    const partitions = days.map((day) => ({ Values: [day], Location: `s3://logs/p/${day}/` }));
    aws.glue.partitions.set('default.registered', partitions);
    aws.repeats = true;
    const table = ['--table', 'registered', '--database', 'default', '--max-scan', '1kB'];
    const { code, stderr } = await run([...EGRESS, ...table]);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${TWICE} partitions of default.registered`),
    });
  });

  it('of VPCs', async () => {
    const { aws, run } = await world();
    for (const id of ['vpc-0a1b2c3d', 'vpc-0a1b2c3e']) {
      aws.vpcs.set(id, { ipv4: [{ block: '10.10.0.0/16' }] });
    }
    aws.ec2PageSize = 1;
    aws.repeats = true;
    const args = ['init', '--vpc-id', 'vpc-0a1b2c3d', '--vpc-id', 'vpc-0a1b2c3e'];
    const { code, stderr } = await run(args, { cwd: testFolder() });
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining(`${TWICE} VPCs`) });
  });
});
