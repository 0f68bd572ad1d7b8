import { readableRecords } from '../../duckdb/parquet-records.js';
import { literalPath, readCsv, TYPES } from '../../duckdb/read-csv.js';
import type { Field, FieldSet } from '../../flowlog/fields.js';
import { SOURCE_COLUMN } from '../../flowlog/store-layout.js';
import type { FileGroup } from '../../logs/group-files.js';
import type { ParquetColumn } from '../../logs/parquet-column.js';
import { PATH_COLUMN } from '../../sql/duckdb.js';
import { type Narrowing, SET_ASIDE } from '../../sql/query.js';
import { quotedName, quotedText } from '../../sql/sql.js';

/** The table in which the log files of stores stand by the numbers that records have of them. */
export const SOURCES = 'store_sources';

/** What of the records is read. */
export interface Reading {
  /** Whether the path of each record's file is a column as well. */
  readonly paths?: boolean | undefined;
  /** Which records can matter, of which use is made where that saves reading. */
  readonly narrowing?: readonly Narrowing[];
  /** Of a store, only records that come from files of these flow logs. */
  readonly flowLogs?: readonly string[] | undefined;
}

/**
 * One relation over all groups, with every field that any of them records; NULL where a group lacks it. Only columns
 * that a question names are read.
 *
 */
export function relation(
  groups: readonly FileGroup[],
  fields: FieldSet,
  { paths = false, narrowing = [], flowLogs }: Reading = {},
): string {
  if (groups.length === 0) {
    const path = paths ? [`CAST(NULL AS VARCHAR) AS ${quotedName(PATH_COLUMN)}`] : [];
    return `SELECT ${[...[...fields.values()].map(absent), ...path].join(', ')} WHERE false`;
  }
  return groups
    .flatMap((group) => {
      if (group.parquet && !group.parquet.asDelivered)
        return foreignRecords(group, group.parquet.columns, fields, paths);
      const from = group.own && (paths || flowLogs) ? ownReader(group) : reader(group, paths);
      const chosen = group.own && flowLogs ? ofFlowLogs(flowLogs) : undefined;
      const select = `SELECT ${columns(group, fields)}${paths ? `, ${pathOf(group)}` : ''}\nFROM ${from}`;
      return conditions(group, narrowing).map((condition) => {
        const where = [condition, chosen].filter((each) => each !== undefined);
        return where.length === 0 ? select : `${select}\nWHERE ${where.join(' AND ')}`;
      });
    })
    .join('\nUNION ALL\n');
}

/** Records of Parquet that others wrote, without those that cannot be read. */
function foreignRecords(
  group: FileGroup,
  columns: readonly ParquetColumn[],
  fields: FieldSet,
  paths: boolean,
): string {
  const recorded = new Set(columns.map(({ field }) => field.column));
  const listed = [...fields.values()].map((field) =>
    recorded.has(field.column) ? quotedName(field.column) : absent(field),
  );
  if (paths) listed.push(quotedName(PATH_COLUMN));
  const from = readableRecords(
    group.paths,
    columns,
    group.malformed !== false,
    paths ? PATH_COLUMN : undefined,
  );
  return `SELECT ${listed.join(', ')}\nFROM ${from}`;
}

/**
 * Of a store, whose row groups know the least and the greatest address in them, only those are read that can matter. DuckDB
 * skips a row group for conditions that each compare one column, of which one may say OR; for several ranges of the
 * column that is asked for, each is a part by itself, as are the records to set aside.
 */
function conditions({ own, fields }: FileGroup, narrowing: readonly Narrowing[]): Array<string | undefined> {
  const recorded = (column: string) => fields.some((field) => field.column === column);
  const usable = own ? narrowing.filter(({ column }) => recorded(column)) : [];
  if (usable.length === 0) return [undefined];
  const [first, ...others] = usable.filter(({ oneOf }) => oneOf);
  const all = [
    ...others.map(({ column, oneOf = [] }) => within(column, [hull(oneOf)])[0]!),
    ...usable.flatMap(({ column, noneOf = [] }) => noneOf.map((prefix) => without(column, prefix))),
  ];
  const ranges = first ? within(first.column, apart(first.oneOf!)) : [undefined];
  const parts = ranges.map((range) => (range ? [range, ...all] : all));
  const { column, value } = SET_ASIDE;
  if (recorded(column)) {
    const [status, aside] = [quotedName(column), quotedText(value)];
    for (const part of parts) part.push(`${status} IS DISTINCT FROM ${aside}`);
    parts.push([`${status} = ${aside}`, ...usable.map(mayPass)]);
  }
  return parts.map((part) => part.join(' AND '));
}

/** By the names of the files that records were taken from. */
function ofFlowLogs(flowLogs: readonly string[]): string {
  const id = `regexp_extract(${quotedName(PATH_COLUMN)}, '_(fl-[0-9a-z]+)_[^/\\\\]*$', 1)`;
  return `${id} IN (${flowLogs.map(quotedText).join(', ')})`;
}

/** As text is narrowed, where an address is absent too. */
function mayPass({ column, oneOf = [], noneOf = [] }: Narrowing): string {
  const name = quotedName(column);
  const begins = (prefix: string) => `starts_with(${name}, ${quotedText(prefix)})`;
  const all = [
    ...(oneOf.length > 0 ? [`(${oneOf.map(begins).join(' OR ')})`] : []),
    ...noneOf.map((prefix) => `NOT ${begins(prefix)}`),
  ];
  return `(${name} IS NULL OR ${all.join(' AND ')})`;
}

/** Texts from the first up to the second. */
type TextRange = readonly [from: string, end: string];

/** What begins with one of the prefixes, in few ranges: files are opened once for each. */
function apart(prefixes: readonly string[]): TextRange[] {
  // None twice: a prefix that another begins is part of that one.
  const separate = [...new Set(prefixes)].filter(
    (prefix) => !prefixes.some((other) => other !== prefix && prefix.startsWith(other)),
  );
  return separate.length > MOST_RANGES ? [hull(separate)] : separate.map((prefix) => hull([prefix]));
}

const MOST_RANGES = 4;

/** One range that holds all that begins with any of the prefixes. */
function hull(prefixes: readonly string[]): TextRange {
  const sorted = [...prefixes].sort();
  const ends = prefixes.map((prefix) => beside(prefix, 1)).sort();
  return [sorted[0]!, ends.at(-1)!];
}

const within = (column: string, ranges: readonly TextRange[]): string[] =>
  ranges.map(
    ([from, end]) =>
      `${quotedName(column)} >= ${quotedText(from)} AND ${quotedName(column)} < ${quotedText(end)}`,
  );

/**
 * What does not begin with a prefix. DuckDB takes `<` for `<=` when it looks at a row group, and only the first eight bytes of
 * its least text: so the bound is a text that none comes after before the prefix.
 */
function without(column: string, prefix: string): string {
  const below = `${quotedText(beside(prefix, -1))} || chr(${0x10ffff})`;
  return `(${quotedName(column)} < ${below} OR ${quotedName(column)} >= ${quotedText(beside(prefix, 1))})`;
}

/** A text of the same length that differs in its last character, by so much. */
const beside = (text: string, by: number) =>
  text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) + by);

/** The file that a record comes from. */
function pathOf({ sources }: FileGroup): string {
  const path = quotedName(PATH_COLUMN);
  if (!sources?.size) return path;
  const entries = [...sources].map(([spool, source]) => `${quotedText(spool)}: ${quotedText(source)}`);
  return `MAP {${entries.join(', ')}}[${path}] AS ${path}`;
}

const absent = (field: Field) => `CAST(NULL AS ${TYPES[field.type]}) AS ${quotedName(field.column)}`;

function columns(group: FileGroup, fields: FieldSet): string {
  const recorded = new Set(group.fields.map((field) => field.column));
  return [...fields.values()]
    .map((field) => {
      const column = quotedName(field.column);
      if (!recorded.has(field.column)) return absent(field);
      if (group.kind === 'text' || group.own) return column;
      // AWS's Parquet files have `-` for absent text.
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
    { header: group.header, gzip: group.packing === 'gzip' },
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
