import { execute } from '../../athena/execution.js';
import { executionResult } from '../../athena/results.js';
import type { AthenaSettings } from '../../athena/settings.js';
import type { TableColumn } from '../../flowlog/table.js';
import { quotedText } from '../../sql/sql.js';

/** The columns of a table as Athena's own information schema knows them, which costs nothing but a moment. */
export async function queriedColumns(
  settings: AthenaSettings,
): Promise<{ columns: TableColumn[]; partitionKeys: TableColumn[] }> {
  const { database, table } = settings;
  const text =
    'SELECT column_name, data_type, extra_info\nFROM information_schema.columns\n' +
    `WHERE table_schema = ${quotedText(database)} AND table_name = ${quotedText(table)}\nORDER BY ordinal_position`;
  const execution = await execute(settings, { text, database }, { onProgress: () => {}, onNote: () => {} });
  const names = ['column_name', 'data_type', 'extra_info'];
  const result = executionResult(settings, execution, {
    columns: names.map((name) => ({ name, type: 'text' as const })),
    asides: false,
    limit: undefined,
  });
  const columns: TableColumn[] = [];
  const partitionKeys: TableColumn[] = [];
  for await (const rows of result.rows()) {
    for (const [name, type, extra] of rows) {
      const column = { name: String(name).toLowerCase(), type: String(type).toLowerCase() };
      (extra === 'partition key' ? partitionKeys : columns).push(column);
    }
  }
  return { columns, partitionKeys };
}
