import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateSubnetCommand, CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flowlog } from '../e2e/bin.js';
import { testFolder } from '../folder.js';
import { installMiniStack, NotHere } from './install.js';
import { Moto, REGION } from './moto.js';
import { freePort, ready, started, stopped } from './processes.js';

/**
 * MiniStack is a server that others wrote, apart from moto. Its Athena takes no ExecutionParameters, and answers metadata
 * without columns for tables that do not exist, so only the control calls count here. Its flow logs keep no format.
 */
const program = await installMiniStack().catch((error) => {
  if (!(error instanceof NotHere) || process.env.FLOWLOG_TEST_ENGINES !== 'optional') throw error;
  console.log(`The suite on MiniStack is not run: ${error.message}.`);
  return undefined;
});

const EGRESS = ['egress', '--subnet', '10.10.24.0/24', '--no-cache'];
/** MiniStack's own account: a role of another one may not read the bucket. */
const ROLE = 'arn:aws:iam::000000000000:role/auditor';

describe.skipIf(!program)('against a MiniStack', () => {
  let server: ReturnType<typeof started>;
  let url: string;
  let env: Record<string, string>;
  let logs: string;

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'flowlog-ministack-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const log = join(folder, 'ministack.log');
    server = started(program!, [], log, { GATEWAY_PORT: String(port), BIND_HOST: '127.0.0.1', HOME: folder });
    afterAll(() => stopped(server));
    await ready('MiniStack', `${url}/_ministack/health`, server, log, (text) => text.includes('services'));
    env = {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    logs = join(folder, 'logs');
    expect((await flowlog(['sample', logs, '--quiet'])).code).toBe(0);
    const s3 = new Moto(url);
    await s3.bucket('logs');
    await s3.upload('logs', 'p/', logs);
  });

  const run = (args: readonly string[], cwd = testFolder()) => flowlog(args, { env, cwd });

  it('S3: logs are listed and fetched, and answer as the same files here do', async () => {
    const here = await run([...EGRESS, '--logs', logs]);
    const there = await run([...EGRESS, '--logs', 's3://logs/p/']);
    expect({ code: there.code, rows: there.stdout }).toEqual({ code: 0, rows: here.stdout });
    expect(there.stdout.split('\n').length).toBeGreaterThan(10);
  });

  it('STS: a role is assumed, and its keys are used', async () => {
    const role = [...EGRESS, '--logs', 's3://logs/p/', '--limit', '5', '--role-arn'];
    expect(await run([...role, ROLE])).toMatchObject({ code: 0 });
    const stranger = await run([...role, ROLE.replace('000000000000', '123456789012')]);
    expect(stranger).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Access denied: s3:ListBucket'),
    });
  });

  it('EC2: init reads the blocks of a VPC and its subnets', async () => {
    const ec2 = new EC2Client({
      endpoint: url,
      region: REGION,
      credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
    });
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.77.0.0/16' }));
    const VpcId = Vpc!.VpcId!;
    await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.77.24.0/24' }));
    const cwd = testFolder();
    const init = ['init', '--table', 'network.flows', '--vpc-id', VpcId, '--file', 'made.toml'];
    const { code, stderr } = await run(init, cwd);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
    const made = readFileSync(join(cwd, 'made.toml'), 'utf8');
    expect(made).toContain('10.77.0.0/16');
    expect(made).toContain('10.77.24.0/24');
  });

  it('EC2: a flow log that does not exist is named', async () => {
    const none = await run(['create-table', '--flow-log', 'fl-00000000', '--dry-run']);
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('fl-00000000') });
  });

  it('a table without columns is said to have none', async () => {
    const kept = [
      'create-table',
      '--table',
      'nope.nope',
      '--location',
      's3://logs/p/',
      '--if-exists',
      'skip',
    ];
    const made = await run(kept);
    expect(made).toMatchObject({ code: 1, stdout: '' });
    expect(made.stderr).toContain('Table nope.nope exists, but has no columns.');
    expect(made.stderr).not.toContain('would be');
  });
});
