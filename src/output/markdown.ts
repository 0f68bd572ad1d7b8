import { aboutLines, type Renderer } from './renderer.js';
import { cellText, isNumeric, visible } from './text.js';

/** A GitHub table. Bytes stay whole numbers: a report is evidence. */
export const renderMarkdown: Renderer = async (result, write, { limit, about }) => {
  const { columns } = result;
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  await write(line(columns.map(({ name }) => literal(visible(name)))));
  await write(line(columns.map((column) => (isNumeric(column) ? '---:' : '---'))));
  let rows = 0;
  for await (const batch of result.rows(limit)) {
    await write(
      batch.map((row) => line(columns.map((column, i) => literal(cellText(row[i]!, column))))).join(''),
    );
    rows += batch.length;
  }
  const notes = about ? await aboutLines(about, rows) : [];
  if (notes.length > 0) await write(`\n${notes.map((note) => `- ${literal(note)}\n`).join('')}`);
  return rows;
};

/**
 * Text that stays text: nothing in it is taken for markup, for HTML, for a link or for the end of a cell. Within a word `_` is no
 * markup.
 */
const literal = (text: string) =>
  // Nearly all cells hold nothing of the kind, and this tells quickly.
  !/[^a-z0-9 ,.;()/+%-]|www\./i.test(text)
    ? text
    : text
        .replace(/[\\`*{}[\]<>|~&]|(?<![a-z0-9])_|_(?![a-z0-9])/gi, '\\$&')
        .replace(/:(?=\/\/)|(?<=\bwww)\.|@/gi, '\\$&');
