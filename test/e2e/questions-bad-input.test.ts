import { describe, expect, it } from 'vitest';
import { fieldsNamed, fieldsUpTo, flow, page } from '../page.js';
import { statusRecord } from '../records.js';
import { flowlog } from './bin.js';

const PAGE = [
  flow(['10.10.24.5', 40_000], ['203.0.113.9', 443], '00:01:00'),
  statusRecord('NODATA'),
  statusRecord('SKIPDATA', { start: Date.parse('2026-06-01T00:02:00Z') / 1000 }),
];

/** The least that each question has to be given; `new` needs a time as well. */
const ASKED: ReadonlyArray<readonly [question: string, ...typed: string[]]> = [
  ['egress', '--subnet', '10.10.24.0/24'],
  ['egress', '--subnet', '10.10.24.0/24', '--initiated'],
  ['ingress', '--subnet', '10.10.24.0/24'],
  ['internal', '--subnet', '10.10.24.0/24'],
  ['talkers'],
  ['rejected'],
  ['accepted'],
  ['ports', '--subnet', '10.10.24.0/24'],
  ['admin'],
  ['protocols'],
  ['trace', '10.10.24.5'],
  ['timeline'],
  ['scan'],
  ['beacons', '--subnet', '10.10.24.0/24'],
  ['new', '--subnet', '10.10.24.0/24', '--since', '2026-06-01', '--tz', 'UTC'],
  ['nat'],
];

describe('asked wrongly: exit code 2, the value and the remedy, nothing on stdout', () => {
  const needed = "required option '--subnet <cidr>' not specified";
  const subnet = ['--subnet', '10.10.24.0/24'];

  it.each<[message: string, hint: string, question: string, typed: string[]]>([
    // What must be there.
    ...['ingress', 'internal', 'ports', 'beacons', 'new'].map(
      (question): [string, string, string, string[]] => [needed, `flowlog ${question} --help`, question, []],
    ),
    ["missing required argument 'address'", 'flowlog trace --help', 'trace', []],
    ['--since is required.', '--since', 'new', subnet],
    ['--egress requires --subnet.', '--subnet', 'timeline', ['--egress']],
    // What it is about.
    ["'10.10.24.0/33' is not a CIDR block", '0 to 32', 'ingress', ['--subnet', '10.10.24.0/33']],
    ["'10.10.24.5/24' has host bits set", '10.10.24.0/24', 'internal', [...subnet, '--to', '10.10.24.5/24']],
    ["'10.10.0.0/16x' is not a CIDR block", '0 to 32', 'nat', ['--via', '10.10.0.0/16x']],
    ["'nowhere.example' is neither a CIDR block nor", 'network', 'trace', ['nowhere.example']],
    ['is not inside the VPC 10.20.0.0/16', '--vpc', 'ingress', [...subnet, '--vpc', '10.20.0.0/16']],
    ['is not inside the VPC 10.20.0.0/16', '--vpc', 'internal', [...subnet, '--vpc', '10.20.0.0/16']],
    ['is not inside the VPC 10.20.0.0/16', '--vpc', 'beacons', [...subnet, '--vpc', '10.20.0.0/16']],
    [
      'is not inside the VPC 10.20.0.0/16',
      '--vpc',
      'timeline',
      [...subnet, '--egress', '--vpc', '10.20.0.0/16'],
    ],
    // What it is by.
    ["'--by <what>' argument 'host' is invalid", 'source, destination, pair', 'talkers', ['--by', 'host']],
    ["'dstadr' is not a column.", 'dstaddr', 'rejected', ['--by', 'dstadr']],
    ["'flows' is not a column.", 'dstaddr', 'accepted', ['--by', 'srcaddr,flows']],
    ["'dstadr' is not a column.", 'dstaddr', 'new', [...subnet, '--since', '2026-06-01', '--by', 'dstadr']],
    ["'dstadr' is not a column.", 'dstaddr', 'ingress', [...subnet, '--by', 'dstadr']],
    [
      '--by and --columns cannot be given together.',
      '--by names',
      'internal',
      [...subnet, '--by', 'dstaddr', '--columns', 'bytes'],
    ],
    ["unknown option '--by'", '--help', 'protocols', ['--by', 'srcaddr']],
    // Values of options.
    ["'fortnight' is invalid", 'minute, hour, day', 'timeline', ['--every', 'fortnight']],
    ["'peers' is invalid", 'flows, packets, bytes', 'timeline', ['--chart', 'peers']],
    ["'few' is invalid", 'whole number', 'scan', ['--min-ports', 'few']],
    ["'-1' is invalid", 'whole number', 'scan', ['--min-hosts', '-1']],
    ["'2' is invalid", '3 or more', 'beacons', [...subnet, '--min-contacts', '2']],
    ["'1.5' is invalid", 'whole number', 'beacons', [...subnet, '--max-jitter', '1.5']],
    ["'small' is invalid", '10kB', 'beacons', [...subnet, '--max-bytes', 'small']],
    ["'0d' is invalid", '12h or 7d', 'new', [...subnet, '--since', '24h', '--before', '0d']],
    ["'300' is invalid", '60, 600', 'coverage', ['--interval', '300']],
    ["'soon' is invalid", '20m or 1h', 'coverage', ['--late-after', 'soon']],
    ["'drop' is not an action.", 'accept and reject', 'admin', ['--action', 'drop']],
    ["'tpc' is not a protocol.", 'tcp', 'ports', [...subnet, '--protocol', 'tpc']],
    ["'443-22' is not a port.", '1024-65535', 'trace', ['10.10.24.5', '--dst-port', '443-22']],
    ["'2026-02-30' is not a time.", 'February 2026 has 28 days', 'protocols', ['--since', '2026-02-30']],
    // Options that the question is itself.
    ["unknown option '--action'", '--help', 'rejected', ['--action', 'accept']],
    ["unknown option '--action'", '--help', 'accepted', ['--action', 'accept']],
    ["unknown option '--subnet'", '--help', 'trace', ['10.10.24.5', '--subnet', '10.10.24.0/24']],
  ])('%s (%s) %s %j', async (message, hint, question, typed) => {
    const { code, stdout, stderr } = await flowlog([question, ...typed, '--logs', ...(await page(PAGE))]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('a column that the answer does not have: exit code 2, and those it has', () => {
  it.each([
    ['talkers', ['srcaddr', 'cumulative']],
    ['rejected', ['dstport', 'first_seen']],
    ['accepted', ['dstport', 'last_seen']],
    ['ports', ['side', 'peers']],
    ['admin', ['service', 'action']],
    ['protocols', ['family', 'share']],
    ['trace', ['opened_by', 'evidence']],
    ['timeline', ['time', 'bytes']],
    ['scan', ['kind', 'targets']],
    ['beacons', ['period_s', 'jitter_s']],
    ['new', ['dstaddr', 'first_seen']],
    ['coverage', ['gaps', 'late_files']],
  ])('%s', async (question, columns) => {
    const typed = ASKED.find(([name]) => name === question) ?? [question];
    const logs = await page(PAGE);
    const wrong = await flowlog([...typed, '--columns', 'peer_prot', '--logs', ...logs]);
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain("'peer_prot' is not a column of this answer.");
    for (const column of columns) expect(wrong.stderr).toContain(column);

    // In the order in which they are asked for, each once.
    const asked = [...columns].reverse();
    const right = await flowlog([...typed, '--columns', [...asked, asked[0]].join(), '--logs', ...logs]);
    expect(right.code).toBe(0);
    expect(right.stdout.split('\n')[0]).toBe(asked.join());
  });
});

describe('a field that these logs lack: exit code 2, its name and its version', () => {
  it.each([
    ['pkt-srcaddr', 3, ['nat']],
    ['instance-id', 3, ['talkers', '--by', 'instance']],
    ['subnet-id', 3, ['talkers', '--by', 'subnet']],
    ['pkt-dstaddr', 3, ['talkers', '--by', 'destination', '--packet-level']],
    ['reject-reason', 8, ['rejected', '--by', 'reject_reason']],
    ['flow-direction', 5, ['accepted', '--by', 'flow-direction']],
    ['traffic-path', 5, ['ingress', '--subnet', '10.10.24.0/24', '--columns', 'traffic_path']],
    ['ecs-task-id', 7, ['new', '--subnet', '10.10.24.0/24', '--since', '2026-06-01', '--by', 'ecs_task_id']],
  ])('%s', async (field, version, typed) => {
    const { code, stdout, stderr } = await flowlog([...typed, '--logs', ...(await page(PAGE))]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`These logs do not record ${field}, which`);
    expect(stderr).toContain(
      `flow log version ${version}: only a new flow log whose format includes \${${field}} records it.`,
    );
  });

  it('also one of the version that all logs begin with, where the question makes no sense without', async () => {
    const logs = await page(PAGE, fieldsNamed('srcaddr', 'dstaddr', 'start', 'end', 'log-status'));
    const refused: string[] = [];
    for (const [question, ...typed] of [...ASKED, ['coverage'] as const]) {
      const { code, stdout, stderr } = await flowlog([question, ...typed, '--logs', ...logs]);
      if (code === 0) {
        expect(stderr, question).toMatch(/These logs do not record [a-z_, ]+: the answer does without\./);
        continue;
      }
      refused.push(typed.includes('--initiated') ? `${question} --initiated` : question);
      expect({ question, code, stdout }).toEqual({ question, code: 2, stdout: '' });
      expect(stderr).toMatch(/These logs do not record [a-z-]+, which (?:[a-z]+|--initiated) needs\./);
      expect(stderr).toMatch(/flow log version [23]/);
    }
    expect(refused).toEqual([
      'egress --initiated',
      'rejected',
      'accepted',
      'ports',
      'admin',
      'protocols',
      'scan',
      'nat',
      'coverage',
    ]);
  });
});

describe('beside the answer', () => {
  it.each(ASKED)('%s %s %s %s: records that AWS skipped, in range', async (...asked) => {
    const logs = await page(PAGE, fieldsUpTo(3));
    const { code, stderr } = await flowlog([...asked, '--logs', ...logs]);
    expect(code).toBe(0);
    expect(stderr).toContain('1 SKIPDATA record in this range: AWS could not record some flows');
  });

  it.each(ASKED)('%s %s %s %s: that nothing was found, and what is never recorded', async (...asked) => {
    const logs = await page([statusRecord('NODATA')], fieldsUpTo(3));
    const { code, stdout, stderr } = await flowlog([...asked, '--logs', ...logs]);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain('Nothing found. Flow logs never record traffic to the Amazon DNS server');
    expect(stderr).not.toContain('SKIPDATA');
  });

  it('what regional NAT gateways repeat, which --keep-repeats counts', async () => {
    const sent = flow(['10.10.24.5', 40_000], ['203.0.113.9', 443], '00:01:00', { bytes: 500 });
    const repeat = { ...sent, interface_id: '-', resource_id: 'nat-0123456789abcdef0' };
    const logs = await page([sent, repeat], fieldsUpTo(9));
    const typed = ['accepted', '--columns', 'flows,bytes', '--logs', ...logs];
    const once = await flowlog(typed);
    expect(once.stdout).toBe('flows,bytes\n1,500\n');
    expect(once.stderr).toContain('Not counted: 1 record of regional NAT gateways');
    const twice = await flowlog([...typed, '--keep-repeats']);
    expect(twice).toEqual({ code: 0, stdout: 'flows,bytes\n2,1000\n', stderr: '' });
  });

  it('how many rows of a timeline --limit hides, those of zeros among them', async () => {
    const times = ['00:01:00', '05:01:00'].map((time) => flow(['10.10.24.5', 1], ['10.10.24.6', 2], time));
    const logs = await page(times);
    const { stdout, stderr } = await flowlog([
      'timeline',
      '--columns',
      'flows',
      '--limit',
      '2',
      '--logs',
      ...logs,
    ]);
    expect(stdout).toBe('flows\n1\n0\n');
    expect(stderr).toContain('Showing 2 of 6 rows (--limit 6 for all).');
  });

  it('the largest of those that a limit leaves', async () => {
    const sizes = [10, 5000, 300].map((bytes, i) =>
      flow([`10.10.24.${i}`, 1], ['203.0.113.9', 443], '00:01:00', { bytes }),
    );
    const typed = ['talkers', '--columns', 'srcaddr,bytes', '--limit', '1', '--logs', ...(await page(sizes))];
    expect((await flowlog(typed)).stdout).toBe('srcaddr,bytes\n10.10.24.1,5000\n');
    expect((await flowlog([...typed, '--rare'])).stdout).toBe('srcaddr,bytes\n10.10.24.0,10\n');
  });
});
