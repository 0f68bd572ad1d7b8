import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'vitest';
import { localEngine } from '../../src/engines/duckdb/engine.js';
import type { Session } from '../../src/engines/engine.js';
import { flowlog } from '../e2e/bin.js';
import { testFolder, writeFiles } from '../folder.js';
import { logText } from '../records.js';
import { answer, type Row } from './answers.js';
import { ask } from './ask.js';
import { type Asked, commandLine } from './asked.js';
import { Random } from './random.js';
import { ASKABLE, canAnswer, randomQuestion } from './random-question.js';
import { randomWorld, type World } from './world.js';

export const KINDS = ['text', 'parquet', 'store'] as const;
export type Kind = (typeof KINDS)[number];

/** The rows that the rules give, as an answer with these columns and this limit has them. */
export function expectedRows(asked: Asked, { records, fields }: World, shown: readonly Row[]): Row[] {
  const { rows } = answer(asked, records, fields);
  return rows.slice(0, Number(asked.options.limit ?? rows.length)).map((row) => {
    const names = Object.keys(shown[0] ?? row).filter((name) => !name.startsWith(' '));
    return Object.fromEntries(names.map((name) => [name, row[name] ?? null]));
  });
}

/** The questions that are asked of the world of a seed. */
export function* questionsOf(random: Random, world: World, count: number): Generator<Asked> {
  const names = ASKABLE.filter((name) => canAnswer(world, name));
  for (let i = 0; i < count; i++) yield randomQuestion(random, world, names[i % names.length]!);
}

/** Asks random questions of a random world, and compares with what the rules give. Yields the number of rows compared. */
export async function compareWorld(seed: number, kinds: readonly Kind[], count: number): Promise<number> {
  const random = new Random(seed);
  const world = randomWorld(random);
  const sessions = await Promise.all(kinds.map(async (kind) => open(await written(world, kind))));
  let compared = 0;
  try {
    let i = 0;
    for (const asked of questionsOf(random, world, count)) {
      // Each question of another kind of file, or of all of them.
      for (const session of kinds.length === KINDS.length ? [sessions[i++ % kinds.length]!] : sessions) {
        const found = await ask(session, asked);
        const rows = expectedRows(asked, world, found.rows);
        const line = `seed ${seed}: flowlog ${commandLine(asked).join(' ')}`;
        expect(found.rows, line).toEqual(rows);
        const { asides } = answer(asked, world.records, world.fields);
        if (asked.options.limit === undefined) expect(found.asides, line).toEqual(asides);
        compared += rows.length;
      }
    }
  } finally {
    for (const session of sessions) await session.close();
  }
  return compared;
}

const open = (logs: string): Promise<Session> =>
  localEngine({ logs: [logs], stdin: Readable.from([]) }).open({ since: undefined, until: undefined });

/** The logs of a world in a folder of their own. */
async function written({ records, fields }: World, kind: Kind): Promise<string> {
  const folder = testFolder();
  const text = join(folder, 'text');
  await writeFiles(text, { 'flow.log': logText(records, fields) });
  if (kind === 'text') return text;
  const into = join(folder, kind);
  if (kind === 'parquet') await parquet(join(text, 'flow.log'), into);
  else {
    const { code, stderr } = await flowlog(['import', text, '--to', into, '--quiet']);
    expect(code, stderr).toBe(0);
  }
  return into;
}

/** Written by DuckDB, which tells the types from the values. */
async function parquet(text: string, folder: string): Promise<void> {
  await mkdir(folder);
  const database = await DuckDBInstance.create();
  const connection = await database.connect();
  const read = `read_csv('${text}', delim = ' ', header = true, nullstr = '-', sample_size = -1, normalize_names = false)`;
  await connection.run(`COPY (FROM ${read}) TO '${join(folder, 'flow.parquet')}' (FORMAT parquet)`);
  connection.closeSync();
  database.closeSync();
}
