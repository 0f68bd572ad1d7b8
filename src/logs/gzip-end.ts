import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/**
 * Whether a gzip file ends before its time. A whole file ends with the length of what was packed: where the last four
 * bytes cannot be that length, the file is unpacked to be sure, since it may also be several members one after the other.
 */
export async function isCutShort(path: string, size: number): Promise<boolean> {
  if (size < 18) return true;
  const handle = await open(path);
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, size - 4);
    const length = buffer.readUInt32LE(0);
    if (length >= size / 2 && length <= size * 100) return false;
  } finally {
    await handle.close();
  }
  return !(await unpacks(path));
}

async function unpacks(path: string): Promise<boolean> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    await pipeline(createReadStream(path), createGunzip({ chunkSize: 1 << 18 }), nowhere);
    return true;
  } catch {
    return false;
  }
}
