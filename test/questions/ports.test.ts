import { describe, expect, it } from 'vitest';
import { parseCidr } from '../../src/net/cidr.js';
import { type PortsRequest, ports } from '../../src/questions/ports.js';
import { ALL, ask } from '../engines/local.js';
import { type End, fieldsNamed, fieldsUpTo, flow, ICMP, page, UDP, utc } from '../page.js';
import { statusRecord } from '../records.js';

const NOTEBOOKS: PortsRequest = { ...ALL, subnets: [parseCidr('10.10.24.0/24')] };
const notebook: End = ['10.10.24.5', 8888];
const web: End = ['203.0.113.9', 443];

const PAGE = [
  // Served: two clients, one of them twice, and the answers to them.
  flow(['10.10.2.7', 50000], notebook, '00:01:00', { bytes: 100 }),
  flow(notebook, ['10.10.2.7', 50000], '00:01:00', { bytes: 900 }),
  flow(['10.10.2.7', 50001], notebook, '00:05:00', { bytes: 100 }),
  flow(['10.10.2.8', 50000], notebook, '00:06:00', { bytes: 100 }),
  // Reached: one server from two addresses, and its answer; another server.
  flow(['10.10.24.5', 40000], web, '00:02:00', { bytes: 300 }),
  flow(web, ['10.10.24.5', 40000], '00:02:00', { bytes: 5000 }),
  flow(['10.10.24.6', 40000], web, '00:03:00', { bytes: 300 }),
  flow(['10.10.24.6', 40001], ['198.51.100.7', 443], '00:04:00', { bytes: 400 }),
  // From one notebook to another: it is served here.
  flow(['10.10.24.6', 40002], ['10.10.24.5', 22], '00:07:00', { bytes: 50 }),
  // Ports alike, and none: the destination is taken for the side that was opened to.
  flow(['10.10.24.5', 123], ['192.0.2.1', 123], '00:08:00', { ...UDP, bytes: 76 }),
  flow(['203.0.113.9', 0], ['10.10.24.5', 0], '00:09:00', { ...ICMP, bytes: 84 }),
  // Elsewhere.
  flow(['10.10.2.7', 50000], web, '00:01:00'),
  statusRecord('NODATA'),
  statusRecord('SKIPDATA'),
];

describe('ports', () => {
  it('has what the subnet serves, then what it reaches; each peer counts once', async () => {
    const answer = await ask(await page(PAGE), (source) => ports.query(NOTEBOOKS, source));
    expect(answer.rows).toEqual([
      ['served', 6, 8888, 2, 4, 40, 1200, utc('00:01:00'), utc('00:06:59')],
      ['served', 1, 0, 1, 1, 10, 84, utc('00:09:00'), utc('00:09:59')],
      ['served', 6, 22, 1, 1, 10, 50, utc('00:07:00'), utc('00:07:59')],
      ['reached', 6, 443, 2, 4, 40, 6000, utc('00:02:00'), utc('00:04:59')],
      ['reached', 17, 123, 1, 1, 10, 76, utc('00:08:00'), utc('00:08:59')],
    ]);
    expect(answer.totals.asides).toEqual(new Map([['skipdata', 1]]));
    expect(await answer.table(120)).toMatchInlineSnapshot(`
      "side     protocol  port  peers  flows  packets   bytes  first_seen           last_seen
      ───────  ────────  ────  ─────  ─────  ───────  ──────  ───────────────────  ───────────────────
      served   TCP       8888      2      4       40  1.2 kB  2026-06-01 00:01:00  2026-06-01 00:06:59
      served   ICMP         0      1      1       10    84 B  2026-06-01 00:09:00  2026-06-01 00:09:59
      served   TCP         22      1      1       10    50 B  2026-06-01 00:07:00  2026-06-01 00:07:59
      reached  TCP        443      2      4       40  6.0 kB  2026-06-01 00:02:00  2026-06-01 00:04:59
      reached  UDP        123      1      1       10    76 B  2026-06-01 00:08:00  2026-06-01 00:08:59
      "
    `);
  });

  it('believes the flags of the handshake for as long as the connection lasts, more than the ports', async () => {
    const records = [
      // A service on a high port that a client with a lower one uses, as behind a NAT gateway.
      flow(['10.10.24.5', 2000], ['203.0.113.9', 8443], '00:01:00', { tcp_flags: 2 }),
      flow(['203.0.113.9', 8443], ['10.10.24.5', 2000], '00:01:00', { tcp_flags: 19 }),
      // Later records of the same connection: no flags to tell, or none recorded.
      flow(['10.10.24.5', 2000], ['203.0.113.9', 8443], '00:02:00', { tcp_flags: 0 }),
      flow(['10.10.24.5', 2000], ['203.0.113.9', 8443], '00:03:00'),
    ];
    const answer = await ask(await page(records, fieldsUpTo(3)), (source) => ports.query(NOTEBOOKS, source));
    expect(answer.pick('side', 'port', 'flows')).toEqual([['reached', 8443, 4]]);
  });

  it('names the field that is missing', async () => {
    const fields = fieldsNamed(
      'srcaddr',
      'dstaddr',
      'srcport',
      'dstport',
      'start',
      'end',
      'packets',
      'bytes',
    );
    await expect(
      ask(await page(PAGE, fields), (source) => ports.query(NOTEBOOKS, source)),
    ).rejects.toMatchObject({
      message: 'These logs do not record protocol, which ports needs.',
      hint: expect.stringContaining('version 2'),
    });
  });
});
