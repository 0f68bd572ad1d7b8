import { invalid } from './errors.js';
import { type Execution, type Rows, stateOf } from './execution.js';
import { hasHeaderRow } from './statements.js';

const NOTHING: Rows = { columns: [], rows: [] };
const named = ({ columns }: Rows) => columns.map(({ Name }) => Name);

/** The file of a result, byte for byte (measured, result-files.md); undefined where there is none. */
export function fileOf(execution: Execution): string | undefined {
  const { kind, script, output } = execution;
  const state = stateOf(execution);
  if (output === undefined) return undefined;
  // The engine's failures leave nothing, Hive's leave their reason.
  if (state === 'FAILED') return script.hive ? script.reason : undefined;
  if (state !== 'SUCCEEDED' || !kind.file('').written) return undefined;
  const result = script.result ?? NOTHING;
  if (output.endsWith('.csv')) {
    // Every value and every name quoted, NULL an empty field, a line feed after the last line too.
    const field = (value: string | null) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`);
    return [named(result), ...result.rows].map((row) => `${row.map(field).join(',')}\n`).join('');
  }
  const rows = kind.subtype === 'EXPLAIN' ? [named(result), ...result.rows] : result.rows;
  return rows.map((row) => row.map((value) => value ?? '').join('\t')).join('\n');
}

export interface PageInput {
  readonly QueryExecutionId: string;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

/** What is refused before the execution is looked up, and of its state after (order: measured, query-results.md). */
export function checkPage({ MaxResults = 1000, NextToken }: PageInput): void {
  const frame = (member: string, value: string, constraint: string) =>
    invalid(
      `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must have ${constraint}`,
    );
  if (MaxResults < 1) throw frame('maxResults', String(MaxResults), 'value greater than or equal to 1');
  if (NextToken === '') throw frame('nextToken', '', 'length greater than or equal to 1');
}

/** A page of GetQueryResults. */
export function pageOf(execution: Execution, { MaxResults = 1000, NextToken }: PageInput): unknown {
  if (MaxResults > 1000) throw invalid('MaxResults is more than maximum allowed length 1000');
  const { script, kind } = execution;
  const state = stateOf(execution);
  // One text a state (measured, result-files.md and query-results.md).
  if (state === 'RUNNING' || state === 'QUEUED') {
    throw invalid(`Query has not yet finished. Current state: ${state}`, 'INVALID_QUERY_EXECUTION_STATE');
  }
  if (state === 'CANCELLED') throw invalid('Could not find results', 'RESULT_NOT_FOUND');
  if (state === 'FAILED') {
    if (script.hive) return { ResultSet: { Rows: [], ResultSetMetadata: null } };
    throw invalid(
      `Query did not finish successfully. Final query state: ${state}`,
      'INVALID_QUERY_EXECUTION_STATE',
    );
  }
  const result = script.result ?? NOTHING;
  const header = hasHeaderRow(kind) && result.columns.length > 0 ? [named(result)] : [];
  const all = [...header, ...result.rows];
  const from = NextToken === undefined ? 0 : Number(NextToken);
  if (!Number.isInteger(from)) throw invalid(`Malformed nextPageToken ${NextToken}`);
  const page = all.slice(from, from + MaxResults);
  return {
    ResultSet: {
      Rows: page.map((row) => ({
        Data: row.map((value) => (value === null ? {} : { VarCharValue: value })),
      })),
      ResultSetMetadata: {
        ColumnInfo: result.columns.map((column) => ({
          ...{ CatalogName: 'hive', SchemaName: '', TableName: '', Nullable: 'UNKNOWN' },
          ...{ ...column, Label: column.Name, Precision: 0, Scale: 0, CaseSensitive: false },
        })),
      },
    },
    // Absent for DDL, EXPLAIN and DESCRIBE (measured, result-files.md).
    ...(kind.subtype === 'SELECT' || kind.subtype.startsWith('SHOW') ? { UpdateCount: 0 } : {}),
    // A full page has a token even when nothing is left (measured, docs/caveats.md).
    ...(page.length === MaxResults ? { NextToken: String(from + MaxResults) } : {}),
  };
}
