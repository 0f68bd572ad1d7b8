import type { Field } from '../flowlog/fields.js';
import type { Content } from '../records/content.js';
import type { StoredFile } from '../scan/stored-file.js';

export interface FoundFile extends StoredFile {
  /** What messages call it: the path, or where it came from. */
  readonly name: string;
  /** Whether the user named this very file, rather than a folder or a pattern it was found by. */
  readonly named: boolean;
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
  | { readonly kind: 'parquet'; readonly fields?: readonly Field[] }
  | Extract<Content, { kind: 'empty' | 'foreign' }>;

export type LogFile = FoundFile & LogKind;
