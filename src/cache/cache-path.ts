import { createHash } from 'node:crypto';

/** One version of an object: what is written once under this never changes. */
export interface CachedObject {
  readonly bucket: string;
  readonly key: string;
  /** Without quotes; a server of one's own may have none, and then nothing tells one version from another. */
  readonly etag: string;
  /** Bytes. */
  readonly size: number;
}

/** File systems take names of up to 255 bytes; the version stands behind the name. */
const LONGEST = 160;

/**
 * Where an object lies below the folder of the cache: the folders of its key, so that it is found again by eye, and a file
 * that is called after the object and its version.
 */
export function cachePath({ bucket, key, etag }: CachedObject): string {
  return `${[bucket, ...key.split('/')].map(fileName).join('/')}~${fileName(etag)}`;
}

/** A part of a key as a file name, on any file system; different parts have different names. */
function fileName(part: string): string {
  const plain = Buffer.from(part).reduce((name, byte) => {
    const character = String.fromCharCode(byte);
    return name + (/[A-Za-z0-9._=+@-]/.test(character) ? character : `%${hex(byte)}`);
  }, '');
  const name = plain === '' || /^\.+$/.test(plain) ? `%${plain}` : plain;
  if (name.length <= LONGEST) return name;
  return `${name.slice(0, LONGEST - 33)}%${createHash('sha256').update(part).digest('hex').slice(0, 32)}`;
}

const hex = (byte: number) => byte.toString(16).toUpperCase().padStart(2, '0');
