import type { Field, FieldSet, FieldType } from '../../flowlog/fields.js';
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

const TYPES: Record<FieldType, string> = { text: 'VARCHAR', integer: 'INTEGER', bigint: 'BIGINT' };

/** A path for DuckDB, which takes `*`, `?` and `[` in it for a pattern. */
const literalPath = (path: string) => quotedText(path.replace(/[*?[]/g, '[$&]'));

/**
 * One relation over all groups, with every field that any of them records; NULL where a group lacks it. Only columns
 * that a question names are read.
 */
export function relation(groups: readonly FileGroup[], fields: FieldSet): string {
  if (groups.length === 0) return `SELECT ${[...fields.values()].map(absent).join(', ')} WHERE false`;
  return groups
    .map((group) => `SELECT ${columns(group, fields)}\nFROM ${reader(group)}`)
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

function reader(group: FileGroup): string {
  const paths = `[${group.paths.map(literalPath).join(', ')}]`;
  if (group.kind === 'parquet') return `read_parquet(${paths}, hive_partitioning = false)`;
  // Given all there is to know, DuckDB need not sniff each file; and `-`, quotes and backslashes mean what AWS means.
  const options = [
    `columns = {${group.fields.map((field) => `${quotedText(field.column)}: ${quotedText(TYPES[field.type])}`).join(', ')}}`,
    'auto_detect = false',
    `header = ${group.header}`,
    "delim = ' '",
    "quote = ''",
    "escape = ''",
    "nullstr = '-'",
    `compression = ${group.gzip ? "'gzip'" : "'none'"}`,
    'store_rejects = true',
    'hive_partitioning = false',
  ];
  return `read_csv(${paths}, ${options.join(', ')})`;
}
