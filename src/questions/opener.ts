import { type Sql, sql, trusted } from '../sql/sql.js';
import type { Records } from './scope.js';

/** Who opened the connection that a record is of. */
export interface Opener {
  /** Whether it was the source; NULL where neither flags nor ports tell (ICMP, NTP between servers). */
  readonly bySource: Sql;
  /** Whether the flags show it: true or not. Undefined where these logs have no flags. */
  readonly byFlags: Sql | undefined;
}

const SYN = 2;
const ACK = 16;
/** A power of two is in a number when what is left beyond the next one is at least that; alike in both engines. */
const has = (flags: Sql, bit: number) => sql`${flags} % ${literal(bit * 2)} >= ${literal(bit)}`;

/** Small numbers of this program's own stand in the text: Athena takes parameters in WHERE only. */
const literal = (number: number): Sql => trusted(String(number));

/**
 * Flags are OR-ed over the interval of a record: the side that opens sends SYN and never SYN-ACK, the one that answers
 * SYN-ACK (18). They show that in the interval of the handshake only; where they do not, the lower port is taken for the
 * service (Amazon VPC User Guide, "Flow log records").
 */
export function openerOf(records: Records): Opener {
  const [srcport, dstport] = [records.value('srcport'), records.value('dstport')];
  const byPorts = sql`WHEN ${srcport} <> ${dstport} THEN ${srcport} > ${dstport}`;
  const flags = records.optional('tcp_flags');
  if (!flags) return { bySource: sql`CASE ${byPorts} END`, byFlags: undefined };
  const byFlags = sql`(${records.value('protocol')} = 6 AND ${has(flags, SYN)})`;
  return { bySource: sql`CASE WHEN ${byFlags} THEN NOT ${has(flags, ACK)} ${byPorts} END`, byFlags };
}
