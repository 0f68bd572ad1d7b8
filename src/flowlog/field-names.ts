import { FIELDS, type Field, findField } from './fields.js';

/** AWS's names before its documentation took up those of the records. */
const OLD_NAMES: Readonly<Record<string, string>> = {
  account: 'account_id',
  sourceaddress: 'srcaddr',
  destinationaddress: 'dstaddr',
  sourceport: 'srcport',
  destinationport: 'dstport',
  numpackets: 'packets',
  numbytes: 'bytes',
  starttime: 'start',
  endtime: 'end',
};

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');

const BY_PLAIN_NAME = new Map([
  ...FIELDS.map((field) => [plain(field.column), field] as const),
  ...Object.entries(OLD_NAMES).map(([name, column]) => [name, findField(column)!] as const),
]);

/**
 * The field that a column holds by its name, in the four spellings of public repositories: AWS's today (`account_id`), AWS's
 * old (`sourceaddress`), without separators (`pktsrcaddr`) and with hyphens.
 */
export function fieldByName(column: string): Field | undefined {
  return findField(column) ?? BY_PLAIN_NAME.get(plain(column));
}

/** Whether the name is the field's own. */
export const isOwnName = (column: string) => findField(column) !== undefined;
