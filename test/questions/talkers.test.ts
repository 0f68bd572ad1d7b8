import { describe, expect, it } from 'vitest';
import { parseCidr } from '../../src/net/cidr.js';
import { type TalkersRequest, talkers } from '../../src/questions/talkers.js';
import { ALL, ask } from '../engines/local.js';
import { at, type End, fieldsUpTo, flow, page, utc } from '../page.js';
import { statusRecord } from '../records.js';

const EVERYONE: TalkersRequest = { ...ALL, subnets: [], by: 'source', packetLevel: false, rare: false };

const to: End = ['203.0.113.9', 443];

/** 10,000 bytes in all. */
const PAGE = [
  flow(['10.0.0.4', 1], to, '00:04:00', { bytes: 999 }),
  flow(['10.0.0.1', 1], to, '00:01:00', { bytes: 2000, packets: 3 }),
  flow(['10.0.0.2', 1], to, '00:02:00', { bytes: 3000 }),
  flow(['10.0.0.5', 1], ['198.51.100.7', 443], '00:05:00', { bytes: 1 }),
  flow(['10.0.0.1', 1], ['198.51.100.7', 443], '00:09:00', { bytes: 3000, packets: 4 }),
  flow(['10.0.0.3', 1], to, '00:03:00', { bytes: 1000 }),
  // Blocked by VPC Block Public Access: bytes are not recorded.
  flow(['10.0.0.6', 1], to, '00:06:00', { bytes: '-', packets: '-', action: 'REJECT' }),
  statusRecord('NODATA'),
  statusRecord('SKIPDATA'),
];

const asked = async (request: Partial<TalkersRequest> = {}, records = PAGE) =>
  ask(await page(records), (source) => talkers.query({ ...EVERYONE, ...request }, source));

describe('talkers', () => {
  it('has the largest first, each with its share and what it is together with those above it', async () => {
    const answer = await asked();
    expect(answer.rows).toEqual([
      ['10.0.0.1', 2, 7, 5000, utc('00:01:00'), utc('00:09:59'), 5000, 5000],
      ['10.0.0.2', 1, 10, 3000, utc('00:02:00'), utc('00:02:59'), 3000, 8000],
      ['10.0.0.3', 1, 10, 1000, utc('00:03:00'), utc('00:03:59'), 1000, 9000],
      ['10.0.0.4', 1, 10, 999, utc('00:04:00'), utc('00:04:59'), 999, 9999],
      ['10.0.0.5', 1, 10, 1, utc('00:05:00'), utc('00:05:59'), 1, 10000],
      ['10.0.0.6', 1, null, null, utc('00:06:00'), utc('00:06:59'), null, 10000],
    ]);
    // What was skipped has no share.
    expect(answer.totals).toMatchObject({ rows: 6, bytes: 10_000n, asides: new Map([['skipdata', 1]]) });
    expect(answer.csv.split('\n')[0]).toBe(
      '10.0.0.1,2,7,5000,2026-06-01 00:01:00,2026-06-01 00:09:59,50.00,50.00',
    );
    expect(answer.csv.split('\n')[5]).toBe('10.0.0.6,1,,,2026-06-01 00:06:00,2026-06-01 00:06:59,,100.00');
  });

  it('as a table', async () => {
    expect(await (await asked()).table(120)).toMatchInlineSnapshot(`
      "srcaddr   flows  packets   bytes  first_seen           last_seen              share  cumulative
      ────────  ─────  ───────  ──────  ───────────────────  ───────────────────  ───────  ──────────
      10.0.0.1      2        7  5.0 kB  2026-06-01 00:01:00  2026-06-01 00:09:59  50.00 %     50.00 %
      10.0.0.2      1       10  3.0 kB  2026-06-01 00:02:00  2026-06-01 00:02:59  30.00 %     80.00 %
      10.0.0.3      1       10  1.0 kB  2026-06-01 00:03:00  2026-06-01 00:03:59  10.00 %     90.00 %
      10.0.0.4      1       10   999 B  2026-06-01 00:04:00  2026-06-01 00:04:59   9.99 %     99.99 %
      10.0.0.5      1       10     1 B  2026-06-01 00:05:00  2026-06-01 00:05:59   0.01 %    100.00 %
      10.0.0.6      1        -       -  2026-06-01 00:06:00  2026-06-01 00:06:59        -    100.00 %
      "
    `);
  });

  it('has the smallest first when the rare ones are asked for, and those of no known size last', async () => {
    const answer = await asked({ rare: true });
    expect(answer.pick('srcaddr', 'share', 'cumulative')).toEqual([
      ['10.0.0.5', 1, 1],
      ['10.0.0.4', 999, 1000],
      ['10.0.0.3', 1000, 2000],
      ['10.0.0.2', 3000, 5000],
      ['10.0.0.1', 5000, 10000],
      ['10.0.0.6', null, 10000],
    ]);
  });

  it.each([
    [
      'destination',
      'dstaddr',
      [
        ['203.0.113.9', 6999],
        ['198.51.100.7', 3001],
      ],
    ],
    [
      'pair',
      'srcaddr',
      [
        ['10.0.0.1', 3000],
        ['10.0.0.2', 3000],
        ['10.0.0.1', 2000],
        ['10.0.0.3', 1000],
        ['10.0.0.4', 999],
        ['10.0.0.5', 1],
        ['10.0.0.6', null],
      ],
    ],
    ['interface', 'interface_id', [['eni-0a1b2c3d', 10_000]]],
  ] as const)('by %s; alike ones in the order of their names', async (by, column, rows) => {
    expect((await asked({ by })).pick(column, 'bytes')).toEqual(rows);
  });

  it('rounds to hundredths of a percent', async () => {
    const answer = await asked({}, [
      flow(['10.0.0.1', 1], to, '00:01:00', { bytes: 2 }),
      flow(['10.0.0.2', 1], to, '00:01:00', { bytes: 1 }),
    ]);
    expect(answer.pick('share', 'cumulative')).toEqual([
      [6667, 6667],
      [3333, 10000],
    ]);
  });

  it('has no shares of nothing', async () => {
    const answer = await asked({}, [flow(['10.0.0.1', 1], to, '00:01:00', { bytes: 0, packets: 0 })]);
    expect(answer.pick('bytes', 'share', 'cumulative')).toEqual([[0, null, null]]);
  });

  it('counts what has either end in a subnet, and shares are of that', async () => {
    const answer = await asked({ subnets: [parseCidr('198.51.100.0/24')] });
    expect(answer.pick('srcaddr', 'bytes', 'share')).toEqual([
      ['10.0.0.1', 3000, 9997],
      ['10.0.0.5', 1, 3],
    ]);
  });

  describe('with fields of later versions', () => {
    const eni = (n: number) => ({
      interface_id: `eni-${n}`,
      instance_id: `i-${n}`,
      subnet_id: `subnet-${n % 2}`,
    });
    const packet = (pkt_srcaddr: string, pkt_dstaddr: string) => ({ pkt_srcaddr, pkt_dstaddr });
    const LATER = [
      flow(['10.0.1.5', 40000], ['203.0.113.9', 443], '00:01:00', {
        ...eni(1),
        ...packet('10.0.1.5', '203.0.113.9'),
        bytes: 500,
      }),
      // The NAT gateway's own interface: on to the inside, for which it hides who spoke.
      flow(['10.0.0.220', 443], ['10.0.1.5', 40000], '00:01:00', {
        interface_id: 'eni-2',
        subnet_id: 'subnet-0',
        ...packet('203.0.113.9', '10.0.1.5'),
        bytes: 300,
      }),
      flow(['10.0.1.6', 40000], ['203.0.113.9', 443], '00:01:00', {
        ...eni(3),
        ...packet('10.0.1.6', '203.0.113.9'),
        bytes: 200,
      }),
    ];
    const askedLater = async (request: Partial<TalkersRequest>) =>
      ask(await page(LATER, fieldsUpTo(5)), (source) => talkers.query({ ...EVERYONE, ...request }, source));

    it('by the addresses in the packets, where a gateway repeats what the interface behind it recorded', async () => {
      const reply = flow(['203.0.113.9', 443], ['10.0.1.5', 40000], '00:01:00', {
        ...eni(1),
        ...packet('203.0.113.9', '10.0.1.5'),
        bytes: 300,
      });
      const logs = await page([...LATER, reply], fieldsUpTo(5));
      const pairs: TalkersRequest = { ...EVERYONE, packetLevel: true, by: 'pair' };
      const answer = await ask(logs, (source) => talkers.query(pairs, source));
      expect(answer.pick('pkt_srcaddr', 'pkt_dstaddr', 'bytes')).toEqual([
        ['10.0.1.5', '203.0.113.9', 500],
        ['203.0.113.9', '10.0.1.5', 300],
        ['10.0.1.6', '203.0.113.9', 200],
      ]);
    });

    it('by instance, of which a NAT gateway is none, and by subnet', async () => {
      expect((await askedLater({ by: 'instance' })).pick('instance_id', 'bytes')).toEqual([
        ['i-1', 500],
        [null, 300],
        ['i-3', 200],
      ]);
      expect((await askedLater({ by: 'subnet' })).pick('subnet_id', 'bytes')).toEqual([
        ['subnet-1', 700],
        ['subnet-0', 300],
      ]);
    });

    it('names the field that is missing', async () => {
      await expect(asked({ by: 'instance' })).rejects.toMatchObject({
        message: 'These logs do not record instance-id, which talkers --by instance needs.',
        hint: expect.stringContaining('version 3'),
        exitCode: 2,
      });
      await expect(asked({ packetLevel: true })).rejects.toMatchObject({
        message: 'These logs do not record pkt-srcaddr, which talkers --packet-level needs.',
        hint: expect.stringContaining('version 3'),
      });
    });
  });

  it('counts what the receiver recorded while the interface of the sender skipped', async () => {
    const seen = (n: number, dstaddr: End, time: string) =>
      flow(['10.0.0.1', 40_000], dstaddr, time, { interface_id: `eni-${n}`, bytes: 100 });
    const near: End = ['10.0.0.2', 443];
    const far: End = ['203.0.113.9', 443];
    const records = [
      seen(1, near, '00:05:00'),
      seen(1, far, '00:06:00'),
      seen(2, near, '00:05:00'),
      seen(2, near, '04:05:00'),
      flow(['10.0.0.3', 1], near, '04:05:00', { interface_id: 'eni-2', bytes: 1 }),
    ];
    const skipped = statusRecord('SKIPDATA', {
      interface_id: 'eni-1',
      start: at('04:05:00'),
      end: at('04:05:59'),
    });
    expect((await asked({}, [...records, skipped])).pick('srcaddr', 'bytes')).toEqual([
      ['10.0.0.1', 300],
      ['10.0.0.3', 1],
    ]);
  });

  it('leaves out what a regional NAT gateway repeats, and counts it beside the answer', async () => {
    const repeat = { interface_id: '-', resource_id: 'nat-0123456789abcdef0' };
    const records = [
      flow(['10.0.1.5', 40000], ['203.0.113.9', 443], '00:01:00', { bytes: 500 }),
      flow(['10.0.1.5', 40000], ['203.0.113.9', 443], '00:01:00', { bytes: 500, ...repeat }),
      flow(['192.0.2.1', 40000], ['203.0.113.9', 443], '00:01:00', { bytes: 500, ...repeat }),
    ];
    const logs = await page(records, fieldsUpTo(9));
    const answer = await ask(logs, (source) => talkers.query(EVERYONE, source));
    expect(answer.pick('srcaddr', 'bytes', 'share')).toEqual([['10.0.1.5', 500, 10000]]);
    expect(answer.totals).toMatchObject({ bytes: 500n, asides: new Map([['repeat', 2]]) });

    const kept = await ask(logs, (source) => talkers.query({ ...EVERYONE, keepRepeats: true }, source));
    expect(kept.pick('srcaddr', 'bytes', 'share')).toEqual([
      ['10.0.1.5', 1000, 6667],
      ['192.0.2.1', 500, 3333],
    ]);
    expect(kept.totals.asides).toEqual(new Map());
  });
});
