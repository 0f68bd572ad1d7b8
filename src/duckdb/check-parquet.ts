import type { DuckDBValue } from '@duckdb/node-api';
import { DETAILS, type Flaw, fileFlaw } from '../logs/flaws.js';
import type { ParquetColumn } from '../logs/parquet-column.js';
import { readWhatCanBe } from '../logs/parquet-columns.js';
import { quotedName } from '../sql/sql.js';
import { plural } from '../terminal/units.js';
import { malformedWhere, parquetRecords, rawName } from './parquet-records.js';

/** What is in a Parquet file that others wrote. */
export interface ParquetFinding {
  readonly path: string;
  readonly records: number;
  readonly malformed: number;
  /** Of each column with values that cannot be read: how many, and one of them. */
  readonly columns: ReadonlyArray<{
    readonly name: string;
    readonly count: number;
    readonly example: string;
  }>;
}

export interface ParquetCheck {
  readonly findings: readonly ParquetFinding[];
  /** Paths of files that cannot be read to their end. */
  readonly damaged: readonly string[];
}

/** Reads all values of files with the same columns, and says which cannot be read. */
export async function checkParquet(
  paths: readonly string[],
  columns: readonly ParquetColumn[],
  query: (sql: string) => Promise<DuckDBValue[][]>,
): Promise<ParquetCheck> {
  const conditions = malformedWhere(columns);
  const any = conditions.length > 0 ? conditions.map(({ sql }) => sql).join(' OR ') : 'false';
  const counts = conditions.flatMap(({ column, sql }) => [
    `count(*) FILTER (${sql})`,
    `min(CAST(${rawName(column)} AS VARCHAR)) FILTER (${sql})`,
  ]);
  const all = columns.map(({ field }) => quotedName(field.column)).join(', ');
  const { found, damaged } = await readWhatCanBe(paths, (some) =>
    query(
      // The hash is for damage that shows in reading only.
      `SELECT "file", count(*), count(*) FILTER (${any}), bit_xor(hash(${all})), ${['NULL', ...counts].join(', ')} FROM ${parquetRecords(some, columns, 'file')} GROUP BY "file" ORDER BY "file"`,
    ),
  );
  const findings = found.flat().map(([path, records, malformed, , , ...rest]): ParquetFinding => {
    const blamed = conditions.flatMap(({ column }, i) => {
      const count = Number(rest[2 * i]);
      const name = column.name ?? column.field.column;
      return count > 0 ? [{ name, count, example: String(rest[2 * i + 1]) }] : [];
    });
    return { path: String(path), records: Number(records), malformed: Number(malformed), columns: blamed };
  });
  return { findings, damaged };
}

/** `column srcport: 2 values that cannot be read, such as '70000'`. */
export const malformedDetails = ({ columns }: ParquetFinding): string[] =>
  columns.map(
    ({ name, count, example }) =>
      `column ${name}: ${plural(count, 'malformed value')}, such as '${example.slice(0, MOST_SHOWN)}'`,
  );

const MOST_SHOWN = 100;

/** @param nameOf what messages call the file at a path */
export function parquetFlaws(
  { findings, damaged }: ParquetCheck,
  nameOf: (path: string) => string | undefined,
): Flaw[] {
  const count = findings.reduce((sum, { malformed }) => sum + malformed, 0);
  const details = findings.flatMap((finding) =>
    malformedDetails(finding).map((detail) => `${nameOf(finding.path) ?? finding.path}: ${detail}`),
  );
  const malformed = {
    count,
    summary: plural(count, 'malformed Parquet record'),
    details: details.slice(0, DETAILS),
  };
  return [
    ...(count > 0 ? [malformed] : []),
    ...fileFlaw(
      damaged.map((path) => nameOf(path) ?? path),
      'damaged Parquet file',
      'damaged Parquet files',
    ),
  ];
}
