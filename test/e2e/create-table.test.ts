import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_FORMAT, parseFormat, VERSION_5_FORMAT } from '../../src/flowlog/log-format.js';
import { federatedMissing, glueDenied, metadataError } from '../aws/athena/errors.js';
import { lakeFormationDatabase } from '../aws/athena/failures.js';
import { putLogs, world } from '../aws/world.js';
import { testFolder } from '../folder.js';
import { flowlog } from './bin.js';

const DAYS = ['2026-05-30', '2026-05-31', '2026-06-01'];
const HERE = ['create-table', '--location', 's3://logs/p/', '--table', 'made'];

/** What the table that was made has. */
function made(aws: Awaited<ReturnType<typeof world>>['aws'], name = 'default.made') {
  const { Columns, PartitionKeys, Parameters } = aws.athena.tables.get(name)!;
  return {
    columns: Columns.map(({ Name }) => Name),
    keys: PartitionKeys!.map(({ Name }) => Name),
    properties: Parameters!,
  };
}
const names = (fields: typeof DEFAULT_FORMAT) => fields.map(({ column }) => column);

describe('what is in the bucket is found', () => {
  it('text, plain, daily: fields in their order, accounts, regions, first day', async () => {
    const { aws, run } = await world();
    const fields = parseFormat('end start dstaddr srcaddr log-status tomorrows-field');
    putLogs(aws, DAYS, { fields });
    putLogs(aws, ['2026-06-01'], { fields, account: '210987654321', region: 'us-east-1' });
    aws.bucket('logs').put('p/AWSLogs/333333333333/CloudTrail/us-east-1/2020/01/01/x.json.gz', 'no flow log');
    aws.bucket('logs').pageSize = 1;
    const { code, stdout, stderr } = await run(HERE);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'default.made\n' });
    expect(stderr).toContain(
      'text, plain daily keys, 123456789012, 210987654321, ap-northeast-1, us-east-1, since 2026-05-30, 6 fields',
    );
    const { columns, keys, properties } = made(aws);
    expect(columns).toEqual(names(fields));
    expect(keys).toEqual(['log_account', 'log_region', 'log_day']);
    expect(properties['projection.log_account.values']).toBe('123456789012,210987654321');
    expect(properties['projection.log_region.values']).toBe('ap-northeast-1,us-east-1');
    expect(properties['projection.log_day.range']).toBe('2026/05/30,NOW');
  });

  it.each([
    { layout: 'plain', hours: ['00', '13'], keys: ['log_hour'] },
    { layout: 'hive', hours: [''], keys: ['log_year', 'log_month', 'log_day'] },
    { layout: 'hive', hours: ['07'], keys: ['log_year', 'log_month', 'log_day', 'log_hour'] },
  ] as const)('$layout keys with hours $hours', async ({ layout, hours, keys }) => {
    const { aws, run } = await world();
    putLogs(aws, DAYS, { layout, hours });
    expect((await run(HERE)).code).toBe(0);
    expect(made(aws).keys).toEqual(['log_account', 'log_region', ...keys]);
  });

  it('Parquet, by its schema', async () => {
    const { aws, run } = await world();
    const folder = testFolder();
    const sample = await flowlog([
      'sample',
      folder,
      '--file-format',
      'parquet',
      '--records',
      '50',
      '--files',
      '1',
      '--format',
      '5',
      '--quiet',
    ]);
    expect(sample.code).toBe(0);
    const { globSync } = await import('tinyglobby');
    const [file] = globSync('**/*.parquet', { cwd: folder });
    putLogs(aws, DAYS, { body: await readFile(join(folder, file!)) });
    expect((await run(HERE)).stderr).toContain('parquet, plain daily keys');
    const { columns, properties } = made(aws);
    expect(columns.sort()).toEqual(names(VERSION_5_FORMAT).sort());
    expect(properties['serde.serialization.lib']).toMatch(/Parquet/);
  });

  it('also when the location is AWSLogs/ itself; below it, the table is of just that', async () => {
    const { aws, run } = await world();
    putLogs(aws, DAYS);
    putLogs(aws, DAYS, { account: '210987654321', region: 'us-east-1' });
    for (const [deep, accounts, regions] of [
      ['p/AWSLogs/', '123456789012,210987654321', 'ap-northeast-1,us-east-1'],
      ['p/AWSLogs', '123456789012,210987654321', 'ap-northeast-1,us-east-1'],
      ['p/AWSLogs/210987654321', '210987654321', 'us-east-1'],
      ['p/AWSLogs/123456789012/vpcflowlogs/', '123456789012', 'ap-northeast-1'],
      ['p/AWSLogs/123456789012/vpcflowlogs/ap-northeast-1/', '123456789012', 'ap-northeast-1'],
    ]) {
      const { stdout } = await run(['create-table', '--location', `s3://logs/${deep}`, '--dry-run']);
      expect(stdout).toContain("LOCATION 's3://logs/p/AWSLogs/'");
      expect(stdout).toContain(`'projection.log_account.values'='${accounts}'`);
      expect(stdout).toContain(`'projection.log_region.values'='${regions}'`);
    }
  });

  it.each([
    ['p/AWSLogs/123456789012/vpcflowlogs/ap-northeast-1/2026/06/', [], 'is a folder of one time'],
    ['p/AWSLogs/123456789012/CloudTrail/', [], 'is not a folder of flow logs'],
    ['p/AWSLogs/123456789012/', ['--account', '210987654321'], 'Leave out --account'],
    ['p/AWSLogs/123456789012/', ['--partitions', 'hive'], 'registers all accounts'],
  ])('below AWSLogs/, s3://logs/%s %j is refused', async (deep, more, message) => {
    const { aws, run } = await world();
    putLogs(aws, DAYS);
    const { code, stderr } = await run([
      'create-table',
      '--location',
      `s3://logs/${deep}`,
      ...more,
      '--dry-run',
    ]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });

  it('by as few requests as a long history needs', async () => {
    const { aws, run } = await world();
    const days = [...new Array(90)].map((_, i) =>
      new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10),
    );
    putLogs(aws, days);
    expect((await run(HERE)).code).toBe(0);
    expect(aws.operations('GetObject').length).toBe(2);
    expect(aws.operations('ListObjectsV2').length).toBeLessThan(2 * days.length + 30);
  });

  it('a header line that is missing means the default format', async () => {
    const { aws, run } = await world();
    const line = '2 123456789012 eni-1 10.10.24.1 1.2.3.4 1 443 6 10 840 1780000000 1780000059 ACCEPT OK\n';
    putLogs(aws, DAYS, { body: Buffer.from(line) });
    expect((await run(HERE)).code).toBe(0);
    expect(made(aws).columns).toEqual(names(DEFAULT_FORMAT));
  });

  it('flow logs that one table cannot hold are told apart', async () => {
    const { aws, run } = await world();
    putLogs(aws, DAYS);
    putLogs(aws, DAYS, { id: 'fl-0000ffff', fields: parseFormat('dstaddr srcaddr start end') });
    const { code, stdout, stderr } = await run(HERE);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/differ in their fields at the same time: fl-\w+ \(.*\) and fl-\w+ \(/);
    for (const id of ['fl-0000ffff', 'fl-0a1b2c3d']) expect(stderr).toContain(id);
    const told = await run([...HERE, '--log-format', 'default', '--file-format', 'text']);
    expect(told.code).toBe(0);
  });

  it.each([
    ['an empty bucket', {}, 'There are no flow logs under s3://logs/p/AWSLogs/', '--location'],
    [
      'other files',
      { 'p/AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/06/01/x.gz': 'hello world' },
      'is not a flow log: its first line is no header and no record',
      '--log-format',
    ],
    [
      'damaged gzip',
      { 'p/AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/06/01/x.gz': '\x1f\x8b\x08rubbish' },
      'its gzip data is damaged from the start',
      '--log-format',
    ],
    [
      'damaged Parquet',
      { 'p/AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/06/01/x.parquet': 'PAR1 rubbish' },
      'it is damaged Parquet',
      '--file-format',
    ],
    [
      'no dates',
      { 'p/AWSLogs/123456789012/vpcflowlogs/us-east-1/x.gz': 'x' },
      'has no folders of dates',
      'check --location',
    ],
  ])('%s', async (_name, objects, message, hint) => {
    const { aws, run } = await world();
    const bucket = aws.bucket('logs');
    for (const [key, body] of Object.entries(objects)) bucket.put(key, Buffer.from(body, 'latin1'));
    const { code, stdout, stderr } = await run(HERE);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
    expect(stderr).not.toContain('internal error');
  });

  it('a bucket that is not there, or may not be listed or read', async () => {
    const { aws, run } = await world();
    expect((await run(HERE)).stderr).toContain('There is no bucket logs.');
    putLogs(aws, DAYS);
    aws.denied.add('s3:GetObject');
    expect((await run(HERE)).stderr).toContain('Access denied: s3:GetObject');
    aws.denied.add('s3:ListBucket');
    expect((await run(HERE)).stderr).toContain('Access denied: s3:ListBucket');
  });
});

const ALL = [
  '--log-format',
  '${srcaddr} ${dstaddr} ${start}',
  '--file-format',
  'parquet',
  '--layout',
  'hive',
  '--hourly',
  '--account',
  '111111111111,222222222222',
  '--aws-region',
  'eu-west-1',
  '--start-date',
  '2026-01-02',
];

describe('what is told is not looked for', () => {
  it('nothing is read when everything is given', async () => {
    const { aws, run } = await world();
    const { code, stdout } = await run([...HERE, ...ALL, '--dry-run']);
    expect(code).toBe(0);
    expect(aws.calls).toEqual([]);
    expect(stdout).toMatchInlineSnapshot(`
      "CREATE DATABASE IF NOT EXISTS \`default\`;

      CREATE EXTERNAL TABLE IF NOT EXISTS \`default\`.\`made\` (
        \`srcaddr\` string,
        \`dstaddr\` string,
        \`start\` bigint
      )
      PARTITIONED BY (
        \`log_account\` string,
        \`log_region\` string,
        \`log_year\` string,
        \`log_month\` string,
        \`log_day\` string,
        \`log_hour\` string
      )
      STORED AS PARQUET
      LOCATION 's3://logs/p/AWSLogs/'
      TBLPROPERTIES (
        'projection.enabled'='true',
        'projection.log_account.type'='enum',
        'projection.log_account.values'='111111111111,222222222222',
        'projection.log_region.type'='enum',
        'projection.log_region.values'='eu-west-1',
        'projection.log_year.type'='date',
        'projection.log_year.format'='yyyy',
        'projection.log_year.range'='2026,NOW',
        'projection.log_year.interval'='1',
        'projection.log_year.interval.unit'='YEARS',
        'projection.log_month.type'='integer',
        'projection.log_month.range'='01,12',
        'projection.log_month.digits'='2',
        'projection.log_day.type'='integer',
        'projection.log_day.range'='01,31',
        'projection.log_day.digits'='2',
        'projection.log_hour.type'='integer',
        'projection.log_hour.range'='00,23',
        'projection.log_hour.digits'='2',
        'storage.location.template'='s3://logs/p/AWSLogs/aws-account-id=\${log_account}/aws-service=vpcflowlogs/aws-region=\${log_region}/year=\${log_year}/month=\${log_month}/day=\${log_day}/hour=\${log_hour}/'
      );
      "
    `);
    expect((await run([...HERE, ...ALL])).code).toBe(0);
    expect(aws.operations('ListObjectsV2')).toEqual([]);
  });

  it.each([
    [['--account', '12'], "'12' is not an account id"],
    [['--aws-region', 'Tokyo'], "'Tokyo' is not an AWS region"],
    [['--start-date', 'June'], "'June' is not a date"],
    [['--log-format', '${srcaddr} ${srcaddr}'], 'is not a log format (twice: srcaddr)'],
    [['--partitions', 'hive'], undefined],
    [['--partitions', 'none'], 'needs one account and one region'],
    [['--location', 'logs'], "'logs' is not an S3 location"],
    [['--flow-log', 'vpc-1'], "'vpc-1' is not the id of a flow log"],
    [['--if-exists', 'maybe'], "'maybe' is invalid"],
  ])('%j', async (more, message) => {
    const { run } = await world();
    const { code, stdout, stderr } = await run([...HERE, ...ALL, ...more, '--dry-run']);
    expect(code).toBe(message === undefined ? 0 : 2);
    if (message !== undefined)
      expect({ stdout, stderr }).toEqual({ stdout: '', stderr: expect.stringContaining(message) });
  });

  it('neither location nor flow log', async () => {
    const { run } = await world();
    const { code, stderr } = await run(['create-table']);
    expect(code).toBe(2);
    expect(stderr).toContain('--location s3://bucket/prefix/, or --flow-log');
  });
});

describe('--flow-log', () => {
  const id = 'fl-0a1b2c3d4e5f';
  it('takes what EC2 says, and looks only for the accounts', async () => {
    const { aws, run } = await world();
    aws.flowLogs.set(id, {
      LogDestination: 'arn:aws:s3:::logs/p/',
      LogDestinationType: 's3',
      LogFormat: '${dstaddr} ${srcaddr} ${start} ${end}',
      TrafficType: 'REJECT',
      CreationTime: '2026-05-15T01:02:03.000Z',
      FileFormat: 'plain-text',
      HiveCompatiblePartitions: true,
      PerHourPartition: true,
    });
    const fields = parseFormat('dstaddr srcaddr start end');
    putLogs(aws, DAYS, { layout: 'hive', hours: ['01'], id, fields });
    const { code, stderr } = await run(['create-table', '--flow-log', id, '--table', 'made']);
    expect(code).toBe(0);
    expect(stderr).toContain(`Flow log ${id} records only REJECT traffic`);
    const { columns, keys, properties } = made(aws);
    expect(columns).toEqual(['dstaddr', 'srcaddr', 'start', 'end']);
    expect(keys).toContain('log_hour');
    expect(properties['projection.log_year.range']).toBe('2026,NOW');
  });

  it('needs no files of a new flow log, and starts the table with it', async () => {
    const { aws, run } = await world();
    aws.flowLogs.set(id, {
      LogDestination: 'arn:aws:s3:::logs/p/',
      LogDestinationType: 's3',
      LogFormat: '${dstaddr} ${srcaddr} ${start} ${end}',
      TrafficType: 'ALL',
      CreationTime: '2026-06-03T01:02:03.000Z',
      FileFormat: 'plain-text',
      HiveCompatiblePartitions: false,
      PerHourPartition: false,
    });
    putLogs(aws, DAYS);
    const { code, stderr } = await run(['create-table', '--flow-log', id, '--table', 'made']);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('since 2026-06-03, 4 fields'),
    });
    expect(stderr).toContain('Not in it: fl-0a1b2c3d');
    expect(made(aws).properties['projection.log_day.range']).toBe('2026/06/03,NOW');
  });

  it.each([
    ['fl-00000000', undefined, 'There is no flow log fl-00000000 in ap-northeast-1'],
    [
      id,
      { LogDestination: 'x', LogDestinationType: 'cloud-watch-logs' },
      'delivers to cloud-watch-logs, not to S3',
    ],
  ])('%s %j', async (asked, fixture, message) => {
    const { aws, run } = await world();
    if (fixture) aws.flowLogs.set(id, fixture);
    const { code, stderr } = await run(['create-table', '--flow-log', asked]);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    aws.denied.add('ec2:DescribeFlowLogs');
    expect((await run(['create-table', '--flow-log', asked])).stderr).toContain(
      'Access denied: ec2:DescribeFlowLogs',
    );
  });
});

describe('in a setup script', () => {
  it('makes the database where it is missing, and changes nothing the second time', async () => {
    const { aws, run } = await world();
    putLogs(aws, DAYS);
    const args = [...HERE, '--database', 'network'];
    const first = await run(args);
    expect(first).toMatchObject({ code: 0, stdout: 'network.made\n' });
    expect(first.stderr).toContain('Database network created.\nnetwork.made created.');
    const statements = aws.operations('StartQueryExecution').length;
    expect(statements).toBe(2);
    const second = await run(args);
    expect(second).toMatchObject({ code: 0, stdout: 'network.made\n' });
    expect(second.stderr).toContain('network.made exists and is what would be created.');
    expect(aws.operations('StartQueryExecution')).toHaveLength(statements);
    expect((await run([...args, '--quiet'])).stderr).toBe('');
  });

  it('extends the table by new accounts and regions, and by earlier days, without creating it again', async () => {
    const { aws, run } = await world();
    putLogs(aws, DAYS.slice(1));
    await run(HERE);
    putLogs(aws, DAYS, { account: '210987654321', region: 'us-east-1' });
    const before = aws.operations('StartQueryExecution').length;
    const again = await run(HERE);
    expect(again).toMatchObject({ code: 0, stdout: 'default.made\n' });
    expect(again.stderr).toContain('default.made exists and was extended: ');
    const statements = aws.operations('StartQueryExecution').slice(before);
    expect(statements.map(({ input }) => input.QueryString)).toMatchInlineSnapshot(`
      [
        "ALTER TABLE \`default\`.\`made\` SET TBLPROPERTIES (
        'projection.log_account.values'='123456789012,210987654321',
        'projection.log_region.values'='ap-northeast-1,us-east-1',
        'projection.log_day.range'='2026/05/30,NOW'
      )",
      ]
    `);
    const { properties } = made(aws);
    expect(properties['projection.log_account.values']).toBe('123456789012,210987654321');
    expect(properties['projection.log_region.values']).toBe('ap-northeast-1,us-east-1');
    expect(properties['projection.log_day.range']).toBe('2026/05/30,NOW');
    expect((await run(HERE)).stderr).toContain('exists and is what would be created.');
    const narrower = await run([
      'create-table',
      '--location',
      's3://logs/p/AWSLogs/210987654321/',
      '--table',
      'made',
    ]);
    expect(narrower.stderr).toContain('exists and is what would be created.');
  });

  it('keeps a table whose logs have expired since', async () => {
    const { aws, run } = await world();
    putLogs(aws, DAYS);
    await run(HERE);
    for (const key of aws.bucket('logs').objects.keys()) {
      if (key.includes('2026/05/30')) aws.bucket('logs').objects.delete(key);
    }
    expect((await run(HERE)).stderr).toContain('exists and is what would be created.');
  });

  it('says what differs, replaces, or fails, as told', async () => {
    const { aws, run } = await world();
    putLogs(aws, DAYS);
    await run(HERE);
    putLogs(aws, ['2026-06-02'], { fields: parseFormat('srcaddr dstaddr start end'), id: 'fl-0000ffff' });
    const skip = await run(HERE);
    expect(skip).toMatchObject({ code: 0, stdout: 'default.made\n' });
    expect(skip.stderr).toContain('  projection.log_day.range: 2026/05/30,NOW, would be 2026/06/02,NOW\n');
    const fail = await run([...HERE, '--if-exists', 'fail']);
    expect(fail).toMatchObject({ code: 1, stdout: '' });
    expect(fail.stderr).toContain('Table default.made exists.');
    const replace = await run([...HERE, '--if-exists', 'replace']);
    expect(replace.code).toBe(0);
    expect(made(aws).columns).toEqual(['srcaddr', 'dstaddr', 'start', 'end']);
  });

  it('--account-key injected lists no accounts', async () => {
    const { aws, run } = await world();
    putLogs(aws, DAYS);
    expect((await run([...HERE, '--account-key', 'injected'])).code).toBe(0);
    expect(made(aws).properties).toMatchObject({ 'projection.log_account.type': 'injected' });
    expect(made(aws).properties).not.toHaveProperty(['projection.log_account.values']);
    const { code, stderr } = await run([...HERE, '--account-key', 'injected', '--partitions', 'none']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('requires --partitions projection'),
    });
  });

  it('registers new Hive-compatible folders whenever it is run', async () => {
    const { aws, run } = await world();
    putLogs(aws, DAYS, { layout: 'hive' });
    for (const times of [1, 2]) {
      expect((await run([...HERE, '--partitions', 'hive'])).code).toBe(0);
      const repairs = aws
        .operations('StartQueryExecution')
        .filter(({ input }) => /^MSCK/.test(String(input.QueryString)));
      expect(repairs).toHaveLength(times);
    }
  });

  it('a database that may not be asked for is created when the table needs it', async () => {
    const { aws, run } = await world();
    putLogs(aws, DAYS);
    aws.denied.add('athena:GetDatabase');
    const missing = await run([...HERE, '--database', 'network']);
    expect(missing).toMatchObject({ code: 0, stdout: 'network.made\n' });
    expect(missing.stderr).toContain('Database network created.');
    const there = await run([...HERE, '--database', 'network', '--table', 'more']);
    expect(there).toMatchObject({ code: 0, stdout: 'network.more\n' });
    expect(there.stderr).not.toContain('Database network created.');
  });

  it('a denied or throttled catalog is named or retried', async () => {
    const { aws, run } = await world();
    putLogs(aws, DAYS);
    const fault = { operation: 'GetTableMetadata', times: 1 };
    const resource = 'arn:aws:glue:ap-northeast-1:123456789012:table/default/made';
    aws.faults.push({ ...fault, kind: glueDenied('glue:GetTable', resource) });
    expect(await run(HERE)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(`Access denied: glue:GetTable on ${resource}.`),
    });
    aws.faults.push({ ...fault, kind: metadataError('Rate exceeded', 'ThrottlingException') });
    expect(await run(HERE)).toMatchObject({ code: 0, stdout: 'default.made\n' });
  });

  it('a federated catalog says in its own words that there is no table', async () => {
    const { aws, run } = await world();
    putLogs(aws, DAYS);
    aws.athena.catalogs.add('partner');
    aws.faults.push({ operation: 'GetTableMetadata', times: 1, kind: federatedMissing() });
    expect((await run([...HERE, '--catalog', 'partner'])).code).toBe(0);
  });

  it('a catalog that does not exist stops it before any statement', async () => {
    const { aws, run } = await world();
    putLogs(aws, DAYS);
    const { code, stdout, stderr } = await run([...HERE, '--catalog', 'mistyped']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('There is no data catalog mistyped.');
    expect(aws.operations('StartQueryExecution')).toEqual([]);
  });

  it('Lake Formation that refuses the database is named', async () => {
    const { aws, run } = await world();
    putLogs(aws, DAYS);
    aws.athena.define = ({ kind }) => (kind === 'create database' ? lakeFormationDatabase() : undefined);
    const { code, stdout, stderr } = await run([...HERE, '--database', 'network']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('Lake Formation denied access: Create Database on Catalog is missing.');
  });

  it('a table without partitions is an error, whatever Athena says of the statement', async () => {
    const { aws, run } = await world();
    putLogs(aws, DAYS, { layout: 'hive' });
    aws.athena.folders = () => [];
    const { code, stdout, stderr } = await run([...HERE, '--partitions', 'hive']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('Table default.made exists, but no partition was registered');
    expect(stderr).toContain('glue:BatchCreatePartition');
  });

  it('a statement that fails gives no table name and exit code 1', async () => {
    const { aws, run } = await world();
    putLogs(aws, DAYS);
    aws.denied.add('athena:StartQueryExecution');
    const denied = await run([...HERE, '--database', 'network']);
    expect(denied).toMatchObject({ code: 1, stdout: '' });
  });
});
