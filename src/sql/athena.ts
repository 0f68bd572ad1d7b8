import type { Field } from '../flowlog/fields.js';
import { addressText, type Cidr } from '../net/cidr.js';
import { type Dialect, stampIn } from './dialect.js';
import { identifier, quotedText, type Sql, sql, trusted } from './sql.js';

/** A parameter that is an address: `IPADDRESS '10.10.24.0'`, where a text would be a text. */
export class AddressParameter {
  constructor(readonly text: string) {}

  get literal(): string {
    return `IPADDRESS ${quotedText(this.text)}`;
  }
}

/** How a table keeps a field. */
export interface StoredField {
  readonly column: string;
  /** As the catalog says, lower case: `string`, `int`, `bigint`, `varchar(12)`, … */
  readonly type: string;
}

const IPV4_MAPPED = { first: 0xffffn << 32n, last: (0xffffn << 32n) | 0xffffffffn };

/**
 * Athena's engine version 3, which is a Trino; the suite on real engines runs every question on one. Where Athena's own
 * documents tell of a difference, that is what this dialect keeps to:
 *
 * - Parameters stand in WHERE only ("Use parameterized queries"); a Trino takes them anywhere. So does this dialect's user:
 *   what is needed elsewhere stands in the text.
 * - Everything below the location of a table or partition is read ("Table location in Amazon S3"); a Trino looks into folders
 *   only when told to.
 * - Which Trino it is built from is not said ("Athena engine version 3"): no function is used that is younger than Trino 365.
 * - `ORDER BY … LIMIT` goes to 2,147,483,647, ARRAY[…] to 254 elements, a function to 127 arguments.
 * - A session is in UTC; the days of partition projection are UTC too ("Partition projection, date type").
 *
 * And of both:
 *
 * - `ORDER BY` sees the columns of the answer before those of the table, also inside a function.
 * - An address is compared as an IPADDRESS, which keeps IPv4 as IPv4-mapped IPv6. BETWEEN cannot fail, whichever
 *   family the address is of; `contains(network, address)` can, in versions before 427.
 *
 * @param stored where the table keeps each field, by the field's own column name
 */
export function athenaDialect(stored: ReadonlyMap<string, StoredField>): Dialect {
  return {
    name: 'athena',
    rereads: false,
    value: (field) => value(field, stored.get(field.column) ?? { column: field.column, type: 'string' }),
    inside,
    localTime: (epoch, zone) =>
      sql`format_datetime(from_unixtime(${epoch}, ${trusted(`'${zone}'`)}), ${trusted("'yyyy-MM-dd''T''HH:mm:ssZZ'")})`,
    hour: (epoch, zone) => sql`hour(from_unixtime(${epoch}, ${trusted(`'${zone}'`)}))`,
    quotient: (value, divisor) => sql`(${value} / ${divisor})`,
    series: (from, to, step) => sql`sequence(${from}, ${to}, ${trusted(String(step))})`,
    readAgain: sql``,
    kept: sql``,
    path: identifier('$path'),
    pathKey: sql`xxhash64(to_utf8(${identifier('$path')}))`,
    delivered: (path) => sql`CAST(to_unixtime(try(date_parse(${stampIn(path)}, '%Y%m%dT%H%iZ'))) AS bigint)`,
  };
}

const isText = (type: string) => /^(?:string|varchar|char)/.test(type);

/** In a text table a number that is `-` is NULL already; a text is not. */
function value(field: Field, { column, type }: StoredField): Sql {
  const name = identifier(column);
  if (field.type === 'text') return isText(type) ? sql`nullif(${name}, '-')` : sql`CAST(${name} AS varchar)`;
  return isText(type) ? sql`TRY_CAST(${name} AS bigint)` : name;
}

function inside(address: Sql, block: Cidr): Sql {
  const bound = (end: bigint) => new AddressParameter(addressText(block.family, end)) as unknown as string;
  const test = sql`TRY_CAST(${address} AS IPADDRESS) BETWEEN ${bound(block.first)} AND ${bound(block.last)}`;
  // Where a block holds addresses of both families by their numbers, the text tells them apart.
  if (block.family === 4) return sql`(strpos(${address}, ':') = 0 AND ${test})`;
  const holdsIpv4 = block.first <= IPV4_MAPPED.first && IPV4_MAPPED.last <= block.last;
  return holdsIpv4 ? sql`(strpos(${address}, ':') > 0 AND ${test})` : sql`(${test})`;
}
