import { statfs } from 'node:fs/promises';
import { FlowlogError } from '../../errors.js';
import { humanBytes, plural } from '../../terminal/units.js';
import type { Amount, S3Settings } from './settings.js';

/** Left free on the disk (bytes). */
const SPARE = 100e6;

export const amountText = ({ files, bytes }: Amount) => `${plural(files, 'file')}, ${humanBytes(bytes)}`;

/**
 * Before anything is downloaded and paid for: whether so much may be, and whether there is room for it.
 *
 * @returns what to say of it
 */
export async function checkAmount(
  { maxDownload, cacheFolder }: S3Settings,
  missing: Amount,
  cached: Amount,
): Promise<string> {
  const have = cached.files === 0 ? '' : `; ${amountText(cached)} are in the cache`;
  if (maxDownload !== undefined && missing.bytes > maxDownload) {
    throw new FlowlogError(
      `${amountText(missing)} would be downloaded, more than --max-download ${humanBytes(maxDownload)} allows${have}. ` +
        'Nothing was downloaded.',
      'Ask for less with --since, --until, --account and --aws-region, or allow more.',
    );
  }
  const { bavail, bsize } = await statfs(cacheFolder);
  const free = bavail * bsize;
  if (missing.bytes + SPARE > free) {
    throw new FlowlogError(
      `${amountText(missing)} would be downloaded, and the disk of ${cacheFolder} has ${humanBytes(free)} free.`,
      "Ask for less with --since and --until, make room ('flowlog cache clear'), or set FLOWLOG_CACHE_DIR to a larger disk.",
    );
  }
  return `Downloading ${amountText(missing)}${have}.`;
}
