import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { signedBytes } from '../../src/audit/envelope.js';
import { flowlog } from '../e2e/bin.js';
import { ASSUMED, auditWorld, NOW, quiet } from './world.js';

const ARN = 'arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';

/** AWS KMS as its API Reference has GetPublicKey and Sign; `error` is what every call answers. */
async function kms(error?: string, algorithms = ['ECDSA_SHA_256']) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const calls: Array<Record<string, string>> = [];
  const server = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
    const operation = String(request.headers['x-amz-target']);
    calls.push({ operation, ...body });
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    if (error !== undefined) {
      response.statusCode = 400;
      return response.end(JSON.stringify({ __type: error, message: 'no' }));
    }
    if (operation === 'TrentService.GetPublicKey') {
      const PublicKey = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
      const more = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY', SigningAlgorithms: algorithms };
      return response.end(JSON.stringify({ KeyId: ARN, PublicKey, ...more }));
    }
    return response.end(
      JSON.stringify({ KeyId: ARN, Signature: lastSignature(), SigningAlgorithm: 'ECDSA_SHA_256' }),
    );
  });
  // Node signs no digest; openssl does.
  const lastSignature = () => digestSigner(calls.at(-1)!.Message!);
  const digestSigner = (digest: string) => {
    const folder = process.env.TMPDIR ?? '/tmp';
    const [key, input] = [join(folder, `k${process.pid}.pem`), join(folder, `d${process.pid}`)];
    writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });

    writeFileSync(input, Buffer.from(digest, 'base64'));
    return execFileSync('openssl', ['pkeyutl', '-sign', '-inkey', key, '-in', input]).toString('base64');
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const env = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
  return { env, calls, publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string };
}

async function signed(aws: Awaited<ReturnType<typeof kms>>, arn = ARN) {
  const { cwd, args } = await auditWorld({ records: quiet() });
  const all = [...args, ...ASSUMED, '--evidence', 'evidence', '--sign-kms', arn];
  return { cwd, ...(await flowlog(all, { cwd, now: NOW, env: aws.env })) };
}

describe('a pack signed by AWS KMS', () => {
  it('is verified, by openssl alone too', async () => {
    const aws = await kms();
    const { cwd, code, stderr } = await signed(aws);
    expect(code, stderr).toBe(0);
    expect(aws.calls.map(({ operation }) => operation)).toEqual([
      'TrentService.GetPublicKey',
      'TrentService.Sign',
    ]);
    expect(aws.calls[1]).toMatchObject({
      KeyId: ARN,
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
    expect(readFileSync(join(cwd, 'evidence/kms-key.pub.pem'), 'utf8')).toBe(aws.publicPem);
    writeFileSync(join(cwd, 'audit.pub.pem'), aws.publicPem);
    const verified = await flowlog(['verify', 'evidence', '--key', 'audit.pub.pem'], { cwd });
    expect(verified.stdout).toMatch(/^\d+ files unchanged, signed by key [0-9a-f]{16}\.\n$/);
    const { payload, payloadType, signatures } = JSON.parse(
      readFileSync(join(cwd, 'evidence/attestation.json'), 'utf8'),
    );
    writeFileSync(join(cwd, 'signed'), signedBytes(payloadType, Buffer.from(payload, 'base64').toString()));
    writeFileSync(join(cwd, 'sig'), Buffer.from(signatures[0].sig, 'base64'));
    const args = ['dgst', '-sha256', '-verify', 'audit.pub.pem', '-signature', 'sig', 'signed'];
    expect(execFileSync('openssl', args, { cwd, encoding: 'utf8' })).toBe('Verified OK\n');
    writeFileSync(join(cwd, 'other.pub.pem'), (await kms()).publicPem);
    const other = await flowlog(['verify', 'evidence', '--key', 'other.pub.pem'], { cwd });
    expect(other).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^The pack is signed by another key/),
    });
  });

  it.each([
    ['NotFoundException', 'does not exist.'],
    ['DisabledException', 'is disabled.'],
    ['InvalidKeyUsageException', 'is not for signing.'],
    ['UnsupportedOperationException', 'is not asymmetric, so it cannot sign.'],
    ['AccessDeniedException', `Access denied: kms:GetPublicKey on ${ARN}.`],
  ])('fails before the logs are read: %s', async (error, said) => {
    const { code, stdout, stderr } = await signed(await kms(error));
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(said);
    expect(stderr).not.toContain('flowlog policy');
    expect(stderr).not.toContain('    at ');
  });

  it('fails with a key of another algorithm', async () => {
    const { code, stderr } = await signed(await kms(undefined, ['ECDSA_SHA_384']));
    expect(code).toBe(1);
    expect(stderr).toContain('cannot sign with ECDSA_SHA_256 or RSASSA_PKCS1_V1_5_SHA_256.');
  });

  it('refuses what is not the ARN of a key', async () => {
    expect(await signed(await kms(), 'alias/audit')).toMatchObject({ code: 2 });
  });
});
