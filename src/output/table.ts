import { Chalk, type ChalkInstance } from 'chalk';
import Table from 'cli-table3';
import stringWidth from 'string-width';
import type { Column, Row, Value } from '../result.js';
import { humanBytes } from '../terminal/units.js';
import { type Bars, barsOf, textBars } from './bars.js';
import { aboutLines, type Renderer } from './renderer.js';
import { cellText, isNumeric, visible } from './text.js';

/** Between two columns. */
const GAP = 2;
/** A text column is not made narrower than this: what is left of an address or a name still says something. */
const NARROWEST = 8;
/** A bar beside its row is this long, and stands below the table where less than the least of it is left. */
const BAR = { most: 30, least: 10 };
/** Bars below a table. */
const MOST_BELOW = 25;
/** Rows drawn at a time: cli-table3 takes longer for each row the more there are, and hears no signal meanwhile. */
const ROWS = 50;

/** A table for people, fitted to the width; where its columns cannot fit, one record below the other. */
export const renderTable: Renderer = async (result, write, { width, color, limit, about, picture }) => {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const columns = result.columns.map((column) => ({ ...column, name: visible(column.name) }));
  const rows: string[][] = [];
  const drawn: Row[] = [];
  for await (const batch of result.rows(limit)) {
    rows.push(...batch.map((row) => cells(row, columns)));
    if (picture) drawn.push(...batch);
  }
  const bars = picture && rows.length > 0 ? barsOf(picture, result.columns, drawn) : undefined;
  let natural = naturalWidths(columns, rows);
  // A bar is worth the year of the times, not a second line for each record.
  const over = totalWidth(natural) - width;
  const withBar = over + GAP + BAR.least;
  if ((bars && shortenTimes(columns, rows, withBar)) || shortenTimes(columns, rows, over))
    natural = naturalWidths(columns, rows);
  let layout = gridLayout(columns, natural, width);
  const room = layout && bars ? Math.min(width - totalWidth(layout.widths) - GAP, BAR.most) : 0;
  const isBeside = room >= BAR.least;
  if (layout && bars && isBeside) {
    const texts = textBars(bars, room);
    rows.forEach((row, i) => void row.push(texts[i]!));
    columns.push({ name: `${bars.picture.value}_chart`, type: 'text' });
    const head = Math.max(room, columns.at(-1)!.name.length);
    layout = { cells: [...layout.cells, [columns.length - 1]], widths: [...layout.widths, head] };
  }
  if (!layout) await write(blocks(columns, rows, width, chalk));
  else {
    const grid = new Grid(columns, layout, chalk);
    await write(grid.head());
    for (let from = 0; from < rows.length; from += ROWS)
      await write(grid.lines(rows.slice(from, from + ROWS)));
  }
  if (bars && !isBeside) await write(below(bars, width, chalk));
  if (about) await write(`\n${(await aboutLines(about, rows.length)).map((line) => `${line}\n`).join('')}`);
  return rows.length;
};

const cells = (row: Row, columns: readonly Column[]) => columns.map((column, i) => cell(row[i]!, column));

function cell(value: Value, column: Column): string {
  if (column.type === 'bytes' && value !== null) return humanBytes(value as number | bigint);
  return cellText(value, column);
}

/** Of each of a grid's cells, the places of its columns, which stand one below the other, and the width. */
interface GridLayout {
  readonly cells: ReadonlyArray<readonly number[]>;
  readonly widths: readonly number[];
}

function naturalWidths(columns: readonly Column[], rows: readonly string[][]): number[] {
  const widths = columns.map(({ name }) => textWidth(name));
  for (const row of rows) {
    row.forEach((text, i) => {
      widths[i] = Math.max(widths[i]!, textWidth(text));
    });
  }
  return widths;
}

const totalWidth = (widths: readonly number[]) => widths.reduce((sum, each) => sum + each + GAP, -GAP);

/** Times without their year, where all are of one year and a record stands on one line then. */
function shortenTimes(columns: readonly Column[], rows: readonly string[][], over: number): boolean {
  const times = columns.flatMap(({ type }, i) => (type === 'time' ? [i] : []));
  if (over <= 0 || over > times.length * 'YYYY-'.length) return false;
  const shown = rows.flatMap((row) => times.filter((i) => row[i] !== '-').map((i) => ({ row, i })));
  if (new Set(shown.map(({ row, i }) => row[i]!.slice(0, 5))).size !== 1) return false;
  for (const { row, i } of shown) row[i] = row[i]!.slice(5);
  return true;
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
      const cells = stacks(columns, stacked);
      const cellWidths = cells.map((cell) => Math.max(...cell.map((at) => natural[at]!)));
      const elastic = cells.map((cell) => shrink && cell.every((at) => columns[at]!.type === 'text'));
      const widths = fitted(cellWidths, elastic, width);
      if (widths) return { cells, widths };
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
  let over = totalWidth(widths) - width;
  for (; over > 0; over--) {
    const takeable = widths.map((each, i) => (elastic[i] && each > NARROWEST ? each : 0));
    const widest = Math.max(...takeable);
    if (widest === 0) return undefined;
    widths[takeable.indexOf(widest)]!--;
  }
  return widths;
}

/** The places of the columns, `size` neighbours to a cell; a time stands with times only, first with last. */
function stacks(columns: readonly Column[], size: number): number[][] {
  const cells: number[][] = [];
  columns.forEach(({ type }, at) => {
    const cell = cells.at(-1);
    const alike = at > 0 && (columns[at - 1]!.type === 'time') === (type === 'time');
    if (cell && alike && cell.length < size) cell.push(at);
    else cells.push([at]);
  });
  return cells;
}

const NO_BORDER = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' },
  ...{ 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '' },
  ...{ right: '', 'right-mid': '', middle: ' '.repeat(GAP) },
};

/** Writes records as lines of columns. */
class Grid {
  private readonly right: readonly boolean[];

  constructor(
    private readonly columns: readonly Column[],
    private readonly layout: GridLayout,
    private readonly chalk: ChalkInstance,
  ) {
    this.right = layout.cells.map((cell) => cell.every((at) => isNumeric(columns[at]!)));
  }

  head(): string {
    const names = this.columns.map(({ name }) => name);
    const rule = this.layout.widths.map((size) => this.chalk.dim('─'.repeat(size)));
    return this.drawn([this.row(names, (name) => this.chalk.bold(name)), rule]);
  }

  lines(rows: readonly string[][]): string {
    return this.drawn(rows.map((row) => this.row(row, (text, column) => painted(text, column, this.chalk))));
  }

  private row(texts: readonly string[], paint: (text: string, column: Column) => string): string[] {
    const { cells, widths } = this.layout;
    return cells.map((cell, i) =>
      cell.map((at) => paint(shortened(texts[at]!, widths[i]!), this.columns[at]!)).join('\n'),
    );
  }

  private drawn(rows: readonly string[][]): string {
    const table = new Table({
      chars: NO_BORDER,
      style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
      colWidths: [...this.layout.widths],
      colAligns: this.right.map((right) => (right ? 'right' : 'left')),
    });
    table.push(...rows.map((row) => [...row]));
    return `${table
      .toString()
      .split('\n')
      .map((text) => text.trimEnd())
      .join('\n')}\n`;
  }
}

/** Of most texts the width is their length; to find that of any takes a hundred times longer. */
const textWidth = (text: string): number => (/^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text));

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

/** Bars below a table that has no room for them: a line each, the first ones. */
function below({ picture, bars, whole }: Bars, width: number, chalk: ChalkInstance): string {
  const shown = bars.slice(0, MOST_BELOW);
  const values = Math.max(...shown.map(({ text }) => text.length));
  const longest = Math.max(...shown.map(({ label }) => textWidth(label)));
  const names = Math.max(Math.min(longest, width - values - BAR.least - 2 * GAP), 1);
  const room = Math.min(width - names - values - 2 * GAP, BAR.most);
  if (room < 1) return '';
  const texts = textBars({ picture, bars: shown, whole }, room);
  const more = bars.length > shown.length ? `, first ${shown.length} of ${bars.length} rows` : '';
  const lines = shown.map(({ label, text }, i) => {
    const name = shortened(label, names);
    const start = name + ' '.repeat(names - textWidth(name) + GAP) + text.padStart(values);
    return `${start}  ${texts[i]!}`.trimEnd();
  });
  return `\n${[chalk.bold(shortened(`${picture.title}${more}`, width)), ...lines].join('\n')}\n`;
}

/** The text cut in its middle: of an address or an id, both ends tell it from its neighbours. */
function shortened(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const characters = [...text];
  if (width < 2) return '…'.slice(0, width);
  let head = Math.ceil((width - 1) / 2);
  let tail = width - 1 - head;
  let short = '';
  do {
    short = `${characters.slice(0, head).join('')}…${tail > 0 ? characters.slice(-tail).join('') : ''}`;
    if (tail > 0) tail--;
    else head--;
  } while (textWidth(short) > width && head > 0);
  return short;
}
