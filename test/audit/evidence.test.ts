import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signedBytes } from '../../src/audit/envelope.js';
import { flowlog, type Outcome } from '../e2e/bin.js';
import { testFolder, writeFiles } from '../folder.js';
import { ASSUMED, auditWorld, flow, NOW, quiet } from './world.js';

const RECORDS = [...quiet(), ...flow({}), ...flow({ dstaddr: '198.51.100.7' })];

/** A folder with a world, keys `ours` and `theirs`, and a pack signed by ours. */
async function signedPack(folder?: string): Promise<{ cwd: string; args: string[] }> {
  const world = await auditWorld({ records: RECORDS }, folder);
  const run = (...args: string[]) => flowlog(args, { cwd: world.cwd, now: NOW });
  for (const name of ['ours', 'theirs']) expect((await run('audit', 'keygen', '-o', name)).code).toBe(0);
  const { code } = await run(...world.args, ...ASSUMED, '--evidence', 'evidence', '--sign-key', 'ours.pem');
  expect(code).toBe(3);
  return world;
}

const verify = (cwd: string, ...more: string[]): Promise<Outcome> =>
  flowlog(['verify', 'evidence', '--key', 'ours.pub.pem', ...more], { cwd, now: NOW });

describe('an evidence pack', () => {
  it('is verified, alone and against the logs', async () => {
    const { cwd } = await signedPack();
    expect(statSync(join(cwd, 'ours.pem')).mode & 0o777).toBe(0o600);
    const { code, stdout } = await verify(cwd, '--again', '--logs', 'logs');
    expect(stdout).toMatch(
      /^\d+ files unchanged, signed by key [0-9a-f]{16}\.\nThe audit, repeated, says the same\.\n$/,
    );
    expect(code).toBe(0);
  });

  it('names what was read by size and SHA-256, and how', async () => {
    const { cwd } = await signedPack();
    const { inputs, period, run } = JSON.parse(readFileSync(join(cwd, 'evidence/manifest.json'), 'utf8'));
    const path = join(cwd, 'logs/flows.log.gz');
    const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
    expect(inputs).toEqual([{ name: path, size: statSync(path).size, sha256: digest }]);
    expect(period).toMatchObject({
      since_utc: '2026-06-01T00:00:00Z',
      until_utc: '2026-06-01T03:00:00Z',
      zone: 'UTC',
    });
    expect(run.at).toBe(new Date(NOW * 1000).toISOString().replace('.000Z', 'Z'));
    expect(readFileSync(join(cwd, 'evidence/statements.sql'), 'utf8')).toMatch(/^-- what left$/m);
  });

  it('is the same bytes for the same input, but for the time of the run', async () => {
    const { cwd, args } = await auditWorld({ records: RECORDS });
    const pack = async (name: string, now: number) => {
      await flowlog([...args, ...ASSUMED, '--evidence', name], { cwd, now });
      return new Map(
        readdirSync(join(cwd, name)).map((file) => [file, readFileSync(join(cwd, name, file), 'utf8')]),
      );
    };
    const first = await pack('one', NOW);
    expect(await pack('two', NOW)).toEqual(first);
    const later = await pack('three', NOW + 60);
    const differing = [...first].filter(([name, text]) => later.get(name) !== text).map(([name]) => name);
    expect(differing.sort()).toEqual(['SHA256SUMS', 'attestation.json', 'manifest.json', 'oscal.json']);
    await flowlog([...args, ...ASSUMED, '--evidence', 'a.zip'], { cwd, now: NOW });
    await flowlog([...args, ...ASSUMED, '--evidence', 'b.zip'], { cwd, now: NOW });
    expect(readFileSync(join(cwd, 'a.zip')).equals(readFileSync(join(cwd, 'b.zip')))).toBe(true);
    expect((await flowlog(['verify', 'a.zip'], { cwd })).code).toBe(0);
  });

  it('is replaced by the next one, and nothing else is', async () => {
    const { cwd, args } = await signedPack();
    expect((await flowlog([...args, ...ASSUMED, '--evidence', 'evidence'], { cwd, now: NOW })).code).toBe(3);
    const { code, stderr } = await flowlog([...args, ...ASSUMED, '--evidence', 'logs'], { cwd, now: NOW });
    expect(code).toBe(2);
    expect(stderr).toContain('logs has files that are not an evidence pack');
    expect(readdirSync(join(cwd, 'logs'))).toEqual(['flows.log.gz']);
  });

  it('can be verified by sha256sum and openssl alone', async () => {
    const { cwd } = await signedPack();
    const sums = execFileSync('sha256sum', ['-c', 'SHA256SUMS'], {
      cwd: join(cwd, 'evidence'),
      encoding: 'utf8',
    });
    expect(sums.match(/: OK$/gm)!.length).toBeGreaterThan(5);
    const { payload, payloadType, signatures } = JSON.parse(
      readFileSync(join(cwd, 'evidence/attestation.json'), 'utf8'),
    );
    writeFileSync(join(cwd, 'pae'), signedBytes(payloadType, Buffer.from(payload, 'base64').toString()));
    writeFileSync(join(cwd, 'sig'), Buffer.from(signatures[0].sig, 'base64'));
    const openssl = (key: string) =>
      execFileSync(
        'openssl',
        ['pkeyutl', '-verify', '-pubin', '-inkey', key, '-rawin', '-in', 'pae', '-sigfile', 'sig'],
        { cwd, encoding: 'utf8', stdio: 'pipe' },
      );
    expect(openssl('ours.pub.pem')).toContain('Verified Successfully');
    expect(() => openssl('theirs.pub.pem')).toThrow();
  });
});

describe('a change', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'flowlog-test-'));
  let files: string[];
  beforeAll(async () => {
    await signedPack(cwd);
    files = readdirSync(join(cwd, 'evidence'));
  });
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));

  /** A copy of the pack in which something is changed, verified. */
  async function changed(change: (pack: string) => void, key = 'ours.pub.pem'): Promise<Outcome> {
    const folder = testFolder();
    cpSync(join(cwd, 'evidence'), join(folder, 'evidence'), { recursive: true });
    cpSync(join(cwd, key), join(folder, 'ours.pub.pem'));
    change(join(folder, 'evidence'));
    return verify(folder);
  }

  it('of one byte of any file is named', async () => {
    expect(files).toContain('report.json');
    for (const name of files) {
      const { code, stdout } = await changed((pack) => {
        const bytes = readFileSync(join(pack, name));
        bytes[Math.floor(bytes.length / 2)]! ^= 1;
        writeFileSync(join(pack, name), bytes);
      });
      expect(stdout, name).toContain(name);
      expect(code, name).toBe(1);
    }
  });

  it('that leaves a file out, or adds one, is said', async () => {
    for (const name of files) {
      const { code, stdout } = await changed((pack) => rmSync(join(pack, name)));
      expect(stdout, name).toContain(`${name} is missing.`);
      expect(code, name).toBe(1);
    }
    const added = await changed((pack) => writeFileSync(join(pack, 'notes.txt'), 'fine'));
    expect(added).toMatchObject({ code: 1, stdout: 'notes.txt was added.\n' });
  });

  it('of the key is said', async () => {
    const { code, stdout } = await changed(() => {}, 'theirs.pub.pem');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^The pack is signed by another key/);
  });

  it('of the sums with the file does not help', async () => {
    const { code, stdout } = await changed((pack) => {
      const path = join(pack, 'exceptions.csv');
      const text = readFileSync(path, 'utf8');
      const digest = (each: string) => createHash('sha256').update(each).digest('hex');
      const other = text.replace('leak', 'gone');
      writeFileSync(path, other);
      const sums = readFileSync(join(pack, 'SHA256SUMS'), 'utf8');
      writeFileSync(join(pack, 'SHA256SUMS'), sums.replace(digest(text), digest(other)));
    });
    expect(code).toBe(1);
    expect(stdout).toContain('attestation.json does not belong to these files');
  });

  it('of the logs is said when the audit is repeated', async () => {
    const folder = testFolder();
    cpSync(cwd, folder, { recursive: true });
    await writeFiles(folder, {
      'logs/flows.log.gz': Buffer.from(readFileSync(join(cwd, 'logs/flows.log.gz')).subarray(0, 900)),
    });
    const { code, stdout } = await verify(folder, '--again', '--logs', 'logs');
    expect(code).toBe(1);
    expect(stdout).toMatch(/Input .*flows\.log\.gz is missing, or has another content\./);
  });
});

it('is not signed with what is no key', async () => {
  const { cwd, args } = await auditWorld({ records: quiet() });
  await writeFiles(cwd, { 'x.pem': 'nonsense' });
  const { code, stderr } = await flowlog(
    [...args, ...ASSUMED, '--evidence', 'evidence', '--sign-key', 'x.pem'],
    { cwd, now: NOW },
  );
  expect(code).toBe(2);
  expect(stderr).toContain('x.pem is not a private key in PEM');
});
