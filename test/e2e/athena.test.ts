import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { grammarErrors } from '../aws/grammar.js';
import { AwsError, type FakeAws } from '../aws/server.js';
import { answerOf, putLogs, world } from '../aws/world.js';
import { column } from '../engines/foreign-tables.js';
import { spawnFlowlog, startFlowlog } from './bin.js';

const DAY = ['--since', '2026-06-01', '--until', '2026-06-02'];
const EGRESS = ['egress', '--subnet', '10.10.24.0/24', '--vpc', '10.10.0.0/16', ...DAY];
const TWO = ['srcaddr', 'bytes'];
const ask = [...EGRESS, '--columns', TWO.join(',')];
const started = (aws: Awaited<ReturnType<typeof world>>['aws']) =>
  aws.operations('StartQueryExecution').map(({ input }) => input as unknown as Started);

interface Started {
  readonly QueryString: string;
  readonly ExecutionParameters: readonly string[];
  readonly ClientRequestToken: string;
  readonly ResultConfiguration?: Record<string, unknown>;
  readonly ResultReuseConfiguration?: unknown;
  readonly QueryExecutionContext: unknown;
  readonly WorkGroup: string;
}

describe('a question on Athena', () => {
  it('is one statement with parameters, a partition predicate and a mark', async () => {
    const { aws, run } = await world();
    const { code, stdout } = await run([
      ...EGRESS,
      '--action',
      'accept',
      '--protocol',
      'tcp',
      '--dst-port',
      '1-1024',
      '--limit',
      '20',
    ]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'start_time,end_time,srcaddr,srcport,dstaddr,dstport,protocol,packets,bytes,action\n',
    });
    const [{ QueryString, ExecutionParameters, ...rest }] = started(aws) as [Started];
    // The rest of the first line says what was asked, see result.test.ts.
    expect(QueryString.replace(/^(-- flowlog: egress) .*/, '$1')).toMatchInlineSnapshot(`
      "-- flowlog: egress
      SELECT
        format_datetime(from_unixtime("start", 'Asia/Tokyo'), 'yyyy-MM-dd''T''HH:mm:ssZZ') AS "start_time",
        format_datetime(from_unixtime("end", 'Asia/Tokyo'), 'yyyy-MM-dd''T''HH:mm:ssZZ') AS "end_time",
        nullif("srcaddr", '-') AS "srcaddr",
        "srcport",
        nullif("dstaddr", '-') AS "dstaddr",
        "dstport",
        "protocol",
        "packets",
        "bytes",
        nullif("action", '-') AS "action",
        CASE WHEN nullif("log_status", '-') = 'SKIPDATA' THEN 'skipdata' END AS aside
      FROM "default"."vpc_flow_logs"
      WHERE "log_day" >= '2026/05/31' AND "log_day" <= '2026/06/01'
        AND coalesce("version" <> 6, true)
        AND "start" >= ?
        AND "start" < ?
        AND ((strpos(nullif("srcaddr", '-'), ':') = 0 AND TRY_CAST(nullif("srcaddr", '-') AS IPADDRESS) BETWEEN ? AND ?)
        AND NOT (strpos(nullif("dstaddr", '-'), ':') = 0 AND TRY_CAST(nullif("dstaddr", '-') AS IPADDRESS) BETWEEN ? AND ?)
        AND nullif("action", '-') = ?
        AND "protocol" IN (?)
        AND "dstport" BETWEEN ? AND ?
        OR nullif("log_status", '-') = 'SKIPDATA')
      ORDER BY aside NULLS FIRST, "start", "end", nullif("srcaddr", '-'), "srcport", nullif("dstaddr", '-'), "dstport", "protocol", "packets", "bytes", nullif("action", '-')
      LIMIT 21"
    `);
    expect(ExecutionParameters).toMatchInlineSnapshot(`
      [
        "1780239600",
        "1780326000",
        "IPADDRESS '10.10.24.0'",
        "IPADDRESS '10.10.24.255'",
        "IPADDRESS '10.10.0.0'",
        "IPADDRESS '10.10.255.255'",
        "'ACCEPT'",
        "6",
        "1",
        "1024",
      ]
    `);
    expect(rest).toMatchObject({
      QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: 'default' },
      WorkGroup: 'primary',
    });
    expect(rest.ResultConfiguration).toBeUndefined();
  });

  it.each([
    [['--by', 'dstaddr,dstport']],
    [['--columns', 'start,end,interface_id,log_status']],
    [['--subnet', '2001:db8::/64', '--vpc', '2001:db8::/56', '--exclude', '::/1']],
    [['--tz', 'Europe/Berlin', '--exclude', '192.168.0.0/16,10.20.0.0/14']],
  ])('%j is read by the grammar of Trino', async (more) => {
    const { run } = await world();
    const { code, stdout } = await run([...EGRESS, ...more, '--sql']);
    expect(code).toBe(0);
    const [statement, parameters] = stdout.split(';\n') as [string, string];
    expect(grammarErrors(statement)).toEqual([]);
    expect(statement.match(/\?/g)).toHaveLength(parameters.trimEnd().split('\n').length);
  });

  it('keeps NULL and empty text apart, and quotes, commas and line ends', async () => {
    const { aws, run } = await world();
    const odd = ['a"b', 'c,d', 'e\nf', '', null, '-', 'é'];
    aws.athena.script = () => ({
      result: answerOf(
        ['srcaddr', 'bytes'],
        odd.map((value, i) => [value, String(i)]),
      ),
    });
    const { stdout } = await run([...ask, '--format', 'json']);
    expect(JSON.parse(stdout)).toEqual(odd.map((srcaddr, bytes) => ({ srcaddr, bytes })));
  });

  it('gives whole numbers as they are, however large', async () => {
    const { aws, run } = await world();
    aws.athena.script = () => ({
      result: answerOf(TWO, [
        ['10.10.24.1', '9223372036854775807'],
        ['10.10.24.1', null],
      ]),
    });
    const { stdout } = await run(ask);
    expect(stdout).toBe('srcaddr,bytes\n10.10.24.1,9223372036854775807\n10.10.24.1,\n');
  });

  it('says on standard error what it cost, and what was skipped', async () => {
    const { aws, run } = await world();
    aws.athena.script = () => ({
      queued: 600,
      running: 300,
      scanned: 1_234_567_890,
      result: answerOf(TWO, [['10.10.24.1', '840']], ['skipdata', 'skipdata']),
    });
    const { stdout, stderr } = await run(ask);
    expect(stdout).toBe('srcaddr,bytes\n10.10.24.1,840\n');
    const [id] = [...aws.athena.executions.keys()];
    expect(stderr).toMatch(
      new RegExp(
        `^1 row, 840 B; 1\\.2 GB scanned \\(about 0\\.0062 USD\\) by query ${id} \\(0\\.9 s at Athena, 0\\.6 s of it queued\\)$`,
        'm',
      ),
    );
    expect(stderr).toContain('2 SKIPDATA records in this range');
    const quiet = await run([...ask, '--quiet']);
    expect(quiet.stderr).toBe('');
    const free = await run([...ask, '--price-per-tb', '0']);
    expect(free.stderr).toContain('about 0.00 USD');
  });

  it('asks for one row more than the limit, to say whether there are more', async () => {
    const { aws, run } = await world();
    const rows = Array.from({ length: 3 }, (_, i) => ['10.10.24.1', String(i)]);
    aws.athena.script = () => ({ result: answerOf(TWO, rows) });
    const more = await run([...ask, '--limit', '2']);
    expect(more.stdout.split('\n')).toHaveLength(4);
    expect(more.stderr).toContain('There are more rows than --limit 2');
    const all = await run([...ask, '--limit', '3']);
    expect(all.stdout.split('\n')).toHaveLength(5);
    expect(all.stderr).not.toContain('There are more');
    expect(started(aws).map(({ QueryString }) => /LIMIT (\d+)$/.exec(QueryString)?.[1])).toEqual(['3', '4']);
  });
});

describe('the table', () => {
  it('with the names of AWS before is asked by them', async () => {
    const { aws, run } = await world();
    aws.athena.tables.set('default.vpc_flow_logs', {
      Columns: [
        ...[
          'version int',
          'account string',
          'interfaceid string',
          'sourceaddress string',
          'destinationaddress string',
        ],
        ...['sourceport int', 'destinationport int', 'protocol int', 'numpackets int', 'numbytes bigint'],
        ...['starttime int', 'endtime int', 'action string', 'logstatus string'],
      ].map((each) => ({ Name: each.split(' ')[0]!, Type: each.split(' ')[1]! })),
      PartitionKeys: [{ Name: 'dt', Type: 'string' }],
    });
    const { code } = await run([...EGRESS, '--columns', 'start_time,srcaddr,bytes,account_id']);
    expect(code).toBe(0);
    const [{ QueryString }] = started(aws) as [Started];
    expect(QueryString).toContain('nullif("sourceaddress", \'-\') AS "srcaddr"');
    expect(QueryString).toContain('"numbytes" AS "bytes"');
    expect(QueryString).toContain('"starttime" >= ?');
    expect(QueryString).toContain('nullif("account", \'-\') AS "account_id"');
    expect(QueryString).toContain('regexp_extract("dt"');
  });

  it('whose numbers are text, and whose region is a partition key', async () => {
    const { aws, run } = await world();
    aws.athena.tables.set('default.vpc_flow_logs', {
      Columns: ['srcaddr', 'dstaddr', 'start', 'bytes'].map((Name) => ({ Name, Type: 'string' })),
      PartitionKeys: [{ Name: 'region', Type: 'string' }],
    });
    const { code, stderr } = await run([...EGRESS, '--columns', 'region,bytes']);
    expect(code).toBe(0);
    expect(stderr).toContain('has no partition key for time: all of it is read');
    const [{ QueryString }] = started(aws) as [Started];
    expect(QueryString).toContain('TRY_CAST("bytes" AS bigint) AS "bytes"');
    expect(QueryString).toContain('nullif("region", \'-\') AS "region"');
    expect(QueryString).not.toContain('AS aside');
  });

  it('that lacks a field says which one, and how to get it', async () => {
    const { run } = await world();
    const { code, stderr } = await run([...EGRESS, '--columns', 'tcp_flags']);
    expect(code).toBe(2);
    expect(stderr).toContain('do not record tcp-flags');
  });

  it.each([
    [
      ['--since', '2026-04-01', '--until', '2026-04-02'],
      'The range ends before the partitions of default.vpc_flow_logs begin, at 2026-05-01 00:00 UTC: it has no rows of it.',
    ],
    [
      ['--since', '2026-04-01', '--until', '2026-05-02'],
      'begin at 2026-05-01 00:00 UTC: it has no rows from before.',
    ],
    [['--since', '2999-04-01'], 'The range begins after the partitions'],
    [[], 'Without --since and --until all of default.vpc_flow_logs is read.'],
  ])('range %j: what the projection means for it is said', async (range, note) => {
    const { run } = await world();
    const { code, stderr } = await run(['egress', '--subnet', '10.10.24.0/24', ...range]);
    expect(code).toBe(0);
    expect(stderr).toContain(note);
  });
});

describe('results', () => {
  const many = answerOf(
    TWO,
    Array.from({ length: 4_321 }, (_, i) => [`10.10.24.${i % 250}`, i % 7 === 0 ? null : String(i)]),
  );

  it('come from the file, whose connection may break and is taken up where it broke', async () => {
    const { aws, run } = await world();
    aws.athena.script = () => ({ result: many });
    const whole = await run(ask);
    expect(whole.stdout.split('\n')).toHaveLength(4_323);
    aws.bucket('results').cuts = { after: 20_000, times: 3 };
    const pieces = await run(ask);
    expect(pieces.stdout).toBe(whole.stdout);
    expect(aws.operations('GetObject').flatMap(({ input }) => input.range ?? [])).toEqual(
      ['bytes=20000-', 'bytes=40000-', 'bytes=60000-'].slice(0, aws.operations('GetObject').length - 2),
    );
    expect(aws.operations('GetQueryResults')).toEqual([]);
  });

  it('come from Athena, page by page, where the bucket cannot be read', async () => {
    const { aws, run } = await world();
    aws.athena.script = () => ({ result: many });
    const file = await run(ask);
    aws.denied.add('s3:GetObject');
    const pages = await run(ask);
    expect(pages.stdout).toBe(file.stdout);
    expect(aws.operations('GetQueryResults').map(({ input }) => input.MaxResults)).toEqual([
      1000, 1000, 1000, 1000, 1000,
    ]);
  });

  it('come from Athena where the workgroup keeps them itself, which is told no place', async () => {
    const { aws, run } = await world();
    aws.athena.script = () => ({ result: many });
    aws.athena.workgroups.set('managed', { managed: true });
    const { code, stdout } = await run([
      ...ask,
      '--workgroup',
      'managed',
      '--output-location',
      's3://mine/x/',
      '--reuse',
      '60m',
    ]);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toHaveLength(4_323);
    const [{ ResultConfiguration, ResultReuseConfiguration }] = started(aws) as [Started];
    expect([ResultConfiguration, ResultReuseConfiguration]).toEqual([undefined, undefined]);
  });

  it('go where the user says, encrypted as the user says, unless the workgroup insists', async () => {
    const { aws, run } = await world();
    aws.bucket('mine');
    const place = [
      '--output-location',
      's3://mine/x/',
      '--expected-bucket-owner',
      '123456789012',
      '--encryption',
      'SSE_KMS',
      '--kms-key',
      'arn:aws:kms:ap-northeast-1:123456789012:key/k',
    ];
    expect((await run([...ask, ...place])).code).toBe(0);
    aws.athena.workgroups.set('strict', { OutputLocation: 's3://results/strict/', enforced: true });
    expect((await run([...ask, ...place, '--workgroup', 'strict'])).code).toBe(0);
    const [free, strict] = started(aws) as [Started, Started];
    expect(free.ResultConfiguration).toEqual({
      OutputLocation: 's3://mine/x/',
      ExpectedBucketOwner: '123456789012',
      EncryptionConfiguration: {
        EncryptionOption: 'SSE_KMS',
        KmsKey: 'arn:aws:kms:ap-northeast-1:123456789012:key/k',
      },
    });
    expect(strict.ResultConfiguration).toBeUndefined();
    expect([...aws.bucket('mine').objects.keys()]).toHaveLength(1);
  });

  it('of an earlier run are reused, and said to be', async () => {
    const { aws, run } = await world();
    aws.athena.script = () => ({ result: many, reused: true });
    const { stderr } = await run([...ask, '--reuse', '2h']);
    expect(started(aws)[0]!.ResultReuseConfiguration).toEqual({
      ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes: 120 },
    });
    expect(stderr).toContain('an earlier result reused, nothing scanned');
  });
});

describe('what AWS does on a bad day', () => {
  it('throttling and broken connections are tried again, under the same token', async () => {
    const { aws, run } = await world();
    aws.faults.push(
      {
        operation: 'StartQueryExecution',
        times: 2,
        kind: new AwsError('TooManyRequestsException', 'You have exceeded the limit', 400, {
          Reason: 'CONCURRENT_QUERY_LIMIT_EXCEEDED',
        }),
      },
      { operation: 'GetQueryExecution', times: 1, kind: 'reset' },
      {
        operation: 'GetQueryExecution',
        times: 1,
        kind: new AwsError('ThrottlingException', 'Rate exceeded'),
      },
      { operation: 'GetObject', times: 1, kind: new AwsError('SlowDown', 'Reduce your request rate', 503) },
    );
    const { code } = await run(ask);
    expect(code).toBe(0);
    expect(new Set(started(aws).map(({ ClientRequestToken }) => ClientRequestToken)).size).toBe(1);
    expect(started(aws)).toHaveLength(3);
    expect(aws.athena.executions.size).toBe(1);
  });

  it('a failure that Athena calls passing is tried once more, and only once', async () => {
    const { aws, run } = await world();
    const passing = {
      state: 'FAILED',
      reason: 'Internal error',
      error: { ErrorCategory: 1, ErrorType: 100, Retryable: true },
    } as const;
    let runs = 0;
    aws.athena.script = () => (runs++ === 0 ? passing : { result: answerOf(TWO, [['10.10.24.1', '1']]) });
    const { code, stdout, stderr } = await run(ask);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'srcaddr,bytes\n10.10.24.1,1\n' });
    expect(stderr).toContain('Trying once more');
    aws.athena.script = () => passing;
    const twice = await run(ask);
    expect(twice.code).toBe(1);
    expect(aws.athena.executions.size).toBe(4);
  });

  it.each([
    [['--with-notes', '--format', 'ndjson'], '--with-notes: ndjson has no place for notes.'],
    [['--with-question', '--format', 'csv'], '--with-question requires --format json.'],
    [['--format', 'csv', '--output', 'answer.json'], 'ends like json, but the format is csv.'],
  ])('%j is refused before a query is paid for', async (more, says) => {
    const { aws, run } = await world();
    const { code, stderr } = await run([...ask, ...more]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) });
    expect(aws.athena.executions.size).toBe(0);
  });

  it('Ctrl-C stops the query at Athena and says so', async () => {
    const { aws } = await world();
    aws.athena.script = () => ({ running: 60_000, scanned: 5 });
    const outcome = await spawnFlowlog(ask, { env: aws.env() }, (child) => {
      const look = setInterval(() => {
        if (aws.operations('GetQueryExecution').length < 2) return;
        clearInterval(look);
        child.kill('SIGINT');
      }, 20);
    });
    const [id] = [...aws.athena.executions.keys()];
    expect(outcome.code).toBe(130);
    expect(outcome.stdout).toBe('');
    expect(outcome.stderr).toContain(`Query ${id} was stopped at Athena`);
    expect(outcome.stderr).toMatch(/Interrupted\.\n$/);
    expect(outcome.stderr).not.toContain('Warning');
    expect(aws.operations('StopQueryExecution').map(({ input }) => input)).toEqual([
      { QueryExecutionId: id },
    ]);
  });

  it('a second Ctrl-C leaves at once', async () => {
    const { aws } = await world();
    aws.athena.script = () => ({ running: 60_000 });
    // An endless Stop: the first Ctrl-C waits for it.
    aws.faults.push({
      operation: 'StopQueryExecution',
      times: 100,
      kind: new AwsError('ThrottlingException', 'Rate exceeded'),
    });
    const child = startFlowlog(ask, { env: aws.env() });
    const left = new Promise<number | null>((resolve) => child.on('close', resolve));
    while (aws.operations('GetQueryExecution').length < 1) await sleep(20);
    child.kill('SIGINT');
    while (aws.operations('StopQueryExecution').length < 1) await sleep(5);
    child.kill('SIGINT');
    expect(await left).toBe(130);
    expect(aws.operations('StopQueryExecution').length).toBeLessThan(6);
  });

  it('--timeout stops it too', async () => {
    const { aws, run } = await world();
    aws.athena.script = () => ({ running: 60_000 });
    const { code, stderr } = await run([...ask, '--timeout', '1s']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/did not finish within --timeout 1\.0 s\. Query \S+ was stopped at Athena/);
    expect(aws.operations('StopQueryExecution')).toHaveLength(1);
  });
});

describe('--max-scan', () => {
  it('adds up the files of the partitions in question before it runs', async () => {
    const { aws, run } = await world();
    putLogs(aws, ['2026-05-30', '2026-05-31', '2026-06-01', '2026-06-02', '2026-06-03'], {
      body: Buffer.alloc(400_000),
    });
    putLogs(aws, ['2026-06-01'], { account: '999999999999', body: Buffer.alloc(400_000) });
    aws.bucket('logs').pageSize = 2;
    const refused = await run([...ask, '--max-scan', '700kB']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      'may read 800 kB in 2 files, more than --max-scan 700 kB allows; that would be about 0.00005 USD. It was not run.',
    );
    expect(started(aws)).toEqual([]);
    const allowed = await run([...ask, '--max-scan', '0.8MB']);
    expect(allowed.code).toBe(0);
    expect(allowed.stderr).toContain('At most 800 kB in 2 files to be read.');
    const prefixes = aws.operations('ListObjectsV2').map(({ input }) => String(input.prefix));
    expect(prefixes.filter((prefix) => /999999999999\/|2026\/06\/03|2026\/05\/30/.test(prefix))).toEqual([]);
  });

  const LIMITED = [...ask, '--max-scan', '700kB'];
  const COLUMNS = ['srcaddr:string', 'dstaddr:string', 'bytes:bigint', 'start:int', 'end:int'].map(column);

  it('lists the folders that a template of any other form names', async () => {
    const { aws, run } = await world();
    aws.athena.tables.set('default.vpc_flow_logs', {
      Columns: COLUMNS,
      PartitionKeys: ['region:string', 'dt:string'].map(column),
      Parameters: {
        'projection.enabled': 'true',
        ...{
          'projection.dt.type': 'date',
          'projection.dt.format': 'yyyy-MM-dd',
          'projection.dt.range': '2026-01-01,NOW',
        },
        ...{ 'projection.region.type': 'enum', 'projection.region.values': 'us-east-1,us-west-2' },
        'storage.location.template': 's3://logs/flows/vpcflowlogs/${region}/day-${dt}/',
      },
    });
    for (const day of ['05-30', '05-31', '06-01', '06-02']) {
      aws
        .bucket('logs')
        .put(`flows/vpcflowlogs/us-east-1/day-2026-${day}/a/b.parquet`, Buffer.alloc(400_000));
      aws.bucket('logs').put(`flows/vpcflowlogs/us-west-2/day-2026-${day}/c.parquet`, Buffer.alloc(400_000));
    }
    expect((await run(LIMITED)).stderr).toContain('may read 1.6 MB in 4 files');
    expect((await run([...LIMITED, '--aws-region', 'us-west-2'])).stderr).toContain(
      'may read 800 kB in 2 files',
    );
    expect(started(aws)).toEqual([]);
  });

  it('lists all of a location without partitions', async () => {
    const { aws, run } = await world();
    const Parameters = { location: 's3://logs/anything' };
    aws.athena.tables.set('default.vpc_flow_logs', { Columns: COLUMNS, Parameters });
    aws.bucket('logs').put('anything/2020/01/01/x.gz', Buffer.alloc(800_000));
    aws.bucket('logs').put('anything-else/x.gz', Buffer.alloc(800_000));
    expect((await run(LIMITED)).stderr).toContain('may read 800 kB in 1 file,');
  });

  /** A table whose partitions somebody registered, a file of 400 kB in each. */
  function register(aws: FakeAws, keys: readonly string[], folders: readonly (readonly string[])[]): void {
    aws.athena.tables.set('default.vpc_flow_logs', {
      Columns: COLUMNS,
      PartitionKeys: keys.map(column),
      Parameters: { location: 's3://logs/t' },
    });
    const place = (values: readonly string[]) => `elsewhere/${values.join('-')}/`;
    aws.glue.pageSize = 2;
    aws.glue.partitions.set(
      'default.vpc_flow_logs',
      folders.map((Values) => ({ Values, Location: `s3://logs/${place(Values)}` })),
    );
    for (const values of folders) aws.bucket('logs').put(`${place(values)}a.gz`, Buffer.alloc(400_000));
  }

  // The range is 2026-06-01 in Tokyo: it begins on May 31 in UTC.
  it.each([
    [
      'year, month and day',
      ['year:string', 'month:string', 'day:string'],
      ['2026', '5', '31'],
      ['2026', '06', '01'],
      ['2026', '06', '03'],
    ],
    ['text', ['dt:string'], ['2026-05-31'], ['2026-06-01'], ['2026-06-03']],
    ['a date', ['dt:date'], ['2026-05-31'], ['2026-06-01'], ['2026-05-30']],
    [
      'a timestamp',
      ['dt:timestamp'],
      ['2026-05-31 00:00:00'],
      ['2026-06-01 00:00:00'],
      ['2026-05-30 00:00:00'],
    ],
    ['a number', ['dt:int'], ['20260531'], ['20260601'], ['20260603']],
    ['months', ['month:string'], ['2026-05'], ['2026/06'], ['2026-07']],
    ['no time at all', ['dt:string'], ['__HIVE_DEFAULT_PARTITION__'], ['latest'], ['2026-05-30']],
    [
      "a crawler's names",
      ['partition_0:string', 'partition_1:string'],
      ['eu-west-1', '2026-05-31'],
      ['eu-west-1', '2026-06-01'],
      ['eu-west-1', '2026-06-03'],
    ],
  ])('lists the registered partitions of the range: %s', async (_name, keys, ...folders) => {
    const { aws, run } = await world();
    register(aws, keys, folders);
    const { code, stderr } = await run(LIMITED);
    expect(stderr).toContain('may read 800 kB in 2 files');
    expect(code).toBe(1);
    expect(started(aws)).toEqual([]);
  });

  it('lists the registered partitions of the accounts and regions asked for, and of late files', async () => {
    const { aws, run } = await world();
    const days = ['2026-06-01', '2026-06-02', '2026-06-03', '2026-06-04'];
    register(
      aws,
      ['account:string', 'region:string', 'dt:string'],
      days.flatMap((day) => [
        ['012345678901', 'us-east-1', day],
        ['123456789012', 'us-east-1', day],
        ['123456789012', 'us-west-2', day],
      ]),
    );
    const sizes = async (...more: string[]) => (await run([...ask, '--max-scan', '1kB', ...more])).stderr;
    expect(await sizes()).toContain('in 6 files');
    expect(await sizes('--account', '123456789012')).toContain('in 4 files');
    expect(await sizes('--account', '012345678901')).toContain('in 2 files');
    expect(await sizes('--aws-region', 'us-west-2', '--late', '72h')).toContain('in 4 files');
    aws.denied.add('glue:GetPartitions');
    expect(await sizes()).toContain('Access denied: glue:GetPartitions');
  });

  it.each([
    ['a view', [], { presto_view: 'true' }, 'is a view'],
    ['an Iceberg table', [], { table_type: 'ICEBERG', location: 's3://logs/t' }, 'is an Iceberg table'],
    ['no location', [], {}, 'does not say where'],
  ])('refuses what it cannot tell: %s', async (_name, keys, Parameters, reason) => {
    const { aws, run } = await world();
    aws.athena.tables.set('default.vpc_flow_logs', {
      Columns: COLUMNS,
      PartitionKeys: keys.map(column),
      Parameters,
    });
    const { code, stderr } = await run(LIMITED);
    expect(code).toBe(1);
    expect(stderr).toContain('--max-scan cannot tell what the query would read');
    expect(stderr).toContain(reason);
    expect(started(aws)).toEqual([]);
  });
});

describe('a statement', () => {
  it('of more bytes than Athena accepts is not sent', async () => {
    const { aws, run } = await world();
    const blocks = Array.from({ length: 3_000 }, (_, i) => `10.${i >> 8}.${i & 255}.1`);
    const { code, stderr } = await run([...ask, '--exclude', blocks.join(',')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/The statement has \d{3},\d{3} bytes; Athena accepts at most 262,144\./);
    expect(started(aws)).toEqual([]);
    const adjacent = Array.from({ length: 65_536 >> 4 }, (_, i) => `172.16.${i >> 4}.${(i & 15) << 4}/28`);
    expect((await run([...ask, '--exclude', adjacent.join(',')])).code).toBe(0);
    expect(started(aws)[0]!.ExecutionParameters).toContain("IPADDRESS '172.16.255.255'");
  });
});

describe('who asks', () => {
  it('may be a role of another account, with its external id', async () => {
    const { aws, run } = await world();
    aws.role = { arn: 'arn:aws:iam::123456789012:role/auditor', externalId: 'x-1' };
    const role = [...ask, '--role-arn', aws.role.arn];
    expect((await run([...role, '--external-id', 'x-1'])).code).toBe(0);
    const wrong = await run([...role, '--external-id', 'x-2']);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('Access denied: sts:AssumeRole on arn:aws:iam::123456789012:role/auditor');
    const alone = await run([...ask, '--external-id', 'x-1']);
    expect(alone.code).toBe(2);
  });

  it('may use another catalog', async () => {
    const { aws, run } = await world();
    aws.athena.catalogs.add('partner');
    expect((await run([...ask, '--catalog', 'partner', '--region', 'us-east-1'])).code).toBe(0);
    expect(aws.operations('GetTableMetadata')[0]!.input.CatalogName).toBe('partner');
    expect(started(aws)[0]!.QueryExecutionContext).toEqual({ Catalog: 'partner', Database: 'default' });
  });
});

describe('history, result, cancel', () => {
  it('show what flowlog asked, again and for free', async () => {
    const { aws, run } = await world();
    aws.athena.script = () => ({
      scanned: 20_000_000,
      result: answerOf(['start_time', 'bytes'], [['2026-06-01T09:00:00+09:00', '840']], ['skipdata']),
    });
    const first = await run([...EGRESS, '--columns', 'start_time,bytes']);
    await aws.athena.call('StartQueryExecution', {
      QueryString: 'SELECT 1',
      ClientRequestToken: 'x'.repeat(32),
    });
    const [id] = [...aws.athena.executions.keys()];
    const history = await run(['history', '--format', 'json']);
    expect(JSON.parse(history.stdout)).toEqual([
      {
        submitted: expect.stringMatching(/\+09:00$/),
        state: 'SUCCEEDED',
        question: 'egress',
        seconds: '0.0',
        bytes: 20_000_000,
        cost_usd: '0.000100',
        id,
      },
    ]);
    const again = await run(['result', id!]);
    expect(again.stdout).toBe(first.stdout);
    expect(again.stderr).toBe(first.stderr);
    const json = await run(['result', id!, '--format', 'json']);
    expect(JSON.parse(json.stdout)).toEqual([{ start_time: '2026-06-01T09:00:00+09:00', bytes: 840 }]);
    expect(aws.athena.executions.size).toBe(2);
  });

  it('stop one that runs, and say when there is nothing to stop', async () => {
    const { aws, run } = await world();
    aws.athena.script = () => ({ running: 60_000 });
    const id = (
      (await aws.athena.call('StartQueryExecution', {
        QueryString: 'SELECT 1',
        ClientRequestToken: 'y'.repeat(32),
      })) as { QueryExecutionId: string }
    ).QueryExecutionId;
    const waiting = await run(['result', id]);
    expect(waiting.code).toBe(1);
    expect(waiting.stderr).toContain('is running: no result yet');
    expect((await run(['cancel', id])).stderr).toContain('Cancelling query');
    expect((await run(['cancel', id])).stderr).toContain('has already ended: cancelled');
    const stopped = await run(['result', id]);
    expect(stopped.stderr).toContain('was cancelled: Query cancelled by user');
    const unknown = await run(['cancel', 'no-such-id']);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('Athena knows no query execution no-such-id');
  });

  it('say that there is nothing yet', async () => {
    const { run } = await world();
    const { code, stdout, stderr } = await run(['history', '--format', 'csv']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'submitted,state,question,seconds,bytes,cost_usd,id\n',
    });
    expect(stderr).toContain('no recent queries of flowlog');
  });
});
