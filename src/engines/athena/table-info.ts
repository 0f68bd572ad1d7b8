import type { Column } from '@aws-sdk/client-athena';
import { askCatalog, isMissingEntity } from '../../aws/catalog-errors.js';
import { explain } from '../../aws/errors.js';
import { FlowlogError } from '../../errors.js';
import { type FieldSet, fieldOf, fieldSet, findField } from '../../flowlog/fields.js';
import type { TableColumn } from '../../flowlog/table.js';
import type { StoredField } from '../../sql/athena.js';
import type { AthenaSettings } from './settings.js';

/** A table of the catalog. */
export interface TableInfo {
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

/** AWS's names before its documentation took up those of the records, and other people's. */
const OLD_NAMES: Readonly<Record<string, string>> = {
  account: 'account_id',
  accountid: 'account_id',
  interfaceid: 'interface_id',
  sourceaddress: 'srcaddr',
  source_address: 'srcaddr',
  destinationaddress: 'dstaddr',
  destination_address: 'dstaddr',
  sourceport: 'srcport',
  source_port: 'srcport',
  destinationport: 'dstport',
  destination_port: 'dstport',
  numpackets: 'packets',
  num_packets: 'packets',
  numbytes: 'bytes',
  num_bytes: 'bytes',
  starttime: 'start',
  start_time: 'start',
  endtime: 'end',
  end_time: 'end',
  logstatus: 'log_status',
};

/** The fields a table has, and where it keeps each. */
export interface TableFields {
  readonly fields: FieldSet;
  readonly stored: ReadonlyMap<string, StoredField>;
}

/**
 * What of a flow log a table holds. A partition key that is named like a field stands for it, as in AWS's own definitions,
 * which move `region` there.
 *
 * @throws FlowlogError when it is no table of flow logs
 */
export function tableFields(info: TableInfo, name: string): TableFields {
  const stored = new Map<string, StoredField>();
  const take = (column: TableColumn, field: string) => {
    if (!stored.has(field)) stored.set(field, { column: column.name, type: column.type });
  };
  for (const column of info.columns) if (findField(column.name)) take(column, findField(column.name)!.column);
  for (const column of info.columns) {
    const field = OLD_NAMES[column.name];
    if (field) take(column, field);
    else if (!findField(column.name)) take(column, column.name);
  }
  for (const key of info.partitionKeys) {
    if (findField(key.name)) take(key, findField(key.name)!.column);
  }
  const missing = ['srcaddr', 'dstaddr', 'start'].filter((field) => !stored.has(field));
  if (missing.length > 0) {
    const has = info.columns.map((column) => column.name).join(', ');
    throw new FlowlogError(
      `${name} is no table of flow logs: it has no ${missing.join(', no ')}, but ${has || 'no columns'}.`,
      "Name the table with --database and --table; 'flowlog create-table' makes one.",
    );
  }
  return { fields: fieldSet([...stored.keys()].map(fieldOf)), stored };
}
