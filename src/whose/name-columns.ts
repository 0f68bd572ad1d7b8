import type { Column, Result, Row } from '../result.js';
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
        yield batch.map(
          (row): Row =>
            row.flatMap((value, i) => {
              if (!named[i]) return [value];
              const known = value === null ? undefined : namer.of(String(value), time(row));
              return [value, known?.name ?? null, known?.kind ?? null];
            }),
        );
      }
    },
    totals: () => result.totals(),
  };
}
