import { createHash, getFips } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { FlowlogError } from '../errors.js';
import type { BucketAccess } from './bucket-access.js';
import type { Aws } from './clients.js';
import { explain, isArchived, isChanged, isMissing } from './errors.js';
import type { ListedObject } from './list-logs.js';
import { DamagedBody, type ObjectVersion, objectStream, type S3Object, uriOf } from './object-stream.js';

export interface DownloadOptions {
  readonly access: BucketAccess;
  readonly signal: AbortSignal;
  /** Told of bytes as they come; negative ones are those that were in vain. */
  readonly onBytes: (bytes: number) => void;
}

/** What came of a download: the object as it is now, or why there is none. */
export type Downloaded =
  | {
      readonly outcome: 'whole';
      readonly etag: string;
      readonly size: number;
      /** Whether it is another version than the one that was listed. */
      readonly changed: boolean;
    }
  /** Deleted since it was listed. */
  | { readonly outcome: 'gone' }
  /** In an archive, to be restored before it can be read. */
  | { readonly outcome: 'archived' };

/** An object that changes more often than this while it is read is not read. */
const VERSIONS = 3;
/** One that comes damaged so often is given up. */
const DAMAGES = 3;

/**
 * Writes an object to a file that is made for it: whole, and all of one version. Where that is another version than the one
 * that was listed, it is begun anew.
 *
 * @param to a path where nothing is; what is there after an error is to be thrown away
 */
export async function download(
  aws: Aws,
  object: S3Object & Omit<ListedObject, 'key'>,
  to: string,
  options: DownloadOptions,
): Promise<Downloaded> {
  const uri = uriOf(object);
  const file = await open(to, 'wx', 0o600);
  try {
    for (let versions = 0, damages = 0; ; ) {
      const asked = versions === 0 ? object.etag || undefined : undefined;
      try {
        const { etag, size } = await writeVersion(aws, object, asked, file, options);
        const changed = object.etag !== '' && etag !== object.etag;
        if (!changed && size !== object.size) {
          throw new DamagedBody(`it was listed with ${object.size} bytes and came with ${size}`);
        }
        return { outcome: 'whole', etag, size, changed };
      } catch (error) {
        if (isMissing(error) && (error as Error).name !== 'NoSuchBucket') return { outcome: 'gone' };
        if (isArchived(error)) return { outcome: 'archived' };
        const damaged = error instanceof DamagedBody;
        if (!damaged && !isChanged(error)) throw error;
        await file.truncate(0);
        if (damaged && ++damages === DAMAGES) {
          throw new FlowlogError(
            `${uri} came damaged ${DAMAGES} times: ${error.message}.`,
            'Run it again. If it stays so, something between here and S3, such as a proxy, changes what passes through it.',
          );
        }
        if (!damaged && ++versions > VERSIONS) {
          throw new FlowlogError(
            `${uri} changes while it is read.`,
            'Log files are written once: see what else writes there, or name other logs.',
          );
        }
      }
    }
  } catch (error) {
    throw explain(error, { action: 's3:GetObject', resource: uri, profile: aws.options.profile });
  } finally {
    await file.close();
  }
}

/** Writes one version of the object, from the beginning of the file. */
async function writeVersion(
  aws: Aws,
  object: S3Object,
  asked: string | undefined,
  file: FileHandle,
  { access, signal, onBytes }: DownloadOptions,
): Promise<{ etag: string; size: number }> {
  let version: ObjectVersion | undefined;
  let size = 0;
  const onVersion = (given: ObjectVersion) => {
    version = given;
  };
  // In FIPS mode there is no MD5.
  const md5 = getFips() ? undefined : createHash('md5');
  try {
    for await (const chunk of objectStream(aws, object, { signal, access, etag: asked, onVersion })) {
      for (let at = 0; at < chunk.byteLength; ) {
        at += (await file.write(chunk, at, chunk.byteLength - at, size + at)).bytesWritten;
      }
      md5?.update(chunk);
      size += chunk.byteLength;
      onBytes(chunk.byteLength);
    }
    const found = md5?.digest('hex');
    if (version?.md5 !== undefined && found !== undefined && found !== version.md5)
      throw new DamagedBody(`its MD5 is ${found}, and S3 has it with ${version.md5}`);
    return { etag: version?.etag ?? '', size };
  } catch (error) {
    onBytes(-size);
    throw error;
  }
}
