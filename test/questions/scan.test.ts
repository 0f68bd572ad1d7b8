import { describe, expect, it } from 'vitest';
import { parseCidr } from '../../src/net/cidr.js';
import { type ScanRequest, scan } from '../../src/questions/scan.js';
import { ALL, ask } from '../engines/local.js';
import { type End, fieldsNamed, fieldsUpTo, flow, ICMP, page, utc } from '../page.js';
import { type LogRecord, statusRecord } from '../records.js';

/** Thresholds small enough to count on fingers. */
const SCANS: ScanRequest = { ...ALL, subnets: [], minPorts: 3, minHosts: 4, within: 1800 };
const REJECT = { action: 'REJECT', packets: 1, bytes: 40 };
const scanner: End = ['203.0.113.66', 55_000];
const host = (n: number, port: number): End => [`10.10.2.${n}`, port];
const times = (count: number, make: (n: number) => LogRecord) =>
  Array.from({ length: count }, (_, i) => make(i + 1));

const PAGE = [
  // Three ports of one host, one of them tried twice and let through once.
  flow(scanner, host(1, 21), '00:01:00', REJECT),
  flow(scanner, host(1, 22), '00:02:00', REJECT),
  flow(scanner, host(1, 22), '00:08:00', { bytes: 4000 }),
  flow(scanner, host(1, 25), '00:03:00', REJECT),
  // Two of another: not enough.
  flow(scanner, host(9, 21), '00:04:00', REJECT),
  flow(scanner, host(9, 25), '00:04:00', REJECT),
  // One port of four hosts.
  ...times(4, (n) => flow(['198.51.100.7', 55_000], host(n, 445), `00:1${n}:00`, REJECT)),
  // One port of three hosts: not enough.
  ...times(3, (n) => flow(['198.51.100.8', 55_000], host(n, 445), '00:20:00', REJECT)),
  // A server that answers many clients, and many ports of one.
  ...times(9, (n) => flow(host(7, 443), ['192.0.2.9', 50_000 + n], '00:30:00')),
  ...times(9, (n) => flow(host(7, 443), [`192.0.2.${n}`, 60_000], '00:30:00')),
  statusRecord('NODATA'),
  statusRecord('SKIPDATA'),
];

const asked = async (request: Partial<ScanRequest> = {}, records = PAGE, version = 2) =>
  ask(await page(records, fieldsUpTo(version)), (source) => scan.query({ ...SCANS, ...request }, source));

describe('scan', () => {
  it('finds many ports of a host and one port of many hosts, at the bound, and no server that answers', async () => {
    const answer = await asked();
    expect(answer.rows).toEqual([
      ['hosts with a port', '198.51.100.7', null, 445, 6, 4, 4, 4, 4, 160, utc('00:11:00'), utc('00:14:59')],
      [
        ...['ports of a host', '203.0.113.66', '10.10.2.1', null, 6, 3],
        ...[4, 3, 13, 4120, utc('00:01:00'), utc('00:08:59')],
      ],
    ]);
    expect(answer.totals).toMatchObject({ rows: 2, asides: new Map([['skipdata', 1]]) });
    expect(await answer.table(160)).toMatchInlineSnapshot(`
      "kind               srcaddr       dstaddr    dstport  protocol  targets  flows  rejected  packets   bytes  first_seen           last_seen
      ─────────────────  ────────────  ─────────  ───────  ────────  ───────  ─────  ────────  ───────  ──────  ───────────────────  ───────────────────
      hosts with a port  198.51.100.7  -              445  TCP             4      4         4        4   160 B  2026-06-01 00:11:00  2026-06-01 00:14:59
      ports of a host    203.0.113.66  10.10.2.1        -  TCP             3      4         3       13  4.1 kB  2026-06-01 00:01:00  2026-06-01 00:08:59
      "
    `);
  });

  it('beyond the bound finds nothing', async () => {
    const answer = await asked({ minPorts: 4, minHosts: 5 });
    expect(answer.rows).toEqual([]);
    expect(answer.totals.asides).toEqual(new Map([['skipdata', 1]]));
  });

  it('of what was refused, of one protocol, of a subnet at either end', async () => {
    expect((await asked({ action: 'REJECT' })).pick('srcaddr', 'flows', 'rejected')).toEqual([
      ['198.51.100.7', 4, 4],
      ['203.0.113.66', 3, 3],
    ]);
    expect((await asked({ action: 'ACCEPT' })).rows).toEqual([]);
    expect((await asked({ subnets: [parseCidr('203.0.113.0/24')] })).pick('srcaddr')).toEqual([
      ['203.0.113.66'],
    ]);
    expect((await asked({ subnets: [parseCidr('10.10.2.1')] })).pick('srcaddr')).toEqual([['203.0.113.66']]);
  });

  it('goes by the flags where there are some', async () => {
    const answer = await asked(
      {},
      [
        // Low source ports are a way past rules that trust ports.
        ...times(3, (n) => flow(['203.0.113.66', 53], host(1, 8000 + n), '00:01:00', { tcp_flags: 2 })),
        // The server's side of what clients opened from low ports to a high one.
        ...times(9, (n) => flow(host(7, 8443), ['192.0.2.9', 1000 + n], '00:30:00', { tcp_flags: 18 })),
        ...times(9, (n) => flow(host(8, 8443), ['192.0.2.9', 1000 + n], '00:30:00', { tcp_flags: 19 })),
      ],
      3,
    );
    expect(answer.pick('kind', 'srcaddr', 'dstaddr', 'targets')).toEqual([
      ['ports of a host', '203.0.113.66', '10.10.2.1', 3],
    ]);
  });

  it('finds one that pings its way through a subnet', async () => {
    const answer = await asked(
      {},
      times(5, (n) => flow(['203.0.113.66', 0], host(n, 0), '00:01:00', ICMP)),
    );
    expect(answer.pick('kind', 'srcaddr', 'dstport', 'protocol', 'targets')).toEqual([
      ['hosts with a port', '203.0.113.66', 0, 1, 5],
    ]);
  });

  it('tells protocols apart', async () => {
    const answer = await asked({}, [
      flow(scanner, host(1, 21), '00:01:00'),
      flow(scanner, host(1, 22), '00:01:00'),
      flow(scanner, host(1, 23), '00:01:00', { protocol: 17 }),
    ]);
    expect(answer.rows).toEqual([]);
  });

  it('counts the records that a regional NAT gateway repeats beside the answer, each once', async () => {
    const repeat = { interface_id: '-', resource_id: 'nat-0123456789abcdef0' };
    const records = times(5, (n) => flow(scanner, host(1, n), '00:01:00', { ...REJECT, ...repeat }));
    // A gateway whose interfaces behind it are not recorded repeats nothing.
    expect((await asked({}, records, 9)).pick('targets', 'flows')).toEqual([[5, 5]]);
    const both = [...records, ...times(5, (n) => flow(scanner, host(1, n), '00:01:00', REJECT))];
    const answer = await asked({}, both, 9);
    expect(answer.pick('targets', 'flows')).toEqual([[5, 5]]);
    expect(answer.totals.asides).toEqual(new Map([['repeat', 5]]));
    expect((await asked({ keepRepeats: true }, both, 9)).pick('flows')).toEqual([[10]]);
  });

  it('names the field that is missing', async () => {
    const logs = await page(PAGE, fieldsNamed('srcaddr', 'dstaddr', 'srcport', 'dstport', 'start', 'end'));
    await expect(ask(logs, (source) => scan.query(SCANS, source))).rejects.toMatchObject({
      message: 'These logs do not record action, which scan needs.',
    });
  });
});
