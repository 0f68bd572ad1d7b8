import { readFileSync } from 'node:fs';
import type { TableFixture } from '../aws/athena.js';

/** A table as public repositories define it: columns and partition keys as `name:type`. */
export interface ForeignTable {
  readonly type?: string;
  readonly cols: readonly string[];
  readonly keys: readonly string[];
  readonly props?: Readonly<Record<string, string>>;
}

export const FOREIGN_TABLES: Readonly<Record<string, ForeignTable>> = JSON.parse(
  readFileSync(new URL('./athena-tables.json', import.meta.url), 'utf8'),
);

/** What nobody can guess of some tables, so that it must be said. */
export const SAID: Readonly<Record<string, readonly string[]>> = {
  crawler_col: [
    '--column',
    ['version', 'account_id', 'interface_id', 'srcaddr', 'dstaddr', 'srcport', 'dstport', 'protocol']
      .concat(['packets', 'bytes', 'start', 'end', 'action', 'log_status'])
      .map((field, i) => `${field}=col${i}`)
      .join(','),
  ],
  injected: ['--account', '123456789012'],
};

export const QUESTIONS = [
  ['egress', '--subnet', '10.10.24.0/24', '--vpc', '10.10.0.0/16'],
  ['talkers'],
  ['trace', '10.10.24.17'],
  ['timeline'],
  ['coverage'],
];

/** `name:type`, of a type that may hold colons too. */
export function column(text: string): { Name: string; Type: string } {
  const at = text.indexOf(':');
  return { Name: text.slice(0, at), Type: text.slice(at + 1) };
}

/** The table as the catalog gives it. */
export function foreignFixture({
  cols,
  keys,
  props = {},
  type = 'EXTERNAL_TABLE',
}: ForeignTable): TableFixture {
  const fixture = { Columns: cols.map(column), PartitionKeys: keys.map(column), Parameters: props };
  return { ...fixture, TableType: type } as TableFixture;
}
