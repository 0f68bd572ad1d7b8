import type { Column, Value } from '../result.js';
import { UNSEEN } from '../terminal/unseen.js';

/** The text with each character that a terminal would act on written out, as `\x1b` or `\u202e`. */
export function visible(text: string): string {
  // Most text has nothing of the kind, and this tells quickly.
  if (!/[^\x20-\x7e]/.test(text)) return text;
  return text.replace(UNSEEN, (character) => {
    const code = character.codePointAt(0)!.toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}

/** As {@link visible}, for text of several lines. */
export const visibleLines = (text: string): string =>
  /[^\n\x20-\x7e]/.test(text) ? text.split('\n').map(visible).join('\n') : text;

/** A statement to show: it may hold names of files. Its lines and tabs are its writer's. */
export const visibleStatement = (sql: string): string => sql.split('\t').map(visibleLines).join('\t');

/** `2026-06-01T09:00:00+09:00` as spreadsheets read it: `2026-06-01 09:00:00`, the time of the zone asked for. */
export const plainTime = (iso: string): string => iso.slice(0, 19).replace('T', ' ');

/** Hundredths of a percent as `12.34`. */
export const percentText = (hundredths: Exclude<Value, null>): string =>
  (Number(hundredths) / 100).toFixed(2);

/** A value as people read it. */
export function cellText(value: Value, column: Column): string {
  if (value === null) return '-';
  if (column.type === 'percent') return `${percentText(value)} %`;
  const text = column.type === 'time' ? plainTime(String(value)) : String(column.label?.(value) ?? value);
  return visible(text);
}

export const isNumeric = ({ type, label }: Column): boolean =>
  (type === 'integer' || type === 'number' || type === 'bytes' || type === 'percent') && label === undefined;
