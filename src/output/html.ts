import type { Column } from '../result.js';
import { type CellKind, cell, definitions, escaped, headCell, PAGE_END, pageHead } from './page.js';
import type { Renderer, RenderOptions } from './renderer.js';
import { cellText, isNumeric } from './text.js';

const kindOf = (column: Column): CellKind =>
  isNumeric(column) ? 'number' : column.type === 'time' ? 'time' : 'text';

/** A page of its own: the question as it was in effect, the rows, and what is said of the answer. */
export const renderHtml: Renderer = async (result, write, options) => {
  const { columns } = result;
  const { command, options: said } = asked(options);
  await write(pageHead({ lang: 'en', title: `flowlog ${command}` }));
  await write(definitions(said.map(({ option, value }) => [option.replace(/^--/, ''), value] as const)));
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
  const notes = (await options.notes?.(rows)) ?? [];
  if (notes.length > 0) {
    await write('<h2>Notes</h2>\n<ul>\n');
    for (const note of notes) await write(`<li>${escaped(note)}</li>\n`);
    await write('</ul>\n');
  }
  await write(PAGE_END);
  return rows;
};

interface Asked {
  readonly command: string;
  readonly options: ReadonlyArray<{ readonly option: string; readonly value: string }>;
}

function asked({ question }: RenderOptions): Asked {
  const { command = 'answer', options = [] } = (question ?? {}) as Partial<Asked>;
  return { command, options };
}
