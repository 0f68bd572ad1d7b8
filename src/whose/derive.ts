import { WAY_COLUMNS, type Way, wayFieldsOf, wayOf } from '../names/ways.js';
import type { Column, Result, Row, Value } from '../result.js';
import { costColumns, sumCosts } from './costs.js';
import { type Derivation, isDerived, meets, ofWay, otherEnd } from './derivation.js';
import { Groups } from './groups.js';
import { type Namer, timeIn } from './namer.js';

/** The columns of the answer, by those of its basis. */
export function derivedColumns(
  basis: readonly Column[],
  { columns, grouped, prices }: Derivation,
): readonly Column[] {
  if (prices) return costColumns(basis, columns);
  const keys = columns.map(
    (name): Column =>
      isDerived(name) ? { name, type: 'text' } : basis.find((column) => column.name === name)!,
  );
  const flows = basis.findIndex(({ name }) => name === 'flows');
  return [...keys, ...(grouped ? basis.slice(flows) : [])];
}

/**
 * Makes the derived columns of an answer: of each record, or of groups by what they follow from, which are grouped again.
 *
 * @param result the answer to {@link basisOf}
 */
export function derive(result: Result, derivation: Derivation, namer: Namer): Result {
  const { columns: keys, grouped, where, limit, prices } = derivation;
  if (prices) return sumCosts(result, { keys, prices, limit }, namer);
  const columns = derivedColumns(result.columns, derivation);
  const measures = columns.slice(keys.length);
  const firstMeasure = result.columns.length - measures.length;
  const value = valuesOf(result.columns, namer);
  const passes = (row: Row) => where.every((each) => meets(each, value(row, each.field) as string | null));
  const counted = { rows: 0, bytes: 0n };
  const bytesAt = columns.findIndex(({ type }) => type === 'bytes');
  const count = (row: Row) => {
    counted.rows++;
    if (bytesAt >= 0) counted.bytes += BigInt(row[bytesAt] ?? 0);
  };

  async function* records(most = limit): AsyncGenerator<readonly Row[]> {
    for await (const batch of result.rows(where.length === 0 ? most : undefined)) {
      const rows = batch.filter(passes).map((row) => keys.map((key) => value(row, key)));
      const before = counted.rows;
      for (const row of rows) count(row);
      if (rows.length > 0) yield rows.slice(0, most === undefined ? undefined : Math.max(0, most - before));
    }
  }

  async function* groups(most = limit): AsyncGenerator<readonly Row[]> {
    const summed = new Groups(measures);
    for await (const batch of result.rows()) {
      for (const row of batch) {
        if (!passes(row)) continue;
        summed.add(
          keys.map((key) => value(row, key)),
          row.slice(firstMeasure),
        );
      }
    }
    const rows = summed.rows('bytes', ...(bytesAt < 0 ? ['flows'] : []));
    for (const row of rows) count(row);
    yield rows.slice(0, most);
  }

  return {
    columns,
    rows: grouped ? groups : records,
    async totals() {
      const totals = await result.totals();
      if (!grouped && where.length === 0) return totals;
      return { ...totals, rows: counted.rows, bytes: bytesAt < 0 ? undefined : counted.bytes };
    },
  };
}

type ValueOf = (row: Row, name: string) => Value;

/** What a column is in a row of the basis. */
function valuesOf(columns: readonly Column[], namer: Namer): ValueOf {
  const given = new Map(columns.map((column, i) => [column.name, i]));
  const time = timeIn(columns);
  const at = (row: Row, name: string): Value | undefined => {
    const place = given.get(name);
    return place === undefined ? undefined : row[place]!;
  };
  const text = (row: Row, name: string) => {
    const found = at(row, name);
    return found === undefined || found === null ? undefined : String(found);
  };
  // Few records differ in what tells the way.
  const tells = [...WAY_COLUMNS, 'dstaddr', 'action'].flatMap((column) => given.get(column) ?? []);
  const ways = new Map<string, Way>();
  const wayIn = (row: Row): Way => {
    const when = time(row);
    const key = `${namer.epochOf(when)}\n${tells.map((place) => row[place]).join('\n')}`;
    const known = ways.get(key);
    if (known) return known;
    const fields = wayFieldsOf((column) => at(row, column) as string | number | null | undefined);
    const way = wayOf(fields, namer.names, when);
    ways.set(key, way);
    return way;
  };
  const knownOf = (row: Row, address: string) => {
    const asked = text(row, address);
    if (asked === undefined) return undefined;
    return namer.of(asked, time(row), {
      interfaceId: text(row, 'interface_id'),
      vpcId: text(row, 'vpc_id'),
      host: text(row, otherEnd(address)),
    });
  };
  return (row, name) => {
    if (!isDerived(name)) return at(row, name) ?? null;
    const [, address, what] = /^(.+)_(name|kind)$/.exec(name) ?? [];
    if (address === undefined) return ofWay(wayIn(row), name);
    return knownOf(row, address)?.[what as 'name' | 'kind'] ?? null;
  };
}
