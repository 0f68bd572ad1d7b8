import type { Result, Row } from '../result.js';

/** A result with other rows, which it counts itself, also beyond a limit. */
export function limited(
  result: Pick<Result, 'columns' | 'totals'>,
  rows: () => AsyncIterable<Row[]>,
): Result {
  let counted = 0;
  return {
    columns: result.columns,
    async *rows(limit = Number.POSITIVE_INFINITY) {
      for await (const batch of rows()) {
        const part = batch.slice(0, Math.max(limit - counted, 0));
        counted += batch.length;
        if (part.length > 0) yield part;
      }
    },
    totals: async () => ({ ...(await result.totals()), rows: counted }),
  };
}
