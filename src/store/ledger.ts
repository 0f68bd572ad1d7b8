import type { Workspace } from '../cache/workspace.js';
import { Database, databaseFiles } from '../duckdb/database.js';
import { FlowlogError } from '../errors.js';
import { LEDGER_FILE, STORE_FOLDER } from '../flowlog/store-layout.js';
import { damagedStore } from '../logs/store-change.js';
import { quotedText } from '../sql/sql.js';

/** A log file whose records are in the store. */
export interface Entry {
  /** The number in the column that tells where a record is from. */
  readonly id: number;
  /** The file's path; of standard input, what it said (`-` and its SHA-256). */
  readonly name: string;
  /** The place in an S3 layout that the path ends like, by which a copy elsewhere is recognised. */
  readonly place: string | null;
  /** Bytes as stored. */
  readonly size: number;
  /** When it was last changed, in milliseconds since 1970. */
  readonly modified: number;
  readonly sha256: string;
  readonly rows: number;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** The number of a log file: what the column of a record can hold. */
export const isId = (value: unknown): value is number => isCount(value) && value > 0 && value < 2 ** 31;

/** Whether a value that was read from a store describes a log file. */
export function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false;
  const { id, name, place, size, modified, sha256, rows } = value as Record<string, unknown>;
  return (
    isId(id) &&
    typeof name === 'string' &&
    (place === null || typeof place === 'string') &&
    isCount(size) &&
    Number.isSafeInteger(modified) &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    isCount(rows)
  );
}

/** As the table describes itself: a view, or columns of other types, would be somebody else's. */
const COLUMNS = [
  ['id', 'INTEGER'],
  ['name', 'VARCHAR'],
  ['place', 'VARCHAR'],
  ['size', 'BIGINT'],
  ['modified', 'BIGINT'],
  ['sha256', 'VARCHAR'],
  ['rows', 'BIGINT'],
] as const;
const NAMES = COLUMNS.map(([name]) => name).join(', ');
/** Rows written by one statement. */
const AT_ONCE = 500;

/**
 * Which log files a store has taken in. A DuckDB file, whose transactions survive a kill; whoever has it open is the only one
 * to change the store, and the system sees to it that the lock ends with the process. Whoever gave us the store may have made
 * the file: the database that opens it can read and write nothing else.
 */
export class Ledger {
  private constructor(
    private readonly database: Database,
    private readonly store: string,
  ) {}

  /** @throws FlowlogError when another process has it open, or it is not what an import writes */
  static async open(workspace: Workspace, store: string, path: string): Promise<Ledger> {
    const database = new Database(workspace, MEMORY);
    try {
      await database.confine({ files: databaseFiles(path), folders: [] });
      await database.query(`ATTACH ${quotedText(path)} AS ledger`).catch((error: Error) => {
        throw locked(error) ?? unreadable(store, error);
      });
      await database
        .query(
          `CREATE TABLE IF NOT EXISTS ledger.log_files (
            id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, place VARCHAR, size BIGINT NOT NULL,
            modified BIGINT NOT NULL, sha256 VARCHAR NOT NULL, rows BIGINT NOT NULL)`,
        )
        .catch((error: Error) => {
          throw unreadable(store, error);
        });
      const columns = await database.query(
        `SELECT column_name, data_type FROM duckdb_columns() JOIN duckdb_tables() USING (database_oid, schema_oid, table_oid)
        WHERE duckdb_columns.database_name = 'ledger' AND duckdb_columns.schema_name = 'main' AND duckdb_columns.table_name = 'log_files'
        ORDER BY column_index`,
      );
      if (JSON.stringify(columns) !== JSON.stringify(COLUMNS)) {
        throw damagedStore(store, `its ledger ${LEDGER} has not the table that flowlog writes`);
      }
      return new Ledger(database, store);
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  async entries(): Promise<Entry[]> {
    const rows = await this.database.query(`SELECT ${NAMES} FROM ledger.log_files`).catch((error: Error) => {
      throw unreadable(this.store, error);
    });
    const seen = new Set<number>();
    return rows.map(([id, name, place, size, modified, sha256, count]) => {
      const entry = {
        id,
        name,
        place,
        size: Number(size),
        modified: Number(modified),
        sha256,
        rows: Number(count),
      };
      if (!isEntry(entry) || seen.has(entry.id)) {
        throw damagedStore(
          this.store,
          `its ledger ${LEDGER} has a log file that is not described as it should be`,
        );
      }
      seen.add(entry.id);
      return entry;
    });
  }

  /** Forgets some and writes others down, all or none. May be said again. */
  async change(forgotten: readonly number[], entries: readonly Entry[]): Promise<void> {
    const { database } = this;
    await database.query('BEGIN');
    try {
      for (let from = 0; from < forgotten.length; from += AT_ONCE) {
        const some = forgotten.slice(from, from + AT_ONCE);
        await database.query(
          `DELETE FROM ledger.log_files WHERE id IN (${some.map(() => '?').join(', ')})`,
          some,
        );
      }
      const row = `(${COLUMNS.map(([, type]) => `?::${type}`).join(', ')})`;
      for (let from = 0; from < entries.length; from += AT_ONCE) {
        const some = entries.slice(from, from + AT_ONCE);
        const values = some.flatMap(({ id, name, place, size, modified, sha256, rows }) => [
          ...[id, name, place],
          ...[BigInt(size), BigInt(modified), sha256, BigInt(rows)],
        ]);
        await database.query(
          `INSERT OR REPLACE INTO ledger.log_files (${NAMES}) VALUES ${some.map(() => row).join(', ')}`,
          values,
        );
      }
      await database.query('COMMIT');
    } catch (error) {
      await database.query('ROLLBACK').catch(() => {});
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.database.query('DETACH ledger').catch(() => {});
    await this.database.close();
  }
}

/** What DuckDB may use for the list: most of the work is not its. */
const MEMORY = '128MB';
const LEDGER = `${STORE_FOLDER}/${LEDGER_FILE}`;

function locked(error: Error): FlowlogError | undefined {
  if (
    !/Could not set lock|being used by another process|already attached|Unique file handle/i.test(
      error.message,
    )
  ) {
    return undefined;
  }
  const process = /PID (\d+)/.exec(error.message)?.[1];
  return new FlowlogError(
    `Another import into this store is running${process ? ` (process ${process})` : ''}.`,
    'Wait until it is done, or name another folder with --to.',
    undefined,
    { cause: error },
  );
}

const unreadable = (store: string, error: Error) =>
  damagedStore(
    store,
    `its ledger ${LEDGER} cannot be read, unless a newer flowlog wrote it (${error.message.split('\n', 1)[0]})`,
    error,
  );
