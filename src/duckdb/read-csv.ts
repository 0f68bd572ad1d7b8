import type { FieldType } from '../flowlog/fields.js';
import { quotedText } from '../sql/sql.js';

/** What DuckDB stores the values of a field as. */
export const TYPES: Record<FieldType, string> = { text: 'VARCHAR', integer: 'INTEGER', bigint: 'BIGINT' };

/** A path as DuckDB must be given it, which takes `*`, `?` and `[` in it for a pattern. */
export const globbed = (path: string) => path.replace(/[*?[]/g, '[$&]');

export const literalPath = (path: string) => quotedText(globbed(path));

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
