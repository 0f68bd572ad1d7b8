import { describe, expect, it } from 'vitest';
import { parseCidr } from '../../src/net/cidr.js';
import { trace } from '../../src/questions/trace.js';
import { ALL, ask } from '../engines/local.js';
import { type End, fieldsNamed, fieldsUpTo, flow, ICMP, page, UDP, utc } from '../page.js';
import { type LogRecord, statusRecord } from '../records.js';

const traced = async (records: readonly LogRecord[], version: number, ...addresses: string[]) =>
  ask(await page(records, fieldsUpTo(version)), (source) =>
    trace.query({ ...ALL, addresses: addresses.map(parseCidr) }, source),
  );

const client: End = ['10.0.1.5', 40000];
const server: End = ['10.0.2.9', 443];
const [CLIENT_SIDE, SERVER_SIDE] = [{ interface_id: 'eni-client' }, { interface_id: 'eni-server' }];

/** A connection of two intervals within the VPC, as both interfaces recorded it; the server's lost the last record. */
const BOTH_SIDES = [
  ...[CLIENT_SIDE, SERVER_SIDE].flatMap((on) => [
    flow(client, server, '00:01:00', { ...on, tcp_flags: 2, packets: 5, bytes: 500 }),
    flow(server, client, '00:01:01', { ...on, tcp_flags: 18, packets: 4, bytes: 4000 }),
    flow(client, server, '00:02:00', { ...on, tcp_flags: 0, packets: 3, bytes: 300 }),
  ]),
  flow(server, client, '00:02:01', { ...CLIENT_SIDE, tcp_flags: 1, packets: 2, bytes: 2000 }),
];

describe('trace', () => {
  it('pairs both directions, and counts once what two interfaces recorded', async () => {
    const answer = await traced(
      [...BOTH_SIDES, statusRecord('NODATA'), statusRecord('SKIPDATA')],
      3,
      '10.0.1.5',
    );
    expect(answer.rows).toEqual([
      [
        ...['10.0.1.5', 40000, '10.0.2.9', 443, 6, '10.0.1.5', 'flags'],
        // Flows, let through and refused; sent, received.
        ...[4, 4, 0, 8, 800, 6, 6000],
        ...[utc('00:01:00'), utc('00:03:00')],
      ],
    ]);
    expect(answer.totals).toMatchObject({ rows: 1, asides: new Map([['skipdata', 1]]) });
    expect(await answer.table(200)).toMatchInlineSnapshot(`
      "address    port  peer      peer_port  protocol  opened_by  evidence  flows  accepted  rejected  sent_packets  sent_bytes  received_packets  received_bytes  first_seen           last_seen
      ────────  ─────  ────────  ─────────  ────────  ─────────  ────────  ─────  ────────  ────────  ────────────  ──────────  ────────────────  ──────────────  ───────────────────  ───────────────────
      10.0.1.5  40000  10.0.2.9        443  TCP       10.0.1.5   flags         4         4         0             8       800 B                 6          6.0 kB  2026-06-01 00:01:00  2026-06-01 00:03:00
      "
    `);
  });

  it('is the same conversation from the other end', async () => {
    const answer = await traced(BOTH_SIDES, 3, '10.0.2.9');
    expect(answer.pick('address', 'port', 'peer', 'peer_port', 'opened_by', 'evidence')).toEqual([
      ['10.0.2.9', 443, '10.0.1.5', 40000, '10.0.1.5', 'flags'],
    ]);
    expect(answer.pick('sent_bytes', 'received_bytes')).toEqual([[6000, 800]]);
  });

  it('has each conversation once between two addresses that are both traced', async () => {
    const answer = await traced(BOTH_SIDES, 3, '10.0.1.0/24', '10.0.2.9');
    expect(answer.pick('address', 'peer', 'opened_by', 'sent_bytes', 'received_bytes')).toEqual([
      ['10.0.1.5', '10.0.2.9', '10.0.1.5', 800, 6000],
    ]);
  });

  it.each<[what: string, flags: number | string, replyFlags: number | string, by: string, evidence: string]>([
    ['a handshake', 2, 18, '10.0.1.5', 'flags'],
    ['all of a short connection in one interval', 3, 19, '10.0.1.5', 'flags'],
    ['one that was reset', 7, 0, '10.0.1.5', 'flags'],
    ['a SYN that nobody answered', 2, '-', '10.0.1.5', 'flags'],
    ['an answer whose question was not recorded', '-', 18, '10.0.1.5', 'flags'],
    ['the middle of a connection', 0, 0, '10.0.1.5', 'ports'],
    ['its end', 1, 1, '10.0.1.5', 'ports'],
    ['a reset', 4, 4, '10.0.1.5', 'ports'],
    ['flags that could not be computed', '-', '-', '10.0.1.5', 'ports'],
    ['a connection from a lower port to a higher one', 18, 2, '10.0.2.9', 'flags'],
  ])('knows who opened, by %s', async (_what, flags, replyFlags, by, evidence) => {
    const records = [
      flow(client, server, '00:01:00', { tcp_flags: flags }),
      flow(server, client, '00:01:00', { tcp_flags: replyFlags }),
    ];
    for (const address of ['10.0.1.5', '10.0.2.9']) {
      expect((await traced(records, 3, address)).pick('opened_by', 'evidence')).toEqual([[by, evidence]]);
    }
  });

  it('has ports only where flags are not recorded, and of UDP; nothing tells of ICMP', async () => {
    const records = [
      flow(client, server, '00:01:00'),
      flow(['10.0.2.9', 53], ['10.0.1.5', 50000], '00:02:00', { ...UDP, tcp_flags: 2 }),
      flow(['10.0.1.5', 0], ['10.0.2.9', 0], '00:03:00', ICMP),
      flow(['10.0.1.5', 123], ['10.0.2.9', 123], '00:04:00', UDP),
    ];
    for (const version of [2, 3]) {
      const answer = await traced(records, version, '10.0.1.5');
      expect(answer.pick('protocol', 'port', 'peer_port', 'opened_by', 'evidence')).toEqual([
        [6, 40000, 443, '10.0.1.5', 'ports'],
        [17, 50000, 53, '10.0.1.5', 'ports'],
        [1, 0, 0, null, null],
        [17, 123, 123, null, null],
      ]);
    }
  });

  it('tells what was let through from what was refused, in the order of time', async () => {
    const records = [
      flow(['203.0.113.9', 51001], ['10.0.1.5', 3389], '00:05:00', {
        action: 'REJECT',
        packets: 1,
        bytes: 40,
      }),
      flow(['203.0.113.9', 51000], ['10.0.1.5', 22], '00:01:00', { bytes: 100 }),
      flow(['10.0.1.5', 22], ['203.0.113.9', 51000], '00:01:30', { bytes: 200, action: 'REJECT' }),
    ];
    const answer = await traced(records, 2, '203.0.113.0/24');
    expect(
      answer.pick('port', 'peer_port', 'flows', 'accepted', 'rejected', 'sent_bytes', 'received_bytes'),
    ).toEqual([
      [51000, 22, 2, 1, 1, 100, 200],
      [51001, 3389, 1, 0, 1, 40, null],
    ]);
    expect(answer.pick('first_seen', 'last_seen')[0]).toEqual([utc('00:01:00'), utc('00:02:29')]);
    expect(await answer.table(120)).toMatchInlineSnapshot(`
      "address      peer       protocol     evidence  accepted  sent_packets  received_packets  first_seen
      port         peer_port  opened_by    flows     rejected    sent_bytes    received_bytes  last_seen
      ───────────  ─────────  ───────────  ────────  ────────  ────────────  ────────────────  ───────────────────
      203.0.113.9  10.0.1.5   TCP          ports            1            10                10  2026-06-01 00:01:00
      51000        22         203.0.113.9  2                1         100 B             200 B  2026-06-01 00:02:29
      203.0.113.9  10.0.1.5   TCP          ports            0             1                 -  2026-06-01 00:05:00
      51001        3389       203.0.113.9  1                1          40 B                 -  2026-06-01 00:05:59
      "
    `);
  });

  it('of a block and of IPv6', async () => {
    const records = [
      flow(['2001:db8::7', 40000], ['2001:db8:1::9', 443], '00:02:00', { tcp_flags: 2 }),
      flow(['2001:db8:1::9', 443], ['2001:db8::7', 40000], '00:02:00', { tcp_flags: 18 }),
      flow(client, server, '00:01:00', { tcp_flags: 2 }),
      flow(['10.0.4.1', 40000], server, '00:03:00', { tcp_flags: 2 }),
    ];
    const answer = await traced(records, 3, '2001:db8::/64', '10.0.0.0/23');
    expect(answer.pick('address', 'peer', 'opened_by')).toEqual([
      ['10.0.1.5', '10.0.2.9', '10.0.1.5'],
      ['2001:db8::7', '2001:db8:1::9', '2001:db8::7'],
    ]);
  });

  it('keeps the order of time in the hour that the clocks show twice', async () => {
    // In Berlin clocks go back from 03:00 to 02:00 at 01:00 UTC.
    const [before, after] = [
      Date.parse('2026-10-25T00:30:00Z') / 1000,
      Date.parse('2026-10-25T01:10:00Z') / 1000,
    ];
    const records = [
      flow(['10.0.1.5', 40001], server, '00:00:00', { start: after, end: after + 1 }),
      flow(['10.0.1.5', 40000], server, '00:00:00', { start: before, end: before + 1 }),
    ];
    const answer = await ask(await page(records), (source) =>
      trace.query({ ...ALL, zone: 'Europe/Berlin', addresses: [parseCidr('10.0.1.5')] }, source),
    );
    expect(answer.pick('port', 'first_seen')).toEqual([
      [40000, '2026-10-25T02:30:00+02:00'],
      [40001, '2026-10-25T02:10:00+01:00'],
    ]);
  });

  it('leaves out what a regional NAT gateway repeats, and counts it beside the answer', async () => {
    const records = [
      flow(['10.0.1.5', 40000], ['203.0.113.9', 443], '00:01:00', { bytes: 500 }),
      flow(['10.0.1.5', 40000], ['203.0.113.9', 443], '00:01:00', {
        interface_id: '-',
        resource_id: 'nat-0123456789abcdef0',
        bytes: 600,
      }),
    ];
    const answer = await traced(records, 9, '10.0.1.5');
    expect(answer.pick('flows', 'sent_bytes')).toEqual([[1, 500]]);
    expect(answer.totals.asides).toEqual(new Map([['repeat', 1]]));
  });

  it('names the field that is missing', async () => {
    const logs = await page(BOTH_SIDES, fieldsNamed('srcaddr', 'dstaddr', 'srcport', 'start', 'end'));
    await expect(
      ask(logs, (source) => trace.query({ ...ALL, addresses: [parseCidr('10.0.1.5')] }, source)),
    ).rejects.toMatchObject({
      message: 'These logs do not record dstport, which trace needs.',
      hint: expect.stringContaining('version 2'),
    });
  });
});
