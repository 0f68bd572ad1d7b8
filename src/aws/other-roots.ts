import type { S3Location } from '../flowlog/s3-place.js';
import { inParallel } from '../parallel.js';
import type { Aws } from './clients.js';
import { listFolders } from './list-logs.js';

const AT_ONCE = 16;
/** Folders beside AWSLogs/ that are looked into: a bucket may hold much else. */
const MOST = 200;

/**
 * Folders AWSLogs/ that lie beside the one at a location, one level or two below it: each flow log may have been given a
 * folder of its own.
 */
export async function otherRoots(aws: Aws, location: S3Location): Promise<S3Location[]> {
  const roots: S3Location[] = [];
  let level = [location.prefix];
  let left = MOST;
  for (let depth = 0; depth < 3 && level.length > 0; depth++) {
    const looked = level.slice(0, left);
    left -= looked.length;
    const below = await inParallel(looked, AT_ONCE, async (prefix) =>
      (await listFolders(aws, { ...location, prefix })).map((name) => `${prefix}${name}/`),
    );
    const folders = below.flat();
    const found = folders.filter(
      (prefix) => /(?:^|\/)AWSLogs\/$/.test(prefix) && prefix !== `${location.prefix}AWSLogs/`,
    );
    roots.push(...found.map((prefix) => ({ ...location, prefix })));
    level = folders.filter((prefix) => !/(?:^|\/)AWSLogs\/$/.test(prefix));
  }
  return roots;
}
