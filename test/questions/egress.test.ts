import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIELDS } from '../../src/flowlog/fields.js';
import { containsAddress, enclosingVpc, parseCidr } from '../../src/net/cidr.js';
import type { Row } from '../../src/result.js';
import { addressNear, anyAddress, anyBlock } from '../arbitraries.js';
import { ANYTHING, askLocally } from '../engines/local.js';
import { testFolder, writeFiles } from '../folder.js';
import { fieldsUpTo, flow, ICMP, page as pageOf, UDP } from '../page.js';
import { type LogRecord, logFile, record, statusRecord } from '../records.js';
import { runs } from '../seed.js';

const subnets = [parseCidr('10.10.24.0/24')];
const vpc = [parseCidr('10.10.0.0/16')];
const T = 1_780_000_000;

/** The page of records that the original question was asked of. */
const PAGE: LogRecord[] = [
  record({ srcaddr: '10.10.24.5', dstaddr: '203.0.113.9', start: T + 60, end: T + 100 }),
  record({
    srcaddr: '10.10.24.6',
    dstaddr: '198.51.100.7',
    start: T,
    end: T + 50,
    srcport: 0,
    dstport: 0,
    protocol: 1,
  }),
  record({ srcaddr: '10.10.24.6', dstaddr: '10.10.2.7' }),
  record({
    srcaddr: '10.10.24.7',
    dstaddr: '10.100.0.1',
    action: 'REJECT',
    bytes: 40,
    start: T + 120,
    end: T + 121,
  }),
  record({ srcaddr: '10.10.240.5', dstaddr: '203.0.113.9' }),
  record({ srcaddr: '110.10.24.5', dstaddr: '203.0.113.9' }),
  record({ srcaddr: '203.0.113.9', dstaddr: '10.10.24.5' }),
  statusRecord('NODATA'),
  statusRecord('SKIPDATA', { start: T + 30, end: T + 90 }),
  statusRecord('SKIPDATA', { start: T + 500, end: T + 560 }),
];

const page = async () => writeFiles(testFolder(), { 'page.log.gz': logFile(PAGE) });

describe('egress', () => {
  it('answers the original question on a page of records, in Tokyo time', async () => {
    const answer = await askLocally([await page()], {
      ...ANYTHING,
      subnets,
      vpc,
      columns: ['srcaddr', 'dstaddr', 'start_time', 'end_time'],
    });
    expect(answer.columns).toEqual(['srcaddr', 'dstaddr', 'start_time', 'end_time']);
    expect(answer.rows).toEqual([
      ['10.10.24.6', '198.51.100.7', '2026-05-29T05:26:40+09:00', '2026-05-29T05:27:30+09:00'],
      ['10.10.24.5', '203.0.113.9', '2026-05-29T05:27:40+09:00', '2026-05-29T05:28:20+09:00'],
      ['10.10.24.7', '10.100.0.1', '2026-05-29T05:28:40+09:00', '2026-05-29T05:28:41+09:00'],
    ]);
    expect(answer.csv).toBe(
      '10.10.24.6,198.51.100.7,2026-05-29 05:26:40,2026-05-29 05:27:30\n' +
        '10.10.24.5,203.0.113.9,2026-05-29 05:27:40,2026-05-29 05:28:20\n' +
        '10.10.24.7,10.100.0.1,2026-05-29 05:28:40,2026-05-29 05:28:41\n',
    );
    expect(answer.totals).toEqual({
      rows: 3,
      cut: false,
      bytes: undefined,
      asides: new Map([['skipdata', 2]]),
    });
  });

  it('has the usual columns and keeps port 0', async () => {
    const answer = await askLocally([await page()], { ...ANYTHING, subnets, vpc });
    expect(answer.rows[0]).toEqual([
      '2026-05-29T05:26:40+09:00',
      '2026-05-29T05:27:30+09:00',
      '10.10.24.6',
      0,
      '198.51.100.7',
      0,
      1,
      10,
      840,
      'ACCEPT',
    ]);
    expect(answer.totals.bytes).toBe(840n + 840n + 40n);
  });

  it.each([
    ['--action', { action: 'REJECT' as const }, ['10.100.0.1']],
    ['--protocol', { protocols: [1] }, ['198.51.100.7']],
    ['--dst-port', { dstPorts: [{ first: 1, last: 1023 }] }, ['203.0.113.9', '10.100.0.1']],
    ['--exclude', { exclude: [parseCidr('10.0.0.0/8'), parseCidr('203.0.113.0/24')] }, ['198.51.100.7']],
    ['--vpc', { vpc: [...vpc, parseCidr('10.100.0.0/22')] }, ['198.51.100.7', '203.0.113.9']],
    ['--since, inclusive', { range: { since: T + 60, until: undefined } }, ['203.0.113.9', '10.100.0.1']],
    ['--until, exclusive', { range: { since: undefined, until: T + 60 } }, ['198.51.100.7']],
  ])('narrows by %s', async (_option, narrowed, destinations) => {
    const answer = await askLocally([await page()], {
      ...ANYTHING,
      subnets,
      vpc,
      columns: ['dstaddr'],
      ...narrowed,
    });
    expect(answer.rows).toEqual(destinations.map((address) => [address]));
  });

  it('counts skipped records of the range only', async () => {
    const answer = await askLocally([await page()], {
      ...ANYTHING,
      subnets,
      vpc,
      range: { since: T, until: T + 60 },
    });
    expect(answer.totals.asides).toEqual(new Map([['skipdata', 1]]));
  });

  it('sums up by columns, largest first', async () => {
    const records = [
      ...PAGE,
      record({
        srcaddr: '10.10.24.9',
        dstaddr: '203.0.113.9',
        bytes: 5_000_000_000_000,
        packets: 3,
        start: T + 5,
        end: T + 300,
      }),
    ];
    const folder = await writeFiles(testFolder(), { 'page.log.gz': logFile(records) });
    const answer = await askLocally([folder], { ...ANYTHING, subnets, vpc, by: ['dstaddr', 'dstport'] });
    expect(answer.columns).toEqual([
      'dstaddr',
      'dstport',
      'flows',
      'packets',
      'bytes',
      'first_seen',
      'last_seen',
    ]);
    expect(answer.rows).toEqual([
      [
        '203.0.113.9',
        443,
        2,
        13,
        5_000_000_000_840,
        '2026-05-29T05:26:45+09:00',
        '2026-05-29T05:31:40+09:00',
      ],
      ['198.51.100.7', 0, 1, 10, 840, '2026-05-29T05:26:40+09:00', '2026-05-29T05:27:30+09:00'],
      ['10.100.0.1', 443, 1, 10, 40, '2026-05-29T05:28:40+09:00', '2026-05-29T05:28:41+09:00'],
    ]);
    expect(answer.totals).toMatchObject({ rows: 3, asides: new Map([['skipdata', 2]]) });
  });

  describe('--initiated', () => {
    const OUT = [
      // Opened from inside: by SYN, by SYN in an interval with the end, by a reset of it.
      flow(['10.10.24.5', 2000], ['203.0.113.1', 8443], '00:01:00', { tcp_flags: 2 }),
      flow(['10.10.24.5', 2000], ['203.0.113.2', 8443], '00:02:00', { tcp_flags: 3 }),
      flow(['10.10.24.5', 2000], ['203.0.113.3', 8443], '00:03:00', { tcp_flags: 7 }),
      // Answers to what came in: by SYN-ACK, and with the end of it.
      flow(['10.10.24.5', 8443], ['203.0.113.4', 2000], '00:04:00', { tcp_flags: 18 }),
      flow(['10.10.24.5', 8443], ['203.0.113.5', 2000], '00:05:00', { tcp_flags: 19 }),
      // No handshake recorded, or no flags: the port of a service tells.
      flow(['10.10.24.5', 40_000], ['203.0.113.6', 443], '00:06:00', { tcp_flags: 0 }),
      flow(['10.10.24.5', 40_000], ['203.0.113.7', 443], '00:07:00', { tcp_flags: 1 }),
      flow(['10.10.24.5', 443], ['203.0.113.8', 40_000], '00:08:00', { tcp_flags: 0 }),
      flow(['10.10.24.5', 443], ['203.0.113.9', 40_000], '00:09:00'),
      flow(['10.10.24.5', 50_000], ['203.0.113.10', 53], '00:10:00', UDP),
      // Nothing tells: an investigation would rather see too much.
      flow(['10.10.24.5', 0], ['203.0.113.11', 0], '00:11:00', ICMP),
      flow(['10.10.24.5', 123], ['203.0.113.12', 123], '00:12:00', UDP),
      statusRecord('SKIPDATA'),
    ];
    const asked = async (version: number, initiated = true) =>
      askLocally(await pageOf(OUT, fieldsUpTo(version)), {
        ...ANYTHING,
        ...{ subnets, vpc, initiated, zone: 'UTC' },
        columns: ['start_time', 'srcport', 'dstaddr', 'dstport', 'protocol'],
      });
    const last = ({ rows }: { rows: readonly Row[] }) =>
      rows.map((row) => Number(String(row[2]).split('.')[3]));

    it('leaves out what answers, by flags where there are some, else by ports', async () => {
      const answer = await asked(3);
      expect(last(answer)).toEqual([1, 2, 3, 6, 7, 10, 11, 12]);
      expect(answer.totals.asides).toEqual(new Map([['skipdata', 1]]));
      expect(await answer.table(80)).toMatchInlineSnapshot(`
        "start_time           srcport  dstaddr       dstport  protocol
        ───────────────────  ───────  ────────────  ───────  ────────
        2026-06-01 00:01:00     2000  203.0.113.1      8443  TCP
        2026-06-01 00:02:00     2000  203.0.113.2      8443  TCP
        2026-06-01 00:03:00     2000  203.0.113.3      8443  TCP
        2026-06-01 00:06:00    40000  203.0.113.6       443  TCP
        2026-06-01 00:07:00    40000  203.0.113.7       443  TCP
        2026-06-01 00:10:00    50000  203.0.113.10       53  UDP
        2026-06-01 00:11:00        0  203.0.113.11        0  ICMP
        2026-06-01 00:12:00      123  203.0.113.12      123  UDP
        "
      `);
      expect((await asked(3, false)).rows).toHaveLength(12);
    });

    it('knows the handshake of sums that leave it out', async () => {
      const answer = (time: string, values: LogRecord) =>
        flow(['10.10.24.5', 50_000], ['203.0.113.9', 51_000], time, values);
      const logs = await pageOf(
        [
          answer('00:01:00', { tcp_flags: 18, bytes: 60 }),
          answer('00:02:00', { tcp_flags: 0, bytes: 90_000 }),
        ],
        fieldsUpTo(3),
      );
      const where = [{ field: 'bytes', not: false, none: false, ranges: [[1000, 1e9]] as const }];
      for (const by of [[], ['dstaddr']]) {
        const request = { ...ANYTHING, subnets, vpc, initiated: true, where, by };
        expect((await askLocally(logs, request)).rows).toEqual([]);
        expect((await askLocally(logs, { ...request, initiated: false })).rows).toHaveLength(1);
      }
    });

    it('goes by ports where these logs have no flags, and keeps what they do not tell', async () => {
      expect(last(await asked(2))).toEqual([1, 2, 3, 4, 5, 6, 7, 10, 11, 12]);
    });
  });

  it('shows times of a zone whose clocks change with the offset of the day', async () => {
    const winter = Date.parse('2026-01-15T12:00:00Z') / 1000;
    const summer = Date.parse('2026-07-15T12:00:00Z') / 1000;
    const records = [winter, summer].map((start) =>
      record({ srcaddr: '10.10.24.5', dstaddr: '203.0.113.9', start }),
    );
    const folder = await writeFiles(testFolder(), { 'page.log.gz': logFile(records) });
    const ask = (zone: string) =>
      askLocally([folder], { ...ANYTHING, subnets, vpc, zone, columns: ['start_time'] });
    expect((await ask('America/St_Johns')).rows).toEqual([
      ['2026-01-15T08:30:00-03:30'],
      ['2026-07-15T09:30:00-02:30'],
    ]);
    expect((await ask('UTC')).rows).toEqual([['2026-01-15T12:00:00+00:00'], ['2026-07-15T12:00:00+00:00']]);
  });

  it('names the field that is missing, and how to get it', async () => {
    const fields = FIELDS.filter(({ column }) => ['srcaddr', 'dstaddr', 'start', 'end'].includes(column));
    const folder = await writeFiles(testFolder(), { 'a.log.gz': logFile(PAGE, fields) });
    await expect(
      askLocally([folder], { ...ANYTHING, subnets, vpc, columns: ['tcp-flags'] }),
    ).rejects.toMatchObject({
      message: 'These logs do not record tcp-flags, which column tcp_flags needs.',
      hint: expect.stringContaining('version 3'),
      exitCode: 2,
    });
    await expect(
      askLocally([folder], { ...ANYTHING, subnets, vpc, columns: ['dstadr'] }),
    ).rejects.toMatchObject({
      message: "'dstadr' is not a column.",
      hint: expect.stringContaining('dstaddr'),
    });
  });

  it('equals a plain filter over parsed records, for any block of either family', async () => {
    const question = anyBlock.chain((subnet) => {
      const inside = fc.oneof(fc.constant(enclosingVpc(subnet)), fc.constant(subnet));
      const address = fc.oneof(
        { weight: 6, arbitrary: addressNear(subnet) },
        { weight: 3, arbitrary: inside.chain(addressNear) },
        anyAddress,
      );
      const flow = fc
        .tuple(address, address, fc.nat(100))
        .map(([srcaddr, dstaddr, after]) => record({ srcaddr, dstaddr, start: T + after }));
      return fc.record({
        subnet: fc.constant(subnet),
        inside,
        exclude: fc.array(anyBlock, { maxLength: 2 }),
        flows: fc.array(flow, { minLength: 1, maxLength: 100 }),
      });
    });
    await fc.assert(
      fc.asyncProperty(question, async ({ subnet, inside, exclude, flows }) => {
        const folder = await writeFiles(testFolder(), {
          'a.log.gz': logFile([...flows, statusRecord('NODATA')]),
        });
        const answer = await askLocally([join(folder, 'a.log.gz')], {
          ...ANYTHING,
          subnets: [subnet],
          vpc: [inside],
          exclude,
          columns: ['start', 'srcaddr', 'dstaddr'],
        });
        const expected = flows
          .filter(({ srcaddr, dstaddr }) => {
            const outside = [inside, ...exclude].every((block) => !containsAddress(block, String(dstaddr)));
            return containsAddress(subnet, String(srcaddr)) && outside;
          })
          .map(({ start, srcaddr, dstaddr }) => [start, srcaddr, dstaddr]);
        expect([...answer.rows].map(String).sort()).toEqual(expected.map(String).sort());
        expect(answer.rows.map(([start]) => start)).toEqual(expected.map(([start]) => start).sort());
      }),
      { numRuns: runs(12) },
    );
    // An engine for each of them: on a busy machine that takes its time.
  }, 300_000);
});
