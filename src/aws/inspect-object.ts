import { FlowlogError } from '../errors.js';
import { type Field, fieldOf } from '../flowlog/fields.js';
import type { FileFormat } from '../flowlog/s3-layout.js';
import { type Content, contentOf, MANY, type Told } from '../records/content.js';
import type { BucketAccess } from './bucket-access.js';
import type { Aws } from './clients.js';
import { objectRange, type S3Object, uriOf } from './object-stream.js';

/** What one log file says of all those of its flow log. */
export interface FileFindings {
  readonly format: FileFormat;
  readonly fields: readonly Field[];
  readonly content: Extract<Content, { kind: 'text' | 'parquet' }>;
}

/**
 * Reads the beginning of a log file in S3 (and the end, of a Parquet file): its format by its first bytes, its fields by
 * the header line or the schema.
 *
 * @throws FlowlogError when it is not a flow log
 */
export async function inspectObject(
  aws: Aws,
  object: S3Object,
  access: BucketAccess = {},
  told: Told = { zone: 'UTC' },
): Promise<FileFindings> {
  const findings = await findingsOf(aws, object, access, told);
  if ('format' in findings) return findings;
  throw notALog(object, findings.kind === 'empty' ? 'it is empty' : findings.why);
}

/** The same, of an object that need not be a flow log. */
export async function findingsOf(
  aws: Aws,
  object: S3Object,
  access: BucketAccess,
  told: Told,
): Promise<FileFindings | Extract<Content, { kind: 'empty' | 'foreign' }>> {
  const { bytes, size } = await objectRange(aws, object, `0-${MANY - 1}`, access);
  const content = contentOf(bytes, size <= bytes.length, told);
  if (content.kind === 'parquet') {
    return { format: 'parquet', fields: await parquetFields(aws, object, size, access), content };
  }
  return content.kind === 'text' ? { format: 'text', fields: content.fields, content } : content;
}

const notALog = (object: S3Object, why: string, cause?: unknown) =>
  new FlowlogError(
    `${uriOf(object)} is not a flow log: ${why}.`,
    'Name the folder that AWSLogs/ of the flow logs lies in. create-table need not look: --log-format and --file-format say it.',
    1,
    { cause },
  );

async function parquetFields(
  aws: Aws,
  object: S3Object,
  size: number,
  access: BucketAccess,
): Promise<Field[]> {
  const { parquetMetadataAsync, parquetSchema } = await import('hyparquet');
  const slice = async (start: number, end = size) => {
    const { bytes } = await objectRange(aws, object, `${start}-${end - 1}`, access);
    return Uint8Array.from(bytes).buffer;
  };
  try {
    const metadata = await parquetMetadataAsync({ byteLength: size, slice });
    return parquetSchema(metadata).children.map(({ element }) => fieldOf(element.name));
  } catch (error) {
    if (error instanceof FlowlogError) throw error;
    throw notALog(object, `it is damaged Parquet (${(error as Error).message})`, error);
  }
}
