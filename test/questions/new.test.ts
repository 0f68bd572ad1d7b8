import { describe, expect, it } from 'vitest';
import { parseCidr } from '../../src/net/cidr.js';
import { type NewRequest, newDestinations } from '../../src/questions/new.js';
import { ALL, ask } from '../engines/local.js';
import { at, type End, fieldsNamed, flow, page, utc } from '../page.js';
import { statusRecord } from '../records.js';

/** What was new between 12:00 and 18:00, against 06:00 to 12:00. */
const NEW: NewRequest = {
  ...ALL,
  subnets: [parseCidr('10.10.24.0/24')],
  vpc: [parseCidr('10.10.0.0/16')],
  exclude: [],
  range: { since: at('06:00:00'), until: at('18:00:00') },
  from: at('12:00:00'),
  by: [],
};
const notebook: End = ['10.10.24.5', 40_000];
const to = (n: number, port = 443): End => [`203.0.113.${n}`, port];

const PAGE = [
  // Seen in both.
  flow(notebook, to(1), '07:00:00'),
  flow(notebook, to(1), '13:00:00'),
  // Seen in the last second before.
  flow(notebook, to(2), '11:59:59'),
  flow(notebook, to(2), '14:00:00'),
  // For the first time in the first second.
  flow(notebook, to(3), '12:00:00', { bytes: 100 }),
  flow(notebook, to(3), '17:59:59', { bytes: 200 }),
  // Before only, and after the end only.
  flow(notebook, to(4), '08:00:00'),
  flow(notebook, to(5), '18:00:00'),
  // Known only from longer ago than is looked at; and from the first second that is.
  flow(notebook, to(6), '05:59:59'),
  flow(notebook, to(6), '12:30:00', { bytes: 300 }),
  flow(notebook, to(7), '06:00:00'),
  flow(notebook, to(7), '12:30:00'),
  // A known destination at another port, and from another notebook.
  flow(notebook, to(1, 22), '15:00:00', { bytes: 22 }),
  flow(['10.10.24.6', 40_000], to(1), '16:00:00', { bytes: 6 }),
  // Within the VPC.
  flow(notebook, ['10.10.2.7', 443], '15:00:00'),
  statusRecord('NODATA', { start: at('13:00:00') }),
  statusRecord('SKIPDATA', { start: at('13:00:00') }),
  statusRecord('SKIPDATA', { start: at('05:00:00') }),
];

const asked = async (request: Partial<NewRequest> = {}, records = PAGE) => {
  const meant = { ...NEW, ...request };
  return ask(await page(records), (source) => newDestinations.query(meant, source), { range: meant.range });
};

describe('new', () => {
  it('has the destinations of the range that the one before did not see, as they came', async () => {
    const answer = await asked();
    expect(answer.rows).toEqual([
      ['203.0.113.3', 'reached', 2, 20, 300, utc('12:00:00'), utc('18:00:58')],
      ['203.0.113.6', 'reached', 1, 10, 300, utc('12:30:00'), utc('12:30:59')],
    ]);
    expect(answer.totals).toMatchObject({
      rows: 2,
      asides: new Map([
        ['known', 9],
        ['skipdata', 1],
      ]),
    });
    expect(await answer.table(100)).toMatchInlineSnapshot(`
      "dstaddr      kind     flows  packets  bytes  first_seen           last_seen
      ───────────  ───────  ─────  ───────  ─────  ───────────────────  ───────────────────
      203.0.113.3  reached      2       20  300 B  2026-06-01 12:00:00  2026-06-01 18:00:58
      203.0.113.6  reached      1       10  300 B  2026-06-01 12:30:00  2026-06-01 12:30:59
      "
    `);
  });

  it('looks back for longer when told', async () => {
    const range = { since: at('00:00:00'), until: at('18:00:00') };
    expect((await asked({ range })).pick('dstaddr')).toEqual([['203.0.113.3']]);
  });

  it('knows a destination by its port, or by who reached it', async () => {
    expect((await asked({ by: ['dstaddr', 'dstport'] })).pick('dstaddr', 'dstport', 'bytes')).toEqual([
      ['203.0.113.3', 443, 300],
      ['203.0.113.6', 443, 300],
      ['203.0.113.1', 22, 22],
    ]);
    expect((await asked({ by: ['srcaddr', 'dstaddr'] })).pick('srcaddr', 'dstaddr', 'bytes')).toEqual([
      ['10.10.24.5', '203.0.113.3', 300],
      ['10.10.24.5', '203.0.113.6', 300],
      ['10.10.24.6', '203.0.113.1', 6],
    ]);
  });

  it('leaves out what is excluded, and other ports', async () => {
    expect((await asked({ exclude: [parseCidr('203.0.113.6')] })).pick('dstaddr')).toEqual([['203.0.113.3']]);
    // Of one port only, a destination is known by that port only.
    expect((await asked({ dstPorts: [{ first: 22, last: 22 }] })).pick('dstaddr')).toEqual([['203.0.113.1']]);
  });

  it('has those first that came first, in the hour that the clocks show twice as well', async () => {
    const [from, first, second] = ['00:00', '00:30', '01:10'].map(
      (time) => Date.parse(`2026-10-25T${time}Z`) / 1000,
    );
    const logs = await page([
      flow(notebook, to(8), '00:00:00', { start: second!, end: second! }),
      flow(notebook, to(9), '00:00:00', { start: first!, end: first! }),
    ]);
    const request = {
      ...NEW,
      zone: 'Europe/Berlin',
      from: from!,
      range: { since: from! - 60, until: undefined },
    };
    const answer = await ask(logs, (source) => newDestinations.query(request, source));
    expect(answer.pick('dstaddr', 'first_seen')).toEqual([
      ['203.0.113.9', '2026-10-25T02:30:00+02:00'],
      ['203.0.113.8', '2026-10-25T02:10:00+01:00'],
    ]);
  });

  it('does not know a destination by what was refused, or by an answer to it', async () => {
    const records = [
      flow(notebook, to(1), '07:00:00', { action: 'REJECT' }),
      flow(notebook, to(1), '13:00:00', { bytes: 1 }),
      flow(['10.10.24.5', 443], ['203.0.113.2', 50_000], '07:00:00'),
      flow(notebook, to(2), '13:00:00', { bytes: 2 }),
      flow(['10.10.24.5', 443], ['203.0.113.3', 50_000], '13:00:00'),
      flow(notebook, to(4), '13:00:00', { action: 'REJECT', bytes: 4 }),
      // Known as refused, and as reached.
      flow(notebook, to(5), '07:00:00', { action: 'REJECT' }),
      flow(notebook, to(5), '13:00:00', { action: 'REJECT' }),
      flow(notebook, to(6), '07:00:00'),
      flow(notebook, to(6), '13:00:00', { action: 'REJECT' }),
    ];
    expect((await asked({}, records)).pick('dstaddr', 'kind', 'bytes')).toEqual([
      ['203.0.113.1', 'reached', 1],
      ['203.0.113.2', 'reached', 2],
      ['203.0.113.4', 'refused', 4],
    ]);
    expect((await asked({ action: 'REJECT' }, records)).pick('dstaddr')).toEqual([['203.0.113.4']]);
  });

  it('looks at hours of the range only', async () => {
    const records = [
      flow(notebook, to(1), '07:00:00'),
      flow(notebook, to(1), '13:00:00'),
      flow(notebook, to(2), '13:00:00'),
      flow(notebook, to(3), '15:00:00'),
    ];
    expect((await asked({ hours: [12, 14] }, records)).pick('dstaddr')).toEqual([['203.0.113.2']]);
  });

  it('says that nothing, or not all, is known of the time before', async () => {
    const summaries = async (...times: string[]) => {
      const records = [...times, '13:00:00'].map((time) => flow(notebook, to(1), time));
      const { asides } = (await asked({}, records)).totals;
      return newDestinations.caveats?.(asides, NEW).map(({ summary }) => summary);
    };
    expect(await summaries()).toEqual(['no record of the time before']);
    expect(await summaries('07:00:00')).toEqual([]);
    expect(await summaries('07:00:01')).toEqual(['records of a part of the time before only']);
  });

  it('names the field that is missing', async () => {
    const logs = await page(PAGE, fieldsNamed('srcaddr', 'dstaddr', 'end', 'bytes', 'packets'));
    await expect(ask(logs, (source) => newDestinations.query(NEW, source))).rejects.toMatchObject({
      message: 'These logs do not record start, which new needs.',
    });
    await expect(asked({ by: ['dstaddr', 'tcp-flags'] })).rejects.toMatchObject({
      message: 'These logs do not record tcp-flags, which --by tcp-flags needs.',
      hint: expect.stringContaining('version 3'),
    });
  });
});
