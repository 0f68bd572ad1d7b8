import type { Field, FieldSet, FieldType } from '../../flowlog/fields.js';
import { SOURCE_COLUMN } from '../../flowlog/store-layout.js';
import { PATH_COLUMN } from '../../sql/duckdb.js';
import type { Narrowing } from '../../sql/query.js';
import { quotedName, quotedText } from '../../sql/sql.js';

/** Files that can be read in one go: of one kind, with the same columns in the same order. */
export interface FileGroup {
  readonly kind: 'text' | 'parquet';
  readonly gzip: boolean;
  readonly header: boolean;
  readonly crlf: boolean;
  readonly fields: readonly Field[];
  readonly paths: readonly string[];
  /** Whether flowlog itself has written the files: then types are its own, absent values NULL, rows in the order of sources. */
  readonly own?: boolean;
}

/** The table in which the log files of stores stand by the numbers that records have of them. */
export const SOURCES = 'store_sources';

export const TYPES: Record<FieldType, string> = { text: 'VARCHAR', integer: 'INTEGER', bigint: 'BIGINT' };

/** A path for DuckDB, which takes `*`, `?` and `[` in it for a pattern. */
export const literalPath = (path: string) => quotedText(path.replace(/[*?[]/g, '[$&]'));

/**
 * One relation over all groups, with every field that any of them records; NULL where a group lacks it. Only columns
 * that a question names are read.
 *
 * @param paths whether the path of each record's file is a column as well
 * @param narrowing which records can matter, of which use is made where that saves reading
 */
export function relation(
  groups: readonly FileGroup[],
  fields: FieldSet,
  paths = false,
  narrowing: readonly Narrowing[] = [],
): string {
  if (groups.length === 0) {
    const path = paths ? [`CAST(NULL AS VARCHAR) AS ${quotedName(PATH_COLUMN)}`] : [];
    return `SELECT ${[...[...fields.values()].map(absent), ...path].join(', ')} WHERE false`;
  }
  const path = paths ? `, ${quotedName(PATH_COLUMN)}` : '';
  return groups
    .flatMap((group) => {
      const from = paths && group.own ? ownReader(group) : reader(group, paths);
      const select = `SELECT ${columns(group, fields)}${path}\nFROM ${from}`;
      return conditions(group, narrowing).map((condition) => select + condition);
    })
    .join('\nUNION ALL\n');
}

/**
 * Of a store, in which records stand in the order of their sources, only the row groups are read whose sources can matter:
 * each part of the condition by itself, since DuckDB passes over row groups for none that says OR.
 */
function conditions({ own, fields }: FileGroup, narrowing: readonly Narrowing[]): string[] {
  const prefixes = narrowing.find(({ column, oneOf }) => column === 'srcaddr' && oneOf)?.oneOf ?? [];
  const recorded = fields.some(({ column }) => column === 'srcaddr');
  if (!own || !recorded || prefixes.length === 0 || prefixes.length > MOST_RANGES) return [''];
  // None twice: a prefix that another begins is part of that one.
  const ranges = [...new Set(prefixes)].filter(
    (prefix) => !prefixes.some((other) => other !== prefix && prefix.startsWith(other)),
  );
  return [
    '\nWHERE "srcaddr" IS NULL',
    ...ranges.map((prefix) => {
      const last = String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
      const end = prefix.slice(0, -1) + last;
      return `\nWHERE "srcaddr" >= ${quotedText(prefix)} AND "srcaddr" < ${quotedText(end)}`;
    }),
  ];
}

/** Files are opened once for each. */
const MOST_RANGES = 4;

const absent = (field: Field) => `CAST(NULL AS ${TYPES[field.type]}) AS ${quotedName(field.column)}`;

function columns(group: FileGroup, fields: FieldSet): string {
  const recorded = new Set(group.fields.map((field) => field.column));
  return [...fields.values()]
    .map((field) => {
      const column = quotedName(field.column);
      if (!recorded.has(field.column)) return absent(field);
      if (group.kind === 'text' || group.own) return column;
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

/** The files of a store, with the paths of the log files that their records were taken from ({@link SOURCES}). */
function ownReader(group: FileGroup): string {
  const part = 'store_part';
  const read = `read_parquet([${group.paths.map(literalPath).join(', ')}], hive_partitioning = false, filename = ${quotedText(part)})`;
  const sources = `SELECT store, source, name AS ${quotedName(PATH_COLUMN)} FROM ${SOURCES}`;
  return `${read} LEFT JOIN (${sources}) ON source = ${SOURCE_COLUMN} AND starts_with(${part}, store)`;
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
