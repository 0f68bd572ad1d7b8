import type { Column } from '@aws-sdk/client-athena';
import { askCatalog, isMissingEntity } from '../aws/catalog-errors.js';
import { explain } from '../aws/errors.js';
import type { TableColumn } from '../flowlog/table.js';
import type { AthenaSettings } from './settings.js';

/** A table of the catalog. */
export interface TableInfo {
  /** `EXTERNAL_TABLE`, `VIRTUAL_VIEW`, …; empty for a link to a table of another account. */
  readonly type: string;
  readonly columns: readonly TableColumn[];
  readonly partitionKeys: readonly TableColumn[];
  readonly properties: ReadonlyMap<string, string>;
}

/** Reads a table's metadata; undefined when there is no such table or database. */
export async function readTable(settings: AthenaSettings): Promise<TableInfo | undefined> {
  const { aws, catalog, database, table, workgroup, signal } = settings;
  const client = await aws.athena();
  const { GetTableMetadataCommand } = await import('@aws-sdk/client-athena');
  try {
    const command = new GetTableMetadataCommand({
      CatalogName: catalog,
      DatabaseName: database,
      TableName: table,
      // A catalog that IAM Identity Center governs asks for it.
      WorkGroup: workgroup,
    });
    const { TableMetadata } = await askCatalog(() => client.send(command, { abortSignal: signal }), signal);
    const columns = (given: readonly Column[] = []) =>
      given.map(({ Name = '', Type = 'string' }) => ({ name: Name.toLowerCase(), type: Type.toLowerCase() }));
    return {
      type: TableMetadata?.TableType ?? '',
      columns: columns(TableMetadata?.Columns),
      partitionKeys: columns(TableMetadata?.PartitionKeys),
      properties: new Map(Object.entries(TableMetadata?.Parameters ?? {})),
    };
  } catch (error) {
    if (isMissingEntity(error)) return undefined;
    throw explain(error, {
      action: 'athena:GetTableMetadata (with glue:GetTable)',
      resource: `table ${database}.${table}${catalog === 'AwsDataCatalog' ? '' : ` in catalog ${catalog}`}`,
      profile: aws.options.profile,
    });
  }
}

/** As a crawler leaves behind that could not read a file, or another tool that registered a location only. */
export const hasNoColumns = ({ columns, partitionKeys }: TableInfo): boolean =>
  columns.length + partitionKeys.length === 0;
