import type { Readable } from 'node:stream';
import type { Field } from '../../flowlog/fields.js';
import type { LogKindName } from '../../flowlog/transit-gateway.js';
import type { S3Settings } from '../../logs/s3/settings.js';

/** Which logs the embedded engine reads. */
export interface LocalSettings {
  /** Files, folders, patterns, `s3://bucket/prefix/`, `-`. */
  readonly logs: readonly string[];
  /** Of files in the S3 layouts of AWS, wherever they are, those of these accounts and regions; undefined is all. */
  readonly accounts?: readonly string[] | undefined;
  readonly regions?: readonly string[] | undefined;
  /** Of files whose names say their flow log, those of these (`fl-…`); undefined is all. */
  readonly flowLogs?: readonly string[] | undefined;
  /** Records of VPCs or of transit gateways; undefined is those of VPCs where there are any. */
  readonly kind?: LogKindName | undefined;
  /** How long after the range a file is looked for (seconds); undefined is ever for files here, a day for S3. */
  readonly late?: number | undefined;
  /** How logs in S3 are fetched; undefined where none are. */
  readonly s3?: S3Settings | undefined;
  /** The fields of text that no header line says. */
  readonly logFormat?: readonly Field[] | undefined;
  /** The only interface that is asked about (`eni-…`), where it is one: of a log group, only its events are fetched. */
  readonly eni?: string | undefined;
  /** The zone of times in exported answers that say none. */
  readonly zone?: string | undefined;
  /** Bytes kept at most of an input of unknown size: standard input, a device, a pipe. */
  readonly maxInput?: number | undefined;
  /** What `-` reads. */
  readonly stdin?: Readable | undefined;
}
