import type { FieldSet } from '../flowlog/fields.js';
import type { LogKindName } from '../flowlog/transit-gateway.js';
import type { Column } from '../result.js';
import type { Dialect } from './dialect.js';
import type { Sql } from './sql.js';

/** One statement of one dialect. */
export interface Query {
  /** The question's name, as the user calls it: `egress`. */
  readonly name: string;
  readonly sql: Sql;
  readonly columns: readonly Column[];
  /** Plain data that an engine with a history keeps with the statement, so that the answer can be shown again. */
  readonly asked?: unknown;
  /**
   * Whether the statement yields, after its columns, one more: `aside`. It is NULL in the rows of the answer, which
   * come first; other rows only qualify the answer and are counted by this reason (`skipdata`). So that the count
   * costs no second reading of the logs.
   */
  readonly asides: boolean;
  /** The column that says how many records a row stands for; undefined where each row is one. */
  readonly weight?: string;
  readonly limit: number | undefined;
  /** Whether the statement looks at the paths of files. */
  readonly paths?: boolean;
  /** Columns of the record that the answer needs: files without one of them, beside others that have it, are said. */
  readonly needs?: readonly string[];
  readonly narrowing: readonly Narrowing[];
}

/** Records that have this value, which have no addresses, are counted beside an answer. */
export const SET_ASIDE = { column: 'log_status', value: 'SKIPDATA' } as const;

/**
 * A record can matter to a query only when the text of this column begins with one of some prefixes, or with none of
 * some, or when it is absent in a record to set aside. A hint that an engine may use to leave out records before it looks at
 * them closely.
 */
export interface Narrowing {
  readonly column: string;
  readonly oneOf?: readonly string[];
  readonly noneOf?: readonly string[];
}

/** A statement of the user's own, in the engine's dialect, with a `?` for each parameter. */
export interface OwnStatement {
  readonly text: string;
  readonly parameters: ReadonlyArray<string | number | bigint>;
  /** Whether the user lets it write. */
  readonly writes?: boolean;
  /** As that of a {@link Query}. */
  readonly asked?: unknown;
  readonly column: OwnColumn;
}

/** What a column of its answer is, from its name and what its values are. */
export type OwnColumn = (name: string, type: 'text' | 'integer' | 'number') => Column;

/** What can be asked of: the records of a range of time, and how this engine names things. */
export interface Source {
  /** As the dialect's, of the field as it is recorded, whatever a question makes of it. */
  readonly stored?: Dialect['value'];
  readonly dialect: Dialect;
  readonly fields: FieldSet;
  /** Those of the fields that the records lack: NULL in each of them. */
  readonly lacking?: ReadonlySet<string>;
  /** A value as recorded, where `dialect.value` is another: that of the packet in place of an address. */
  readonly recorded?: Dialect['value'];
  /** Whose records the user asks, where that was said. */
  readonly kind?: LogKindName | undefined;
  /** What stands behind FROM. */
  readonly from: Sql;
  /** Conditions that only save reading (partitions). */
  readonly where: readonly Sql[];
}
