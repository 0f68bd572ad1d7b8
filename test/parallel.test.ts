import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Interrupted } from '../src/errors.js';
import { inParallel } from '../src/parallel.js';

describe('work in parallel', () => {
  it('gives results in the order of the items, and never does more at once than it may', async () => {
    let now = 0;
    let most = 0;
    const work = async (item: number) => {
      most = Math.max(most, ++now);
      await sleep((item * 7) % 5);
      now--;
      return item * 2;
    };
    expect(await inParallel([5, 4, 3, 2, 1, 0], 3, work)).toEqual([10, 8, 6, 4, 2, 0]);
    expect(most).toBe(3);
    expect(await inParallel([], 3, work)).toEqual([]);
  });

  it('stops at the first failure, and comes back when nothing is under way any more', async () => {
    const begun: number[] = [];
    let over = 0;
    const work = async (item: number, signal: AbortSignal) => {
      begun.push(item);
      if (item === 1) throw new Error('one');
      await sleep(10_000, undefined, { signal }).catch(() => {});
      over++;
      throw new Error('told to stop');
    };
    await expect(inParallel([0, 1, 2, 3, 4], 3, work)).rejects.toThrow('one');
    expect(begun).toEqual([0, 1, 2]);
    expect(over).toBe(2);
  });

  it('is interrupted', async () => {
    const interrupt = new AbortController();
    const work = async (_item: number, signal: AbortSignal) => {
      interrupt.abort();
      await sleep(10_000, undefined, { signal });
    };
    await expect(inParallel([0, 1], 1, work, interrupt.signal)).rejects.toThrow(Interrupted);
    await expect(inParallel([0], 1, async () => 1, interrupt.signal)).rejects.toThrow(Interrupted);
  });
});
