import { DETAILS, type Flaw } from '../logs/flaws.js';
import type { TextOutcome } from '../scan/scan-text.js';
import { plural } from '../terminal/units.js';
import type { Connection } from './connection.js';

/**
 * The lines that are no records: those found when the text was gone over, and those that DuckDB could not read, of which it
 * keeps each.
 *
 * @param nameOf what messages call the file at a path; undefined for one of lines kept from others, which are not known
 * any more
 */
export async function malformedLines(
  connection: Pick<Connection, 'query'>,
  outcomes: ReadonlyArray<Pick<TextOutcome, 'path' | 'malformed' | 'details'>>,
  nameOf: (path: string) => string | undefined,
): Promise<Flaw[]> {
  const rejected = await rejectedLines(connection, nameOf);
  const count = outcomes.reduce((sum, outcome) => sum + outcome.malformed, rejected.count);
  if (count === 0) return [];
  const found = outcomes.flatMap(({ path, details }) => details.map((detail) => `${nameOf(path)}:${detail}`));
  const details = [...found.sort(), ...rejected.details].slice(0, DETAILS);
  return [{ count, summary: plural(count, 'malformed line'), details }];
}

async function rejectedLines(
  connection: Pick<Connection, 'query'>,
  nameOf: (path: string) => string | undefined,
): Promise<{ count: number; details: string[] }> {
  const kept = await connection.query(
    `SELECT count(*) FROM duckdb_tables() WHERE table_name IN ('reject_errors', 'reject_scans')`,
  );
  if (Number(kept[0]![0]) < 2) return { count: 0, details: [] };
  // A line with two faults is kept twice.
  const lines = `
    SELECT file_path, line_byte_position, any_value(line) AS line, any_value(csv_line) AS text
    FROM reject_errors JOIN reject_scans USING (scan_id, file_id) GROUP BY ALL`;
  const count = Number((await connection.query(`SELECT count(*) FROM (${lines})`))[0]![0]);
  if (count === 0) return { count, details: [] };
  const some = await connection.query(`SELECT * FROM (${lines}) ORDER BY 1, 2 LIMIT ${DETAILS}`);
  const details = some.map(([path, , line, text]) => {
    const name = nameOf(String(path));
    return name === undefined ? String(text) : `${name}:${line}: ${text}`;
  });
  return { count, details };
}
