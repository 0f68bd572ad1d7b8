import type { Field } from '../flowlog/fields.js';
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
  | {
      readonly kind: 'text';
      readonly gzip: boolean;
      readonly header: boolean;
      readonly crlf: boolean;
      readonly fields: readonly Field[];
      /** The header line as it stands, where it was looked at. */
      readonly line?: string;
      /** Whether the file was not opened, but is one of many like another. */
      readonly presumed?: boolean;
    }
  /** Its fields are in its schema, which is read for many files at a time. */
  | { readonly kind: 'parquet'; readonly fields?: readonly Field[] }
  | { readonly kind: 'empty' }
  /** No flow log, but something else that lies in the same folder. */
  | { readonly kind: 'foreign'; readonly why: string };

export type LogFile = FoundFile & LogKind;
