import type { Field } from '../flowlog/fields.js';
import type { Packing } from '../records/content.js';
import type { Wrapping } from '../records/unwrap.js';
import type { LogFile } from './log-file.js';
import type { ParquetColumn } from './parquet-column.js';

/** Files that can be read in one go: of one kind, with the same columns in the same order. */
export interface FileGroup {
  readonly kind: 'text' | 'parquet';
  readonly packing: Packing;
  readonly header: boolean;
  /** How the records of a text are wrapped, where it is not for the line kernel. */
  readonly wrapping?: Wrapping | undefined;
  readonly fields: readonly Field[];
  readonly paths: readonly string[];
  /** Whether flowlog itself has written the files: then types are its own, absent values NULL, rows in an order. */
  readonly own?: boolean;
  /** The file that each of the paths has its records from, where that is another. */
  readonly sources?: ReadonlyMap<string, string>;
  /** Of Parquet: where the fields are, and whether types and values are right. */
  readonly parquet?:
    | { readonly columns: readonly ParquetColumn[]; readonly asDelivered: boolean }
    | undefined;
  /** Whether records were found that cannot be read. */
  readonly malformed?: boolean;
}

type Group = FileGroup & { readonly format: string; readonly paths: string[] };

/** Files that are read alike, by their kind, their fields and their types, and how their records are stored. */
export function groupFiles(files: readonly LogFile[]): FileGroup[] {
  const groups: Group[] = [];
  // Files with the same first line share their fields.
  const formats = new Map<readonly Field[], string>();
  const formatOf = (fields: readonly Field[]) => {
    const known = formats.get(fields) ?? fields.map(({ column }) => column).join(' ');
    formats.set(fields, known);
    return known;
  };
  let last: Group | undefined;
  const add = (path: string, group: Omit<FileGroup, 'paths'>) => {
    const { kind, packing, header, wrapping, own = false, parquet } = group;
    const format = parquet ? JSON.stringify(parquet) : formatOf(group.fields);
    const isSame = (other: Group) =>
      other.format === format &&
      other.kind === kind &&
      other.own === own &&
      other.packing === packing &&
      other.header === header &&
      other.wrapping?.wrapper === wrapping?.wrapper &&
      other.wrapping?.encoding === wrapping?.encoding;
    // Of very many files, most are like the one before.
    const same = last && isSame(last) ? last : groups.find(isSame);
    last = same ?? { kind, own, packing, header, wrapping, fields: group.fields, format, parquet, paths: [] };
    if (!same) groups.push(last);
    last.paths.push(path);
  };
  for (const file of files) {
    if (file.kind === 'text') add(file.path, file);
  }
  const plain = { kind: 'parquet', packing: 'none', header: false } as const;
  for (const file of files) {
    if (file.kind !== 'parquet') continue;
    const { path, columns, own = false, asDelivered = true, fields } = file;
    if (fields) add(path, { ...plain, fields });
    else if (columns) {
      const parquet = { columns, asDelivered };
      add(path, { ...plain, own, fields: columns.map(({ field }) => field), parquet });
    }
  }
  return groups;
}
