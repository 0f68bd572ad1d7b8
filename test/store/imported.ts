import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Field } from '../../src/flowlog/fields.js';
import { type ImportSummary, importLogs } from '../../src/store/import.js';
import { testFolder, writeFiles } from '../folder.js';
import { type LogRecord, logFile } from '../records.js';

/** A store made of logs: where it is, and what the import says. */
export async function imported(
  logs: string,
  directory = join(testFolder(), 'store'),
): Promise<{ directory: string; summary: ImportSummary }> {
  const { signal } = new AbortController();
  const summary = await importLogs({
    logs: [logs],
    stdin: Readable.from([]),
    directory,
    signal,
    onProgress: () => {},
  });
  return { directory, summary };
}

/** A store of these records in one log file, and the folder with that. */
export async function storeOf(
  records: readonly LogRecord[],
  fields?: readonly Field[],
): Promise<{ logs: string; store: string }> {
  const folder = await writeFiles(testFolder(), { 'logs/a.log.gz': logFile(records, fields) });
  const logs = join(folder, 'logs');
  return { logs, store: (await imported(logs)).directory };
}

/** The store's Parquet files. */
export const partsOf = (store: string): string[] =>
  readdirSync(store)
    .filter((name) => name.startsWith('day='))
    .flatMap((day) => readdirSync(join(store, day)).map((name) => join(store, day, name)));

/** The rows of a statement of DuckDB's own, numbers beyond 32 bits as text. */
export async function duckdb(text: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(text)).getRowsJson() as unknown[][];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
