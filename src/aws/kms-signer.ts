import { createHash, createPublicKey } from 'node:crypto';
import { FlowlogError, UsageError } from '../errors.js';
import type { Aws } from './clients.js';
import { explained } from './errors.js';

/** A key of AWS KMS that signs. The private part never leaves KMS. */
export interface KmsSigner {
  /** SHA-256 of the public key as SubjectPublicKeyInfo, in hex. */
  readonly keyId: string;
  readonly publicPem: string;
  sign(bytes: Buffer): Promise<Buffer>;
}

/** Those that openssl verifies with `dgst -sha256`. */
const ALGORITHMS = ['ECDSA_SHA_256', 'RSASSA_PKCS1_V1_5_SHA_256'] as const;

const NEW_KEY = "Make one with 'aws kms create-key --key-spec ECC_NIST_P256 --key-usage SIGN_VERIFY'.";

/** What KMS says of a key that cannot be used (AWS KMS API Reference, Sign: Errors), and what helps. */
const UNUSABLE: Readonly<Record<string, readonly [what: string, advice: string]>> = {
  NotFoundException: ['does not exist', 'Check the ARN, its region and account.'],
  DisabledException: ['is disabled', "Enable it with 'aws kms enable-key', or name another key."],
  KMSInvalidStateException: ['cannot be used in its state', 'It may be pending deletion; name another key.'],
  InvalidKeyUsageException: ['is not for signing', NEW_KEY],
  UnsupportedOperationException: ['is not asymmetric, so it cannot sign', NEW_KEY],
};

/** @throws UsageError for what is not the ARN of a key or alias */
export async function kmsSigner(aws: Aws, arn: string, signal: AbortSignal): Promise<KmsSigner> {
  const region = /^arn:[a-z-]+:kms:([a-z0-9-]+):\d{12}:(?:key|alias)\/[\w/-]+$/.exec(arn)?.[1];
  if (region === undefined) {
    throw new UsageError(
      `--sign-kms: '${arn}' is not the ARN of a KMS key.`,
      'Write it as arn:aws:kms:ap-northeast-1:123456789012:key/ID.',
    );
  }
  const client = await aws.kms(region);
  const { GetPublicKeyCommand, SignCommand } = await import('@aws-sdk/client-kms');
  const call = <T>(action: string, work: () => Promise<T>): Promise<T> =>
    explained(
      { action, resource: arn, profile: aws.options.profile },
      () =>
        work().catch((error: Error) => {
          const [what, advice] = UNUSABLE[error.name] ?? [];
          if (what === undefined || advice === undefined) throw error;
          throw new FlowlogError(`KMS key ${arn} ${what}.`, advice, 1, { cause: error });
        }),
      signal,
    );
  const found = await call('kms:GetPublicKey', () => client.send(new GetPublicKeyCommand({ KeyId: arn })));
  const SigningAlgorithm = ALGORITHMS.find((each) => found.SigningAlgorithms?.includes(each));
  if (found.PublicKey === undefined || SigningAlgorithm === undefined) {
    throw new FlowlogError(
      `KMS key ${arn} (${found.KeySpec ?? 'of unknown kind'}, ${found.KeyUsage ?? 'unknown usage'}) cannot sign with ${ALGORITHMS.join(' or ')}.`,
      NEW_KEY,
    );
  }
  const der = Buffer.from(found.PublicKey);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return {
    keyId: createHash('sha256').update(der).digest('hex'),
    publicPem: key.export({ type: 'spki', format: 'pem' }) as string,
    async sign(bytes) {
      // A message is at most 4,096 bytes, which a pack exceeds: its digest is signed.
      const Message = createHash('sha256').update(bytes).digest();
      const { Signature } = await call('kms:Sign', () =>
        client.send(new SignCommand({ KeyId: arn, Message, MessageType: 'DIGEST', SigningAlgorithm })),
      );
      if (Signature === undefined) throw new FlowlogError(`KMS key ${arn} gave no signature.`, 'Try again.');
      return Buffer.from(Signature);
    },
  };
}
