import type { Field } from '../flowlog/fields.js';
import type { Content } from '../records/content.js';
import type { StoredFile } from '../scan/stored-file.js';
import type { ParquetColumn } from './parquet-column.js';

export interface FoundFile extends StoredFile {
  /** What messages call it: the path, or where it came from. */
  readonly name: string;
  /** Whether the user named this very file, rather than a folder or a pattern it was found by. */
  readonly named: boolean;
  /** Of an object of S3, what S3 calls its version of the content. */
  readonly etag?: string;
  /** What it is, where that is known before it is here. */
  readonly seen?: LogKind;
}

/** What a file is, as its first bytes show it. */
export type LogKind =
  | (Extract<Content, { kind: 'text' }> & {
      /** Whether the file was not opened, but is one of many like another. */
      readonly presumed?: boolean;
    })
  /** Its fields are in its schema, which is read for many files at a time. */
  | {
      readonly kind: 'parquet';
      /** Of one in S3 that only its beginning was read of. */
      readonly fields?: readonly Field[];
      readonly columns?: readonly ParquetColumn[];
      /** Whether flowlog wrote it as part of a store. */
      readonly own?: boolean;
      /** Whether AWS or flowlog wrote it, so that types and values are right. */
      readonly asDelivered?: boolean;
    }
  | Extract<Content, { kind: 'empty' | 'foreign' }>;

export type LogFile = FoundFile & LogKind;
