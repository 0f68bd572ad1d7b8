import { askCatalog, isMissingEntity } from '../aws/catalog-errors.js';
import { explain, isAccessDenied } from '../aws/errors.js';
import { FlowlogError } from '../errors.js';
import { doing } from './failures.js';
import { ATHENA_DEFAULTS, type AthenaSettings } from './settings.js';

/** Whether the database exists; undefined where the caller may not ask. */
export async function databaseExists(settings: AthenaSettings): Promise<boolean | undefined> {
  const client = await settings.aws.athena();
  const { GetDatabaseCommand } = await import('@aws-sdk/client-athena');
  const { catalog, database, workgroup, signal } = settings;
  const command = new GetDatabaseCommand({
    CatalogName: catalog,
    DatabaseName: database,
    WorkGroup: workgroup,
  });
  try {
    await askCatalog(() => client.send(command, { abortSignal: signal }), signal);
    return true;
  } catch (error) {
    if (isMissingEntity(error)) return false;
    if (isAccessDenied(error)) return undefined;
    throw explain(error, doing('athena:GetDatabase', settings));
  }
}

/**
 * Makes sure that the catalog exists. Athena runs DDL under a catalog that does not exist in the default one, without a word
 * (measured, athena-local statements.md). The default one always exists, and GetDataCatalog denies it (mondoohq/mql#10109).
 */
export async function checkCatalog(settings: AthenaSettings): Promise<void> {
  const { aws, catalog, signal } = settings;
  if (catalog.toLowerCase() === ATHENA_DEFAULTS.catalog.toLowerCase()) return;
  const client = await aws.athena();
  const { GetDataCatalogCommand } = await import('@aws-sdk/client-athena');
  try {
    await client.send(new GetDataCatalogCommand({ Name: catalog }), { abortSignal: signal });
  } catch (error) {
    if (/was not found/.test((error as Error).message)) throw noCatalog(catalog, error);
    throw explain(error, { ...doing('athena:GetDataCatalog', settings), resource: `catalog ${catalog}` });
  }
}

/** The error for a catalog that does not exist. */
export const noCatalog = (catalog: string, cause?: unknown) =>
  new FlowlogError(
    `There is no data catalog ${catalog}.`,
    ['Check --catalog and the region.', "'aws athena list-data-catalogs' lists the catalogs of a region."],
    1,
    { cause },
  );
