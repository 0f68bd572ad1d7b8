import type { Networks } from '../net/networks.js';
import type { Column, Result, Row } from '../result.js';
import { quote } from './csv.js';

/** The column that holds the names of another's addresses. */
const nameColumn = ({ name }: Column): Column => ({ name: `${name}_name`, type: 'text' });

/**
 * The same answer with the names of networks: after each column of addresses one with the name of the smallest network that
 * holds the address, null where none does. The result itself, untouched, where there is nothing to name.
 */
export function nameAddresses(result: Result, networks: Networks): Result {
  const { columns } = result;
  if (networks.isEmpty || !columns.some(({ address }) => address)) return result;
  const named: Result = {
    columns: columns.flatMap((column) => (column.address ? [column, nameColumn(column)] : [column])),
    async *rows(limit) {
      for await (const batch of result.rows(limit)) {
        yield batch.map((row) => namedRow(row, columns, networks));
      }
    },
    totals: () => result.totals(),
  };
  if (!result.csv) return named;
  return {
    ...named,
    async *csv(limit) {
      for await (const text of result.csv!(limit)) yield namedRecords(textOf(text), columns, networks);
    },
  };
}

function namedRow(row: Row, columns: readonly Column[], networks: Networks): Row {
  const cells: Row[number][] = [];
  for (let i = 0; i < columns.length; i++) {
    const value = row[i]!;
    cells.push(value);
    if (columns[i]!.address) cells.push(value === null ? null : (networks.nameOf(String(value)) ?? null));
  }
  return cells;
}

const textOf = (text: string | Uint8Array) =>
  typeof text === 'string' ? text : Buffer.from(text).toString();

/** A field of a CSV record and what ends it. */
const FIELD = /("(?:[^"]|"")*"|[^",\n]*)([,\n])/g;

/** The same with records as text: reading them as rows first would take three times as long. */
function namedRecords(text: string, columns: readonly Column[], networks: Networks): string {
  const name = (field: string) => quoted(networks.nameOf(field));
  if (text.includes('"')) {
    let i = 0;
    return text.replace(FIELD, (whole, field: string, end: string) => {
      const { address } = columns[i]!;
      i = (i + 1) % columns.length;
      return address ? `${field},${name(field)}${end}` : whole;
    });
  }
  const at = columns.flatMap(({ address }, i) => (address ? [i] : []));
  let out = '';
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from);
    const fields = text.slice(from, end).split(',');
    for (const i of at) fields[i] += `,${name(fields[i]!)}`;
    out += `${fields.join(',')}\n`;
    from = end + 1;
  }
  return out;
}

const quoted = (name: string | undefined) => (name === undefined ? '' : quote(name));
