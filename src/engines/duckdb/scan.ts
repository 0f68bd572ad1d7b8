import type { Field, FieldSet, FieldType } from '../../flowlog/fields.js';
import { PATH_COLUMN } from '../../sql/duckdb.js';
import { quotedName, quotedText } from '../../sql/sql.js';

/** Files that can be read in one go: of one kind, with the same columns in the same order. */
export interface FileGroup {
  readonly kind: 'text' | 'parquet';
  readonly gzip: boolean;
  readonly header: boolean;
  readonly crlf: boolean;
  readonly fields: readonly Field[];
  readonly paths: readonly string[];
}

export const TYPES: Record<FieldType, string> = { text: 'VARCHAR', integer: 'INTEGER', bigint: 'BIGINT' };

/** A path for DuckDB, which takes `*`, `?` and `[` in it for a pattern. */
export const literalPath = (path: string) => quotedText(path.replace(/[*?[]/g, '[$&]'));

/**
 * One relation over all groups, with every field that any of them records; NULL where a group lacks it. Only columns
 * that a question names are read.
 *
 * @param paths whether the path of each record's file is a column as well
 */
export function relation(groups: readonly FileGroup[], fields: FieldSet, paths = false): string {
  if (groups.length === 0) {
    const path = paths ? [`CAST(NULL AS VARCHAR) AS ${quotedName(PATH_COLUMN)}`] : [];
    return `SELECT ${[...[...fields.values()].map(absent), ...path].join(', ')} WHERE false`;
  }
  const path = paths ? `, ${quotedName(PATH_COLUMN)}` : '';
  return groups
    .map((group) => `SELECT ${columns(group, fields)}${path}\nFROM ${reader(group, paths)}`)
    .join('\nUNION ALL\n');
}

const absent = (field: Field) => `CAST(NULL AS ${TYPES[field.type]}) AS ${quotedName(field.column)}`;

function columns(group: FileGroup, fields: FieldSet): string {
  const recorded = new Set(group.fields.map((field) => field.column));
  return [...fields.values()]
    .map((field) => {
      const column = quotedName(field.column);
      if (!recorded.has(field.column)) return absent(field);
      if (group.kind === 'text') return column;
      // AWS's Parquet files have `-` for absent text; other writers' integers differ in width.
      return field.type === 'text'
        ? `nullif(CAST(${column} AS VARCHAR), '-') AS ${column}`
        : `CAST(${column} AS ${TYPES[field.type]}) AS ${column}`;
    })
    .join(', ');
}

function reader(group: FileGroup, withPath: boolean): string {
  const paths = `[${group.paths.map(literalPath).join(', ')}]`;
  const path = withPath ? [`filename = ${quotedText(PATH_COLUMN)}`] : [];
  if (group.kind === 'parquet') {
    return `read_parquet(${[paths, 'hive_partitioning = false', ...path].join(', ')})`;
  }
  return readCsv(
    paths,
    group.fields.map((field) => [field.column, TYPES[field.type]]),
    group,
    path,
  );
}

/** Records as text. Given all there is to know, DuckDB need not sniff each file; `-`, quotes and backslashes mean what AWS means. */
export function readCsv(
  paths: string,
  columns: ReadonlyArray<readonly [name: string, type: string]>,
  { header, gzip }: { readonly header: boolean; readonly gzip: boolean },
  more: readonly string[] = [],
): string {
  const options = [
    `columns = {${columns.map(([name, type]) => `${quotedText(name)}: ${quotedText(type)}`).join(', ')}}`,
    'auto_detect = false',
    `header = ${header}`,
    "delim = ' '",
    "quote = ''",
    "escape = ''",
    "nullstr = '-'",
    `compression = ${gzip ? "'gzip'" : "'none'"}`,
    'store_rejects = true',
    'hive_partitioning = false',
    ...more,
  ];
  return `read_csv(${paths}, ${options.join(', ')})`;
}
