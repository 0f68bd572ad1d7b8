import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { UsageError } from '../errors.js';

const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** A DSSE envelope that was read (https://github.com/secure-systems-lab/dsse, envelope.md). */
export interface Envelope {
  readonly payloadType: string;
  /** Decoded. */
  readonly payload: string;
  readonly signatures: ReadonlyArray<{ readonly keyid: string; readonly sig: string }>;
}

export interface PublicKey {
  /** SHA-256 of the key as SubjectPublicKeyInfo, in hex. */
  readonly id: string;
  readonly key: KeyObject;
}

/** Who signs: with a key of this machine, or one that never leaves AWS KMS. */
export interface Signer {
  readonly keyId: string;
  sign(bytes: Buffer): Promise<Buffer>;
}

/** The bytes that are signed: DSSE's pre-authentication encoding, lengths in bytes. */
export function signedBytes(payloadType: string, payload: string): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${Buffer.byteLength(payload)} `;
  return Buffer.from(head + payload);
}

/** An envelope as text; without a signer it has no signature. */
export async function sealed(statement: unknown, signer: Signer | undefined): Promise<string> {
  const payload = JSON.stringify(statement);
  const signatures = signer
    ? [
        {
          keyid: signer.keyId,
          sig: (await signer.sign(signedBytes(PAYLOAD_TYPE, payload))).toString('base64'),
        },
      ]
    : [];
  return `${JSON.stringify({ payloadType: PAYLOAD_TYPE, payload: Buffer.from(payload).toString('base64'), signatures }, null, 2)}\n`;
}

/** Undefined for what is no envelope. */
export function openEnvelope(text: string): Envelope | undefined {
  try {
    const { payloadType, payload, signatures } = JSON.parse(text) as Record<string, unknown>;
    const isSignature = (each: unknown): each is Envelope['signatures'][number] =>
      typeof each === 'object' &&
      each !== null &&
      'keyid' in each &&
      'sig' in each &&
      typeof each.keyid === 'string' &&
      typeof each.sig === 'string';
    if (payloadType !== PAYLOAD_TYPE || typeof payload !== 'string') return undefined;
    if (!Array.isArray(signatures) || !signatures.every(isSignature)) return undefined;
    return { payloadType, payload: Buffer.from(payload, 'base64').toString(), signatures };
  } catch {
    return undefined;
  }
}

/** Whether one of the signatures is of this key. */
export function verifyEnvelope({ payloadType, payload, signatures }: Envelope, { key }: PublicKey): boolean {
  const bytes = signedBytes(payloadType, payload);
  // Ed25519 hashes by itself; KMS signs SHA-256 with ECDSA or RSA.
  const digest = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  return signatures.some(({ sig }) => {
    try {
      return verify(digest, bytes, key, Buffer.from(sig, 'base64'));
    } catch {
      return false;
    }
  });
}

const idOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');

/** A new Ed25519 key pair in PEM. */
export function newKeyPair(): { privatePem: string; publicPem: string; id: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    id: idOf(publicKey),
  };
}

/** @throws UsageError where the text is no private Ed25519 key in PEM */
export function fileSigner(pem: string, path: string): Signer {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new UsageError(`${path} is not a private key in PEM.`, "'flowlog audit keygen' makes one.");
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new UsageError(
      `${path} is a key of ${key.asymmetricKeyType}, not Ed25519.`,
      "'flowlog audit keygen' makes one.",
    );
  }
  return { keyId: idOf(createPublicKey(key)), sign: async (bytes) => sign(null, bytes, key) };
}

/** @throws UsageError where the text is no public key in PEM */
export function publicKey(pem: string, path: string): PublicKey {
  if (pem.includes('PRIVATE KEY')) {
    throw new UsageError(`${path} is a private key.`, 'Give the public one, which ends in .pub.pem.');
  }
  try {
    const key = createPublicKey(pem);
    return { id: idOf(key), key };
  } catch {
    throw new UsageError(
      `${path} is not a public key in PEM.`,
      'Give the file that keygen wrote, which ends in .pub.pem.',
    );
  }
}
