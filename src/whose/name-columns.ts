import type { Column, Result, Row, Value } from '../result.js';
import { type Namer, timeIn } from './namer.js';

/** The same answer with whose each address was: after a column of addresses one with the name, and one with its kind. */
export function nameColumns(result: Result, namer: Namer): Result {
  const { columns } = result;
  const has = (name: string) => columns.some((column) => column.name === name);
  const named = columns.map(
    ({ name, address }) => address === true && !has(`${name}_name`) && !has(`${name}_kind`),
  );
  if (!named.includes(true)) return result;
  const time = timeIn(columns);
  const beside = ({ name }: Column): Column[] => [
    { name: `${name}_name`, type: 'text' },
    { name: `${name}_kind`, type: 'text' },
  ];
  return {
    columns: columns.flatMap((column, i) => (named[i] ? [column, ...beside(column)] : [column])),
    async *rows(limit) {
      for await (const batch of result.rows(limit)) {
        yield batch.map((row): Row => {
          const at = time(row);
          const cells: Value[] = [];
          for (const [i, value] of row.entries()) {
            cells.push(value);
            if (!named[i]) continue;
            const known = value === null ? undefined : namer.of(String(value), at);
            cells.push(known?.name ?? null, known?.kind ?? null);
          }
          return cells;
        });
      }
    },
    totals: () => result.totals(),
  };
}
