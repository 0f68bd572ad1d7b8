import type { Picture } from '../picture.js';
import type { Column, Row } from '../result.js';
import { grouped, humanBytes, humanSeconds } from '../terminal/units.js';
import { cellText, plainTime } from './text.js';

/** A bar: what it is called, how much it is of the whole, and its value as people read it. */
export interface Bar {
  readonly label: string;
  /** Undefined where the answer says that it is not known. */
  readonly value: number | undefined;
  readonly text: string;
}

/** A picture with the rows of an answer. */
export interface Bars {
  readonly picture: Picture;
  readonly bars: readonly Bar[];
  readonly whole: number;
}

/** A value with its unit, as axes and lines show it. */
export const valueText = (value: number, { unit }: Picture, type: Column['type'] | undefined): string => {
  if (unit === 'seconds') return humanSeconds(value);
  return type === 'bytes' ? humanBytes(value) : grouped(value);
};

/** The column of a picture's values, where the answer has it. */
export const valueColumn = (picture: Picture, columns: readonly Column[]): Column | undefined =>
  columns.find(({ name }) => name === picture.value);

/** The bars of some rows. Undefined where the answer lacks the column of the values. */
export function barsOf(picture: Picture, columns: readonly Column[], rows: readonly Row[]): Bars | undefined {
  const column = valueColumn(picture, columns);
  if (column === undefined) return undefined;
  const at = columns.indexOf(column);
  const labelOf = labels(picture, columns);
  const bars = rows.map((row): Bar => {
    const given = row[at] ?? null;
    if (given === null) return { label: labelOf(row), value: undefined, text: 'unknown' };
    const value = Number(given);
    return { label: labelOf(row), value, text: valueText(value, picture, column.type) };
  });
  const most = bars.reduce((most, { value = 0 }) => Math.max(most, value), 0);
  return { picture, bars, whole: Math.max(picture.whole ?? 0, most, 1) };
}

/** What a bar of a row is called: `10.10.24.5 (batch) → 203.0.113.9 443`. */
function labels({ labels: names }: Picture, columns: readonly Column[]): (row: Row) => string {
  const parts = columns.flatMap((column, at) => {
    if (!names.includes(column.name)) return [];
    const name = columns.findIndex(({ name }) => name === `${column.name}_name`);
    return [{ column, at, name }];
  });
  return (row) =>
    parts
      .map(({ column, at, name }, i) => {
        const given = name < 0 ? null : row[name]!;
        const text = cellText(row[at]!, column);
        const before = i === 0 ? '' : column.address ? ' → ' : ' ';
        return before + (given === null ? text : `${text} (${cellText(given, columns[name]!)})`);
      })
      .join('');
}

/** Times of bars side by side, as short as they still differ: days, or days and minutes. */
export function shortTimes(labels: readonly string[]): string[] {
  const times = labels.map(plainTime);
  if (times.every((time) => time.endsWith(' 00:00:00'))) return times.map((time) => time.slice(0, 10));
  return times.map((time) => time.slice(5, 16));
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Bars as text, none longer than `width`. */
export const textBars = ({ bars, whole }: Bars, width: number): string[] =>
  bars.map(({ value }) => (value === undefined ? '?' : textBar(value / whole, width)));

function textBar(part: number, width: number): string {
  const eighths = Math.round(part * width * 8);
  // The smallest thing that happened shows.
  const shown = part > 0 ? Math.max(eighths, 1) : 0;
  return '█'.repeat(Math.floor(shown / 8)) + EIGHTHS[shown % 8];
}
