import { describe, expect, it } from 'vitest';
import { parseCidr } from '../../src/net/cidr.js';
import { type ProtocolsRequest, protocols } from '../../src/questions/protocols.js';
import { ALL, ask } from '../engines/local.js';
import { fieldsNamed, flow, ICMP, page, UDP, utc } from '../page.js';
import { statusRecord } from '../records.js';

const EVERYTHING: ProtocolsRequest = { ...ALL, subnets: [] };

/** 8,000 bytes in all. */
const PAGE = [
  flow(['10.10.2.7', 40000], ['203.0.113.9', 443], '00:01:00', { bytes: 2000 }),
  flow(['203.0.113.9', 443], ['10.10.2.7', 40000], '00:02:00', { bytes: 2000 }),
  flow(['10.10.2.8', 0], ['203.0.113.9', 0], '00:03:00', { ...ICMP, bytes: 1000 }),
  flow(['2001:db8::7', 40000], ['2001:db8:1::9', 443], '00:04:00', { bytes: 2500 }),
  flow(['2001:db8::7', 40000], ['2001:db8:1::9', 53], '00:05:00', { ...UDP, bytes: 300 }),
  flow(['2001:db8::7', 0], ['2001:db8:1::9', 0], '00:06:00', { protocol: 58, bytes: 199 }),
  // A number that nobody has given a name.
  flow(['10.10.2.9', 0], ['203.0.113.9', 0], '00:07:00', { protocol: 253, bytes: 1 }),
  statusRecord('NODATA'),
  statusRecord('SKIPDATA'),
];

describe('protocols', () => {
  it('has each protocol of each family, largest first, with its share', async () => {
    const answer = await ask(await page(PAGE), (source) => protocols.query(EVERYTHING, source));
    expect(answer.rows).toEqual([
      ['IPv4', 6, 2, 20, 4000, utc('00:01:00'), utc('00:02:59'), 5000, 5000],
      ['IPv6', 6, 1, 10, 2500, utc('00:04:00'), utc('00:04:59'), 3125, 8125],
      ['IPv4', 1, 1, 10, 1000, utc('00:03:00'), utc('00:03:59'), 1250, 9375],
      ['IPv6', 17, 1, 10, 300, utc('00:05:00'), utc('00:05:59'), 375, 9750],
      ['IPv6', 58, 1, 10, 199, utc('00:06:00'), utc('00:06:59'), 249, 9999],
      ['IPv4', 253, 1, 10, 1, utc('00:07:00'), utc('00:07:59'), 1, 10000],
    ]);
    expect(answer.totals).toMatchObject({ rows: 6, asides: new Map([['skipdata', 1]]) });
    expect(answer.csv.split('\n')[3]).toMatch(/,3\.75,97\.50$/);
    expect(await answer.table(120)).toMatchInlineSnapshot(`
      "family  protocol   flows  packets   bytes  first_seen           last_seen              share  cumulative
      ──────  ─────────  ─────  ───────  ──────  ───────────────────  ───────────────────  ───────  ──────────
      IPv4    TCP            2       20  4.0 kB  2026-06-01 00:01:00  2026-06-01 00:02:59  50.00 %     50.00 %
      IPv6    TCP            1       10  2.5 kB  2026-06-01 00:04:00  2026-06-01 00:04:59  31.25 %     81.25 %
      IPv4    ICMP           1       10  1.0 kB  2026-06-01 00:03:00  2026-06-01 00:03:59  12.50 %     93.75 %
      IPv6    UDP            1       10   300 B  2026-06-01 00:05:00  2026-06-01 00:05:59   3.75 %     97.50 %
      IPv6    IPv6-ICMP      1       10   199 B  2026-06-01 00:06:00  2026-06-01 00:06:59   2.49 %     99.99 %
      IPv4    253            1       10     1 B  2026-06-01 00:07:00  2026-06-01 00:07:59   0.01 %    100.00 %
      "
    `);
  });

  it('of a subnet at either end', async () => {
    const subnets = [parseCidr('10.10.2.7')];
    const answer = await ask(await page(PAGE), (source) =>
      protocols.query({ ...EVERYTHING, subnets }, source),
    );
    expect(answer.pick('family', 'protocol', 'flows', 'share')).toEqual([['IPv4', 6, 2, 10000]]);
  });

  it('names the field that is missing', async () => {
    const logs = await page(PAGE, fieldsNamed('srcaddr', 'dstaddr', 'bytes', 'packets', 'start', 'end'));
    await expect(ask(logs, (source) => protocols.query(EVERYTHING, source))).rejects.toMatchObject({
      message: 'These logs do not record protocol, which protocols needs.',
    });
  });
});
