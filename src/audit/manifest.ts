import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { InputFile } from '../engines/engine.js';
import { inParallel } from '../parallel.js';
import { utcTime } from '../time/zone.js';
import { VERSION } from '../version.js';
import type { AuditRun } from './asking.js';
import type { AuditFacts } from './facts.js';
import { periodJson } from './report-json.js';

/** Files hashed at the same time. */
const AT_ONCE = 4;

export interface HashedInput {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  /** Of an object of S3. An ETag is no hash of the content: it depends on how the object was uploaded. */
  readonly etag?: string;
}

/** The SHA-256 of each file that an audit read. To be asked before the session is closed. */
export async function hashInputs(inputs: readonly InputFile[], signal: AbortSignal): Promise<HashedInput[]> {
  const hashed = await inParallel(
    inputs,
    AT_ONCE,
    async ({ name, path, size, etag }) => {
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(path, { signal })) hash.update(chunk as Uint8Array);
      return { name, size, sha256: hash.digest('hex'), ...(etag === undefined ? {} : { etag }) };
    },
    signal,
  );
  return hashed.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What is said of a run beside what it found. */
export interface Provenance {
  readonly inputs: readonly HashedInput[];
  /** Each option as it was in effect, and who said it. */
  readonly options: ReadonlyArray<{
    readonly option: string;
    readonly value: string;
    readonly source: string;
  }>;
  /** Unix seconds. */
  readonly at: number;
  /** The user of the machine. */
  readonly by: string;
}

/** What was read, how it was asked, by whom and with which tool: `manifest.json`. */
export function manifestOf(
  { period }: AuditFacts,
  runs: readonly AuditRun[],
  { inputs, options, at, by }: Provenance,
): Record<string, unknown> {
  const executions = runs.flatMap(({ purpose, execution }) => {
    if (!execution) return [];
    const { id, workgroup = null, scannedBytes = null, output = null, submitted = null } = execution;
    return [{ purpose, id, workgroup, scanned_bytes: scannedBytes, output_location: output, submitted }];
  });
  return {
    flowlog: 'audit-manifest',
    version: 1,
    tool: { name: 'flowlog', version: VERSION },
    period: periodJson(period),
    options,
    inputs,
    executions,
    run: { at: utcTime(at), by },
  };
}
