import { describe, expect, it } from 'vitest';
import { parseCidr } from '../../src/net/cidr.js';
import { trace } from '../../src/questions/trace.js';
import { ALL, ask } from '../engines/local.js';
import { type End, fieldsUpTo, flow, page } from '../page.js';
import type { LogRecord } from '../records.js';

const client: End = ['10.0.1.5', 40_000];
const server: End = ['10.0.2.9', 50_051];
const [SYN, SYN_ACK, FIN, RST] = [2, 18, 1, 4];

const out = (time: string, tcp_flags: number | string, values: LogRecord = {}) =>
  flow(client, server, time, { tcp_flags, ...values });
const back = (time: string, tcp_flags: number | string, values: LogRecord = {}) =>
  flow(server, client, time, { tcp_flags, ...values });

/** Who opened each conversation, and how many records each is of. */
const conversations = async (...records: LogRecord[]) =>
  (
    await ask(await page(records, fieldsUpTo(3)), (source) =>
      trace.query({ ...ALL, addresses: [parseCidr('10.0.1.5')] }, source),
    )
  ).pick('opened_by', 'flows');

describe('who opened a connection', () => {
  it('is known for all its records by the SYN of the first', async () => {
    expect(
      await conversations(
        out('00:01:00', SYN),
        out('00:02:00', 0),
        back('00:02:00', 0),
        out('00:03:00', '-'),
      ),
    ).toEqual([[client[0], 4]]);
  });

  it('is known by the SYN-ACK of the side that answers', async () => {
    expect(await conversations(back('00:01:00', SYN_ACK), out('00:02:00', 0), back('00:02:00', 0))).toEqual([
      [client[0], 3],
    ]);
  });

  it('is known until a pause longer than the idle time-out', async () => {
    const first = out('00:01:00', SYN, { end: '1780272119' });
    const after = (seconds: number) =>
      out('00:01:00', 0, { start: Number(first.end) + seconds, end: Number(first.end) + seconds });
    expect(await conversations(first, after(350))).toEqual([[client[0], 2]]);
    expect(await conversations(first, after(351))).toEqual([
      [client[0], 1],
      [null, 1],
    ]);
  });

  it.each([FIN, RST])('is known until a minute after FIN or RST (%i)', async (end) => {
    const records = [out('00:01:00', SYN), out('00:02:00', end), back('00:03:00', 0)];
    expect(await conversations(...records)).toEqual([[client[0], 3]]);
    expect(await conversations(...records.slice(0, 2), back('00:04:30', 0), out('00:05:30', 0))).toEqual([
      [client[0], 2],
      [null, 2],
    ]);
  });

  it('is asked anew when the ports are used again', async () => {
    const once = (minute: string) => [
      out(`00:0${minute}:00`, SYN | FIN),
      back(`00:0${minute}:01`, SYN_ACK | FIN),
    ];
    expect(await conversations(...once('1'), ...once('2'), ...once('4'))).toEqual([
      [client[0], 2],
      [client[0], 2],
      [client[0], 2],
    ]);
    // The end of the first was not recorded.
    expect(await conversations(out('00:01:00', SYN), out('00:02:00', 0), out('00:03:00', SYN))).toEqual([
      [client[0], 2],
      [client[0], 1],
    ]);
  });

  it('is the same for a SYN that is repeated, or recorded by two interfaces', async () => {
    expect(await conversations(out('00:01:00', SYN), out('00:02:00', SYN), out('00:03:00', SYN))).toEqual([
      [client[0], 3],
    ]);
    const [a, b] = [{ interface_id: 'eni-a' }, { interface_id: 'eni-b' }];
    const both = [a, b].flatMap((on) => [
      out('00:01:00', SYN, on),
      back('00:01:00', SYN_ACK, on),
      out('00:02:00', FIN, on),
    ]);
    expect(await conversations(...both)).toEqual([[client[0], 3]]);
  });

  it('is each side, where each opened one', async () => {
    expect(await conversations(out('00:01:00', SYN | FIN), back('00:02:00', SYN | FIN))).toEqual([
      [client[0], 1],
      [server[0], 1],
    ]);
    // Without an end in between, too.
    expect(await conversations(out('00:01:00', SYN), back('00:02:00', SYN))).toEqual([
      [client[0], 1],
      [server[0], 1],
    ]);
  });

  it('is unknown where both ports are high and no handshake was recorded', async () => {
    expect(await conversations(out('00:01:00', 0), back('00:01:00', 0))).toEqual([[null, 2]]);
  });
});
