import { Chalk, type ChalkInstance } from 'chalk';
import Table from 'cli-table3';
import stringWidth from 'string-width';
import type { Column, Row, Value } from '../result.js';
import { humanBytes } from '../terminal/units.js';
import type { Renderer } from './renderer.js';
import { cellText, isNumeric } from './text.js';

/** Between two columns. */
const GAP = 2;
/** A text column is not made narrower than this: what is left of an address or a name still says something. */
const NARROWEST = 8;

/** A table for people, fitted to the width; where its columns cannot fit, one record below the other. */
export const renderTable: Renderer = async (result, write, { width, color, limit }) => {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const { columns } = result;
  const rows: string[][] = [];
  for await (const batch of result.rows(limit)) {
    rows.push(...batch.map((row) => cells(row, columns)));
  }
  const natural = naturalWidths(columns, rows);
  const layout = gridLayout(columns, natural, width);
  await write(layout ? grid(columns, rows, layout, chalk) : blocks(columns, rows, width, chalk));
  return rows.length;
};

const cells = (row: Row, columns: readonly Column[]) => columns.map((column, i) => cell(row[i]!, column));

function cell(value: Value, column: Column): string {
  if (column.type === 'bytes' && value !== null) return humanBytes(value as number | bigint);
  return cellText(value, column);
}

/** A grid's cells hold so many columns each, one below the other; `widths` are those of the cells. */
interface GridLayout {
  readonly stacked: number;
  readonly widths: readonly number[];
}

function naturalWidths(columns: readonly Column[], rows: readonly string[][]): number[] {
  const widths = columns.map(({ name }) => stringWidth(name));
  for (const row of rows) {
    row.forEach((text, i) => {
      widths[i] = Math.max(widths[i]!, stringWidth(text));
    });
  }
  return widths;
}

/**
 * The grid that fits: a line per record where there is room, else two or three, with neighbouring columns below each
 * other, since an address cut short is no answer; cut only where no number of lines helps. Undefined when nothing fits.
 */
function gridLayout(
  columns: readonly Column[],
  natural: readonly number[],
  width: number,
): GridLayout | undefined {
  for (const shrink of [false, true]) {
    for (const stacked of [1, 2, 3]) {
      const cellWidths = stacks(natural, stacked).map((widths) => Math.max(...widths));
      const elastic = stacks(columns, stacked).map((cell) => cell.every(({ type }) => type === 'text'));
      const widths = fitted(cellWidths, shrink ? elastic : elastic.map(() => false), width);
      if (widths) return { stacked, widths };
    }
  }
  return undefined;
}

/** The widths, made to fit by taking from the widest elastic ones; undefined when that is not enough. */
function fitted(
  natural: readonly number[],
  elastic: readonly boolean[],
  width: number,
): number[] | undefined {
  const widths = [...natural];
  let over = widths.reduce((sum, each) => sum + each + GAP, -GAP) - width;
  for (; over > 0; over--) {
    const takeable = widths.map((each, i) => (elastic[i] && each > NARROWEST ? each : 0));
    const widest = Math.max(...takeable);
    if (widest === 0) return undefined;
    widths[takeable.indexOf(widest)]!--;
  }
  return widths;
}

/** The items in runs of `size`. */
function stacks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

const NO_BORDER = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' },
  ...{ 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '' },
  ...{ right: '', 'right-mid': '', middle: ' '.repeat(GAP) },
};

function grid(
  columns: readonly Column[],
  rows: readonly string[][],
  { stacked, widths }: GridLayout,
  chalk: ChalkInstance,
): string {
  const cells = stacks(columns, stacked);
  const table = new Table({
    chars: NO_BORDER,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colWidths: [...widths],
    colAligns: cells.map((cell) => (cell.every(isNumeric) ? 'right' : 'left')),
  });
  const head = columns.map(({ name }) => name);
  const line = (texts: readonly string[], paint: (text: string, column: Column) => string) =>
    stacks(texts, stacked).map((cell, i) =>
      cell.map((text, j) => paint(shortened(text, widths[i]!), cells[i]![j]!)).join('\n'),
    );
  table.push(
    line(head, (name) => chalk.bold(name)),
    widths.map((size) => chalk.dim('─'.repeat(size))),
    ...rows.map((row) => line(row, (text, column) => painted(text, column, chalk))),
  );
  return `${table
    .toString()
    .split('\n')
    .map((text) => text.trimEnd())
    .join('\n')}\n`;
}

/** A name and a value a line, records apart: for terminals narrower than the columns. */
function blocks(
  columns: readonly Column[],
  rows: readonly string[][],
  width: number,
  chalk: ChalkInstance,
): string {
  const names = Math.max(...columns.map(({ name }) => name.length));
  const line = (column: Column, text: string) =>
    `${chalk.bold(column.name.padEnd(names))}  ${painted(shortened(text, Math.max(width - names - 2, 1)), column, chalk)}\n`;
  return rows.map((row) => columns.map((column, i) => line(column, row[i]!)).join('')).join('\n');
}

const painted = (text: string, column: Column, chalk: ChalkInstance) =>
  column.name === 'action' && text === 'REJECT' ? chalk.red(text) : text;

/** The text cut in its middle: of an address or an id, both ends tell it from its neighbours. */
function shortened(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  const characters = [...text];
  if (width < 2) return '…'.slice(0, width);
  let head = Math.ceil((width - 1) / 2);
  let tail = width - 1 - head;
  let short = '';
  do {
    short = `${characters.slice(0, head).join('')}…${tail > 0 ? characters.slice(-tail).join('') : ''}`;
    if (tail > 0) tail--;
    else head--;
  } while (stringWidth(short) > width && head > 0);
  return short;
}
