import { describe, expect, it } from 'vitest';
import { parseCidr } from '../../src/net/cidr.js';
import { type IngressRequest, ingress } from '../../src/questions/ingress.js';
import { ALL, ask } from '../engines/local.js';
import { fieldsNamed, flow, ICMP, page, utc } from '../page.js';
import { statusRecord } from '../records.js';

const IN: IngressRequest = {
  ...ALL,
  subnets: [parseCidr('10.10.2.0/24')],
  vpc: [parseCidr('10.10.0.0/16')],
  exclude: [],
  by: [],
  columns: [],
};

const PAGE = [
  // From outside, in the order of time and not of the file.
  flow(['203.0.113.9', 51000], ['10.10.2.7', 22], '00:02:00', { action: 'REJECT', packets: 1, bytes: 60 }),
  flow(['203.0.113.9', 51001], ['10.10.2.7', 443], '00:01:00'),
  flow(['198.51.100.7', 0], ['10.10.2.8', 0], '00:03:00', { ...ICMP, packets: 1, bytes: 84 }),
  // From a network that is private but not the VPC.
  flow(['10.20.0.4', 40000], ['10.10.2.7', 443], '00:04:00', { bytes: 1000 }),
  // From within the VPC, to another subnet, and out of the subnet: none of them came in.
  flow(['10.10.3.4', 40000], ['10.10.2.7', 443], '00:05:00'),
  flow(['203.0.113.9', 51002], ['10.10.3.7', 443], '00:06:00'),
  flow(['10.10.2.7', 443], ['203.0.113.9', 51001], '00:01:00'),
  // Text that begins alike.
  flow(['203.0.113.9', 51003], ['10.10.20.7', 443], '00:07:00'),
  flow(['110.10.3.4', 51004], ['10.10.2.9', 443], '00:08:00', { bytes: 10 }),
  statusRecord('NODATA'),
  statusRecord('SKIPDATA'),
];

const asked = async (request: Partial<IngressRequest> = {}) =>
  ask(await page(PAGE), (source) => ingress.query({ ...IN, ...request }, source));

describe('ingress', () => {
  it('is what came into the subnet from outside the VPC, in the order of time', async () => {
    const answer = await asked();
    expect(answer.rows).toEqual([
      [utc('00:01:00'), utc('00:01:59'), '203.0.113.9', 51001, '10.10.2.7', 443, 6, 10, 840, 'ACCEPT'],
      [utc('00:02:00'), utc('00:02:59'), '203.0.113.9', 51000, '10.10.2.7', 22, 6, 1, 60, 'REJECT'],
      [utc('00:03:00'), utc('00:03:59'), '198.51.100.7', 0, '10.10.2.8', 0, 1, 1, 84, 'ACCEPT'],
      [utc('00:04:00'), utc('00:04:59'), '10.20.0.4', 40000, '10.10.2.7', 443, 6, 10, 1000, 'ACCEPT'],
      [utc('00:08:00'), utc('00:08:59'), '110.10.3.4', 51004, '10.10.2.9', 443, 6, 10, 10, 'ACCEPT'],
    ]);
    expect(answer.totals).toMatchObject({ rows: 5, bytes: 1994n, asides: new Map([['skipdata', 1]]) });
  });

  it('as a table', async () => {
    expect(await (await asked()).table(160)).toMatchInlineSnapshot(`
      "start_time           end_time             srcaddr       srcport  dstaddr    dstport  protocol  packets   bytes  action
      ───────────────────  ───────────────────  ────────────  ───────  ─────────  ───────  ────────  ───────  ──────  ──────
      2026-06-01 00:01:00  2026-06-01 00:01:59  203.0.113.9     51001  10.10.2.7      443  TCP            10   840 B  ACCEPT
      2026-06-01 00:02:00  2026-06-01 00:02:59  203.0.113.9     51000  10.10.2.7       22  TCP             1    60 B  REJECT
      2026-06-01 00:03:00  2026-06-01 00:03:59  198.51.100.7        0  10.10.2.8        0  ICMP            1    84 B  ACCEPT
      2026-06-01 00:04:00  2026-06-01 00:04:59  10.20.0.4       40000  10.10.2.7      443  TCP            10  1.0 kB  ACCEPT
      2026-06-01 00:08:00  2026-06-01 00:08:59  110.10.3.4      51004  10.10.2.9      443  TCP            10    10 B  ACCEPT
      "
    `);
  });

  it.each([
    [
      '--exclude',
      { exclude: [parseCidr('10.0.0.0/8')] },
      ['203.0.113.9', '203.0.113.9', '198.51.100.7', '110.10.3.4'],
    ],
    [
      '--vpc',
      { vpc: [...IN.vpc, parseCidr('110.10.0.0/16')] },
      ['203.0.113.9', '203.0.113.9', '198.51.100.7', '10.20.0.4'],
    ],
    ['--action', { action: 'REJECT' as const }, ['203.0.113.9']],
    ['--dst-port', { dstPorts: [{ first: 0, last: 22 }] }, ['203.0.113.9', '198.51.100.7']],
    ['--protocol', { protocols: [1, 17] }, ['198.51.100.7']],
  ])('narrows by %s', async (_option, narrowed, sources) => {
    const answer = await asked({ ...narrowed, columns: ['srcaddr'] });
    expect(answer.rows).toEqual(sources.map((address) => [address]));
  });

  it('sums up who came, largest first', async () => {
    const answer = await asked({ by: ['srcaddr', 'dstaddr'] });
    expect(answer.rows).toEqual([
      ['10.20.0.4', '10.10.2.7', 1, 10, 1000, utc('00:04:00'), utc('00:04:59')],
      ['203.0.113.9', '10.10.2.7', 2, 11, 900, utc('00:01:00'), utc('00:02:59')],
      ['198.51.100.7', '10.10.2.8', 1, 1, 84, utc('00:03:00'), utc('00:03:59')],
      ['110.10.3.4', '10.10.2.9', 1, 10, 10, utc('00:08:00'), utc('00:08:59')],
    ]);
  });

  it('knows IPv6', async () => {
    const logs = await page([
      flow(['2001:db8:ffff::50', 51000], ['2001:db8:1234:1a02::7', 443], '00:01:00'),
      flow(['2001:db8:1234:1a03::7', 51000], ['2001:db8:1234:1a02::7', 443], '00:02:00'),
      flow(['203.0.113.9', 51001], ['10.10.2.7', 443], '00:01:00'),
    ]);
    const request = {
      ...IN,
      subnets: [parseCidr('2001:db8:1234:1a02::/64')],
      vpc: [parseCidr('2001:db8:1234:1a00::/56')],
      columns: ['srcaddr', 'dstaddr'],
    };
    expect((await ask(logs, (source) => ingress.query(request, source))).rows).toEqual([
      ['2001:db8:ffff::50', '2001:db8:1234:1a02::7'],
    ]);
  });

  it('names the field that is missing', async () => {
    const logs = await page(PAGE, fieldsNamed('dstaddr', 'start', 'end'));
    await expect(ask(logs, (source) => ingress.query(IN, source))).rejects.toMatchObject({
      message: 'These logs do not record srcaddr, which ingress needs.',
      hint: expect.stringContaining('version 2'),
      exitCode: 2,
    });
  });
});
