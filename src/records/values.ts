import type { Field } from '../flowlog/fields.js';
import { parseProtocol } from '../flowlog/protocols.js';
import { addressText, parseAddress } from '../net/cidr.js';

/** What the values of a column may be. The place in this list is the rule's number in the kernels: scan/value-rules/assembly.ts. */
export const RULES = [
  'text',
  'integer',
  'bigint',
  'address',
  'port',
  'protocol',
  'start',
  'end',
  'action',
  'status',
] as const;

export type Rule = (typeof RULES)[number];

const BY_COLUMN: Readonly<Record<string, Rule>> = {
  srcaddr: 'address',
  dstaddr: 'address',
  pkt_srcaddr: 'address',
  pkt_dstaddr: 'address',
  srcport: 'port',
  dstport: 'port',
  protocol: 'protocol',
  start: 'start',
  end: 'end',
  action: 'action',
  log_status: 'status',
};

export const ruleOf = ({ column, type }: Pick<Field, 'column' | 'type'>): Rule => BY_COLUMN[column] ?? type;

/** How a value that cannot be is called, in a message. */
export const NO_SUCH: Record<Rule, string> = {
  text: 'no text',
  integer: 'no whole number',
  bigint: 'no whole number',
  address: 'no address',
  port: 'no port',
  protocol: 'no protocol',
  start: 'no time',
  end: 'no time',
  action: 'neither ACCEPT nor REJECT',
  status: 'none of OK, NODATA and SKIPDATA',
};

/** A number of Unix seconds beyond this is one of milliseconds: seconds come to it in the year 5138. */
export const MOST_SECONDS = 100_000_000_000;
/** The first second of the year 10000. */
const END_OF_TIME = 253_402_300_800;
const MOST_INTEGER = 2 ** 31 - 1;
const MOST_BIGINT = 2n ** 63n - 1n;
/** Control characters, blanks, and what stands for bytes that are no text. */
const NO_TEXT = /[\u0000-\u0020\ufffd]/;

/**
 * A value, which is not absent, as AWS writes it; undefined where it cannot be one of a flow log. That is the whole rule: what the
 * kernels let pass without asking is what this leaves as it is.
 */
export function canonical(rule: Rule, value: string): string | undefined {
  switch (rule) {
    case 'text':
      return value === '' || NO_TEXT.test(value) ? undefined : value;
    case 'address': {
      const address = parseAddress(value);
      if (!address || (address.family === 4 && /(?:^|\.)0\d/.test(value))) return undefined;
      return addressText(address.family, address.value);
    }
    case 'protocol':
      return parseProtocol(value)?.toString();
    case 'action':
      return oneOf(value, ['ACCEPT', 'REJECT']);
    case 'status':
      return oneOf(value, ['OK', 'NODATA', 'SKIPDATA']);
    default:
      return /^\d{1,19}$/.test(value) ? number(rule, value) : undefined;
  }
}

function number(rule: Rule, digits: string): string | undefined {
  const value = BigInt(digits);
  if (rule === 'start' || rule === 'end') {
    const seconds = value > BigInt(MOST_SECONDS) ? value / 1000n : value;
    return seconds < BigInt(END_OF_TIME) ? String(seconds) : undefined;
  }
  const most = rule === 'port' ? 65_535n : rule === 'integer' ? BigInt(MOST_INTEGER) : MOST_BIGINT;
  return value <= most ? String(value) : undefined;
}

function oneOf(value: string, words: readonly string[]): string | undefined {
  const word = value.toUpperCase();
  return words.includes(word) ? word : undefined;
}
