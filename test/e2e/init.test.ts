import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type World, world } from '../aws/world.js';
import { testFolder, writeFiles } from '../folder.js';
import { logFile, record } from '../records.js';
import { BIN, flowlog } from './bin.js';

const VPC = 'vpc-0a1b2c3d4e5f67890';

/** What `flowlog config` says with the file: settings by key, networks as `networks.name`. */
async function readBack(cwd: string, file = 'flowlog.toml') {
  const { code, stdout, stderr } = await flowlog(['config', '--config', file, '--format', 'json'], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const rows = JSON.parse(stdout) as Array<{ setting: string; value: string | null; source: string | null }>;
  const said = rows.filter(({ source }) => source?.endsWith(file));
  return Object.fromEntries(said.map(({ setting, value }) => [setting, value]));
}

describe('from options', () => {
  it('every setting is read back as it was given', async () => {
    const cwd = testFolder();
    const given = {
      location: 's3://my-logs/p/',
      tz: 'Europe/Berlin',
      table: 'network.flows',
      database: 'network',
      workgroup: 'security "team"',
      'output-location': 's3://my-results/a/',
      region: 'eu-central-1',
      profile: 'ops',
      'role-arn': 'arn:aws:iam::123456789012:role/Flow',
      'external-id': 'a\\b',
    };
    const flags = Object.entries(given).flatMap(([key, value]) => [`--${key}`, value]);
    const { code, stdout, stderr } = await flowlog(['init', ...flags, '--logs', 'a,b', '--logs', '/logs'], {
      cwd,
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${join(cwd, 'flowlog.toml')}\n` });
    expect(stderr).toContain('flowlog config');
    expect(await readBack(cwd)).toEqual({ ...given, logs: `${join(cwd, 'a,b')}, /logs` });
  });

  it('the file is commented, and each example in it is right when the comment is taken away', async () => {
    const cwd = testFolder();
    expect((await flowlog(['init', '--logs', '.', '--quiet'], { cwd })).stderr).toBe('');
    const text = readFileSync(join(cwd, 'flowlog.toml'), 'utf8');
    expect(text).toContain('\nlogs = "."\n');
    expect(text).toMatch(/^# The time zone for input and output\.\n# tz = "Asia\/Tokyo"$/m);
    const whole = text.replace(/^# (?=\S+ = |\[)/gm, '');
    await writeFiles(cwd, { 'flowlog.toml': whole });
    expect(await readBack(cwd)).toMatchObject({
      table: 'network.vpc_flow_logs',
      'max-scan': '50GB',
      vpc: '10.10.0.0/16',
      'networks.sagemaker': '10.10.24.0/24',
    });
    expect((await flowlog(['config', '--use', 'prod'], { cwd })).stdout).toContain('workgroup,security,');
  });

  it('blocks of the VPC and names of networks are read back too', async () => {
    const cwd = testFolder();
    const flags = [
      '--vpc',
      '10.10.0.0/16,2001:db8::/56',
      '--network',
      'sagemaker=10.10.24.0/24,desks=10.10.2.0/24',
    ];
    expect((await flowlog(['init', ...flags, '--network', 'desks=10.10.3.0/24'], { cwd })).code).toBe(0);
    expect(await readBack(cwd)).toEqual({
      vpc: '10.10.0.0/16, 2001:db8::/56',
      'networks.sagemaker': '10.10.24.0/24',
      'networks.desks': '10.10.2.0/24, 10.10.3.0/24',
    });
    for (const [flag, value, says] of [
      ['--network', 'sagemaker', "'sagemaker' is not NAME=CIDR."],
      ['--network', '10.0.0.1=10.10.24.0/24', "'10.0.0.1=10.10.24.0/24' is not NAME=CIDR."],
      ['--network', 'sagemaker=10.10.24.1/24', 'host bits set'],
      ['--vpc', '10.10', "'10.10' is not a CIDR block"],
    ] as const) {
      const { code, stderr } = await flowlog(['init', flag, value, '--force'], { cwd });
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) });
    }
  });

  it('paths are written relative to the file, and questions can be asked at once', async () => {
    const cwd = await writeFiles(testFolder(), {
      'logs/a.log.gz': logFile([record({ srcaddr: '10.10.24.17', dstaddr: '203.0.113.9' })]),
    });
    expect((await flowlog(['init', '--logs', 'logs', '--file', 'deep/flowlog.toml'], { cwd })).code).toBe(0);
    expect(readFileSync(join(cwd, 'deep/flowlog.toml'), 'utf8')).toContain('logs = "../logs"');
    const { stdout } = await flowlog(['egress', '--subnet', '10.10.24.0/24', '--columns', 'dstaddr'], {
      cwd: join(cwd, 'deep'),
    });
    expect(stdout).toBe('dstaddr\n203.0.113.9\n');
  });

  it('--user writes the file that is read everywhere', async () => {
    const env = { XDG_CONFIG_HOME: testFolder() };
    const { stdout } = await flowlog(['init', '--user', '--table', 'network.flows'], {
      env,
      cwd: testFolder(),
    });
    expect(stdout).toBe(`${join(env.XDG_CONFIG_HOME, 'flowlog/config.toml')}\n`);
    const path = await flowlog(['config', '--path'], { env, cwd: testFolder() });
    expect(path.stdout).toBe(stdout);
  });

  it('a file that is there is left as it is, whatever is in it, without --force', async () => {
    const cwd = await writeFiles(testFolder(), { 'flowlog.toml': 'mine [' });
    const refused = await flowlog(['init', '--logs', '.'], { cwd });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('flowlog.toml is there already.\n--force');
    expect(readFileSync(join(cwd, 'flowlog.toml'), 'utf8')).toBe('mine [');
    expect((await flowlog(['init', '--logs', '.', '--force'], { cwd })).code).toBe(0);
    expect(await readBack(cwd)).toEqual({ logs: cwd });
  });

  it.each([
    [[], 'Nothing says where the logs are, and there is no terminal to ask at.', '--logs PATH'],
    [['--tz', 'UTC'], 'Nothing says where the logs are', '--table DATABASE.TABLE'],
    [['--logs', '.', '--tz', 'Mars'], "'Mars' is not a time zone", 'Asia/Tokyo'],
    [['--table', 'a.b.c"'], 'c"', ''],
    [['--table', 't', '--region', 'Tokyo'], "'Tokyo' is not an AWS region", ''],
    [['--table', 't', '--output-location', 'here'], "'here' is not an S3 location", 's3://'],
    [['--vpc-id', 'subnet-1'], "'subnet-1' is not the id of a VPC", 'vpc-0a1b'],
    [['--logs', '.', '--user', '--file', 'x'], '--user and --file', 'one of them'],
  ])('%j is wrong usage, and writes nothing', async (args, message, hint) => {
    const cwd = testFolder();
    const { code, stdout, stderr } = await flowlog(['init', ...args], { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('a folder that cannot be made is told', async () => {
    const cwd = await writeFiles(testFolder(), { file: '' });
    const { code, stderr } = await flowlog(['init', '--logs', '.', '--file', 'file/x.toml'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('x.toml cannot be written (');
  });
});

describe('from a VPC', () => {
  function network({ aws }: World) {
    aws.vpcs.set(VPC, {
      name: 'ml-platform',
      ipv4: [
        { block: '10.10.0.0/16' },
        { block: '100.64.0.0/16' },
        { block: '10.99.0.0/16', state: 'disassociating' },
        { block: '10.98.0.0/16', state: 'failed' },
      ],
      ipv6: [{ block: '2001:db8:1200::/56' }, { block: '2001:db8:9900::/56', state: 'disassociated' }],
    });
    aws.vpcs.set('vpc-0000ffff', { ipv4: [{ block: '10.20.0.0/16' }] });
    const vpc = VPC;
    aws.subnets.set('subnet-01', {
      vpc,
      name: 'sagemaker',
      ipv4: '10.10.24.0/24',
      ipv6: [{ block: '2001:db8:1200:18::/64' }],
    });
    aws.subnets.set('subnet-02', { vpc, name: 'workspaces', ipv4: '10.10.2.0/24' });
    aws.subnets.set('subnet-03', { vpc, name: 'workspaces', ipv4: '10.10.3.0/24' });
    aws.subnets.set('subnet-04', { vpc, ipv4: '10.10.4.0/24' });
    aws.subnets.set('subnet-05', { vpc, name: 'prod/db, "main" & <old>', ipv4: '10.10.5.0/24' });
    aws.subnets.set('subnet-06', { vpc, name: '10.10.6.0', ipv4: '10.10.6.0/24' });
    aws.subnets.set('subnet-07', {
      vpc,
      name: 'v6',
      ipv6: [{ block: '2001:db8:1200:7::/64' }, { block: '2001:db8:1200:8::/64', state: 'associating' }],
    });
    aws.subnets.set('subnet-99', { vpc: 'vpc-0000ffff', name: 'ml-platform', ipv4: '10.20.1.0/24' });
  }
  const init = ['init', '--vpc-id', VPC];

  it('names blocks by Name tags or ids, all pages, associated ones only', async () => {
    const made = await world();
    network(made);
    made.aws.ec2PageSize = 2;
    const cwd = testFolder();
    const { code, stdout, stderr } = await made.run(init, { cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${join(cwd, 'flowlog.toml')}\n` });
    expect(stderr).toContain(`Block 10.99.0.0/16 of ${VPC} is disassociating, and left out.`);
    expect(stderr).toContain('7 networks named.');
    expect(made.aws.operations('DescribeSubnets').length).toBeGreaterThan(2);
    expect(await readBack(cwd)).toEqual({
      vpc: 'ml-platform',
      'networks.sagemaker': '10.10.24.0/24, 2001:db8:1200:18::/64',
      'networks.workspaces': '10.10.2.0/24, 10.10.3.0/24',
      'networks.subnet-04': '10.10.4.0/24',
      'networks.prod-db- "main" & <old>': '10.10.5.0/24',
      'networks.subnet-06': '10.10.6.0/24',
      'networks.v6': '2001:db8:1200:7::/64',
      'networks.ml-platform': '10.10.0.0/16, 100.64.0.0/16, 2001:db8:1200::/56',
    });
    expect(readFileSync(join(cwd, 'flowlog.toml'), 'utf8')).toContain(
      `# From ${VPC}, as EC2 has them today.`,
    );
  });

  it('and these are what a question takes', async () => {
    const made = await world();
    network(made);
    const cwd = await writeFiles(testFolder(), {
      'logs/a.log.gz': logFile([
        record({ srcaddr: '10.10.24.17', dstaddr: '100.64.3.1' }),
        record({ srcaddr: '10.10.24.17', dstaddr: '10.20.1.9' }),
      ]),
    });
    await made.run([...init, '--vpc-id', 'vpc-0000ffff', '--logs', 'logs'], { cwd });
    const ask = ['egress', '--subnet', 'sagemaker', '--columns', 'srcaddr,dstaddr'];
    expect((await flowlog(ask, { cwd })).stdout).toBe('srcaddr,srcaddr_name,dstaddr,dstaddr_name\n');
    expect(
      (await flowlog([...ask, '--vpc', 'workspaces,10.10.0.0/16,2001:db8:1200::/56'], { cwd })).stdout,
    ).toBe(
      'srcaddr,srcaddr_name,dstaddr,dstaddr_name\n' +
        '10.10.24.17,sagemaker,10.20.1.9,ml-platform\n10.10.24.17,sagemaker,100.64.3.1,vpc-name\n'.replace(
          'vpc-name',
          VPC,
        ),
    );
  });

  it('writes nothing when EC2 refuses', async () => {
    const made = await world();
    network(made);
    const cwd = testFolder();
    const unknown = await made.run(['init', '--vpc-id', 'vpc-01'], { cwd });
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toContain('There is no VPC vpc-01 in ap-northeast-1.');
    for (const action of ['ec2:DescribeSubnets', 'ec2:DescribeVpcs']) {
      made.aws.denied.clear();
      made.aws.denied.add(action);
      const { code, stderr } = await made.run(init, { cwd });
      expect(code).toBe(1);
      expect(stderr).toContain(`Access denied: ${action}`);
    }
    expect(existsSync(join(cwd, 'flowlog.toml'))).toBe(false);
  });

  it("with no more than what 'flowlog policy init' prints", async () => {
    const made = await world();
    network(made);
    const { stdout } = await flowlog(['policy', 'init'], { cwd: testFolder() });
    made.aws.policy = JSON.parse(stdout);
    expect((await made.run(init, { cwd: testFolder() })).code).toBe(0);
    made.aws.policy = { Version: '2012-10-17', Statement: [] };
    expect((await made.run(init, { cwd: testFolder() })).code).toBe(1);
  });
});

const hasScript = (() => {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8' }).includes('util-linux');
  } catch {
    return false;
  }
})();

describe.runIf(hasScript)('on a terminal', () => {
  /** Types an answer when its question is there. */
  async function converse(
    answers: ReadonlyArray<readonly [question: string, keys: string]>,
    cwd: string,
    env: Record<string, string> = {},
  ) {
    const command = `'${process.execPath}' '${BIN}' init; echo "code $?"`;
    const clean = Object.entries(process.env).filter(([name]) => !/^(FLOWLOG_|AWS_|CI$)/.test(name));
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      cwd,
      env: { ...Object.fromEntries(clean), TERM: 'xterm', ...env },
    });
    let screen = '';
    let asked = 0;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text;
      const [question, keys] = answers[asked] ?? [];
      if (question === undefined || !screen.includes(question)) return;
      asked++;
      screen = '';
      // As fingers do, when the question is drawn.
      setTimeout(() => child.stdin.write(keys!), 100);
    });
    await new Promise((resolve) => child.on('close', resolve));
    return { asked, code: /code (\d+)/.exec(screen)?.[1], screen };
  }
  const ENTER = '\r';

  it('asks for what was not given, says what is wrong with an answer, and writes the file', async () => {
    const { aws } = await world();
    aws.vpcs.set(VPC, { name: 'ml', ipv4: [{ block: '10.10.0.0/16' }] });
    const cwd = testFolder();
    const { asked, code } = await converse(
      [
        ['Where are the flow logs?', `\x1b[B${ENTER}`],
        ['Which table?', ENTER],
        ['Times of which zone?', `x${ENTER}`],
        ['is not a time zone', `\x7f${ENTER}`],
        ['Which VPC', VPC + ENTER],
        ['In which AWS region?', ENTER],
      ],
      cwd,
      aws.env(),
    );
    expect({ asked, code }).toEqual({ asked: 6, code: '0' });
    expect(await readBack(cwd)).toEqual({
      table: 'default.vpc_flow_logs',
      tz: 'Asia/Tokyo',
      region: 'ap-northeast-1',
      vpc: 'ml',
      'networks.ml': '10.10.0.0/16',
    });
  });

  it('Ctrl-C leaves with 130, and nothing written', async () => {
    const cwd = testFolder();
    const { code, screen } = await converse(
      [
        ['Where are the flow logs?', ENTER],
        ['Which folder', '\x03'],
      ],
      cwd,
    );
    expect(code).toBe('130');
    expect(screen).toContain('Interrupted.');
    expect(readdirSync(cwd)).toEqual([]);
  });
});
