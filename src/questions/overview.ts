import { type Cidr, holdsAddress, parseAddress } from '../net/cidr.js';
import type { Row } from '../result.js';
import type { Query, Source } from '../sql/query.js';
import { join, type Sql, sql, trusted } from '../sql/sql.js';
import { aliased } from './columns.js';
import { Records, type Scope, select } from './scope.js';
import { count, descending, type Valued } from './shapes.js';

/** Which end of a record a question asks about. */
export type End = 'srcaddr' | 'dstaddr';

/** A row for each /24 (IPv6: /64) that the records of a range show at one end, most frequent first. */
export function overviewQuery({ zone, range, packetLevel }: Scope, end: End, source: Source): Query {
  const scope: Scope = {
    ...{ zone, range, action: undefined, protocols: [], dstPorts: [], keepRepeats: true, limit: undefined },
  };
  const records = new Records(source, 'overview');
  const recorded = records.optional(end);
  const inPacket = packetLevel ? records.optional(`pkt_${end}`) : undefined;
  const address = inPacket && recorded ? sql`coalesce(${inPacket}, ${recorded})` : (inPacket ?? recorded);
  const time = (name: string, field: string, aggregate: string): Valued => {
    const value = records.optional(field);
    const moment = value ? sql`${trusted(aggregate)}(${value})` : sql`CAST(NULL AS BIGINT)`;
    return { column: { name, type: 'time', zone }, value: source.dialect.localTime(moment, zone) };
  };
  const group = address ? blockOf(address) : sql`CAST(NULL AS VARCHAR)`;
  const columns: Valued[] = [
    { column: { name: 'block', type: 'text' }, value: group },
    { column: { name: 'records', type: 'integer' }, value: count },
    time('first_seen', 'start', 'min'),
    time('last_seen', 'end', 'max'),
  ];
  const { from } = select(scope, records, []);
  const shown = join(
    columns.map(({ value, column }) => aliased(value, column.name)),
    ', ',
  );
  return {
    name: 'overview',
    sql: sql`SELECT ${shown}\n${from}\nGROUP BY ${group}\nORDER BY ${descending('records')}, block`,
    columns: columns.map(({ column }) => column),
    asides: false,
    narrowing: [],
    limit: undefined,
  };
}

/** The first address of the block that an address lies in, or the address itself where it is written some other way. */
function blockOf(address: Sql): Sql {
  const part = (pattern: string) =>
    sql`nullif(regexp_extract(${address}, ${trusted(`'${pattern}'`)}, 1), '')`;
  const v4 = sql`${part('^(\\d+\\.\\d+\\.\\d+\\.)\\d+$')} || '0'`;
  const v6 = sql`${part('^([0-9a-f]+:[0-9a-f]+:[0-9a-f]+:[0-9a-f]+:)[0-9a-f:]+$')} || ':'`;
  return sql`coalesce(${v4}, ${v6}, ${address})`;
}

/** What the logs of a range show, though the answer is empty. */
export interface Overview {
  readonly records: number;
  /** In the zone, as ISO 8601; undefined where the logs have no times or no records. */
  readonly first: string | undefined;
  readonly last: string | undefined;
  /** Most frequent first. */
  readonly blocks: ReadonlyArray<{
    readonly text: string;
    readonly records: number;
    readonly address: bigint;
  }>;
  /** Whether any record has an address in the blocks that were asked about. */
  readonly hasAsked: boolean;
  /** The block nearest to what was asked about. */
  readonly nearest: string | undefined;
}

export async function readOverview(
  rows: AsyncIterable<readonly Row[]>,
  asked: readonly Cidr[],
): Promise<Overview> {
  const blocks: Array<Overview['blocks'][number]> = [];
  let records = 0;
  let hasAsked = false;
  let nearest: { text: string; distance: bigint } | undefined;
  const times = { first: [] as string[], last: [] as string[] };
  for await (const batch of rows) {
    for (const [block, some, first, last] of batch) {
      records += Number(some);
      if (first !== null) times.first.push(String(first));
      if (last !== null) times.last.push(String(last));
      const found = block === null ? undefined : parseAddress(String(block));
      if (!found) continue;
      const { family, value } = found;
      const size = family === 4 ? 256n : 1n << 64n;
      const text = `${block}${family === 4 ? '/24' : '/64'}`;
      blocks.push({ text, records: Number(some), address: value });
      for (const each of asked.filter((one) => one.family === family)) {
        hasAsked ||= holdsAddress(each, found) || (each.first >= value && each.first < value + size);
        const distance = value > each.last ? value - each.last : each.first - value;
        if (!nearest || distance < nearest.distance) nearest = { text, distance };
      }
    }
  }
  return {
    records,
    first: times.first.sort()[0],
    last: times.last.sort().at(-1),
    blocks,
    hasAsked,
    nearest: nearest?.text,
  };
}
