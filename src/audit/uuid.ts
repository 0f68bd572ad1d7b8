import { createHash } from 'node:crypto';

/** The namespace of all UUIDs here; chosen at random, once. */
const NAMESPACE = '5f0c9a3e2b4d4c7fa1d86e90b7c3f215';

/** A UUID of version 5 (RFC 9562, 5.5): the same name, the same UUID. */
export function uuidOf(...name: readonly unknown[]): string {
  const hash = createHash('sha1').update(Buffer.from(NAMESPACE, 'hex')).update(JSON.stringify(name)).digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
