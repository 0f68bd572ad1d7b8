import type { QueryExecution } from '@aws-sdk/client-athena';
import { FlowlogError } from '../errors.js';
import { hiveName } from '../flowlog/table.js';
import type { Statement } from './execution.js';
import { resultPage } from './results.js';
import type { AthenaSettings } from './settings.js';

/**
 * Registers the partitions of a table, and makes sure that it has some. MSCK REPAIR TABLE succeeds whatever it finds: in an
 * empty location, without permission to add partitions, and where there is no such table (measured, athena-local
 * statements.md). A table without partitions answers every question with nothing.
 *
 * @param repair the statement
 * @returns what to tell the user
 */
export async function registerPartitions(
  settings: AthenaSettings,
  { database, table }: { readonly database: string; readonly table: string },
  repair: string,
  run: (statement: Statement) => Promise<QueryExecution>,
): Promise<string> {
  const answer = await lines(settings, await run({ text: repair, database }));
  const name = `${database}.${table}`;
  if (answer.some((line) => /^Tables not in metastore:/.test(line))) {
    throw new FlowlogError(
      `Athena found no table ${name} to register partitions of.`,
      'Somebody dropped it meanwhile, or the catalog does not show it to the role or user in use. Run the command again.',
    );
  }
  const added = answer.filter((line) => /^Repair: Added partition/.test(line)).length;
  if (added > 0) return `${added} ${added === 1 ? 'partition' : 'partitions'} registered.`;
  const list = `SHOW PARTITIONS ${hiveName(database)}.${hiveName(table)}`;
  const known = await lines(settings, await run({ text: list, database }));
  if (known.length > 0) return 'No new partitions.';
  throw new FlowlogError(
    `Table ${name} exists, but no partition was registered, so questions would find nothing.`,
    [
      'Check that the logs have Hive-compatible keys (…/aws-region=…/year=…/), and that the role or user in use may glue:BatchCreatePartition and s3:ListBucket.',
      'Then run the command again, or use --partitions projection.',
    ],
  );
}

/** The lines of an answer; a thousand at most, which is enough to know whether there are any. */
async function lines(settings: AthenaSettings, { QueryExecutionId }: QueryExecution): Promise<string[]> {
  const { ResultSet } = await resultPage(settings, QueryExecutionId!, 1000);
  return (ResultSet?.Rows ?? []).flatMap(({ Data = [] }) =>
    Data.map(({ VarCharValue = '' }) => VarCharValue),
  );
}
