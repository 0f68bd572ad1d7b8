import { describe, expect, it } from 'vitest';
import { parseCidr } from '../../src/net/cidr.js';
import { type NatRequest, nat } from '../../src/questions/nat.js';
import { ALL, ask } from '../engines/local.js';
import { type End, fieldsUpTo, flow, page, utc } from '../page.js';
import { type LogRecord, statusRecord } from '../records.js';

const ANYONE: NatRequest = { ...ALL, subnets: [], via: [] };

const instance: End = ['10.0.1.5', 40_000];
const gateway: End = ['10.0.0.220', 61_000];
const web: End = ['203.0.113.5', 443];

const packet = (pkt_srcaddr: string, pkt_dstaddr: string) => ({ pkt_srcaddr, pkt_dstaddr });
const INSTANCE = { interface_id: 'eni-instance', instance_id: 'i-1' };
const GATEWAY = { interface_id: 'eni-gateway' };

/**
 * The same packets as the instance's interface records them, and as the gateway's does: from the instance, to the internet, from
 * the internet, to the instance (Amazon VPC User Guide, "Flow log record examples").
 */
function throughGateway(
  time: string,
  sent: LogRecord,
  received: LogRecord,
  [address, port] = instance,
): LogRecord[] {
  return [
    flow([address, port], web, time, { ...INSTANCE, ...packet(address, web[0]), ...sent }),
    flow(web, [address, port], time, { ...INSTANCE, ...packet(web[0], address), ...received }),
    flow([address, port], [gateway[0], 443], time, { ...GATEWAY, ...packet(address, web[0]), ...sent }),
    flow(gateway, web, time, { ...GATEWAY, ...packet(gateway[0], web[0]), ...sent }),
    flow(web, gateway, time, { ...GATEWAY, ...packet(web[0], gateway[0]), ...received }),
    flow([gateway[0], 443], [address, port], time, { ...GATEWAY, ...packet(web[0], address), ...received }),
  ];
}

const PAGE = [
  ...throughGateway('00:01:00', { packets: 5, bytes: 500 }, { packets: 4, bytes: 4000 }),
  ...throughGateway('00:05:00', { packets: 2, bytes: 200 }, { packets: 1, bytes: 1000 }),
  ...throughGateway('00:02:00', { packets: 9, bytes: 900 }, { packets: 1, bytes: 10 }, ['10.0.1.6', 40_000]),
  // Straight to one within the VPC.
  flow(instance, ['10.0.2.9', 443], '00:01:00', { ...INSTANCE, ...packet('10.0.1.5', '10.0.2.9') }),
  // No packet addresses recorded.
  flow(instance, ['10.0.2.10', 443], '00:01:00', INSTANCE),
  statusRecord('NODATA'),
  statusRecord('SKIPDATA'),
];

const asked = async (request: Partial<NatRequest> = {}, records = PAGE, version = 3) =>
  ask(await page(records, fieldsUpTo(version)), (source) => nat.query({ ...ANYONE, ...request }, source));

describe('nat', () => {
  it('counts the lines of a zonal NAT gateway once, between the two that speak', async () => {
    const answer = await asked();
    expect(answer.rows).toEqual([
      [
        ...['10.0.0.220', '10.0.1.6', '203.0.113.5', 443, 6],
        ...[2, 2, 0, 9, 900, 1, 10, utc('00:02:00'), utc('00:02:59')],
      ],
      [
        ...['10.0.0.220', '10.0.1.5', '203.0.113.5', 443, 6],
        ...[4, 4, 0, 7, 700, 5, 5000, utc('00:01:00'), utc('00:05:59')],
      ],
    ]);
    expect(answer.totals).toMatchObject({ rows: 2, asides: new Map([['skipdata', 1]]) });
    expect(await answer.table(200)).toMatchInlineSnapshot(`
      "via         address   peer         peer_port  protocol  flows  accepted  rejected  sent_packets  sent_bytes  received_packets  received_bytes  first_seen           last_seen
      ──────────  ────────  ───────────  ─────────  ────────  ─────  ────────  ────────  ────────────  ──────────  ────────────────  ──────────────  ───────────────────  ───────────────────
      10.0.0.220  10.0.1.6  203.0.113.5        443  TCP           2         2         0             9       900 B                 1            10 B  2026-06-01 00:02:00  2026-06-01 00:02:59
      10.0.0.220  10.0.1.5  203.0.113.5        443  TCP           4         4         0             7       700 B                 5          5.0 kB  2026-06-01 00:01:00  2026-06-01 00:05:59
      "
    `);
  });

  it('of some behind it, and of one gateway', async () => {
    expect((await asked({ subnets: [parseCidr('10.0.1.5')] })).pick('address', 'sent_bytes')).toEqual([
      ['10.0.1.5', 700],
    ]);
    expect((await asked({ via: [parseCidr('10.0.0.0/24')] })).pick('address')).toEqual([
      ['10.0.1.6'],
      ['10.0.1.5'],
    ]);
    expect((await asked({ via: [parseCidr('10.0.9.0/24')] })).rows).toEqual([]);
  });

  it('has what only one direction tells', async () => {
    const [, , out, , , back] = throughGateway(
      '00:01:00',
      { bytes: 500, packets: 5 },
      { bytes: 40, packets: 1 },
    );
    expect((await asked({}, [out!])).pick('via', 'address', 'peer', 'sent_bytes', 'received_bytes')).toEqual([
      ['10.0.0.220', '10.0.1.5', '203.0.113.5', 500, null],
    ]);
    expect((await asked({}, [back!])).pick('via', 'address', 'peer', 'sent_bytes', 'received_bytes')).toEqual(
      [['10.0.0.220', '10.0.1.5', '203.0.113.5', null, 40]],
    );
  });

  it('leaves out what a regional NAT gateway repeats, and counts it beside the answer', async () => {
    const repeat = { interface_id: '-', resource_id: 'nat-0123456789abcdef0' };
    const [, , out] = throughGateway('00:01:00', { bytes: 500 }, {});
    const records = [out!, { ...out!, ...repeat, bytes: 700 }];
    const answer = await asked({}, records, 9);
    expect(answer.pick('flows', 'sent_bytes')).toEqual([[1, 500]]);
    expect(answer.totals.asides).toEqual(new Map([['repeat', 1]]));
    // Recorded twice, it counts as the one that saw most.
    const kept = await asked({ keepRepeats: true }, records, 9);
    expect(kept.pick('flows', 'sent_bytes')).toEqual([[1, 700]]);
    expect(kept.totals.asides).toEqual(new Map());
  });

  it('names the field that is missing', async () => {
    await expect(asked({}, PAGE, 2)).rejects.toMatchObject({
      message: 'These logs do not record pkt-srcaddr, which nat needs.',
      hint: expect.stringContaining('version 3'),
      exitCode: 2,
    });
  });
});
