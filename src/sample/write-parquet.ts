import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Field } from '../flowlog/fields.js';
import { quotedName, quotedText } from '../sql/sql.js';

const TYPES = { text: 'VARCHAR', integer: 'INTEGER', bigint: 'BIGINT' } as const;

/**
 * Writes records, given as text, as Parquet the way AWS does: names with underscores, gzip inside, absent text as `-`,
 * absent numbers as NULL.
 *
 * @param work a folder for what is unfinished
 */
export async function openParquetWriter(
  fields: readonly Field[],
  work: string,
): Promise<(path: string, text: Uint8Array) => Promise<number>> {
  // One thread: rows keep their order and the file its bytes.
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const names = fields.map(({ column }) => `${quotedText(column)}: 'VARCHAR'`).join(', ');
  const columns = fields.map(({ column, type }) => {
    const name = quotedName(column);
    return type === 'text' ? name : `CAST(nullif(${name}, '-') AS ${TYPES[type]}) AS ${name}`;
  });
  await mkdir(work, { recursive: true });
  let last: Promise<unknown> = Promise.resolve();
  const convert = async (path: string, text: Uint8Array) => {
    const source = join(work, `${basename(path)}.txt`);
    const partial = join(work, basename(path));
    await writeFile(source, text);
    const read = `read_csv(${quotedText(source)}, columns = {${names}}, auto_detect = false, header = true, delim = ' ', quote = '', escape = '')`;
    await connection.run(
      `COPY (SELECT ${columns.join(', ')} FROM ${read}) TO ${quotedText(partial)} (FORMAT parquet, COMPRESSION gzip)`,
    );
    const { size } = await stat(partial);
    await mkdir(dirname(path), { recursive: true });
    await rename(partial, path);
    await rm(source);
    return size;
  };
  // One connection does one thing at a time.
  return (path, text) => {
    const done = last.then(() => convert(path, text));
    last = done.catch(() => {});
    return done;
  };
}
