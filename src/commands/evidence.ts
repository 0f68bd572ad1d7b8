import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { entryText } from '../audit/allow-file.js';
import { asffFiles, type SecurityHub } from '../audit/asff.js';
import type { Audited } from '../audit/audit.js';
import { fileSigner, type Signer, sealed } from '../audit/envelope.js';
import type { AuditFacts } from '../audit/facts.js';
import { type HashedInput, manifestOf } from '../audit/manifest.js';
import { oscalJson } from '../audit/oscal.js';
import { ATTESTATION, SUMS, sha256, statementOf, sumsOf, writePack } from '../audit/pack.js';
import { reportJson } from '../audit/report-json.js';
import type { KmsSigner } from '../aws/kms-signer.js';
import { UsageError } from '../errors.js';
import { loadRenderer } from '../output/formats.js';
import type { EffectiveQuestion } from '../output/renderer.js';
import { auditReport } from '../report/audit-report.js';
import { type Lang, langOf } from '../report/words.js';
import { type Column, givenRows, type Result, type Row } from '../result.js';
import type { Io } from '../terminal/streams.js';
import { isoTime } from '../time/zone.js';

/** What an evidence pack is made of, beside what the audit found. */
export interface EvidenceOptions {
  /** The allow-list as it was read. */
  readonly allowText: string;
  readonly signKey?: string;
  /** Signs instead of a key file. */
  readonly kms?: KmsSigner | undefined;
  /** Whose Security Hub the findings are for. */
  readonly hub?: SecurityHub | undefined;
  readonly lang?: Lang;
  readonly effective?: EffectiveQuestion;
}

/** Writes an evidence pack: what was found, by what it was judged, what was read, and what proves that nothing was changed. */
export async function writeEvidence(
  path: string,
  { facts, runs }: Audited,
  inputs: readonly HashedInput[],
  options: EvidenceOptions,
  io: Io,
): Promise<void> {
  const signer = await signerOf(options);
  const at = io.now();
  const manifest = manifestOf(facts, runs, {
    inputs,
    options: options.effective?.options ?? [],
    at,
    by: userInfo().username,
  });
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const statements = runs.map(({ purpose, statement }) => `-- ${purpose}\n${statement}`).join('\n');
  const report = json(reportJson(facts));
  const digest = (text: string) => sha256(Buffer.from(text));
  const texts: Record<string, string> = {
    'report.html': auditReport(facts, langOf(options.lang, io.env)),
    'report.json': report,
    'exceptions.csv': await csv(exceptionResult(facts)),
    'allowed.csv': await csv(allowedResult(facts)),
    'coverage.csv': await csv(coverageResult(facts)),
    'allow.toml': options.allowText,
    'statements.sql': statements,
    'manifest.json': json(manifest),
    'oscal.json': json(
      oscalJson(facts, { allowDigest: digest(options.allowText), reportDigest: digest(report), at }),
    ),
  };
  if (options.kms) texts['kms-key.pub.pem'] = options.kms.publicPem;
  if (options.hub) {
    for (const [name, findings] of asffFiles(facts, options.hub, at)) texts[name] = json(findings);
  }
  const files = new Map(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)]));
  const sums = sumsOf(files);
  files.set(SUMS, Buffer.from(sums));
  files.set(ATTESTATION, Buffer.from(await sealed(statementOf(sums, facts.verdict), signer)));
  await writePack(path, files);
}

async function signerOf({ signKey, kms }: EvidenceOptions): Promise<Signer | undefined> {
  if (kms) return kms;
  if (signKey === undefined) return undefined;
  return fileSigner(await readKey(signKey), signKey);
}

/** @throws UsageError where the file cannot be read */
export async function readKey(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'no such file' : error.code;
    throw new UsageError(`${path}: ${why}.`, "'flowlog audit keygen' makes a pair of keys.");
  });
}

async function csv(result: Result): Promise<string> {
  const render = await loadRenderer('csv');
  const parts: string[] = [];
  const write = async (text: string | Uint8Array) => void parts.push(Buffer.from(text as string).toString());
  await render(result, write, { width: 80, color: false, terminal: false, limit: undefined, excel: false });
  return parts.join('');
}

const texts = (...names: string[]): Column[] => names.map((name) => ({ name, type: 'text' }));
const integers = (...names: string[]): Column[] => names.map((name) => ({ name, type: 'integer' }));

const times = (zone: string): Column[] =>
  ['first_seen', 'last_seen'].map((name) => ({ name, type: 'time', zone }));

/** The exceptions as rows. */
export function exceptionResult({ exceptions, period: { zone } }: AuditFacts): Result {
  const columns: Column[] = [
    ...texts('kind', 'srcaddr', 'src_name', 'dstaddr', 'dst_name', 'dst_kind'),
    ...integers('protocol', 'port'),
    ...texts('action', 'way', 'leaves'),
    ...integers('flows', 'packets'),
    { name: 'bytes', type: 'bytes' },
    ...times(zone),
    ...texts('nearly'),
  ];
  const rows = exceptions.map(
    (each): Row => [
      ...[
        each.kind,
        each.srcaddr,
        each.srcName ?? null,
        each.dstaddr,
        each.dstName ?? null,
        each.dstKind ?? null,
      ],
      ...[each.protocol, each.port, each.action, each.way, each.leaves, each.flows, each.packets, each.bytes],
      ...[isoTime(each.first, zone), isoTime(each.last, zone), each.nearly ?? null],
    ],
  );
  return givenRows(columns, rows);
}

/** The entries of the allow-list, and what each of them allowed. */
function allowedResult({ allowed, period: { zone } }: AuditFacts): Result {
  const columns: Column[] = [
    ...integers('line'),
    ...texts('entry', 'reason', 'owner', 'approved', 'expires'),
    ...integers('flows', 'packets'),
    { name: 'bytes', type: 'bytes' },
    ...integers('attempts', 'sources', 'destinations'),
    ...times(zone),
  ];
  const time = (seconds: number | undefined) => (seconds === undefined ? null : isoTime(seconds, zone));
  const rows = allowed.map(
    ({ entry, ...use }): Row => [
      ...[entry.line, entryText(entry), entry.reason ?? null, entry.owner ?? null],
      ...[entry.approved ?? null, entry.expires ?? null, use.flows, use.packets, use.bytes],
      ...[use.attempts, use.sources, use.destinations, time(use.first), time(use.last)],
    ],
  );
  return givenRows(columns, rows);
}

/** The interfaces, and how complete the record of each is. */
function coverageResult({ coverage, period: { zone } }: AuditFacts): Result {
  const columns: Column[] = [
    ...texts('interface_id', 'name', 'in_scope'),
    ...integers('records', 'skipdata', 'gaps', 'gap_s', 'hours'),
    ...times(zone),
  ];
  const time = (seconds: number | undefined) => (seconds === undefined ? null : isoTime(seconds, zone));
  const rows = coverage.map(
    (each): Row => [
      ...[each.interfaceId, each.name ?? null, each.inScope ? 'yes' : 'no', each.records, each.skipped],
      ...[each.gaps ?? null, each.gapSeconds ?? null, each.hours.size, time(each.first), time(each.last)],
    ],
  );
  return givenRows(columns, rows);
}
