import { chownSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { answerOf, world } from '../aws/world.js';
import { testFolder, writeFiles } from '../folder.js';
import { logFile, record } from '../records.js';
import { flowlog } from './bin.js';

const LOGS = {
  'logs/a.log.gz': logFile([
    record({ srcaddr: '10.10.24.17', dstaddr: '203.0.113.9', start: 1_780_000_000 }),
    record({ srcaddr: '10.10.2.5', dstaddr: '10.20.0.1', start: 1_780_000_100 }),
  ]),
};

/** A project folder with logs and a configuration file, and a folder in it to work in. */
async function project(config: string, files: Record<string, string | Uint8Array> = {}) {
  const folder = await writeFiles(testFolder(), { ...LOGS, 'flowlog.toml': config, ...files });
  const deep = join(folder, 'deep', 'down');
  await mkdir(deep, { recursive: true });
  const run = (args: readonly string[], env: Record<string, string> = {}, cwd = deep) =>
    flowlog(args, { cwd, env });
  /** What `flowlog config` says of a setting. */
  const setting = async (key: string, args: readonly string[] = [], env: Record<string, string> = {}) => {
    const { code, stdout, stderr } = await run(['config', '--format', 'json', ...args], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const rows = JSON.parse(stdout) as Array<{ setting: string; value: string; source: string }>;
    return rows.find((row) => row.setting === key);
  };
  return { folder, deep, file: join(folder, 'flowlog.toml'), run, setting };
}

const SUBNET = ['egress', '--subnet', '10.10.24.0/24', '--columns', 'start_time,dstaddr'];

describe('a file that somebody else may have written', () => {
  it.each([
    ['since = "2026-05-01"', '--since 2026-05-01'],
    ['until = "2027-05-01"', '--until 2027-05-01'],
    ['exclude = "192.0.2.0/24"', '--exclude 192.0.2.0/24'],
    ['limit = 5', '--limit 5'],
    ['workgroup = "theirs"', '--workgroup theirs'],
    ['output-location = "s3://theirs/"', '--output-location s3://theirs/'],
    [
      'role-arn = "arn:aws:iam::999999999999:role/theirs"',
      '--role-arn arn:aws:iam::999999999999:role/theirs',
    ],
    ['catalog = "theirs"', '--catalog theirs'],
  ])('%s is said, whatever the file says of quiet', async (line, said) => {
    const { file, run } = await project(`logs = "logs"\nquiet = true\n${line}\n`);
    const loud = await run(SUBNET);
    expect(loud.stderr).toBe(`Using ${said} from ${file}.\n`);
    expect((await run([...SUBNET, '--quiet'])).stderr).toBe('');
  });

  it('the environment narrows and is said too', async () => {
    const { run } = await project('logs = "logs"\n');
    const { stderr } = await run(SUBNET, { FLOWLOG_QUIET: 'true', FLOWLOG_LIMIT: '1' });
    expect(stderr).toBe('Using --limit 1 from FLOWLOG_LIMIT.\n');
  });

  it.runIf(process.getuid?.() === 0)(
    'is not read when another user owns it, unless it is named',
    async () => {
      const { file, run } = await project('logs = "logs"\nlimit = 1\n');
      chownSync(file, 12_345, 12_345);
      const asked = await run([...SUBNET, '--logs', '../../logs']);
      expect(asked.stderr).toContain(
        `Not reading ${file}: another user owns it (--config ${file} reads it).`,
      );
      expect(asked.stderr).not.toContain('--limit');
      const named = await run([...SUBNET, '--config', file]);
      expect(named.stderr).toContain(`Using --limit 1 from ${file}.`);
      expect((await run([...SUBNET, '--logs', '../../logs'], { SUDO_UID: '12345' })).stderr).toContain(
        '--limit 1',
      );
    },
  );

  it('JSON carries the question as it was in effect', async () => {
    const { file, run } = await project('logs = "logs"\nsince = "2026-05-01"\n');
    const { stdout } = await run([...SUBNET, '--format', 'json', '--with-question']);
    const { question, rows } = JSON.parse(stdout);
    expect(rows).toEqual(JSON.parse((await run([...SUBNET, '--format', 'json'])).stdout));
    expect(question.command).toBe('egress');
    expect(question.options).toContainEqual({ option: 'since', value: '2026-05-01', source: file });
    expect(question.options).toContainEqual({ option: 'subnet', value: '10.10.24.0/24', source: '--subnet' });
    expect((await run([...SUBNET, '--with-question'])).code).toBe(2);
  });
});

describe('who says a setting', () => {
  it('flag, environment, profile, file, default: each goes before the next', async () => {
    const { file, setting } = await project('tz = "UTC"\n[profiles.berlin]\ntz = "Europe/Berlin"\n');
    const env = { FLOWLOG_TZ: 'America/New_York' };
    const use = ['--use', 'berlin'];
    expect(await setting('tz', [...use, '--tz', 'Asia/Seoul'], env)).toMatchObject({
      value: 'Asia/Seoul',
      source: '--tz',
    });
    expect(await setting('tz', use, env)).toMatchObject({ value: 'America/New_York', source: 'FLOWLOG_TZ' });
    expect(await setting('tz', use)).toMatchObject({
      value: 'Europe/Berlin',
      source: `profile berlin of ${file}`,
    });
    expect(await setting('tz', [], { FLOWLOG_USE: 'berlin' })).toMatchObject({ value: 'Europe/Berlin' });
    expect(await setting('tz')).toMatchObject({ value: 'UTC', source: file });
    expect(await setting('tz', ['--no-config'])).toMatchObject({ value: 'Asia/Tokyo', source: 'default' });
    // Set to nothing counts as not set.
    expect(await setting('tz', [], { FLOWLOG_TZ: '' })).toMatchObject({ value: 'UTC' });
    expect(await setting('region')).toMatchObject({ value: null, source: null });
  });

  it('a question runs with them, and with logs beside the file', async () => {
    const { run } = await project('logs = "logs"\ntz = "UTC"\nformat = "ndjson"\nlimit = 1\nquiet = true\n');
    const { code, stdout, stderr } = await run(SUBNET);
    expect(code).toBe(0);
    // The file cannot silence what it does to the answer.
    expect(stderr).toMatch(/^Using --limit 1 from .*flowlog\.toml\.\n$/);
    expect(stdout).toBe('{"start_time":"2026-05-28T20:26:40+00:00","dstaddr":"203.0.113.9"}\n');
    const csv = await run([...SUBNET, '--format', 'csv', '--tz', 'Asia/Tokyo']);
    expect(csv.stdout).toBe('start_time,dstaddr\n2026-05-29 05:26:40,203.0.113.9\n');
  });

  it('a list on the command line stands instead of the list in the file, not after it', async () => {
    const { run, setting } = await project('logs = ["logs", "nowhere"]\nexclude = ["203.0.113.0/24"]\n');
    expect((await run([...SUBNET, '--quiet'])).stderr).toContain(
      'nowhere: no such file or directory (logs in ',
    );
    const outcome = await run([
      ...SUBNET,
      ...['--logs', '../../logs', '--exclude', '192.0.2.0/24', '--exclude', '198.51.100.0/24', '--quiet'],
    ]);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toContain('203.0.113.9');
    expect(await setting('exclude', [], { FLOWLOG_EXCLUDE: '10.20.0.0/16,10.30.0.0/16' })).toMatchObject({
      value: '10.20.0.0/16, 10.30.0.0/16',
      source: 'FLOWLOG_EXCLUDE',
    });
  });

  it('a needed option may be said by anyone', async () => {
    const { run } = await project('logs = "logs"\nsubnet = "10.10.24.0/24"\nquiet = true\n');
    expect((await run(['egress', '--columns', 'srcaddr'])).stdout).toBe('srcaddr\n10.10.24.17\n');
    const env = { FLOWLOG_SUBNET: '10.10.2.0/24' };
    expect((await run(['egress', '--columns', 'srcaddr'], env)).stdout).toBe('srcaddr\n10.10.2.5\n');
  });

  it('switches are turned on and off', async () => {
    const { setting } = await project('verbose = true\ncolor = false\nnames = false\n');
    expect(await setting('verbose')).toMatchObject({ value: 'true' });
    expect(await setting('color')).toMatchObject({ value: 'false' });
    expect(await setting('verbose', [], { FLOWLOG_VERBOSE: '0' })).toMatchObject({ value: 'false' });
    expect(await setting('strict', [], { FLOWLOG_STRICT: 'yes' })).toMatchObject({ value: 'true' });
  });

  it('what leaves something out of an answer and was not typed is said', async () => {
    const { run, file } = await project('logs = "logs"\nexclude = "203.0.113.0/24"\n');
    const { stdout, stderr } = await run(SUBNET, { FLOWLOG_SINCE: '2026-05-01' });
    expect(stdout).toBe('start_time,dstaddr\n');
    expect(stderr).toContain(`Using --exclude 203.0.113.0/24 from ${file}.`);
    expect(stderr).toContain('Using --since 2026-05-01 from FLOWLOG_SINCE.');
    expect((await run([...SUBNET, '--quiet'])).stderr).toBe('');
  });
});

describe('which engine', () => {
  const here = 'logs = "logs"\nquiet = true\n[profiles.prod]\ntable = "network.flows"\n';
  it.each([
    ['logs in the file', here, [], 'local'],
    ['a table on the command line', here, ['--table', 'network.flows'], 'athena'],
    ['a table in the profile', here, ['--use', 'prod'], 'athena'],
    ['logs on the command line', here, ['--use', 'prod', '--logs', '../../logs'], 'local'],
    [
      'logs on the command line, another engine in the file',
      'engine = "athena"\n',
      ['--logs', '../../logs'],
      'local',
    ],
    ['the engine itself', here, ['--use', 'prod', '--engine', 'local'], 'local'],
    ['both in one place', `table = "network.flows"\n${here}`, [], 'local'],
  ])('%s', async (_what, config, args, engine) => {
    const { aws } = await world({ database: 'network', table: 'flows' });
    aws.athena.script = () => ({ result: answerOf(['start_time', 'dstaddr'], [[null, 'from Athena']]) });
    const { run } = await project(config);
    const { code, stdout } = await run([...SUBNET, ...args], aws.env());
    expect(code).toBe(0);
    expect(stdout).toContain(engine === 'local' ? '203.0.113.9' : 'from Athena');
  });
});

describe('where the file is found', () => {
  it('the nearest upwards, by either name; else the one of the user', async () => {
    const { folder, deep, run } = await project('', {
      'deep/.flowlog.toml': 'tz = "UTC"',
      'own/flowlog/config.toml': 'tz = "Asia/Seoul"',
    });
    const path = async (cwd: string, env: Record<string, string> = {}, args: string[] = []) =>
      (await run(['config', '--path', ...args], env, cwd)).stdout.trimEnd();
    const own = { XDG_CONFIG_HOME: join(folder, 'own') };
    expect(await path(deep, own)).toBe(join(folder, 'deep/.flowlog.toml'));
    expect(await path(join(folder, 'logs'), own)).toBe(join(folder, 'flowlog.toml'));
    expect(await path(testFolder(), own)).toBe(join(folder, 'own/flowlog/config.toml'));
    const named = join(folder, 'own/flowlog/config.toml');
    expect(await path(deep, {}, ['--config', named])).toBe(named);
    expect(await path(deep, { FLOWLOG_CONFIG: named })).toBe(named);
  });

  it('the home folder of the user is looked at with no XDG_CONFIG_HOME', async () => {
    const home = await writeFiles(testFolder(), { '.config/flowlog/config.toml': 'tz = "Asia/Seoul"' });
    const { stdout } = await flowlog(['config', '--path'], {
      cwd: testFolder(),
      env: { HOME: home, XDG_CONFIG_HOME: '' },
    });
    expect(stdout).toBe(`${join(home, '.config/flowlog/config.toml')}\n`);
  });

  it('there may be none', async () => {
    const { code, stdout, stderr } = await flowlog(['config', '--path'], { cwd: testFolder() });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('flowlog init');
  });
});

describe('what is wrong in the file names file, key and value, and what to do', () => {
  it.each([
    ['formt = "csv"', "'formt' in FILE is not a setting.", 'Did you mean format?'],
    ['price_per_tb = 5', "'price_per_tb' in FILE is not a setting.", 'Did you mean price-per-tb?'],
    ['sql = true', "'sql' in FILE is not a setting.", 'flowlog config --no-config'],
    ['tz = 9', 'tz = 9 in FILE is not valid.', 'text in quotes'],
    ['format = "xml"', 'format = "xml" in FILE is not valid.', 'table, csv, json'],
    ['limit = "many"', 'limit = "many" in FILE is not valid.', 'whole number'],
    ['limit = 1.5', 'limit = 1.5 in FILE is not valid.', 'whole number'],
    ['quiet = "yes"', 'quiet = "yes" in FILE is not valid.', 'true or false'],
    ['logs = [true]', 'logs = [true] in FILE is not valid.', '["one", "two"]'],
    ['max-scan = "lots"', 'max-scan = "lots" in FILE is not valid.', '10GB'],
    ['tz = 2026-06-01', 'in FILE is not valid.', 'text in quotes'],
    ['[profiles.a]\nformt = "csv"', "'formt' in profile a of FILE is not a setting.", 'Did you mean format?'],
    ['profiles = "a"', 'profiles = "a" in FILE is not a table.', '[profiles.NAME]'],
    ['[profiles]\na = 1', 'profiles.a = 1 in FILE is not a table.', '[profiles.a]'],
    ['tz = "UTC', 'FILE is not valid TOML: line 1, column', '--no-config'],
    ['tz = "UTC"\ntz = "UTC"', 'FILE is not valid TOML: line 2, column', '--no-config'],
    ['networks = "a"', 'networks = "a" in FILE is not a table.', '[networks]'],
    [
      '[networks]\na = "10.10.24.0/33"',
      "'10.10.24.0/33' is not a CIDR block: '/33' is not a prefix length of IPv4 (networks.a in FILE).",
      '0 to 32',
    ],
    ['[networks]\na = "10.10.24.5/24"', 'has host bits set (networks.a in FILE).', '10.10.24.0/24'],
    ['[networks]\na = 5', 'networks.a = 5 in FILE is not a block.', 'a = "10.10.24.0/24"'],
    ['[networks]\na = []', 'networks.a = [] in FILE is not a block.', 'a = "10.10.24.0/24"'],
    ['[networks]\n"a/b" = "10.0.0.0/8"', "'a/b' in FILE cannot be the name", 'no comma'],
    ['[networks]\n"10.0.0.1" = "10.0.0.0/8"', "'10.0.0.1' in FILE cannot be the name", 'no address'],
  ])('%s', async (config, message, hint) => {
    const { file, run } = await project(config);
    const { code, stdout, stderr } = await run(['config']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message.replace('FILE', file));
    expect(stderr).toContain(hint);
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
  });

  it('a question is not answered, but help, version and what has no settings are given', async () => {
    const { run } = await project('formt = "csv"');
    const ask = [...SUBNET, '--logs', '../../logs'];
    expect(await run(ask)).toMatchObject({ code: 2, stdout: '' });
    for (const fine of [
      ['--version'],
      ['--help'],
      ['egress', '--help'],
      ['sample', 'sample', '--records', '10'],
      [...ask, '--no-config'],
    ]) {
      expect((await run(fine)).code).toBe(0);
    }
  });

  it('a question looks at the settings of other commands too', async () => {
    const { file, run } = await project('via = "10.10.1.7"\nallow-ip = "131.248.10.10"\nlogs = "logs"\n');
    expect(await run(SUBNET)).toMatchObject({ code: 0 });
    const wrong = async (config: string) => {
      await writeFiles(dirname(file), { 'flowlog.toml': config });
      const { code, stderr } = await run(SUBNET);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await wrong('allow-ip = 7.5')).toContain(`allow-ip = 7.5 in ${file} is not valid.`);
    expect(await wrong('locaton = "s3://my-logs/"')).toContain('Did you mean location?');
  });

  it.each([
    ['tz = "Mars/Olympus"', [], {}, "'Mars/Olympus' is not a time zone (tz in FILE)."],
    ['[profiles.a]\ntz = "Mars"', ['--use', 'a'], {}, "'Mars' is not a time zone (tz in profile a of FILE)."],
    ['', [], { FLOWLOG_TZ: 'Mars' }, "'Mars' is not a time zone (FLOWLOG_TZ)."],
    ['since = "someday"', [], {}, "'someday' is not a time (since in FILE)."],
    ['vpc = "10.0.0.0/33"', [], {}, 'is not a prefix length of IPv4 (vpc in FILE).'],
    [
      'exclude = "corp"',
      [],
      {},
      "'corp' is neither a CIDR block nor the name of a network (exclude in FILE).",
    ],
    ['tz = "UTC"', ['--tz', 'Mars'], {}, "'Mars' is not a time zone.\n"],
    ['', [], { FLOWLOG_LIMIT: 'many' }, "FLOWLOG_LIMIT 'many' is not valid."],
    ['', [], { FLOWLOG_STRICT: 'perhaps' }, "FLOWLOG_STRICT 'perhaps' is not valid."],
  ])('%s %j %j', async (config, args, env, message) => {
    const { file, run } = await project(config);
    const { code, stdout, stderr } = await run(
      [...SUBNET, '--logs', '../../logs', ...args],
      env as Record<string, string>,
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message.replace('FILE', file));
  });

  it.each([
    ['tz = "UTC"', ['--use', 'prd'], 'There is no profile prd in FILE.', '[profiles.prd]'],
    [
      '[profiles.prod]\n[profiles.test]',
      ['--use', 'prd'],
      'There is no profile prd in FILE.',
      'Did you mean prod? The profiles are prod, test.',
    ],
    [
      '',
      ['--use', 'prod', '--no-config'],
      'There is no profile prod: no configuration file is read.',
      'flowlog init',
    ],
    [
      '',
      ['--config', '/nonexistent/x.toml'],
      'There is no configuration file /nonexistent/x.toml.',
      '--config',
    ],
    ['', ['--config', '/'], 'The configuration file / cannot be read (EISDIR).', '--no-config'],
  ])('%s %j', async (config, args, message, hint) => {
    const { file, run } = await project(config);
    const { code, stdout, stderr } = await run(['config', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message.replace('FILE', file));
    expect(stderr).toContain(hint);
  });
});

describe('named networks', () => {
  const NETWORKS = `
logs = "logs"
quiet = true
[networks]
sagemaker = "10.10.24.0/24"
workspaces = ["10.10.2.0/24", "10.10.3.0/24"]
corp = "10.20.0.0/16"
partner = "203.0.113.0/24"
`;

  it('stand where a block can, and beside addresses', async () => {
    const { run } = await project(NETWORKS);
    const args = [
      'egress',
      '--columns',
      'srcaddr,dstaddr,bytes',
      '--subnet',
      'sagemaker',
      '--subnet',
      'workspaces',
    ];
    expect((await run(args)).stdout).toMatchInlineSnapshot(`
      "srcaddr,srcaddr_name,dstaddr,dstaddr_name,bytes
      10.10.24.17,sagemaker,203.0.113.9,partner,840
      10.10.2.5,workspaces,10.20.0.1,corp,840
      "
    `);
    const excluded = await run([...args, '--exclude', 'corp,192.0.2.0/24', '--format', 'json']);
    expect(JSON.parse(excluded.stdout)).toEqual([
      {
        srcaddr: '10.10.24.17',
        srcaddr_name: 'sagemaker',
        dstaddr: '203.0.113.9',
        dstaddr_name: 'partner',
        bytes: 840,
      },
    ]);
    const plain = await run([...args, '--no-names', '--exclude', 'corp']);
    expect(plain.stdout).toBe('srcaddr,dstaddr,bytes\n10.10.24.17,203.0.113.9,840\n');
    expect(
      (await run(['egress', '--subnet', 'sagemaker', '--by', 'dstaddr', '--vpc', '10.10.0.0/16'])).stdout,
    ).toMatch(/^dstaddr,dstaddr_name,flows,.*\n203\.0\.113\.9,partner,1,/);
  });

  it('in the same way on Athena, and in the result of an earlier query', async () => {
    const { aws } = await world();
    const { run } = await project(NETWORKS);
    aws.athena.script = () => ({
      result: answerOf(['srcaddr', 'dstaddr', 'bytes'], [['10.10.24.17', '203.0.113.9', '840']]),
    });
    const args = [
      'egress',
      '--subnet',
      'sagemaker',
      '--columns',
      'srcaddr,dstaddr,bytes',
      '--engine',
      'athena',
    ];
    const answer =
      'srcaddr,srcaddr_name,dstaddr,dstaddr_name,bytes\n10.10.24.17,sagemaker,203.0.113.9,partner,840\n';
    expect((await run(args, aws.env())).stdout).toBe(answer);
    const [id] = [...aws.athena.executions.keys()];
    expect((await run(['result', id!], aws.env())).stdout).toBe(answer);
  });

  it('unknown ones are told with those there are', async () => {
    const { run } = await project(NETWORKS);
    const { code, stdout, stderr } = await run(['egress', '--subnet', 'sagemakers']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      "flowlog: 'sagemakers' is neither a CIDR block nor the name of a network.\n" +
        'Did you mean sagemaker? The networks that have names are sagemaker, workspaces, corp, partner.\n',
    );
  });
});

it('logs and a table on one command line are refused: the answer could be of either', async () => {
  const asked = ['talkers', '--logs', 'x.log', '--table', 'network.vpc_flow_logs'];
  const { code, stdout, stderr } = await flowlog(asked);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(
    /^flowlog: --\w+ and --\w+ cannot be given together: they name different records\.\n/,
  );
});
