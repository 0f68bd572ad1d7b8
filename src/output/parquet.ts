import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Workspace } from '../cache/workspace.js';
import { Database } from '../duckdb/database.js';
import { FlowlogError } from '../errors.js';
import type { Column } from '../result.js';
import { quotedText } from '../sql/sql.js';
import { renderNdjson } from './json.js';
import type { Renderer } from './renderer.js';

const TYPES: Readonly<Record<Column['type'], string>> = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  bytes: 'BIGINT',
  number: 'DOUBLE',
  percent: 'DOUBLE',
  time: 'TIMESTAMPTZ',
};

/**
 * Parquet, written by DuckDB: times are instants in UTC, numbers 64 bits wide. The question, its zone and the notes are the
 * metadata `flowlog` of the file, as JSON.
 */
export const renderParquet: Renderer = async (result, write, options) => {
  const workspace = new Workspace();
  const database = new Database(workspace);
  database.load();
  try {
    const [lines, packed] = [workspace.newFile(), workspace.newFile()];
    const file = await open(lines, 'wx');
    const rows = await renderNdjson(
      result,
      async (text) => void (await file.writeFile(text)),
      options,
    ).finally(() => file.close());
    const { about } = options;
    const said = about && { question: about.question, notes: await about.notes(rows) };
    await pack(database, lines, packed, result.columns, said);
    for await (const bytes of createReadStream(packed)) await write(bytes as Buffer);
    return rows;
  } finally {
    await database.close();
    workspace.remove();
  }
};

async function pack(
  database: Database,
  from: string,
  to: string,
  columns: readonly Column[],
  about: unknown,
): Promise<void> {
  const types = columns.map(({ name, type }) => `${quotedText(name)}: ${quotedText(TYPES[type])}`);
  const metadata = about ? `, KV_METADATA {flowlog: ${quotedText(JSON.stringify(about))}}` : '';
  try {
    await database.query(`COPY (FROM read_json(${quotedText(from)}, format = 'newline_delimited', columns = {${types.join(', ')}}))
TO ${quotedText(to)} (FORMAT parquet, COMPRESSION zstd${metadata})`);
  } catch (error) {
    throw new FlowlogError(
      `The answer cannot be written as Parquet: ${(error as Error).message.split('\n')[0]}`,
      'Use --format csv.',
      1,
      { cause: error },
    );
  }
}
