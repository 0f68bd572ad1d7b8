import { type Downloaded, download } from '../../../aws/download.js';
import type { Cache } from '../../../cache/cache.js';
import { inParallel } from '../../../parallel.js';
import { amountOf, REQUESTS, type S3Settings, type WantedObject } from './settings.js';

/** A wanted object and the path it goes to. */
export interface Placed extends WantedObject {
  readonly path: string;
}

/** Between two looks at how far it is (milliseconds). */
const TICK = 200;

/**
 * Downloads objects, many at once, and gives each to the cache as soon as it is whole: so an interrupted run has not worked
 * in vain.
 *
 * @param cache undefined to keep nothing
 */
export async function downloadAll(
  { aws, progress }: S3Settings,
  objects: readonly Placed[],
  cache: Cache | undefined,
  signal: AbortSignal,
): Promise<Map<Placed, Downloaded>> {
  const all = amountOf(objects);
  const done = { files: 0, bytes: 0 };
  const begun = performance.now();
  const timer = setInterval(() => {
    progress.show({
      files: { done: done.files, all: all.files },
      bytes: { done: done.bytes, all: all.bytes },
      downloading: { seconds: (performance.now() - begun) / 1000 },
    });
  }, TICK);
  const onBytes = (bytes: number) => {
    done.bytes += bytes;
  };
  const one = async (object: Placed, stop: AbortSignal): Promise<Downloaded> => {
    const { bucket, key, access, path } = object;
    const got = await download(aws, object, path, { access, signal: stop, onBytes });
    done.files++;
    if (got.outcome === 'whole') await cache?.keep({ bucket, key, etag: got.etag, size: got.size }, path);
    return got;
  };
  // Large ones first: the last one to be done is then a small one.
  const order = [...objects].sort((a, b) => b.size - a.size);
  try {
    const outcomes = await inParallel(order, REQUESTS, one, signal);
    return new Map(order.map((object, i) => [object, outcomes[i]!]));
  } finally {
    clearInterval(timer);
  }
}
