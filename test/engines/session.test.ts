import { describe, expect, it } from 'vitest';
import { localEngine } from '../../src/engines/duckdb/engine.js';
import type { Session } from '../../src/engines/engine.js';
import { Interrupted } from '../../src/errors.js';
import { parseCidr } from '../../src/net/cidr.js';
import { egress } from '../../src/questions/egress.js';
import { type End, flow, page } from '../page.js';
import { ALL, ANYTHING, rowsOf } from './local.js';

const quietly = { onProgress: () => {}, onNote: () => {} };
const end = (address: string): End => [address, 443];

const RECORDS = [
  flow(end('10.0.24.7'), end('203.0.113.9'), '00:01:00'),
  flow(end('10.0.24.8'), end('198.51.100.7'), '00:02:00'),
  flow(end('10.0.25.9'), end('198.51.100.7'), '00:03:00'),
];

const leaving = (session: Session, subnet: string) =>
  egress.query(
    { ...ANYTHING, subnets: [parseCidr(subnet)], vpc: [parseCidr('10.0.0.0/16')], columns: ['srcaddr'] },
    session.source,
  );

async function opened(signal = new AbortController().signal): Promise<Session> {
  return localEngine({ logs: await page(RECORDS) }).open(ALL.range, signal);
}

describe('a session', () => {
  it('runs queries side by side, and keeps the rows of each', async () => {
    const session = await opened();
    const statement = { text: `SELECT count(*) AS n FROM flow_logs`, parameters: [] };
    const [first, second, own] = await Promise.all([
      session.run(leaving(session, '10.0.24.0/24'), quietly),
      session.run(leaving(session, '10.0.25.0/24'), quietly),
      session.run({ ...statement, column: (name, type) => ({ name, type }) }, quietly),
    ]);
    expect(await rowsOf(first.result)).toEqual([['10.0.24.7'], ['10.0.24.8']]);
    expect(await rowsOf(second.result)).toEqual([['10.0.25.9']]);
    expect(await rowsOf(own.result)).toEqual([[3]]);
    expect((await first.summary()).read).toMatch(/^1 file, /);
    await session.close();
  });

  it('ends while a statement runs and rows are read', async () => {
    const session = await opened();
    const long = { text: 'SELECT count(*) AS n FROM range(100000000000) a', parameters: [] };
    const running = session.run({ ...long, column: (name, type) => ({ name, type }) }, quietly);
    const over = expect(running).rejects.toThrow(Interrupted);
    await session.close();
    await over;
    await expect(session.run(leaving(session, '10.0.24.0/24'), quietly)).rejects.toThrow();
  });

  it('stops a statement when the signal is aborted', async () => {
    const interrupt = new AbortController();
    const session = await opened(interrupt.signal);
    const long = { text: 'SELECT count(*) AS n FROM range(100000000000) a', parameters: [] };
    const running = session.run({ ...long, column: (name, type) => ({ name, type }) }, quietly);
    const over = expect(running).rejects.toThrow(Interrupted);
    interrupt.abort();
    await over;
    await session.close();
  });
});
