import { dirname } from 'node:path';
import type { Aws } from '../../aws/clients.js';
import { findingsOf } from '../../aws/inspect-object.js';
import { uriOf } from '../../aws/object-stream.js';
import { parseFlowLogId, parseKey } from '../../flowlog/s3-layout.js';
import { inParallel } from '../../parallel.js';
import type { Told } from '../../records/content.js';
import type { FoundFile, LogKind } from '../log-file.js';
import { REQUESTS, type WantedObject } from './settings.js';

/**
 * The objects as their beginnings show them, with their places in S3 for paths. One of each flow log is looked at, since all
 * of it has one format.
 */
export async function look(
  aws: Aws,
  objects: readonly WantedObject[],
  told: Told,
  signal: AbortSignal,
): Promise<FoundFile[]> {
  const filled = objects.filter(({ size }) => size > 0);
  const one = [...new Map(filled.map((object) => [flowLog(object), object])).values()];
  const kinds = await inParallel(one, REQUESTS, (object) => kindOf(aws, object, told), signal);
  const seen = new Map(one.map((object, i) => [flowLog(object), kinds[i]!]));
  return filled.map((object) => {
    const uri = uriOf(object);
    return {
      path: uri,
      name: uri,
      size: object.size,
      named: object.named,
      seen: seen.get(flowLog(object))!,
    };
  });
}

/** What tells a flow log: its id, or the folder where names have none; outside the folders of AWS each may be something else. */
const flowLog = ({ bucket, key }: WantedObject) =>
  `${bucket} ${parseFlowLogId(key) ?? (parseKey(key) ? dirname(key) : key)}`;

async function kindOf(aws: Aws, object: WantedObject, told: Told): Promise<LogKind> {
  const findings = await findingsOf(aws, object, object.access, told);
  if (!('format' in findings)) return findings;
  const { fields, content } = findings;
  return content.kind === 'parquet' ? { kind: 'parquet', fields } : content;
}
