import type { Result, Row, Value } from '../result.js';
import { UNSEEN } from '../terminal/unseen.js';
import type { Renderer, RenderOptions, Write } from './renderer.js';
import { percentText } from './text.js';

/** One array of objects, an object on each line; or an object that has the question, the rows and what is said of them. */
export const renderJson: Renderer = async (result, write, options) => {
  const { about } = options;
  if (about === undefined) return renderArray(result, write, options);
  await write(`{"question":${escaped(JSON.stringify(about.question))},\n"rows":`);
  const rows = await renderArray(result, write, options);
  await write(`,"notes":${escaped(JSON.stringify(await about.notes(rows)))}}\n`);
  return rows;
};

const renderArray: Renderer = async (result, write, options) => {
  let rows = 0;
  for await (const objects of objectBatches(result, options)) {
    await write((rows === 0 ? '[\n' : ',\n') + objects.join(',\n'));
    rows += objects.length;
  }
  await write(rows === 0 ? '[]\n' : '\n]\n');
  return rows;
};

/** An object a line. */
export const renderNdjson: Renderer = async (result, write: Write, options) => {
  let rows = 0;
  for await (const objects of objectBatches(result, options)) {
    await write(`${objects.join('\n')}\n`);
    rows += objects.length;
  }
  return rows;
};

async function* objectBatches(result: Result, { limit }: RenderOptions): AsyncGenerator<string[]> {
  const members = result.columns.map((column, i) => ({
    name: `${i > 0 ? ',' : '{'}${escaped(JSON.stringify(column.name))}:`,
    text: column.type === 'percent' ? percent : json,
  }));
  // Joined member by member: texts put together by + are copied once more when they are written.
  const object = (row: Row) => `${members.map(({ name, text }, i) => name + text(row[i]!)).join('')}}`;
  for await (const batch of result.rows(limit)) {
    if (batch.length > 0) yield batch.map(object);
  }
}

const percent = (value: Value) => (value === null ? 'null' : percentText(value));

/** A whole number beyond 2^53 is written with all its digits: a JSON number has no size. */
function json(value: Value): string {
  if (typeof value !== 'string') return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  // Nearly all texts stand in JSON as they are.
  return /[^ !#-[\]-~]/.test(value) ? escaped(JSON.stringify(value)) : `"${value}"`;
}

/** The same JSON, with what JSON leaves as it is and a terminal would act on written as escapes. */
function escaped(text: string): string {
  if (!/[^\x20-\x7e]/.test(text)) return text;
  return text.replace(UNSEEN, (character) =>
    // Both halves of what lies beyond the first 65,536 characters.
    [...Array(character.length).keys()]
      .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
