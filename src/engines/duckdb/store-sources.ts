import { dirname, join, resolve, sep } from 'node:path';
import { type Database, databaseFiles } from '../../duckdb/database.js';
import { FlowlogError } from '../../errors.js';
import { LEDGER_FILE, STORE_FOLDER } from '../../flowlog/store-layout.js';
import type { FileGroup } from '../../logs/group-files.js';
import { damagedStore } from '../../logs/store-change.js';
import { quotedText } from '../../sql/sql.js';
import { SOURCES } from './relation.js';

/** A store's folder, from the path of one of its files, with a separator at its end. */
const storeOf = (path: string) => dirname(dirname(path)) + sep;

const ledgerOf = (store: string) => join(resolve(store), STORE_FOLDER, LEDGER_FILE);

const storesOf = (groups: readonly FileGroup[]) =>
  new Set(groups.filter(({ own }) => own).flatMap((group) => group.paths.map(storeOf)));

/** The files in which stores keep from which log files their records come. */
export const ledgersOf = (groups: readonly FileGroup[]): string[] =>
  [...storesOf(groups)].map(ledgerOf).flatMap(databaseFiles);

/**
 * Reads from the stores that files are of which log files their records come from.
 *
 * @throws FlowlogError while an import changes one of them, or when a store is damaged
 */
export async function loadSources(database: Database, groups: readonly FileGroup[]): Promise<void> {
  const stores = storesOf(groups);
  if (stores.size === 0) return;
  await database.query(`CREATE OR REPLACE TABLE ${SOURCES} (store VARCHAR, source INTEGER, name VARCHAR)`);
  for (const store of stores) {
    try {
      await database.query(`ATTACH ${quotedText(ledgerOf(store))} AS store_ledger (READ_ONLY)`);
      await database.query(
        `INSERT INTO ${SOURCES} SELECT ${quotedText(store)}, id, name FROM store_ledger.log_files`,
      );
    } catch (error) {
      const why = (error as Error).message.split('\n', 1)[0]!;
      if (!/lock|used by another process/i.test(why)) {
        throw damagedStore(store, `its ledger ${STORE_FOLDER}/${LEDGER_FILE} cannot be read (${why})`, error);
      }
      throw new FlowlogError(
        `An import into the store ${store} is running.`,
        'Wait until it is done, and ask again.',
        undefined,
        { cause: error },
      );
    } finally {
      await database.query('DETACH DATABASE IF EXISTS store_ledger').catch(() => {});
    }
  }
}
