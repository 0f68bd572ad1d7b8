import { Interrupted } from '../../errors.js';

/** Enough at a time to keep the disk busy, few enough for any limit on open files. */
const OPEN_FILES = 64;

/** Does the work for each item, several at a time; the results are in the order of the items. */
export async function inParallel<T, U>(
  items: readonly T[],
  work: (item: T) => Promise<U>,
  signal: AbortSignal,
): Promise<U[]> {
  const results = new Array<U>(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      if (signal.aborted) throw new Interrupted();
      const at = next++;
      results[at] = await work(items[at]!);
    }
  };
  await Promise.all(Array.from({ length: OPEN_FILES }, worker));
  return results;
}
