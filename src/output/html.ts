import type { Column } from '../result.js';
import { type CellKind, cell, definitions, escaped, headCell, PAGE_END, pageHead } from './page.js';
import { type Renderer, shownOptions } from './renderer.js';
import { cellText, isNumeric } from './text.js';

const kindOf = (column: Column): CellKind =>
  isNumeric(column) ? 'number' : column.type === 'time' ? 'time' : 'text';

/** A page of its own: the question as it was in effect, the rows, and what is said of the answer. */
export const renderHtml: Renderer = async (result, write, options) => {
  const { columns } = result;
  const { question, notes } = options.about ?? {};
  await write(pageHead({ lang: 'en', title: `flowlog ${question?.command ?? 'answer'}` }));
  if (question) await write(definitions(shownOptions(question).map(({ option, value }) => [option, value])));
  await write('<div class="scroll" tabindex="0" role="region" aria-label="Answer">\n<table>\n<thead><tr>');
  await write(columns.map((column) => headCell(column.name, kindOf(column))).join(''));
  await write('</tr></thead>\n<tbody>\n');
  let rows = 0;
  for await (const batch of result.rows(options.limit)) {
    await write(
      batch
        .map(
          (row) =>
            `<tr>${columns.map((column, i) => cell(cellText(row[i]!, column), kindOf(column))).join('')}</tr>\n`,
        )
        .join(''),
    );
    rows += batch.length;
  }
  await write('</tbody>\n</table>\n</div>\n');
  const said = (await notes?.(rows)) ?? [];
  if (said.length > 0) {
    await write('<h2>Notes</h2>\n<ul>\n');
    for (const note of said) await write(`<li>${escaped(note)}</li>\n`);
    await write('</ul>\n');
  }
  await write(PAGE_END);
  return rows;
};
