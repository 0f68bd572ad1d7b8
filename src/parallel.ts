import { setMaxListeners } from 'node:events';
import { Interrupted } from './errors.js';

/**
 * Does the work for every item, a number of them at once, and gives the results in the order of the items. At the first failure
 * nothing more is begun, what is under way is told to stop, and the error comes when all of it has.
 *
 * @param work gets a signal that is aborted when it should stop
 * @throws Interrupted when the signal is aborted
 */
export async function inParallel<T, U>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, signal: AbortSignal) => Promise<U>,
  signal?: AbortSignal,
): Promise<U[]> {
  const results = new Array<U>(items.length);
  const stop = new AbortController();
  // One for each item under way is no leak.
  setMaxListeners(0, stop.signal);
  const cancel = () => stop.abort();
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  const worker = async () => {
    while (next < items.length && !stop.signal.aborted) {
      const at = next++;
      try {
        results[at] = await work(items[at]!, stop.signal);
      } catch (error) {
        failure ??= { error };
        stop.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  signal?.removeEventListener('abort', cancel);
  if (signal?.aborted) throw new Interrupted();
  if (failure) throw failure.error;
  return results;
}
