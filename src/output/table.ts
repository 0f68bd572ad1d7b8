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
  const widths = fittedWidths(columns, rows, width);
  await write(widths ? grid(columns, rows, widths, chalk) : blocks(columns, rows, width, chalk));
  return rows.length;
};

const cells = (row: Row, columns: readonly Column[]) => columns.map((column, i) => cell(row[i]!, column));

function cell(value: Value, column: Column): string {
  if (column.type === 'bytes' && value !== null) return humanBytes(value as number | bigint);
  return cellText(value, column);
}

/** The width of each column, or undefined when even the narrowest do not fit. Only text gives way, the widest first. */
function fittedWidths(
  columns: readonly Column[],
  rows: readonly string[][],
  width: number,
): number[] | undefined {
  const widths = columns.map(({ name }) => stringWidth(name));
  for (const row of rows) {
    row.forEach((text, i) => {
      widths[i] = Math.max(widths[i]!, stringWidth(text));
    });
  }
  let over = widths.reduce((sum, each) => sum + each + GAP, -GAP) - width;
  while (over > 0) {
    let widest = -1;
    columns.forEach(({ type }, i) => {
      if (type === 'text' && widths[i]! > NARROWEST && (widest < 0 || widths[i]! > widths[widest]!))
        widest = i;
    });
    if (widest < 0) return undefined;
    widths[widest]!--;
    over--;
  }
  return widths;
}

const NO_BORDER = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' },
  ...{ 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '' },
  ...{ right: '', 'right-mid': '', middle: ' '.repeat(GAP) },
};

function grid(
  columns: readonly Column[],
  rows: readonly string[][],
  widths: readonly number[],
  chalk: ChalkInstance,
): string {
  const table = new Table({
    chars: NO_BORDER,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colWidths: [...widths],
    colAligns: columns.map((column) => (isNumeric(column) ? 'right' : 'left')),
  });
  table.push(
    columns.map(({ name }, i) => chalk.bold(shortened(name, widths[i]!))),
    widths.map((size) => chalk.dim('─'.repeat(size))),
    ...rows.map((row) => row.map((text, i) => painted(shortened(text, widths[i]!), columns[i]!, chalk))),
  );
  return `${table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
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
