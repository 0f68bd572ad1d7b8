import { readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Xml } from '../aws/inventory.js';
import { fakeAws } from '../aws/server.js';
import { flowlog } from '../e2e/bin.js';
import { testFolder, writeFiles } from '../folder.js';
import { FILES, texts } from './estate.js';

const JUNE = Date.UTC(2026, 5, 1) / 1000;
const names = Object.keys(FILES);

async function imported(more: readonly string[] = []) {
  const cwd = await writeFiles(testFolder(), texts());
  for (const name of names) utimesSync(join(cwd, name), JUNE, JUNE);
  const outcome = await flowlog(['inventory', 'import', ...names, '--inventory', 'kept', ...more], { cwd });
  return { cwd, ...outcome };
}

const show = async (cwd: string, what: string, ...more: string[]) => {
  const args = ['inventory', 'show', what, '--inventory', 'kept', '--format', 'json', '--tz', 'UTC', ...more];
  const { code, stdout, stderr } = await flowlog(args, { cwd });
  expect(code).toBe(0);
  return { stderr, facts: JSON.parse(stdout) as Array<Record<string, string | null>> };
};

describe('flowlog inventory import', () => {
  it('reads saved output of the AWS CLI, each file by its content', async () => {
    const { cwd, code, stdout, stderr } = await imported();
    expect(stderr).toContain('enis.json: 8 NetworkInterfaces\n');
    expect(stderr).toContain('pl-61a54008.json: entries of pl-61a54008: 1\n');
    expect(stderr).toContain(
      '8 interfaces, 2 endpoints, 2 prefix lists, 1 subnet, 2 VPCs, 1 NAT gateway, 1 instance; taken 2026-06-01T00:00:00Z.\n',
    );
    const path = join(cwd, 'kept/inventory-20260601T000000Z-123456789012-ap-northeast-1.json');
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${path}\n` });
    const snapshot = JSON.parse(readFileSync(path, 'utf8'));
    expect(snapshot).toMatchObject({
      flowlog: 'inventory',
      version: 1,
      account: '123456789012',
      region: 'ap-northeast-1',
    });
    expect(snapshot.prefixLists[1]).toEqual({
      id: 'pl-61a54008',
      name: 'com.amazonaws.ap-northeast-1.s3',
      owner: 'AWS',
      blocks: ['198.51.100.32/28'],
    });
  });

  it.each([
    ['10.10.24.17', 'SageMaker notebook team-a', 'interface'],
    ['2001:db8:1234:1a18::11', 'SageMaker notebook team-a', 'interface'],
    ['10.10.2.21', 'WorkSpace', 'interface'],
    ['10.10.40.11', 'endpoint sagemaker.api', 'endpoint'],
    ['203.0.113.220', 'NAT gateway egress', 'interface'],
    ['10.10.6.20', 'node-1', 'interface'],
    ['10.10.24.5', 'subnet sagemaker', 'network'],
    ['10.10.99.5', 'VPC ml', 'network'],
    ['10.20.7.7', 'VPC vpc-0bbbbbbbbbbbbbbb2', 'network'],
    ['192.0.2.80', 'partners', 'network'],
    ['198.51.100.40', 'S3 ap-northeast-1', 'aws-service'],
    ['8.8.8.8', 'public', 'class'],
    ['169.254.169.254', 'instance metadata', 'aws-service'],
    ['eni-00000000000000005', 'node-1', 'interface'],
    ['vpce-0c0ffee1', 'endpoint sagemaker.api', 'endpoint'],
  ])('show %s: %s', async (what, name, kind) => {
    const { cwd } = await imported();
    const { facts } = await show(cwd, what);
    expect(facts[0]).toMatchObject({ name, kind });
  });

  it('show says from where, and that a service of AWS proves nothing', async () => {
    const { cwd } = await imported();
    const { facts, stderr } = await show(cwd, '198.51.100.40');
    expect(facts.map(({ source, name, time }) => [source, name, time])).toEqual([
      ['inventory', 'S3 ap-northeast-1', null],
      ['inventory', 'com.amazonaws.ap-northeast-1.s3', '2026-06-01T00:00:00+00:00'],
      ['class', 'documentation', null],
    ]);
    expect(stderr).toContain('no proof that the traffic is harmless');
    const eni = await show(cwd, 'eni-00000000000000005');
    expect(eni.facts[0]!.detail).toContain(
      '10.10.6.16/28, named by Name tag of i-0a1b2c3d, "aws-K8S-i-0a1b2c3d"',
    );
  });

  it('reads gzip, UTF-16 as PowerShell writes it, and what --query leaves', async () => {
    const text = JSON.stringify(FILES['enis.json'].NetworkInterfaces);
    const cwd = await writeFiles(testFolder(), {
      'a.json.gz': gzipSync(JSON.stringify(FILES['vpcs.json'])),
      'b.json': Buffer.from(`\ufeff${text}`, 'utf16le'),
    });
    const { code, stderr } = await flowlog(
      [
        'inventory',
        'import',
        'a.json.gz',
        'b.json',
        '--inventory',
        'kept',
        '--taken',
        '2026-06-02',
        '--tz',
        'UTC',
      ],
      { cwd },
    );
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('8 interfaces, 2 VPCs; taken 2026-06-02T00:00:00Z.'),
    });
  });

  it.each([
    [{ 'x.json': { Volumes: [] } }, "x.json is not the output of a known 'aws ec2 describe-…' command."],
    [
      { 'x.json': { Entries: [{ Cidr: '10.0.0.0/8' }] } },
      'x.json does not say which prefix list its entries belong to.',
    ],
    [
      { 'x.json': { NetworkInterfaces: [{ Id: 'eni-1' }] } },
      'x.json: an item of NetworkInterfaces has no NetworkInterfaceId.',
    ],
  ])('refuses what it cannot use: %#', async (files, message) => {
    const cwd = await writeFiles(testFolder(), texts(files));
    const { code, stdout, stderr } = await flowlog(['inventory', 'import', 'x.json', '--inventory', 'kept'], {
      cwd,
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
    expect(readdirSync(cwd)).toEqual(['x.json']);
  });

  it('says when a file is one page of several', async () => {
    const cwd = await writeFiles(
      testFolder(),
      texts({ 'x.json': { ...FILES['vpcs.json'], NextToken: 'more' } }),
    );
    const { stderr } = await flowlog(['inventory', 'import', 'x.json', '--inventory', 'kept'], { cwd });
    expect(stderr).toContain('x.json is one page of several');
  });
});

describe('flowlog inventory', () => {
  it('lists snapshots and ranges, and says where there are none', async () => {
    const { cwd } = await imported();
    await writeFiles(cwd, {
      'ip-ranges.json': JSON.stringify({
        syncToken: '1780272000',
        createDate: '2026-06-01-00-00-00',
        prefixes: [{ ip_prefix: '198.51.100.0/24', region: 'ap-northeast-1', service: 'S3' }],
        ipv6_prefixes: [],
      }),
    });
    const ranges = await flowlog(['inventory', 'ranges', '--from', 'ip-ranges.json', '--inventory', 'kept'], {
      cwd,
    });
    expect(ranges).toMatchObject({
      code: 0,
      stdout: `${join(cwd, 'kept/ip-ranges-20260601T000000Z.json')}\n`,
    });
    const list = await flowlog(['inventory', '--inventory', 'kept', '--tz', 'UTC'], { cwd });
    expect(list.stdout).toBe(
      'what,taken,account,region,content\n' +
        'inventory,2026-06-01 00:00:00,123456789012,ap-northeast-1,"8 interfaces, 2 endpoints, 2 prefix lists, 1 subnet, 2 VPCs, 1 NAT gateway, 1 instance"\n' +
        'AWS ranges,2026-06-01 00:00:00,,,1 prefix\n',
    );
    const none = await flowlog(['inventory'], { cwd, env: { XDG_DATA_HOME: join(cwd, 'data') } });
    expect(none.stderr).toContain(`No snapshots in ${join(cwd, 'data/flowlog/inventory')}.`);
  });

  it.each([
    [['show'], 2, 'No address, interface or endpoint given.'],
    [['show', 'eni-0123'], 2, "'eni-0123' is not an address, nor an id known to the inventory."],
    [['import'], 2, 'No files given.'],
    [['ranges'], 2, '--from is required'],
    [['update', 'x'], 2, "Unexpected argument 'x'."],
    [['import', 'x', '--from', 'y'], 2, "--from requires 'flowlog inventory ranges'."],
    [['import', 'missing.json'], 1, 'missing.json: no such file.'],
    [['ranges', '--from', 'http://127.0.0.1:9/x.json'], 1, 'cannot be downloaded ('],
  ])('%j is refused', async (args, code, message) => {
    const outcome = await flowlog(['inventory', ...args, '--inventory', 'kept'], { cwd: testFolder() });
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toContain(message);
  });

  it('refuses a damaged snapshot, and says which file', async () => {
    const cwd = await writeFiles(testFolder(), {
      'kept/a.json': JSON.stringify({
        flowlog: 'inventory',
        version: 1,
        taken: '2026-06-01',
        interfaces: [{ id: 'eni-1' }],
      }),
    });
    const { code, stderr } = await flowlog(['inventory', '--inventory', 'kept'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain(
      'a.json is not a valid inventory snapshot: eni-1 of interfaces has no addresses.',
    );
  });
});

/** Elements of EC2's answers are named as the CLI's, with a small letter first, and lists `…Set`. */
const xml = (value: unknown, rename: Readonly<Record<string, string>> = {}): Xml => {
  if (Array.isArray(value)) return value.map((item) => xml(item, rename));
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      rename[name] ?? `${name[0]!.toLowerCase()}${name.slice(1)}`,
      xml(each, rename),
    ]),
  );
};

describe('flowlog inventory update', () => {
  const served = {
    networkInterfaceSet: xml(FILES['enis.json'].NetworkInterfaces, {
      PrivateIpAddresses: 'privateIpAddressesSet',
      Ipv6Addresses: 'ipv6AddressesSet',
      Ipv4Prefixes: 'ipv4PrefixSet',
      Groups: 'groupSet',
    }) as Xml[],
    vpcEndpointSet: xml(FILES['endpoints.json'].VpcEndpoints, {
      NetworkInterfaceIds: 'networkInterfaceIdSet',
    }) as Xml[],
    prefixListSet: xml(FILES['lists.json'].PrefixLists) as Xml[],
    entries: {
      'pl-61a54008': xml(FILES['pl-61a54008.json'].Entries) as Xml[],
      'pl-0a1b2c3d4e5f67890': xml(FILES['pl-0a1b2c3d4e5f67890.json'].Entries) as Xml[],
    },
    natGatewaySet: xml(FILES['nats.json'].NatGateways, {
      NatGatewayAddresses: 'natGatewayAddressSet',
      Tags: 'tagSet',
    }) as Xml[],
    reservationSet: xml(FILES['instances.json'].Reservations, {
      Instances: 'instancesSet',
      Tags: 'tagSet',
    }) as Xml[],
    vpcSet: xml(FILES['vpcs.json'].Vpcs, { Tags: 'tagSet' }) as Xml[],
    subnetSet: xml(FILES['subnets.json'].Subnets, { Tags: 'tagSet' }) as Xml[],
  };

  it('reads all pages from EC2, and knows what the saved output knows', async () => {
    const aws = await fakeAws();
    aws.inventory = served;
    aws.ec2PageSize = 3;
    const cwd = testFolder();
    const { code, stdout, stderr } = await flowlog(['inventory', 'update', '--inventory', 'kept'], {
      cwd,
      env: aws.env(),
      now: JUNE,
    });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        '8 interfaces, 2 endpoints, 2 prefix lists, 1 subnet, 2 VPCs, 1 NAT gateway, 1 instance; taken 2026-06-01T00:00:00Z.\n',
    });
    const saved = await imported();
    expect(JSON.parse(readFileSync(stdout.trim(), 'utf8'))).toEqual(
      JSON.parse(readFileSync(saved.stdout.trim(), 'utf8')),
    );
    expect(aws.operations('DescribeNetworkInterfaces')).toHaveLength(3);
    expect((await show(cwd, '10.10.40.11')).facts[0]!.detail).toContain('the name');
  });

  it('says which permission is missing', async () => {
    const aws = await fakeAws();
    aws.inventory = served;
    aws.denied.add('ec2:DescribeVpcEndpoints');
    const cwd = testFolder();
    const { code, stderr } = await flowlog(['inventory', 'update', '--inventory', 'kept'], {
      cwd,
      env: aws.env(),
    });
    expect(code).toBe(1);
    expect(stderr).toContain('ec2:DescribeVpcEndpoints');
    expect(readdirSync(cwd)).toEqual([]);
  });
});
