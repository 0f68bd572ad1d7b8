import { type Downloaded, download } from '../../aws/download.js';
import type { Cache } from '../../cache/cache.js';
import { inParallel } from '../../parallel.js';
import { amountOf, REQUESTS, type S3Settings, type WantedObject } from './settings.js';

/** A wanted object and the path it goes to. */
export interface Placed extends WantedObject {
  readonly path: string;
}

/** What came of a wanted object. Another run may have given it to the cache meanwhile. */
export type Fetched = Downloaded | { readonly outcome: 'cached'; readonly size: number };

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
): Promise<Map<Placed, Fetched>> {
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
  const one = async (object: Placed, stop: AbortSignal): Promise<Fetched> => {
    const { bucket, key, size, access, path } = object;
    const cached = (await cache?.take(object, path)) ?? false;
    if (cached) onBytes(size);
    const got = cached
      ? { outcome: 'cached' as const, size }
      : await download(aws, object, path, { access, signal: stop, onBytes });
    done.files++;
    if (got.outcome === 'whole') await cache?.keep({ bucket, key, etag: got.etag, size: got.size }, path);
    return got;
  };
  // Begun anywhere, so that runs which want the same at the same time share the work.
  const first = Math.floor(Math.random() * objects.length);
  const order = [...objects.slice(first), ...objects.slice(0, first)];
  try {
    const outcomes = await inParallel(order, REQUESTS, one, signal);
    return new Map(order.map((object, i) => [object, outcomes[i]!]));
  } finally {
    clearInterval(timer);
  }
}
