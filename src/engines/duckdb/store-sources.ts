import { dirname, join, resolve, sep } from 'node:path';
import type { Database } from '../../duckdb/database.js';
import { FlowlogError } from '../../errors.js';
import { LEDGER_FILE, STORE_FOLDER } from '../../flowlog/store-layout.js';
import type { FileGroup } from '../../logs/group-files.js';
import { quotedText } from '../../sql/sql.js';
import { SOURCES } from './relation.js';

/** A store's folder, from the path of one of its files, with a separator at its end. */
const storeOf = (path: string) => dirname(dirname(path)) + sep;

/**
 * Reads from the stores that files are of which log files their records come from.
 *
 * @throws FlowlogError while an import changes one of them
 */
export async function loadSources(database: Database, groups: readonly FileGroup[]): Promise<void> {
  const paths = groups.filter(({ own }) => own).flatMap((group) => group.paths);
  if (paths.length === 0) return;
  await database.query(`CREATE OR REPLACE TABLE ${SOURCES} (store VARCHAR, source INTEGER, name VARCHAR)`);
  for (const store of new Set(paths.map(storeOf))) {
    const ledger = join(resolve(store), STORE_FOLDER, LEDGER_FILE);
    try {
      await database.query(`ATTACH ${quotedText(ledger)} AS store_ledger (READ_ONLY)`);
      await database.query(
        `INSERT INTO ${SOURCES} SELECT ${quotedText(store)}, id, name FROM store_ledger.log_files`,
      );
      await database.query('DETACH store_ledger');
    } catch (error) {
      throw new FlowlogError(
        `Which log files the store ${store} is made of cannot be read: ${(error as Error).message.split('\n', 1)[0]}`,
        'While an import into it is running, wait until it is done.',
        undefined,
        { cause: error },
      );
    }
  }
}
