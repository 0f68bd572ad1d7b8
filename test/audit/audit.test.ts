import { describe, expect, it } from 'vitest';
import { DEFAULT_FORMAT } from '../../src/flowlog/log-format.js';
import { flowlog } from '../e2e/bin.js';
import { writeFiles } from '../folder.js';
import { statusRecord } from '../records.js';
import { ALLOW, ASSUMED, auditWorld, flow, NOW, quiet, START, type World } from './world.js';

interface Report {
  readonly verdict: string;
  readonly reasons: ReadonlyArray<{ readonly code: string; readonly what: string }>;
  readonly exceptions: ReadonlyArray<Record<string, unknown>>;
  readonly allowed: ReadonlyArray<Record<string, unknown>>;
}

async function audited(
  world: World,
  more: readonly string[] = ASSUMED,
): Promise<Report & { code: number | null }> {
  const { cwd, args } = await auditWorld(world);
  const { code, stdout, stderr } = await flowlog([...args, ...more, '--format', 'json'], { cwd, now: NOW });
  expect(stderr).not.toContain('error');
  return { code, ...(JSON.parse(stdout) as Report) };
}

const codes = ({ reasons }: Report) => reasons.map(({ code }) => code);
const kinds = ({ exceptions }: Report) => exceptions.map(({ kind }) => kind);

describe('a verdict', () => {
  it('is closed where all that left is allowed', async () => {
    const report = await audited({ records: [...quiet(), ...flow({})] });
    expect(report).toMatchObject({ code: 0, verdict: 'closed', reasons: [], exceptions: [] });
    expect(report.allowed).toMatchObject([{ flows: 1, bytes: 4_000, destinations: 1, approved: 'TICKET-1' }]);
  });

  it('is closed where nothing left', async () => {
    expect(await audited({ records: quiet() })).toMatchObject({ code: 0, verdict: 'closed', exceptions: [] });
  });

  it('is not closed where something else left', async () => {
    const report = await audited({ records: [...quiet(), ...flow({ dstaddr: '198.51.100.7' })] });
    expect(report).toMatchObject({ code: 3, verdict: 'not closed' });
    expect(report.exceptions).toMatchObject([
      { kind: 'leak', srcaddr: '10.10.24.17', dstaddr: '198.51.100.7', protocol: 6, port: 443, bytes: 4_000 },
    ]);
  });

  it.each([
    ['another port', { dstport: 22 }, /other ports than 22/],
    ['another protocol', { protocol: 17 }, /another protocol than 17/],
  ])('is not closed for %s, and says which entry is near', async (_what, values, nearly) => {
    const report = await audited({ records: [...quiet(), ...flow(values)] });
    expect(report.code).toBe(3);
    expect(report.exceptions[0]!.nearly).toMatch(nearly);
  });

  it('is not closed for an allowed service by the wrong way', async () => {
    const allow = ALLOW.replace('protocol = "tcp"', 'protocol = "tcp"\nway = "virtual private gateway"');
    const records = (path: number) => [...quiet(), ...flow({ traffic_path: path })];
    expect(await audited({ records: records(3), allow })).toMatchObject({ code: 0, verdict: 'closed' });
    const report = await audited({ records: records(8), allow });
    expect(report).toMatchObject({ code: 3, exceptions: [{ way: 'internet gateway', leaves: 'yes' }] });
    expect(report.exceptions[0]!.nearly).toMatch(/only by virtual private gateway, not by internet gateway/);
  });

  it('is not closed after an entry expired, and is on its last day', async () => {
    const until = (day: string) => ALLOW.replace('2027-03-31', day);
    const records = [...quiet(), ...flow({})];
    expect((await audited({ records, allow: until('2026-06-01') })).code).toBe(0);
    const report = await audited({ records, allow: until('2026-05-31') });
    expect(report.code).toBe(3);
    expect(report.exceptions[0]!.nearly).toMatch(/expired on 2026-05-31/);
  });

  it('is not closed by an entry without approval, which is pending', async () => {
    const report = await audited({
      records: [...quiet(), ...flow({})],
      allow: ALLOW.replace('"TICKET-1"', '""'),
    });
    expect(report).toMatchObject({ code: 3, allowed: [{ pending: true, flows: 0 }] });
    expect(report.exceptions[0]!.nearly).toMatch(/not approved/);
  });

  it('is not closed on a day with more bytes than an entry allows', async () => {
    const limited = (most: number) => `${ALLOW}max_bytes_per_day = ${most}\n`;
    const records = [...quiet(), ...flow({}), ...flow({ start: START + 1_200, srcport: 50_000 })];
    expect((await audited({ records, allow: limited(8_000) })).code).toBe(0);
    const report = await audited({ records, allow: limited(7_999) });
    expect(report.code).toBe(3);
    expect(report.exceptions[0]!.nearly).toMatch(/8000 bytes on that day, more than 7999/);
  });
});

describe('what is no leak', () => {
  it('is closed with a refused attempt, which is listed', async () => {
    const report = await audited({
      records: [
        ...quiet(),
        ...flow({ dstaddr: '198.51.100.7', action: 'REJECT', answered: 0, tcp_flags: 2 }),
      ],
    });
    expect(report).toMatchObject({ code: 0, verdict: 'closed' });
    expect(report.exceptions).toMatchObject([{ kind: 'attempt', action: 'REJECT' }]);
  });

  it.each([
    ['with flags', undefined, { tcp_flags: 2, packets: 3, bytes: 180 }],
    ['without flags, by its size', DEFAULT_FORMAT, { packets: 3, bytes: 180 }],
  ])('takes an open request that nobody answered for an attempt %s', async (_how, fields, values) => {
    const records = [...quiet(), ...flow({ dstaddr: '198.51.100.7', answered: 0, ...values })];
    const report = await audited({ records, ...(fields && { fields }) });
    expect(report).toMatchObject({ code: 0, exceptions: [{ kind: 'attempt' }] });
  });

  it.each([
    ['data without an answer', { answered: 0, tcp_flags: 3 }],
    ['UDP without an answer', { answered: 0, protocol: 17, dstport: 53 }],
    ['an answered request', { tcp_flags: 2, packets: 1, bytes: 60 }],
  ])('takes %s for a leak', async (_what, values) => {
    const report = await audited({ records: [...quiet(), ...flow({ dstaddr: '198.51.100.7', ...values })] });
    expect(report).toMatchObject({ code: 3, exceptions: [{ kind: 'leak' }] });
  });

  it('tells replies to connections from outside by flags, and cannot say without them', async () => {
    const [request, reply] = flow({
      ...{ srcaddr: '198.51.100.7', dstaddr: '10.10.24.17', srcport: 50_000, dstport: 22, tcp_flags: 2 },
    }).map((each, i) => ({
      ...each,
      tcp_flags: i === 0 ? 2 : 18,
      flow_direction: i === 0 ? 'ingress' : 'egress',
    }));
    const records = [...quiet(), request!, reply!];
    const told = await audited({ records });
    expect(told).toMatchObject({ code: 3, exceptions: [{ kind: 'reply', port: 22 }] });
    const untold = await audited({ records, fields: DEFAULT_FORMAT });
    expect(untold).toMatchObject({ code: 4, verdict: 'cannot be said', exceptions: [{ kind: 'undecided' }] });
    expect(codes(untold)).toEqual(['direction']);
  });
});

describe('it cannot be said', () => {
  const closed = [...quiet(), ...flow({})];

  it.each([
    ['no inventory', ['--assume', 'flow-log-config'], 'inventory'],
    ['no configuration of the flow log', ['--assume', 'inventory'], 'flow-log-config'],
  ])('with %s', async (_what, assumed, reason) => {
    const report = await audited({ records: closed }, assumed);
    expect(report).toMatchObject({ code: 4, verdict: 'cannot be said' });
    expect(codes(report)).toEqual([reason]);
  });

  it('with records that AWS skipped', async () => {
    const skip = statusRecord('SKIPDATA', { start: START + 60, end: START + 119 });
    expect(codes(await audited({ records: [...closed, skip] }))).toEqual(['skipdata']);
  });

  it('with a gap of an interface in scope, and not with one of another interface', async () => {
    const gap = Array.from({ length: 15 }, (_, i) => 60 + i);
    const other = quiet({ except: gap, id: 'eni-0000000b' }).map((each, i) =>
      i === 0
        ? flow({
            interface_id: 'eni-0000000b',
            srcaddr: '10.10.99.1',
            dstaddr: '10.10.99.2',
            start: START,
            answered: 0,
          })[0]!
        : each,
    );
    const report = await audited({ records: [...quiet({ except: gap }), ...flow({}), ...other] });
    expect(report.code).toBe(4);
    expect(codes(report)).toEqual(['gaps']);
    expect(report.reasons[0]!.what).toContain('eni-0a1b2c3d');
    expect((await audited({ records: [...closed, ...other] })).code).toBe(0);
  });

  it.each([
    ['an address of the other family', { srcaddr: '2001:db8:1:2::17', dstaddr: '2001:db8:1:2::18' }],
    ['a few addresses that are not its own', { srcaddr: '192.0.2.1', dstaddr: '10.10.24.18' }],
  ])('with gaps of an interface that has %s too', async (_what, values) => {
    const gap = Array.from({ length: 20 }, (_, i) => 100 + i);
    const strange = flow({ ...values, answered: 0 });
    const flows = [...flow({}), ...flow({ srcport: 50_002 })];
    const report = await audited({ records: [...quiet({ except: gap }), ...flows, ...strange] });
    expect(codes(report)).toEqual(['gaps']);
  });

  it('with gaps of an interface without any flow, which could be of anybody', async () => {
    const idle = quiet({ except: Array.from({ length: 20 }, (_, i) => 100 + i), id: 'eni-0000000c' });
    const report = await audited({ records: [...closed, ...idle] });
    expect(report.reasons).toMatchObject([{ code: 'gaps', what: expect.stringContaining('eni-0000000c') }]);
  });

  it('with an interface that came late, unless that is accepted', async () => {
    const late = quiet({ except: Array.from({ length: 60 }, (_, i) => i), id: 'eni-0000000b' });
    const flows = flow({
      interface_id: 'eni-0000000b',
      srcaddr: '10.10.24.18',
      start: START + 5_400,
      srcport: 50_001,
    });
    const records = [...closed, ...late, ...flows];
    expect(codes(await audited({ records }))).toEqual(['interface-lifetimes']);
    expect((await audited({ records }, [...ASSUMED, '--assume', 'interface-lifetimes'])).code).toBe(0);
  });

  it('with an hour without any record', async () => {
    const hour = Array.from({ length: 60 }, (_, i) => 60 + i);
    expect(codes(await audited({ records: [...quiet({ except: hour }), ...flow({})] }))).toEqual([
      'missing-hours',
      'gaps',
    ]);
  });

  it('without any record', async () => {
    const before = quiet().map((each) => ({
      ...each,
      start: Number(each.start) - 86_400,
      end: Number(each.end) - 86_400,
    }));
    expect(codes(await audited({ records: before }))).toEqual(['no-records']);
  });

  it('while files may still come', async () => {
    const { cwd, args } = await auditWorld({ records: closed });
    const { code, stdout } = await flowlog([...args, ...ASSUMED, '--format', 'json'], {
      cwd,
      now: START + 3 * 3_600 + 60,
    });
    expect(code).toBe(4);
    expect(codes(JSON.parse(stdout) as Report)).toEqual(['too-recent']);
  });

  it('with a malformed line, or a damaged file', async () => {
    const { cwd, args } = await auditWorld({ records: closed });
    await writeFiles(cwd, { 'logs/damaged.log.gz': Buffer.from('1f8b08000000000000ff0102', 'hex') });
    const { code, stdout } = await flowlog([...args, ...ASSUMED, '--format', 'json'], { cwd, now: NOW });
    expect(code).toBe(4);
    expect(codes(JSON.parse(stdout) as Report)).toEqual(['input']);
  });

  it('with part of the logs only', async () => {
    const report = await audited({ records: closed }, [...ASSUMED, '--account', '123456789012']);
    expect(codes(report)).toContain('subset');
  });

  it.each([
    ['created after the period began', { CreationTime: '2026-06-01T01:00:00Z' }, 'flow-log-created'],
    ['of refused traffic only', { TrafficType: 'REJECT' }, 'traffic-type'],
    ['that does not deliver', { DeliverLogsErrorMessage: 'Access error' }, 'delivery'],
  ])('with a flow log %s', async (_what, values, reason) => {
    const flowLog = {
      FlowLogId: 'fl-0a1b2c3d',
      TrafficType: 'ALL',
      CreationTime: '2026-01-01T00:00:00Z',
      FlowLogStatus: 'ACTIVE',
      ResourceId: 'vpc-0a1b',
    };
    const asked = async (each: object) => {
      const { cwd, args } = await auditWorld({ records: closed });
      await writeFiles(cwd, { 'flow-logs.json': JSON.stringify({ FlowLogs: [each] }) });
      const { stdout } = await flowlog(
        [...args, '--assume', 'inventory', '--flow-log-config', 'flow-logs.json', '--format', 'json'],
        { cwd, now: NOW },
      );
      return JSON.parse(stdout) as Report;
    };
    expect((await asked(flowLog)).verdict).toBe('closed');
    const report = await asked({ ...flowLog, ...values });
    expect(report.verdict).toBe('cannot be said');
    expect(codes(report)).toEqual([reason]);
  });

  it('with an interface of the inventory that has no record', async () => {
    const { cwd, args } = await auditWorld({ records: closed });
    const item = (id: string, address: string) => ({ id, addresses: [address], vpc: 'vpc-0a1b' });
    const snapshot = (...interfaces: object[]) =>
      JSON.stringify({ flowlog: 'inventory', version: 1, taken: '2026-06-01T00:00:00Z', interfaces });
    const asked = async () => {
      const words = [...args, '--inventory', 'inventory', '--assume', 'flow-log-config', '--format', 'json'];
      return JSON.parse((await flowlog(words, { cwd, now: NOW })).stdout) as Report;
    };
    await writeFiles(cwd, { 'inventory/a.json': snapshot(item('eni-0a1b2c3d', '10.10.24.17')) });
    expect((await asked()).verdict).toBe('closed');
    await writeFiles(cwd, {
      'inventory/a.json': snapshot(item('eni-0a1b2c3d', '10.10.24.17'), item('eni-0000000c', '10.10.24.99')),
    });
    const report = await asked();
    expect(codes(report)).toEqual(['silent-interfaces']);
    expect(report.reasons[0]!.what).toContain('eni-0000000c');
  });

  it('is not said of a leak, however incomplete the record', async () => {
    const report = await audited({ records: flow({ dstaddr: '198.51.100.7' }) }, []);
    expect(report).toMatchObject({ code: 3, verdict: 'not closed' });
    expect(report.reasons.length).toBeGreaterThan(0);
  });
});

describe('the command', () => {
  it('gives the verdict first, in words', async () => {
    const { cwd, args } = await auditWorld({ records: [...quiet(), ...flow({ dstaddr: '198.51.100.7' })] });
    const { code, stdout } = await flowlog([...args, ...ASSUMED], { cwd, now: NOW });
    expect(code).toBe(3);
    expect(stdout).toMatch(/^Verdict: NOT CLOSED \(1 leak\)\n/);
    expect(stdout).toContain('198.51.100.7');
    expect(
      kinds(
        JSON.parse(
          (await flowlog([...args, ...ASSUMED, '--format', 'json'], { cwd, now: NOW })).stdout,
        ) as Report,
      ),
    ).toEqual(['leak']);
  });

  it('needs a period', async () => {
    const { cwd, args } = await auditWorld({ records: quiet() });
    const { code, stderr } = await flowlog(['audit', '--allow', 'allow.toml', ...args.slice(-2)], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('--since and --until are required');
  });

  it('refuses to assume what it does not know', async () => {
    const { cwd, args } = await auditWorld({ records: quiet() });
    const { code, stderr } = await flowlog([...args, '--assume', 'everything'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain("'everything' cannot be assumed");
  });
});
