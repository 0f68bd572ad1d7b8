import { join } from 'node:path';
import { Readable } from 'node:stream';
import { DuckDBInstance } from '@duckdb/node-api';
import { type ImportSummary, importLogs } from '../../src/store/import.js';
import { testFolder } from '../folder.js';

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
