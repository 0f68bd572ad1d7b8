import { UsageError } from '../errors.js';
import { columnOf } from '../flowlog/fields.js';
import type { Column, Result } from '../result.js';

/**
 * Leaves of an answer the columns that are asked for, in that order; all of them where none is.
 *
 * @throws UsageError for one that the answer does not have
 */
export function pickColumns(
  names: readonly string[] | undefined,
  columns: readonly Column[],
): (result: Result) => Result {
  if (names === undefined || names.length === 0) return (result) => result;
  const wanted = [...new Set(names.map(columnOf))];
  for (const name of wanted) {
    if (columns.some((column) => column.name === name)) continue;
    throw new UsageError(
      `'${name}' is not a column of this answer.`,
      `Its columns are ${columns.map((column) => column.name).join(', ')}.`,
    );
  }
  return (result) => {
    const places = wanted.map((name) => result.columns.findIndex((column) => column.name === name));
    return {
      columns: places.map((place) => result.columns[place]!),
      async *rows(limit) {
        for await (const batch of result.rows(limit)) {
          yield batch.map((row) => places.map((place) => row[place]!));
        }
      },
      totals: () => result.totals(),
    };
  };
}
