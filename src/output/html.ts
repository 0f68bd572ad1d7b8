import type { Column, Result, Row } from '../result.js';
import { barsOf, valueColumn } from './bars.js';
import { type CellKind, cell, definitions, escaped, headCell, PAGE_END, pageHead } from './page.js';
import { type Renderer, type RenderOptions, shownOptions } from './renderer.js';
import { cellText, isNumeric } from './text.js';

const kindOf = (column: Column): CellKind =>
  isNumeric(column) ? 'number' : column.type === 'time' ? 'time' : 'text';

/** A page of its own: the question as it was in effect, the rows, and what is said of the answer. */
export const renderHtml: Renderer = async (result, write, options) => {
  const { columns } = result;
  const { question, notes } = options.about ?? {};
  await write(pageHead({ lang: 'en', title: `flowlog ${question?.command ?? 'answer'}` }));
  if (question) await write(definitions(shownOptions(question).map(({ option, value }) => [option, value])));
  const { first, rest } = await begun(result, options);
  await write(await figure(result, first, options));
  await write('<div class="scroll" tabindex="0" role="region" aria-label="Answer">\n<table>\n<thead><tr>');
  await write(columns.map((column) => headCell(column.name, kindOf(column))).join(''));
  await write('</tr></thead>\n<tbody>\n');
  let rows = 0;
  for await (const batch of rest) {
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

/** Rows that are kept for the picture, which stands above them. */
const KEPT = 1000;
/** Bars of a page: those over time are thin. */
const BARS = { names: 30, times: KEPT };

/** The first rows, where there is a picture to draw of them, and all rows to write. */
async function begun(
  result: Result,
  { picture, limit }: RenderOptions,
): Promise<{ first: readonly Row[]; rest: AsyncIterable<readonly Row[]> }> {
  const batches = result.rows(limit);
  if (!picture) return { first: [], rest: batches };
  const kept: Array<readonly Row[]> = [];
  const first: Row[] = [];
  const left = batches[Symbol.asyncIterator]();
  while (first.length <= KEPT) {
    const next = await left.next();
    if (next.done) break;
    kept.push(next.value);
    first.push(...next.value);
  }
  async function* rest() {
    yield* kept;
    yield* { [Symbol.asyncIterator]: () => left };
  }
  return { first, rest: rest() };
}

async function figure(
  { columns }: Result,
  rows: readonly Row[],
  { picture }: RenderOptions,
): Promise<string> {
  const column = picture && valueColumn(picture, columns);
  if (!column || rows.length === 0) return '';
  const shown = rows.slice(0, picture.overTime ? BARS.times : BARS.names);
  const { barsFigure } = await import('./charts.js');
  const cut = shown.length < rows.length;
  const note = cut ? `<p class="soft">The picture shows the first ${shown.length} rows.</p>\n` : '';
  return barsFigure(barsOf(picture, columns, shown)!, column.type) + note;
}
