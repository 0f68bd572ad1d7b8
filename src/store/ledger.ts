import type { Database } from '../duckdb/database.js';
import { FlowlogError } from '../errors.js';
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

const COLUMNS = 'id, name, place, size, modified, sha256, rows';

/**
 * Which log files a store has taken in. A DuckDB file, whose transactions survive a kill; whoever has it open is the only one
 * to change the store, and the system sees to it that the lock ends with the process.
 */
export class Ledger {
  private constructor(private readonly database: Database) {}

  /** @throws FlowlogError when another process has it open, or it cannot be read */
  static async open(database: Database, path: string): Promise<Ledger> {
    await database.query(`ATTACH ${quotedText(path)} AS ledger`).catch((error: Error) => {
      throw locked(error) ?? unreadable(path, error);
    });
    await database.query(
      `CREATE TABLE IF NOT EXISTS ledger.log_files (
        id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, place VARCHAR, size BIGINT NOT NULL,
        modified BIGINT NOT NULL, sha256 VARCHAR NOT NULL, rows BIGINT NOT NULL)`,
    );
    return new Ledger(database);
  }

  async entries(): Promise<Entry[]> {
    const rows = await this.database.query(`SELECT ${COLUMNS} FROM ledger.log_files`);
    return rows.map(([id, name, place, size, modified, sha256, count]) => ({
      id: Number(id),
      name: String(name),
      place: place as string | null,
      size: Number(size),
      modified: Number(modified),
      sha256: String(sha256),
      rows: Number(count),
    }));
  }

  /** Forgets some and writes others down, all or none. May be said again. */
  async change(forgotten: readonly number[], entries: readonly Entry[]): Promise<void> {
    await this.database.query('BEGIN');
    try {
      if (forgotten.length > 0) {
        await this.database.query(`DELETE FROM ledger.log_files WHERE id IN (${forgotten.join(', ')})`);
      }
      for (let from = 0; from < entries.length; from += 500) {
        const some = entries.slice(from, from + 500);
        const values = some.map(
          ({ id, name, place, size, modified, sha256, rows }) =>
            `(${id}, ${quotedText(name)}, ${place === null ? 'NULL' : quotedText(place)}, ${size}, ${modified}, ` +
            `${quotedText(sha256)}, ${rows})`,
        );
        await this.database.query(
          `INSERT OR REPLACE INTO ledger.log_files (${COLUMNS}) VALUES ${values.join(', ')}`,
        );
      }
      await this.database.query('COMMIT');
    } catch (error) {
      await this.database.query('ROLLBACK').catch(() => {});
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.database.query('DETACH ledger');
  }
}

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

const unreadable = (path: string, error: Error) =>
  new FlowlogError(
    `The store's ledger ${path} cannot be read: ${error.message.split('\n', 1)[0]}`,
    'A newer flowlog may have written it; otherwise import the logs into another folder.',
    undefined,
    { cause: error },
  );
