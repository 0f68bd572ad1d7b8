import { describe, expect, it } from 'vitest';
import { parseCidr } from '../../src/net/cidr.js';
import { type AdminRequest, admin } from '../../src/questions/admin.js';
import { ALL, ask } from '../engines/local.js';
import { type End, fieldsNamed, fieldsUpTo, flow, page, UDP, utc } from '../page.js';
import { statusRecord } from '../records.js';

const ANYONE: AdminRequest = { ...ALL, subnets: [] };
const from: End = ['203.0.113.9', 51000];
const host = (port: number): End => ['10.10.2.7', port];

const PAGE = [
  flow(from, host(3389), '00:03:00', { action: 'REJECT', packets: 1, bytes: 60 }),
  flow(from, host(22), '00:01:00', { bytes: 4000 }),
  flow(from, host(22), '00:02:00', { bytes: 4000 }),
  // Refused is another row.
  flow(from, host(22), '00:04:00', { action: 'REJECT', packets: 1, bytes: 60 }),
  // Replies.
  flow(host(22), from, '00:01:00', { bytes: 90_000 }),
  flow(host(22), from, '00:02:00', { bytes: 90_000 }),
  // Not for managing.
  flow(from, host(443), '00:01:00'),
  flow(from, host(23_000), '00:01:00'),
  flow(['10.10.3.4', 40000], ['10.10.3.5', 443], '00:01:00'),
  statusRecord('NODATA'),
  statusRecord('SKIPDATA'),
];

const asked = async (request: Partial<AdminRequest> = {}, records = PAGE, version = 2) =>
  ask(await page(records, fieldsUpTo(version)), (source) => admin.query({ ...ANYONE, ...request }, source));

describe('admin', () => {
  it('has who used or tried SSH, RDP and the like, most often first, alike ones by name, and no replies', async () => {
    const answer = await asked();
    expect(answer.rows).toEqual([
      ['SSH', 22, 6, 'ACCEPT', '203.0.113.9', '10.10.2.7', 2, 20, 8000, utc('00:01:00'), utc('00:02:59')],
      ['RDP', 3389, 6, 'REJECT', '203.0.113.9', '10.10.2.7', 1, 1, 60, utc('00:03:00'), utc('00:03:59')],
      ['SSH', 22, 6, 'REJECT', '203.0.113.9', '10.10.2.7', 1, 1, 60, utc('00:04:00'), utc('00:04:59')],
    ]);
    expect(answer.totals.asides).toEqual(new Map([['skipdata', 1]]));
    expect(await answer.table(100)).toMatchInlineSnapshot(`
      "service  protocol  srcaddr        flows   bytes  first_seen
      dstport  action    dstaddr      packets          last_seen
      ───────  ────────  ───────────  ───────  ──────  ───────────────────
      SSH      TCP       203.0.113.9        2  8.0 kB  2026-06-01 00:01:00
      22       ACCEPT    10.10.2.7         20          2026-06-01 00:02:59
      RDP      TCP       203.0.113.9        1    60 B  2026-06-01 00:03:00
      3389     REJECT    10.10.2.7          1          2026-06-01 00:03:59
      SSH      TCP       203.0.113.9        1    60 B  2026-06-01 00:04:00
      22       REJECT    10.10.2.7          1          2026-06-01 00:04:59
      "
    `);
  });

  it('knows the ports of each service, to their bounds', async () => {
    const ports = [21, 22, 23, 24, 134, 135, 136, 138, 139, 140, 444, 445, 446, 511, 512, 514, 515, 622, 623];
    const more = [624, 2374, 2375, 2376, 2377, 3388, 3389, 3390, 5899, 5900, 5909, 5910, 5984, 5985, 5986];
    const last = [5987, 6442, 6443, 6444, 10249, 10250, 10251];
    const answer = await asked(
      {},
      [...ports, ...more, ...last].map((port) => flow(from, host(port), '00:01:00')),
    );
    expect(answer.pick('dstport', 'service').sort(([a], [b]) => Number(a) - Number(b))).toEqual([
      [22, 'SSH'],
      [23, 'Telnet'],
      [135, 'RPC'],
      [139, 'NetBIOS'],
      [445, 'SMB'],
      [512, 'rexec, rlogin, rsh'],
      [514, 'rexec, rlogin, rsh'],
      [2375, 'Docker'],
      [2376, 'Docker'],
      [3389, 'RDP'],
      [5900, 'VNC'],
      [5909, 'VNC'],
      [5985, 'WinRM'],
      [5986, 'WinRM'],
      [6443, 'Kubernetes API'],
      [10250, 'kubelet'],
    ]);
  });

  it('knows the protocol of each service: UDP 514 is syslog, and UDP 22 no SSH', async () => {
    const answer = await asked(
      {},
      [22, 514, 623, 3389, 5900].map((port) => flow(from, host(port), '00:01:00', UDP)),
    );
    expect(answer.pick('dstport', 'service')).toEqual([[623, 'IPMI']]);
  });

  it('takes no answer for a request, by flags or by ports', async () => {
    const records = [
      flow(['203.0.113.9', 443], ['10.10.24.5', 5901], '00:01:00'),
      flow(['203.0.113.9', 50_443], ['10.10.24.5', 3389], '00:01:00', { tcp_flags: 18 }),
      flow(['203.0.113.9', 50_443], ['10.10.24.5', 3389], '00:02:00', { tcp_flags: 0 }),
      flow(['203.0.113.9', 50_444], ['10.10.24.5', 3389], '00:02:00', { tcp_flags: 0, bytes: 7 }),
    ];
    expect((await asked({}, records, 3)).pick('service', 'bytes')).toEqual([['RDP', 7]]);
  });

  it('looks at other ports instead, which may be no service it knows', async () => {
    const answer = await asked({
      dstPorts: [
        { first: 443, last: 443 },
        { first: 22, last: 22 },
      ],
      action: 'ACCEPT',
    });
    expect(answer.pick('service', 'dstport', 'srcaddr', 'flows')).toEqual([
      ['SSH', 22, '203.0.113.9', 2],
      [null, 443, '10.10.3.4', 1],
      [null, 443, '203.0.113.9', 1],
    ]);
  });

  it('counts what both interfaces recorded once', async () => {
    const seen = (interface_id: string, srcaddr: string, dstaddr: string) =>
      flow([srcaddr, 51_000], [dstaddr, 22], '00:01:00', { interface_id, bytes: 4000 });
    const records = [
      seen('eni-1', '10.10.2.7', '10.10.3.5'),
      seen('eni-2', '10.10.2.7', '10.10.3.5'),
      seen('eni-1', '10.10.2.7', '10.10.3.6'),
      seen('eni-2', '10.10.2.8', '10.10.3.5'),
    ];
    expect((await asked({}, records)).pick('srcaddr', 'dstaddr', 'flows', 'bytes')).toEqual([
      ['10.10.2.7', '10.10.3.5', 1, 4000],
      ['10.10.2.7', '10.10.3.6', 1, 4000],
      ['10.10.2.8', '10.10.3.5', 1, 4000],
    ]);
    expect((await asked({ countAll: true }, records)).pick('flows')).toEqual([[2], [1], [1]]);
  });

  it('of a subnet at either end', async () => {
    const subnets = [parseCidr('10.10.3.0/24')];
    expect((await asked({ subnets })).rows).toEqual([]);
    expect((await asked({ subnets: [parseCidr('203.0.113.9')] })).pick('service')).toEqual([
      ['SSH'],
      ['RDP'],
      ['SSH'],
    ]);
  });

  it('names the field that is missing', async () => {
    const logs = await page(PAGE, fieldsNamed('srcaddr', 'dstaddr', 'dstport', 'start', 'end'));
    await expect(ask(logs, (source) => admin.query(ANYONE, source))).rejects.toMatchObject({
      message: 'These logs do not record protocol, which admin needs.',
    });
  });
});
