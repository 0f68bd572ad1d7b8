import { describe, expect, it } from 'vitest';
import { parseCidr } from '../../src/net/cidr.js';
import { type InternalRequest, internal } from '../../src/questions/internal.js';
import { ALL, ask } from '../engines/local.js';
import { fieldsNamed, flow, page, utc } from '../page.js';
import { statusRecord } from '../records.js';

const WITHIN: InternalRequest = {
  ...ALL,
  subnets: [parseCidr('10.10.24.0/24')],
  vpc: [parseCidr('10.10.0.0/16')],
  to: [],
  exclude: [],
  by: [],
  columns: [],
};

const PAGE = [
  flow(['10.10.24.7', 50003], ['10.10.2.7', 443], '00:03:00', { bytes: 700 }),
  flow(['10.10.24.5', 50000], ['10.10.2.7', 443], '00:01:00', { bytes: 500 }),
  flow(['10.10.24.6', 50001], ['10.10.3.8', 22], '00:02:00', { action: 'REJECT', packets: 1, bytes: 60 }),
  // Within the subnet itself.
  flow(['10.10.24.5', 50004], ['10.10.24.6', 8888], '00:04:00'),
  // Out of the VPC, and to one beside it.
  flow(['10.10.24.5', 50005], ['203.0.113.9', 443], '00:05:00'),
  flow(['10.10.24.5', 50006], ['10.20.0.4', 443], '00:06:00'),
  // The other direction.
  flow(['10.10.2.7', 443], ['10.10.24.5', 50000], '00:01:00'),
  statusRecord('SKIPDATA'),
  statusRecord('SKIPDATA'),
];

const asked = async (request: Partial<InternalRequest> = {}) =>
  ask(await page(PAGE), (source) => internal.query({ ...WITHIN, ...request }, source));

describe('internal', () => {
  it('is what went from the subnet to the rest of its VPC', async () => {
    const answer = await asked();
    expect(answer.rows).toEqual([
      [utc('00:01:00'), utc('00:01:59'), '10.10.24.5', 50000, '10.10.2.7', 443, 6, 10, 500, 'ACCEPT'],
      [utc('00:02:00'), utc('00:02:59'), '10.10.24.6', 50001, '10.10.3.8', 22, 6, 1, 60, 'REJECT'],
      [utc('00:03:00'), utc('00:03:59'), '10.10.24.7', 50003, '10.10.2.7', 443, 6, 10, 700, 'ACCEPT'],
    ]);
    expect(answer.totals).toMatchObject({ rows: 3, bytes: 1260n, asides: new Map([['skipdata', 2]]) });
  });

  it('as a table, summed up by port', async () => {
    const answer = await asked({ by: ['dstaddr', 'dstport'] });
    expect(answer.rows).toEqual([
      ['10.10.2.7', 443, 2, 20, 1200, utc('00:01:00'), utc('00:03:59')],
      ['10.10.3.8', 22, 1, 1, 60, utc('00:02:00'), utc('00:02:59')],
    ]);
    expect(await answer.table(100)).toMatchInlineSnapshot(`
      "dstaddr    dstport  flows  packets   bytes  first_seen           last_seen
      ─────────  ───────  ─────  ───────  ──────  ───────────────────  ───────────────────
      10.10.2.7      443      2       20  1.2 kB  2026-06-01 00:01:00  2026-06-01 00:03:59
      10.10.3.8       22      1        1    60 B  2026-06-01 00:02:00  2026-06-01 00:02:59
      "
    `);
  });

  it.each([
    ['to another subnet', { to: [parseCidr('10.10.2.0/24')] }, ['10.10.2.7', '10.10.2.7']],
    ['within itself, when asked for', { to: [parseCidr('10.10.24.0/24')] }, ['10.10.24.6']],
    ['without some', { exclude: [parseCidr('10.10.3.0/24')] }, ['10.10.2.7', '10.10.2.7']],
    [
      'to all of the VPC, without some',
      { to: [parseCidr('10.10.0.0/16')], exclude: [parseCidr('10.10.2.0/24')] },
      ['10.10.3.8', '10.10.24.6'],
    ],
    [
      'in a VPC of two blocks',
      { vpc: [...WITHIN.vpc, parseCidr('10.20.0.0/16')] },
      ['10.10.2.7', '10.10.3.8', '10.10.2.7', '10.20.0.4'],
    ],
    ['of one port', { dstPorts: [{ first: 22, last: 22 }] }, ['10.10.3.8']],
  ])('%s', async (_what, narrowed, destinations) => {
    const answer = await asked({ ...narrowed, columns: ['dstaddr'] });
    expect(answer.rows).toEqual(destinations.map((address) => [address]));
  });

  it('names the field that is missing', async () => {
    const logs = await page(PAGE, fieldsNamed('srcaddr', 'start', 'end'));
    await expect(ask(logs, (source) => internal.query(WITHIN, source))).rejects.toMatchObject({
      message: 'These logs do not record dstaddr, which internal needs.',
      hint: expect.stringContaining('version 2'),
    });
  });
});
