import type { DuckDBValue } from '@duckdb/node-api';
import { type Field, fieldOf } from '../flowlog/fields.js';
import { parsePart, SOURCE_COLUMN } from '../flowlog/store-layout.js';
import type { Packing } from '../records/content.js';
import type { Wrapping } from '../records/unwrap.js';
import type { LogFile } from './log-file.js';
import { parquetColumns } from './parquet-columns.js';

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
}

type Group = FileGroup & { readonly format: string; readonly paths: string[] };

/**
 * Files that are read alike, by their kind, their fields and how their records are stored.
 *
 * @param query asks DuckDB about Parquet files that were not looked at yet
 */
export async function groupFiles(
  files: readonly LogFile[],
  query: (sql: string) => Promise<DuckDBValue[][]>,
): Promise<FileGroup[]> {
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
    const { kind, packing, header, wrapping, own = false } = group;
    const format = formatOf(group.fields);
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
    last = same ?? { kind, own, packing, header, wrapping, fields: group.fields, format, paths: [] };
    if (!same) groups.push(last);
    last.paths.push(path);
  };
  for (const file of files) {
    if (file.kind === 'text') add(file.path, file);
  }
  const parquet = { kind: 'parquet', packing: 'none', header: false } as const;
  for (const file of files) {
    if (file.kind === 'parquet' && file.fields) add(file.path, { ...parquet, fields: file.fields });
  }
  const unread = files.filter((file) => file.kind === 'parquet' && !file.fields).map(({ path }) => path);
  const told = await parquetColumns(unread, query);
  for (const path of unread) {
    const columns = told.get(path);
    if (!columns) continue;
    const own = parsePart(path) !== undefined && columns.includes(SOURCE_COLUMN);
    add(path, { ...parquet, fields: columns.filter((name) => name !== SOURCE_COLUMN).map(fieldOf), own });
  }
  return groups;
}
