import { describe, expect, it } from 'vitest';
import { parseCidr } from '../../src/net/cidr.js';
import { accepted } from '../../src/questions/accepted.js';
import { type RejectedRequest, rejected } from '../../src/questions/rejected.js';
import { ALL, ask } from '../engines/local.js';
import { fieldsNamed, fieldsUpTo, flow, ICMP, page, utc } from '../page.js';
import { statusRecord } from '../records.js';

const ANYONE: RejectedRequest = { ...ALL, subnets: [], by: [] };
const REJECT = { action: 'REJECT', packets: 1, bytes: 60 };

const PAGE = [
  // One that came back, with something else in between; in the file the last time is first.
  flow(['203.0.113.9', 51003], ['10.10.2.7', 22], '09:00:00', REJECT),
  flow(['203.0.113.9', 51000], ['10.10.2.7', 22], '00:01:00', REJECT),
  flow(['203.0.113.9', 51001], ['10.10.2.7', 22], '00:02:00', { ...REJECT, packets: 3, bytes: 180 }),
  flow(['203.0.113.9', 51001], ['10.10.2.7', 3389], '00:02:00', REJECT),
  // More bytes, but fewer times.
  flow(['198.51.100.7', 0], ['10.10.2.8', 0], '00:03:00', { ...REJECT, ...ICMP, bytes: 90_000 }),
  flow(['198.51.100.7', 0], ['10.10.2.8', 0], '00:04:00', { ...REJECT, ...ICMP, bytes: 90_000 }),
  // What was let through.
  flow(['203.0.113.9', 51004], ['10.10.2.7', 443], '00:05:00'),
  flow(['203.0.113.9', 51005], ['10.10.2.7', 443], '00:06:00', { bytes: 1000 }),
  flow(['10.10.3.4', 40000], ['10.10.3.5', 443], '00:07:00', { bytes: 5000 }),
  statusRecord('NODATA'),
  statusRecord('SKIPDATA'),
];

describe('rejected', () => {
  it('has who was refused most often first, from the first time to the last', async () => {
    const answer = await ask(await page(PAGE), (source) => rejected.query(ANYONE, source));
    expect(answer.rows).toEqual([
      ['203.0.113.9', '10.10.2.7', 22, 6, 3, 5, 300, utc('00:01:00'), utc('09:00:59')],
      ['198.51.100.7', '10.10.2.8', 0, 1, 2, 2, 180_000, utc('00:03:00'), utc('00:04:59')],
      ['203.0.113.9', '10.10.2.7', 3389, 6, 1, 1, 60, utc('00:02:00'), utc('00:02:59')],
    ]);
    expect(answer.totals).toMatchObject({ rows: 3, asides: new Map([['skipdata', 1]]) });
    expect(await answer.table(120)).toMatchInlineSnapshot(`
      "srcaddr       dstaddr    dstport  protocol  flows  packets   bytes  first_seen           last_seen
      ────────────  ─────────  ───────  ────────  ─────  ───────  ──────  ───────────────────  ───────────────────
      203.0.113.9   10.10.2.7       22  TCP           3        5   300 B  2026-06-01 00:01:00  2026-06-01 09:00:59
      198.51.100.7  10.10.2.8        0  ICMP          2        2  180 kB  2026-06-01 00:03:00  2026-06-01 00:04:59
      203.0.113.9   10.10.2.7     3389  TCP           1        1    60 B  2026-06-01 00:02:00  2026-06-01 00:02:59
      "
    `);
  });

  it('by other columns, and of a subnet at either end', async () => {
    const logs = await page(PAGE);
    const by = await ask(logs, (source) =>
      rejected.query({ ...ANYONE, by: ['dstport', 'protocol'] }, source),
    );
    expect(by.pick('dstport', 'protocol', 'flows')).toEqual([
      [22, 6, 3],
      [0, 1, 2],
      [3389, 6, 1],
    ]);
    const subnets = [parseCidr('198.51.100.0/24')];
    const of = await ask(logs, (source) => rejected.query({ ...ANYONE, subnets }, source));
    expect(of.pick('srcaddr', 'flows')).toEqual([['198.51.100.7', 2]]);
  });

  it('says why, where that is recorded', async () => {
    const records = [
      flow(['10.10.2.7', 40000], ['203.0.113.9', 443], '00:01:00', {
        ...REJECT,
        packets: '-',
        bytes: '-',
        reject_reason: 'BPA',
      }),
      flow(['10.10.2.7', 40001], ['203.0.113.9', 443], '00:02:00', REJECT),
      flow(['10.10.2.7', 40002], ['203.0.113.9', 443], '00:03:00', REJECT),
    ];
    const answer = await ask(await page(records, fieldsUpTo(8)), (source) => rejected.query(ANYONE, source));
    expect(answer.rows).toEqual([
      ['10.10.2.7', '203.0.113.9', 443, 6, null, 2, 2, 120, utc('00:02:00'), utc('00:03:59')],
      ['10.10.2.7', '203.0.113.9', 443, 6, 'BPA', 1, null, null, utc('00:01:00'), utc('00:01:59')],
    ]);
    expect(await answer.table(140)).toMatchInlineSnapshot(`
      "srcaddr    dstaddr      dstport  protocol  reject_reason  flows  packets  bytes  first_seen           last_seen
      ─────────  ───────────  ───────  ────────  ─────────────  ─────  ───────  ─────  ───────────────────  ───────────────────
      10.10.2.7  203.0.113.9      443  TCP       -                  2        2  120 B  2026-06-01 00:02:00  2026-06-01 00:03:59
      10.10.2.7  203.0.113.9      443  TCP       BPA                1        -      -  2026-06-01 00:01:00  2026-06-01 00:01:59
      "
    `);
  });

  it('needs the action', async () => {
    const logs = await page(PAGE, fieldsNamed('srcaddr', 'dstaddr', 'dstport', 'start', 'end'));
    await expect(ask(logs, (source) => rejected.query(ANYONE, source))).rejects.toMatchObject({
      message: 'These logs do not record action, which rejected needs.',
      hint: expect.stringContaining('version 2'),
    });
    await expect(
      ask(await page(PAGE), (source) => rejected.query({ ...ANYONE, by: ['reject_reason'] }, source)),
    ).rejects.toMatchObject({
      message: expect.stringContaining('do not record reject-reason'),
      hint: expect.stringContaining('version 8'),
    });
  });
});

describe('accepted', () => {
  it('has what was let through, largest first', async () => {
    const answer = await ask(await page(PAGE), (source) => accepted.query(ANYONE, source));
    expect(answer.rows).toEqual([
      ['10.10.3.4', '10.10.3.5', 443, 6, 1, 10, 5000, utc('00:07:00'), utc('00:07:59')],
      ['203.0.113.9', '10.10.2.7', 443, 6, 2, 20, 1840, utc('00:05:00'), utc('00:06:59')],
    ]);
    expect(answer.totals).toMatchObject({ bytes: 6840n, asides: new Map([['skipdata', 1]]) });
    expect(await answer.table(120)).toMatchInlineSnapshot(`
      "srcaddr      dstaddr    dstport  protocol  flows  packets   bytes  first_seen           last_seen
      ───────────  ─────────  ───────  ────────  ─────  ───────  ──────  ───────────────────  ───────────────────
      10.10.3.4    10.10.3.5      443  TCP           1       10  5.0 kB  2026-06-01 00:07:00  2026-06-01 00:07:59
      203.0.113.9  10.10.2.7      443  TCP           2       20  1.8 kB  2026-06-01 00:05:00  2026-06-01 00:06:59
      "
    `);
  });

  it('by other columns, and of a subnet at either end', async () => {
    const logs = await page(PAGE);
    const by = await ask(logs, (source) => accepted.query({ ...ANYONE, by: ['dstport'] }, source));
    expect(by.pick('dstport', 'flows', 'bytes')).toEqual([[443, 3, 6840]]);
    const subnets = [parseCidr('10.10.3.4')];
    const of = await ask(logs, (source) => accepted.query({ ...ANYONE, subnets }, source));
    expect(of.pick('srcaddr', 'bytes')).toEqual([['10.10.3.4', 5000]]);
  });

  it('refuses a column that these logs lack', async () => {
    await expect(
      ask(await page(PAGE), (source) => accepted.query({ ...ANYONE, by: ['flow-direction'] }, source)),
    ).rejects.toMatchObject({
      message: expect.stringContaining('do not record flow-direction'),
      hint: expect.stringContaining('version 5'),
      exitCode: 2,
    });
  });
});
