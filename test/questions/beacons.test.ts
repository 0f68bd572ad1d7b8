import { describe, expect, it } from 'vitest';
import { parseCidr } from '../../src/net/cidr.js';
import { type BeaconsRequest, beacons } from '../../src/questions/beacons.js';
import { ALL, ask } from '../engines/local.js';
import { at, type End, fieldsNamed, fieldsUpTo, flow, page, UDP, utc } from '../page.js';
import { type LogRecord, statusRecord } from '../records.js';

const REGULAR: BeaconsRequest = {
  ...ALL,
  subnets: [parseCidr('10.10.24.0/24')],
  vpc: [parseCidr('10.10.0.0/16')],
  exclude: [],
  minContacts: 5,
  maxJitter: 20,
  maxBytes: 1000,
  minScore: 0,
};

const notebook: End = ['10.10.24.5', 40_000];
const outside: End = ['203.0.113.66', 443];

/** A record of one second, so many seconds after midnight. */
function contact(
  seconds: number,
  values: LogRecord = {},
  [from, to]: readonly [End, End] = [notebook, outside],
) {
  const start = at('00:00:00') + seconds;
  return flow(from, to, '00:00:00', { start, end: start + 1, packets: 2, bytes: 1000, ...values });
}

/** Every five minutes, or a few seconds more or less: pauses of 300, 305, 295, 290 and 310 seconds. */
const CALLS = [0, 300, 605, 900, 1190, 1500].map((seconds) => contact(seconds));

const asked = async (records: readonly LogRecord[], request: Partial<BeaconsRequest> = {}, version = 2) =>
  ask(await page(records, fieldsUpTo(version)), (source) =>
    beacons.query({ ...REGULAR, ...request }, source),
  );
const found = async (records: readonly LogRecord[], request: Partial<BeaconsRequest> = {}) =>
  (await asked(records, request)).pick('contacts', 'period_s', 'jitter_s');

describe('beacons', () => {
  it('has the median of the pauses, and of how far they are from it', async () => {
    const answer = await asked([
      ...CALLS,
      // Four times only.
      ...[0, 100, 200, 300].map((seconds) => contact(seconds, {}, [notebook, ['203.0.113.67', 443]])),
      // Pauses of 100, 300, 600, 200 and 1200 seconds: 300 in the middle, and 200 from it.
      ...[0, 100, 400, 1000, 1200, 2400].map((seconds) =>
        contact(seconds, {}, [notebook, ['203.0.113.68', 443]]),
      ),
      // Within the VPC.
      ...[0, 100, 200, 300, 400].map((seconds) => contact(seconds, {}, [notebook, ['10.10.2.7', 443]])),
      // The other side.
      ...CALLS.map((call) => ({
        ...call,
        srcaddr: outside[0],
        srcport: 443,
        dstaddr: notebook[0],
        dstport: 40_000,
      })),
      // Answers to somebody outside who asks regularly.
      ...[0, 100, 200, 300, 400].map((seconds) =>
        contact(seconds, {}, [
          ['10.10.24.7', 22],
          ['203.0.113.69', 50_000],
        ]),
      ),
      statusRecord('NODATA'),
      statusRecord('SKIPDATA'),
    ]);
    expect(answer.rows).toEqual([
      [
        ...['10.10.24.5', '203.0.113.66', 443, 6],
        ...[6, 300, 5, 1000, 50, 1, 40_000, 6, 12, 6000, utc('00:00:00'), utc('00:25:01')],
      ],
    ]);
    expect(answer.totals).toMatchObject({ rows: 1, asides: new Map([['skipdata', 1]]) });
    expect(await answer.table(140)).toMatchInlineSnapshot(`
      "srcaddr       dstport   contacts      jitter_s  score  own_srcport  packets  first_seen
      dstaddr       protocol  period_s  median_bytes  hosts        flows    bytes  last_seen
      ────────────  ────────  ────────  ────────────  ─────  ───────────  ───────  ───────────────────
      10.10.24.5    443              6             5     50        40000       12  2026-06-01 00:00:00
      203.0.113.66  TCP            300          1000      1            6   6.0 kB  2026-06-01 00:25:01
      "
    `);
  });

  it('takes the lower of the two in the middle, and allows jitter up to the bound', async () => {
    // Pauses of 100, 200, 300 and 400 seconds: 200; and 100, 0, 100 and 200 from it: 100.
    const records = [0, 100, 300, 600, 1000].map((seconds) => contact(seconds));
    expect(await found(records, { maxJitter: 50 })).toEqual([[5, 200, 100]]);
    expect(await found(records, { maxJitter: 49 })).toEqual([]);
  });

  it('needs so many contacts, of so few bytes in the middle one', async () => {
    expect(await found(CALLS, { minContacts: 6 })).toEqual([[6, 300, 5]]);
    expect(await found(CALLS, { minContacts: 7 })).toEqual([]);
    expect(await found(CALLS, { maxBytes: 1000 })).toEqual([[6, 300, 5]]);
    expect(await found(CALLS, { maxBytes: 999 })).toEqual([]);
    const [first, ...others] = CALLS;
    // One large upload hides nothing.
    expect(await found([{ ...first!, bytes: 5_000_000 }, ...others])).toEqual([[6, 300, 5]]);
    expect(await found([{ ...first!, bytes: '-' }, ...others])).toEqual([[6, 300, 5]]);
  });

  it('takes each connection for a contact, however short the time between them', async () => {
    const every = (period: number) =>
      Array.from({ length: 20 }, (_, n) =>
        contact(n * period, { srcport: 30_000 + n, end: at('00:00:00') + n * period }),
      );
    expect(await found(every(60))).toEqual([[20, 60, 0]]);
    expect(await found(every(5))).toEqual([[20, 5, 0]]);
    // Opened together, they are one.
    const twice = every(60).flatMap((call) => [
      call,
      { ...call, start: Number(call.start) + 1, srcport: 20_000 },
    ]);
    expect(await found(twice)).toEqual([[20, 60, 0]]);
  });

  it('takes what a connection says for contacts of their own, as often as is asked for', async () => {
    const own = async (records: readonly LogRecord[]) =>
      (await asked(records)).pick('own_srcport', 'contacts', 'period_s', 'jitter_s');
    const calls = CALLS.map((call, n) => ({ ...call, srcport: 30_000 + n }));
    // A keep-alive to the same host and port hides nothing.
    const kept = Array.from({ length: 12 }, (_, n) => contact(40 + n * 100, { srcport: 20_000 }));
    expect(await own([...calls, ...kept])).toEqual([
      [20_000, 12, 100, 0],
      [null, 6, 300, 5],
    ]);
    // What goes on without a pause says one thing.
    const lasting = Array.from({ length: 20 }, (_, n) =>
      contact(n * 60, { srcport: 20_000, end: at('00:00:00') + n * 60 + 55 }),
    );
    expect(await own([...calls.slice(1), ...lasting])).toEqual([[null, 6, 300, 5]]);
  });

  it('scores jitter rather than cutting it off', async () => {
    const jitter = [-150, 140, -100, 90, 30, -40, 0, 120, -130, 60, -70, 10];
    const records = Array.from({ length: 144 }, (_, n) =>
      contact(n * 600 + jitter[n % jitter.length]!, {
        srcport: 30_000 + n,
        start: at('06:00:00') + n * 600 + jitter[n % jitter.length]!,
        end: at('06:00:00') + n * 600 + 151,
      }),
    );
    const regular = records.map((call, n) => ({
      ...call,
      dstaddr: '203.0.113.67',
      start: at('06:00:00') + n * 600,
    }));
    const answer = await asked([...records, ...regular], { maxJitter: 50 });
    const [[first, best], [second, next]] = answer.pick('dstaddr', 'score') as [
      [string, number],
      [string, number],
    ];
    expect([first, second]).toEqual(['203.0.113.67', '203.0.113.66']);
    expect(best).toBeGreaterThanOrEqual(99);
    expect(next).toBeGreaterThan(85);
    expect((await asked(records, { maxJitter: 50, minScore: 100 })).rows).toEqual([]);
  });

  it('takes for one contact what lasts, whatever else ends before it does', async () => {
    // The first lasts until shortly before the second one: pauses of 605, 295, 290 and 310 seconds.
    const [first, ...others] = CALLS;
    const lasting = { ...first!, end: at('00:04:30'), bytes: 0 };
    const short = contact(100, { bytes: 0 });
    expect(await found([lasting, short, ...others], { minContacts: 3 })).toEqual([[6, 300, 5]]);
  });

  it('tells apart who calls, whom, at which port and how', async () => {
    const half = (values: LogRecord) => CALLS.map((call, i) => (i % 2 ? { ...call, ...values } : call));
    for (const other of [{ srcaddr: '10.10.24.6' }, { dstaddr: '203.0.113.99' }, { dstport: 8443 }, UDP]) {
      expect(await found(half(other))).toEqual([]);
    }
    // From another port each time, as clients do.
    expect(await found(half({ srcport: 50_000 }))).toEqual([[6, 300, 5]]);
  });

  it('has the best score first, then those with most contacts', async () => {
    const to = (n: number): readonly [End, End] => [notebook, [`203.0.113.${n}`, 443]];
    const answer = await asked([
      ...[0, 300, 605, 900, 1190, 1500].map((seconds) => contact(seconds, {}, to(1))),
      ...[0, 100, 200, 300, 400].map((seconds) => contact(seconds, {}, to(2))),
      ...[0, 100, 200, 300, 400, 500].map((seconds) => contact(seconds, {}, to(3))),
    ]);
    expect(answer.pick('dstaddr', 'contacts', 'jitter_s')).toEqual([
      // Over more of the time.
      ['203.0.113.1', 6, 5],
      ['203.0.113.3', 6, 0],
      ['203.0.113.2', 5, 0],
    ]);
  });

  it('goes by the flags where there are some', async () => {
    const answers = CALLS.map((call) => ({ ...call, tcp_flags: 18 }));
    expect((await asked(answers, {}, 3)).rows).toEqual([]);
    const opens = CALLS.map((call) => ({ ...call, tcp_flags: 2, srcport: 400 }));
    expect((await asked(opens, {}, 3)).pick('contacts')).toEqual([[6]]);
  });

  it('names the field that is missing', async () => {
    const logs = await page(CALLS, fieldsNamed('srcaddr', 'dstaddr', 'srcport', 'dstport', 'start', 'end'));
    await expect(ask(logs, (source) => beacons.query(REGULAR, source))).rejects.toMatchObject({
      message: 'These logs do not record protocol, which beacons needs.',
    });
  });
});
