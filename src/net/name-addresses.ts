import type { Column, Result, Row } from '../result.js';
import type { Networks } from './networks.js';

/** The column that holds the names of another's addresses. */
const nameColumn = ({ name }: Column): Column => ({ name: `${name}_name`, type: 'text' });

/**
 * The same answer with the names of networks: after each column of addresses one with the name of the smallest network that
 * holds the address, null where none does. The result itself, untouched, where there is nothing to name.
 */
export function nameAddresses(result: Result, networks: Networks): Result {
  const { columns } = result;
  if (networks.isEmpty || !columns.some(({ address }) => address)) return result;
  const named = (row: Row): Row => {
    const cells: Row[number][] = [];
    for (let i = 0; i < columns.length; i++) {
      const value = row[i]!;
      cells.push(value);
      if (columns[i]!.address) cells.push(value === null ? null : (networks.nameOf(String(value)) ?? null));
    }
    return cells;
  };
  return {
    columns: columns.flatMap((column) => (column.address ? [column, nameColumn(column)] : [column])),
    async *rows(limit) {
      for await (const batch of result.rows(limit)) yield batch.map(named);
    },
    totals: () => result.totals(),
  };
}
