import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { FlowlogError, UsageError } from '../errors.js';
import { type Envelope, openEnvelope, type PublicKey, verifyEnvelope } from './envelope.js';
import type { Verdict } from './facts.js';

/** The files of an evidence pack by name. */
export type PackFiles = ReadonlyMap<string, Uint8Array>;

export const SUMS = 'SHA256SUMS';
export const ATTESTATION = 'attestation.json';

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** `SHA256SUMS` as sha256sum writes and checks it. */
export function sumsOf(files: PackFiles): string {
  return [...files]
    .map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`)
    .sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1))
    .join('');
}

/** The result as the predicate has it: an incomplete record is a warning. */
const RESULTS: Readonly<Record<Verdict, 'PASSED' | 'FAILED' | 'WARNED'>> = {
  closed: 'PASSED',
  'not closed': 'FAILED',
  'cannot be said': 'WARNED',
};

/**
 * An in-toto statement about the files of a pack, with the predicate "Test Result" (in-toto attestation framework,
 * https://in-toto.io/attestation/test-result/v0.1).
 *
 * @param sums of the files, as {@link sumsOf} has them
 */
export function statementOf(sums: string, verdict: Verdict): Record<string, unknown> {
  const files = parseSums(sums);
  const listed = [...files, [SUMS, sha256(Buffer.from(sums))] as const];
  const result = RESULTS[verdict];
  const tests = (wanted: string) => (result === wanted ? ['network closed'] : []);
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: listed.map(([name, digest]) => ({ name, digest: { sha256: digest } })),
    predicateType: 'https://in-toto.io/attestation/test-result/v0.1',
    predicate: {
      result,
      configuration: [{ name: 'allow.toml', digest: { sha256: files.get('allow.toml') } }],
      passedTests: tests('PASSED'),
      warnedTests: tests('WARNED'),
      failedTests: tests('FAILED'),
    },
  };
}

function parseSums(text: string): Map<string, string> {
  const sums = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, digest, name] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
    if (digest !== undefined && name !== undefined) sums.set(name, digest);
  }
  return sums;
}

/**
 * Writes a pack as a folder, or as one file where the path ends in `.zip`; whole, or not at all.
 *
 * @throws FlowlogError where something is there that is no pack
 */
export async function writePack(path: string, files: PackFiles): Promise<void> {
  if (/\.zip$/i.test(path)) {
    const { zipSync } = await import('fflate');
    // The earliest time that the format knows: the same files make the same bytes.
    const options = { mtime: new Date(1980, 0, 1), level: 6 as const };
    const zipped = zipSync(Object.fromEntries([...files].sort(([a], [b]) => (a < b ? -1 : 1))), options);
    await replace(path, (partial) => writeFile(partial, zipped, { flag: 'wx' }));
    return;
  }
  const there = await readdir(path).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw new UsageError(
      `${path} is not a folder (${error.code}).`,
      'Name a new folder, or a file that ends in .zip.',
    );
  });
  if (there.length > 0 && !there.includes(SUMS)) {
    throw new UsageError(`${path} has files that are not an evidence pack.`, 'Name a new folder.');
  }
  await replace(path, async (partial) => {
    await mkdir(partial);
    for (const [name, bytes] of files) await writeFile(join(partial, name), bytes, { flag: 'wx' });
  });
}

async function replace(path: string, write: (partial: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = join(dirname(path), `.${basename(path)}.${randomUUID()}.partial`);
  try {
    await write(partial);
    await rm(path, { recursive: true, force: true });
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

/** The files of a pack: those of the folder, or of the `.zip`. */
export async function readPack(path: string): Promise<PackFiles> {
  const failed = (error: NodeJS.ErrnoException): never => {
    const why = error.code === 'ENOENT' ? 'no such file or directory' : (error.code ?? error.message);
    throw new FlowlogError(`${path}: ${why}.`, 'Name the folder or the .zip file that --evidence wrote.');
  };
  if (/\.zip$/i.test(path)) {
    const bytes = await readFile(path).catch(failed);
    const { unzipSync } = await import('fflate');
    try {
      return new Map(Object.entries(unzipSync(bytes)));
    } catch (error) {
      throw new FlowlogError(
        `${path} is not a zip file (${(error as Error).message}).`,
        'Name the file that --evidence wrote.',
      );
    }
  }
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(failed);
  const files = new Map<string, Uint8Array>();
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const full = join(entry.parentPath, entry.name);
    // What is neither file nor folder, a link say, was not written by flowlog.
    files.set(relative(path, full), entry.isFile() ? await readFile(full) : new Uint8Array());
  }
  return files;
}

/** What is wrong with a pack, a sentence each, and what can be said of its signatures. */
export interface PackCheck {
  readonly problems: readonly string[];
  /** Whether a signature of the key that was given is right. */
  readonly signed: boolean;
  readonly notes: readonly string[];
}

/** Compares the files of a pack with its sums, the sums with the statement, and the statement with its signatures. */
export function checkPack(files: PackFiles, key: PublicKey | undefined): PackCheck {
  const problems: string[] = [];
  const notes: string[] = [];
  const text = (name: string) => {
    const bytes = files.get(name);
    return bytes && Buffer.from(bytes).toString();
  };
  const sums = text(SUMS);
  if (sums === undefined) return { problems: [`${SUMS} is missing.`], signed: false, notes };
  const listed = parseSums(sums);
  for (const [name, digest] of listed) {
    const bytes = files.get(name);
    if (bytes === undefined) problems.push(`${name} is missing.`);
    else if (sha256(bytes) !== digest) problems.push(`${name} was changed.`);
  }
  for (const name of files.keys()) {
    if (!listed.has(name) && name !== SUMS && name !== ATTESTATION) problems.push(`${name} was added.`);
  }
  const attestation = text(ATTESTATION);
  if (attestation === undefined)
    return { problems: [...problems, `${ATTESTATION} is missing.`], signed: false, notes };
  const envelope = openEnvelope(attestation);
  if (envelope === undefined)
    return { problems: [...problems, `${ATTESTATION} was changed.`], signed: false, notes };
  problems.push(...statementProblems(envelope, listed, sums, text('report.json')));
  const { signed, problem, note } = signatureOf(envelope, key);
  return {
    problems: [...problems, ...(problem === undefined ? [] : [problem])],
    signed,
    notes: [...notes, ...(note === undefined ? [] : [note])],
  };
}

function statementProblems(
  envelope: Envelope,
  listed: ReadonlyMap<string, string>,
  sums: string,
  report: string | undefined,
): string[] {
  const verdict = verdictIn(report);
  const expected = verdict === undefined ? undefined : JSON.stringify(statementOf(sums, verdict));
  if (expected === undefined || listed.size === 0)
    return [`${ATTESTATION} cannot be compared: report.json says no verdict.`];
  return envelope.payload === expected
    ? []
    : [`${ATTESTATION} does not belong to these files: ${SUMS} or it was changed.`];
}

function verdictIn(report: string | undefined): Verdict | undefined {
  try {
    const { verdict } = JSON.parse(report ?? '') as { verdict?: unknown };
    return typeof verdict === 'string' && verdict in RESULTS ? (verdict as Verdict) : undefined;
  } catch {
    return undefined;
  }
}

function signatureOf(
  envelope: Envelope,
  key: PublicKey | undefined,
): { signed: boolean; problem?: string; note?: string } {
  const { signatures } = envelope;
  if (key === undefined) {
    const what =
      signatures.length === 0
        ? 'The pack is not signed: whoever changed a file could have changed the sums as well.'
        : `The signature of key ${signatures.map(({ keyid }) => keyid.slice(0, 16)).join(', ')} was not checked (--key FILE checks it).`;
    return { signed: false, note: what };
  }
  if (signatures.length === 0) return { signed: false, problem: 'The pack is not signed.' };
  if (verifyEnvelope(envelope, key)) return { signed: true };
  const own = signatures.some(({ keyid }) => keyid === key.id);
  return {
    signed: false,
    problem: own
      ? `The signature in ${ATTESTATION} is wrong.`
      : `The pack is signed by another key (${signatures.map(({ keyid }) => keyid.slice(0, 16)).join(', ')}), not by ${key.id.slice(0, 16)}.`,
  };
}
