import { constants, gunzipSync } from 'node:zlib';
import { FlowlogError } from '../errors.js';
import { type Field, fieldOf } from '../flowlog/fields.js';
import { DEFAULT_FORMAT, looksLikeDefaultRecord, parseHeader } from '../flowlog/log-format.js';
import type { FileFormat } from '../flowlog/s3-layout.js';
import type { BucketAccess } from './bucket-access.js';
import type { Aws } from './clients.js';
import { objectRange, type S3Object, uriOf } from './object-stream.js';

/** What one log file says of all those of its flow log. */
export interface FileFindings {
  readonly format: FileFormat;
  readonly fields: readonly Field[];
  /** Of text: whether it is packed, and whether a header line says the fields. */
  readonly gzip: boolean;
  readonly header: boolean;
}

/** Enough for any header line. */
const HEAD = 65_536;

/**
 * Reads the beginning of a log file in S3 (and the end, of a Parquet file): its format by its first bytes, its fields by
 * the header line or the schema.
 *
 * @throws FlowlogError when it is no flow log
 */
export async function inspectObject(
  aws: Aws,
  object: S3Object,
  access: BucketAccess = {},
): Promise<FileFindings> {
  const { bytes, size } = await objectRange(aws, object, `0-${HEAD - 1}`, access);
  const magic = Buffer.from(bytes.subarray(0, 4));
  if (magic.toString('latin1') === 'PAR1') {
    const fields = await parquetFields(aws, object, size, access);
    return { format: 'parquet', fields, gzip: false, header: false };
  }
  const gzip = magic[0] === 0x1f && magic[1] === 0x8b;
  const text = gzip ? unpacked(bytes, object) : Buffer.from(bytes);
  const line = text.toString('utf8').split('\n', 1)[0]!;
  const header = parseHeader(line);
  const fields = header ?? (looksLikeDefaultRecord(line) ? DEFAULT_FORMAT : undefined);
  if (fields) return { format: 'text', fields, gzip, header: header !== undefined };
  throw notALog(object, 'its first line names no field of a flow log');
}

const notALog = (object: S3Object, why: string, cause?: unknown) =>
  new FlowlogError(
    `${uriOf(object)} is not a flow log: ${why}.`,
    'Name the folder that AWSLogs/ of the flow logs lies in. create-table need not look: --log-format and --file-format say it.',
    1,
    { cause },
  );

/** As much as the first bytes of a gzip file hold. */
function unpacked(bytes: Uint8Array, object: S3Object): Buffer {
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw notALog(object, `it is damaged gzip (${(error as Error).message})`, error);
  }
}

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
