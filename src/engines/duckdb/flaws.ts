import type { DuckDBConnection } from '@duckdb/node-api';
import { plural } from '../../terminal/units.js';
import type { Flaw } from '../engine.js';

/** Details kept for each flaw; the rest is counted only. */
const DETAILS = 1000;

/** Of the files: those that were passed over or are not as AWS writes them. */
export function fileFlaw(paths: readonly string[], one: string, many: string): Flaw[] {
  if (paths.length === 0) return [];
  return [
    { count: paths.length, summary: plural(paths.length, one, many), details: paths.slice(0, DETAILS) },
  ];
}

/** The lines that DuckDB could not read as records in the last scans; it keeps each of them. */
export async function malformedLines(connection: DuckDBConnection): Promise<Flaw[]> {
  const kept = await connection.runAndReadAll(
    `SELECT count(*) FROM duckdb_tables() WHERE table_name IN ('reject_errors', 'reject_scans')`,
  );
  if (Number(kept.getRows()[0]![0]) < 2) return [];
  // A line with two faults is kept twice.
  const lines = `
    SELECT file_path, line_byte_position, any_value(line) AS line, any_value(csv_line) AS text,
      any_value(error_type::VARCHAR) AS fault
    FROM reject_errors JOIN reject_scans USING (scan_id, file_id) GROUP BY ALL`;
  const count = Number((await connection.runAndReadAll(`SELECT count(*) FROM (${lines})`)).getRows()[0]![0]);
  if (count === 0) return [];
  const some = await connection.runAndReadAll(`SELECT * FROM (${lines}) ORDER BY 1, 2 LIMIT ${DETAILS}`);
  return [
    {
      count,
      summary: plural(count, 'malformed line'),
      details: some
        .getRows()
        .map(([path, , line, text, fault]) => `${path}:${line}: ${String(fault).toLowerCase()}: ${text}`),
    },
  ];
}
