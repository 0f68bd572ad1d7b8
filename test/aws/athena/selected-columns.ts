import type { Rows } from './execution.js';

const QUIET = /--[^\n]*|'(?:[^']|'')*'/g;

/** The columns that the last SELECT outside parentheses yields, by their aliases. Enough for the statements of flowlog. */
export function selectedColumns(statement: string): Rows['columns'] {
  const text = statement.replace(QUIET, (part) => ' '.repeat(part.length));
  let depth = 0;
  let from = -1;
  let to = text.length;
  const commas: number[] = [];
  for (const { 0: part, index } of text.matchAll(/[(),]|\bSELECT\b|\bFROM\b/gi)) {
    if (part === '(') depth++;
    else if (part === ')') depth--;
    else if (depth > 0) continue;
    else if (/select/i.test(part)) {
      from = index + part.length;
      to = text.length;
      commas.length = 0;
    } else if (/from/i.test(part)) to = Math.min(to, index);
    else if (index < to) commas.push(index);
  }
  if (from < 0) return [];
  const ends = [...commas, to];
  return ends.map((end, i) => {
    const item = text.slice(i === 0 ? from : commas[i - 1]! + 1, end).trim();
    const name = /(?:"([^"]+)"|(\w+))$/.exec(item);
    return { Name: name?.[1] ?? name?.[2] ?? `_col${i}`, Type: 'varchar' };
  });
}
