import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../src/aws/policies.js';
import { type Field, findField } from '../../src/flowlog/fields.js';
import { DEFAULT_FORMAT, formatString } from '../../src/flowlog/log-format.js';
import type { EventFixture } from '../aws/logs.js';
import { AwsError, type FakeAws, fakeAws } from '../aws/server.js';
import { testFolder, writeFiles } from '../folder.js';
import { type LogRecord, logText, record } from '../records.js';
import { flowlog } from './bin.js';

const GROUP = '/vpc/flow-logs';
const LOGS = ['--logs', `cloudwatch:${GROUP}`];
const EGRESS = ['egress', '--subnet', '10.10.24.0/24', '--columns', 'dstaddr,bytes'];
const NOON = Date.parse('2026-06-01T12:00:00Z') / 1000;
const REVERSED = [...DEFAULT_FORMAT].reverse();

/** Events as a flow log delivers them: a stream for each interface, the time at which the record starts, no header. */
function eventsOf(records: readonly LogRecord[], fields: readonly Field[] = DEFAULT_FORMAT): EventFixture[] {
  const lines = logText(records, fields).split('\n').slice(1, -1);
  return records.map((values, i) => ({
    stream: `${values.interface_id}-all`,
    timestamp: Number(values.start) * 1000,
    message: lines[i]!,
  }));
}

/** A record that leaves the subnet for 203.0.113.HOST. */
const leaving = (host: number, start = NOON, more: LogRecord = {}) =>
  record({ srcaddr: '10.10.24.1', dstaddr: `203.0.113.${host}`, bytes: host * 100, start, ...more });

const hosts = (stdout: string) =>
  [...stdout.matchAll(/203\.0\.113\.(\d+)/g)].map((found) => Number(found[1])).sort((a, b) => a - b);

interface Fixture {
  readonly events: EventFixture[];
  readonly formats?: readonly string[];
}

async function setting({ events, formats = [formatString(DEFAULT_FORMAT)] }: Fixture) {
  const aws = await fakeAws();
  aws.logs.groups.set(GROUP, { events });
  formats.forEach((LogFormat, i) => {
    aws.flowLogs.set(`fl-0${i}`, { LogGroupName: GROUP, LogDestinationType: 'cloud-watch-logs', LogFormat });
  });
  const env = aws.env({ FLOWLOG_CACHE_DIR: join(testFolder(), 'cache') });
  const run = (args: readonly string[], logs = LOGS) => flowlog([...args, ...logs], { env });
  return { aws, env, run, egress: (...more: string[]) => run([...EGRESS, ...more]) };
}

const filterCalls = (aws: FakeAws) => aws.operations('FilterLogEvents').map(({ input }) => input);

describe('a question to a log group', () => {
  it('has the answer of the same records in a file', async () => {
    const records = [1, 2, 3, 4].map((host) => leaving(host, NOON + host * 40_000));
    const { aws, env, egress } = await setting({ events: eventsOf(records) });
    const folder = testFolder();
    await writeFiles(folder, { 'a.log': logText(records) });
    const outcome = await egress();
    expect(outcome.code).toBe(0);
    expect(outcome.stdout).toBe((await flowlog([...EGRESS, '--logs', folder], { env })).stdout);
    expect(hosts(outcome.stdout)).toEqual([1, 2, 3, 4]);
    expect(filterCalls(aws)).toEqual([{ logGroupName: GROUP }]);
  });

  it('asks for its range of time only, in milliseconds', async () => {
    const events = eventsOf([leaving(1, NOON - 1), leaving(2), leaving(3, NOON + 59), leaving(4, NOON + 60)]);
    const { aws, egress } = await setting({ events });
    const { stdout } = await egress('--since', '2026-06-01T12:00Z', '--until', '2026-06-01T12:01Z');
    expect(hosts(stdout)).toEqual([2, 3]);
    expect(filterCalls(aws)).toEqual([
      { logGroupName: GROUP, startTime: NOON * 1000, endTime: (NOON + 60) * 1000 - 1 },
    ]);
  });

  it.each([
    [[...EGRESS, '--where', 'interface-id=eni-0a1b2c3d'], '203.0.113.1'],
    [
      ['coverage', '--interface', 'eni-0a1b2c3d', '--interval', '60', '--columns', 'interface_id'],
      'eni-0a1b2c3d',
    ],
  ])('asks for the streams of its interface only: %s', async (args, expected) => {
    const events = eventsOf([leaving(1), leaving(2, NOON, { interface_id: 'eni-99' })]);
    const { aws, run } = await setting({ events });
    const { code, stdout } = await run([...args, '--format', 'csv']);
    expect(code).toBe(0);
    expect(stdout.split('\n')[1]).toContain(expected);
    expect(filterCalls(aws)).toEqual([{ logGroupName: GROUP, logStreamNamePrefix: 'eni-0a1b2c3d' }]);
  });

  it('reads on after empty pages', async () => {
    const { aws, egress } = await setting({ events: eventsOf([1, 2, 3, 4, 5].map((host) => leaving(host))) });
    aws.logs.pageSize = 2;
    aws.logs.emptyPages = 3;
    const { code, stdout } = await egress();
    expect({ code, hosts: hosts(stdout) }).toEqual({ code: 0, hosts: [1, 2, 3, 4, 5] });
    expect(filterCalls(aws)).toHaveLength(12);
  });

  it('fails where a token repeats', async () => {
    const { aws, egress } = await setting({ events: eventsOf([leaving(1)]) });
    aws.logs.repeats = true;
    expect(await egress()).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(`AWS returned the same page token twice for log group ${GROUP}.`),
    });
  });

  it('retries what is throttled or broken off', async () => {
    const { aws, egress } = await setting({ events: eventsOf([leaving(1)]) });
    const throttled = new AwsError('ThrottlingException', 'Rate exceeded');
    aws.faults.push({ operation: 'FilterLogEvents', times: 2, kind: throttled });
    aws.faults.push({ operation: 'FilterLogEvents', times: 1, kind: 'reset' });
    const { code, stdout } = await egress();
    expect({ code, hosts: hosts(stdout) }).toEqual({ code: 0, hosts: [1] });
    expect(filterCalls(aws)).toHaveLength(4);
  });

  it('says that nothing is there in the range', async () => {
    const { egress } = await setting({ events: eventsOf([leaving(1)]) });
    expect(await egress('--since', '2026-07-01')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`Log group ${GROUP} has no events in this time range.`),
    });
  });

  it('stops at --max-download', async () => {
    const { egress } = await setting({ events: eventsOf([1, 2, 3].map((host) => leaving(host))) });
    expect(await egress('--max-download', '200B')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /Log group \/vpc\/flow-logs has more in this time range than --max-download 200 B allows/,
      ),
    });
    expect(await egress('--max-download', '10kB')).toMatchObject({ code: 0 });
  });

  it('stops on Ctrl-C', async () => {
    const { aws, env } = await setting({ events: eventsOf([leaving(1)]) });
    const abort = new AbortController();
    aws.logs.emptyPages = Number.POSITIVE_INFINITY;
    aws.logs.onCall = (count) => {
      if (count === 5) abort.abort();
    };
    const { code, stdout } = await flowlog([...EGRESS, ...LOGS], { env, signal: abort.signal });
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  });
});

describe('the format of records', () => {
  it('is that of the flow log', async () => {
    const { egress } = await setting({
      events: eventsOf([leaving(1)], REVERSED),
      formats: [formatString(REVERSED)],
    });
    expect((await egress('--format', 'csv')).stdout).toBe('dstaddr,bytes\n203.0.113.1,100\n');
  });

  it('is --log-format, of which EC2 is not asked', async () => {
    const { aws, egress } = await setting({ events: eventsOf([leaving(1)], REVERSED), formats: [] });
    const { stdout } = await egress('--format', 'csv', '--log-format', formatString(REVERSED));
    expect(stdout).toBe('dstaddr,bytes\n203.0.113.1,100\n');
    expect(aws.operations('DescribeFlowLogs')).toEqual([]);
  });

  it('is the default where no flow log is known and the values fit', async () => {
    const { egress } = await setting({ events: eventsOf([leaving(1)]), formats: [] });
    const { stdout, stderr } = await egress('--format', 'csv');
    expect(stdout).toBe('dstaddr,bytes\n203.0.113.1,100\n');
    expect(stderr).toContain('so the default format is assumed (override with --log-format)');
  });

  it('is asked for where no flow log is known and the values do not fit', async () => {
    const { egress } = await setting({ events: eventsOf([leaving(1)], REVERSED), formats: [] });
    expect(await egress()).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('--log-format'),
    });
  });

  it('is the default, with a note, where EC2 may not be asked', async () => {
    const { aws, egress } = await setting({ events: eventsOf([leaving(1)]) });
    aws.denied.add('ec2:DescribeFlowLogs');
    const { code, stderr } = await egress();
    expect(code).toBe(0);
    expect(stderr).toContain('Access denied: ec2:DescribeFlowLogs');
  });

  it('may differ between flow logs of one group', async () => {
    const longer = [...REVERSED, findField('vpc-id')!];
    const events = [
      ...eventsOf([leaving(1)]),
      ...eventsOf([leaving(2)], longer),
      ...eventsOf([leaving(3)]),
      { stream: 'eni-1-all', timestamp: NOON * 1000, message: 'not a record' },
    ];
    const { egress } = await setting({
      events,
      formats: [formatString(DEFAULT_FORMAT), formatString(longer)],
    });
    const { code, stdout, stderr } = await egress('--format', 'csv');
    expect({ code, hosts: hosts(stdout) }).toEqual({ code: 0, hosts: [1, 2, 3] });
    expect(stdout).toContain('203.0.113.2,200');
    expect(stderr).toContain(`2 flow logs deliver to ${GROUP} (fl-00, fl-01).`);
    expect(stderr).toContain('1 malformed line');
  });

  it('must be named where two have the same number of fields', async () => {
    const { egress } = await setting({
      events: eventsOf([leaving(1)]),
      formats: [formatString(DEFAULT_FORMAT), formatString(REVERSED)],
    });
    expect(await egress()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('in different formats with the same number of fields'),
    });
  });

  it('has the interface of the stream where the record has none', async () => {
    const fields = DEFAULT_FORMAT.filter(({ column }) => column !== 'interface_id');
    const events = eventsOf([leaving(1), leaving(2, NOON, { interface_id: 'eni-99' })], fields);
    const { run } = await setting({ events, formats: [formatString(fields)] });
    const { stdout } = await run([
      'query',
      '--format',
      'csv',
      'SELECT dstaddr, interface_id FROM {{logs}} ORDER BY 1',
    ]);
    expect(stdout).toBe('dstaddr,interface_id\n203.0.113.1,eni-0a1b2c3d\n203.0.113.2,eni-99\n');
  });
});

it('fields fetches no event where the flow log says the format, else a few', async () => {
  const { aws, run } = await setting({ events: eventsOf([leaving(1)]) });
  const { stdout } = await run(['fields', '--format', 'csv']);
  expect(stdout).toMatch(/^srcaddr,.*,yes$/m);
  expect(stdout).toMatch(/^vpc-id,.*,no$/m);
  expect(filterCalls(aws)).toEqual([]);
  aws.flowLogs.clear();
  expect((await run(['fields', '--format', 'csv'])).stdout).toBe(stdout);
  expect(filterCalls(aws)).toEqual([{ logGroupName: GROUP, limit: 100 }]);
});

it('a log group of another region is named by its ARN', async () => {
  const { aws, run } = await setting({ events: [] });
  aws.logs.groups.set('other', {
    region: 'eu-west-1',
    account: '210987654321',
    events: eventsOf([leaving(7)]),
  });
  const arn = 'arn:aws:logs:eu-west-1:210987654321:log-group:other';
  const { stdout } = await run(EGRESS, ['--logs', `cloudwatch:${arn}:*`]);
  expect(hosts(stdout)).toEqual([7]);
  expect(filterCalls(aws)).toEqual([{ logGroupIdentifier: arn }]);
});

describe('an import', () => {
  const today = Math.floor(Date.now() / 86_400_000) * 86_400;

  it('takes each event once, and fetches no day again that is over', async () => {
    const events = eventsOf([leaving(1, NOON), leaving(2, NOON + 86_400), leaving(3, today)]);
    const { aws, env } = await setting({ events });
    const store = join(testFolder(), 'store');
    const taken = async () => {
      const outcome = await flowlog(['import', `cloudwatch:${GROUP}`, '--to', store], { env });
      expect(outcome).toMatchObject({ code: 0 });
      return outcome.stderr;
    };
    const stored = async () => hosts((await flowlog([...EGRESS, '--logs', store], { env })).stdout);
    expect(await taken()).toContain('3 records of 3 files');
    expect(await stored()).toEqual([1, 2, 3]);
    events.push(...eventsOf([leaving(4, today + 1)]));
    const before = filterCalls(aws).length;
    await taken();
    expect(await stored()).toEqual([1, 2, 3, 4]);
    const day = Date.parse('2026-06-01') as number;
    expect(filterCalls(aws).slice(before)).toEqual([
      { logGroupName: GROUP, endTime: day - 1 },
      { logGroupName: GROUP, startTime: day + 2 * 86_400_000 },
    ]);
    // Retention removes the oldest events first.
    events.splice(0, 3);
    await taken();
    expect(await stored()).toEqual([1, 2, 3, 4]);
  });

  it('knows groups of one name in two regions apart', async () => {
    const { aws, env } = await setting({ events: eventsOf([leaving(1)]) });
    aws.logs.groups.set(GROUP, { region: 'eu-west-1', events: eventsOf([leaving(2)]) });
    const store = join(testFolder(), 'store');
    const arn = `cloudwatch:arn:aws:logs:eu-west-1:123456789012:log-group:${GROUP}`;
    expect(await flowlog(['import', arn, '--to', store], { env })).toMatchObject({ code: 0 });
    aws.logs.groups.set(GROUP, { events: eventsOf([leaving(1)]) });
    const outcome = await flowlog(['import', `cloudwatch:${GROUP}`, '--to', store], { env });
    expect(outcome).toMatchObject({ code: 0 });
    expect(hosts((await flowlog([...EGRESS, '--logs', store], { env })).stdout)).toEqual([1, 2]);
  });
});

describe('errors', () => {
  it.each([
    ['no such group', ['--logs', 'cloudwatch:/none'], 1, 'Log group /none not found in ap-northeast-1.'],
    ['no name', ['--logs', 'cloudwatch:a b'], 2, "'cloudwatch:a b' names no log group."],
    [
      'flow logs',
      [...LOGS, '--flow-log', 'fl-0a1b2c3d'],
      2,
      '--flow-log cannot select among the events of a log group',
    ],
  ])('%s', async (_name, logs, code, message) => {
    const { run } = await setting({ events: eventsOf([leaving(1)]) });
    expect(await run(EGRESS, logs)).toMatchObject({
      code,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });

  it('a group without events', async () => {
    const { egress } = await setting({ events: [] });
    expect(await egress()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`Log group ${GROUP} has no events.`),
    });
  });

  it('no permission', async () => {
    const { aws, egress } = await setting({ events: eventsOf([leaving(1)]) });
    aws.denied.add('logs:FilterLogEvents');
    expect(await egress()).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('Access denied: logs:FilterLogEvents'),
    });
  });

  it('no region', async () => {
    const { env } = await setting({ events: [] });
    const { AWS_REGION: _, ...rest } = env;
    expect(await flowlog([...EGRESS, ...LOGS], { env: rest })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No AWS region is set.'),
    });
  });
});

it('the printed policy is sufficient for questions and imports', async () => {
  const { aws, env, egress } = await setting({ events: eventsOf([leaving(1)]) });
  const who = ['--account', '123456789012', '--region', 'ap-northeast-1'];
  const { stdout } = await flowlog(['policy', 'read-logs', ...LOGS, ...who]);
  aws.policy = JSON.parse(stdout) as Policy;
  expect(await egress()).toMatchObject({ code: 0 });
  const store = join(testFolder(), 'store');
  expect(await flowlog(['import', `cloudwatch:${GROUP}`, '--to', store], { env })).toMatchObject({ code: 0 });
});

it('a configuration file may name a log group', async () => {
  const { env } = await setting({ events: eventsOf([leaving(1)]) });
  const cwd = testFolder();
  await writeFiles(cwd, { 'flowlog.toml': `logs = ["cloudwatch:${GROUP}"]\n` });
  const { stdout } = await flowlog(EGRESS, { cwd, env });
  expect(hosts(stdout)).toEqual([1]);
});
