import { UsageError } from '../errors.js';
import { findField } from '../flowlog/fields.js';
import type { Column } from '../result.js';
import type { OwnColumn, Source } from '../sql/query.js';
import { every, inlined, join, type Sql, sql } from '../sql/sql.js';
import type { TimeRange } from '../time/range.js';
import { aliased, fieldColumn } from './columns.js';

/** What stands for the logs in a statement of one's own. */
const LOGS = /\{\{\s*logs\s*\}\}/g;

/**
 * A statement with the logs in the place of `{{logs}}`: a table with a column for every field these logs record, absent values
 * NULL, alike on both engines; of the range only, so that no more is read than that needs.
 *
 * @throws UsageError for `{{` anything else
 */
export function withLogs(text: string, source: Source, { since, until }: TimeRange): string {
  const conditions = [...source.where];
  const start = () => source.dialect.value(source.fields.get('start')!);
  if (since !== undefined) conditions.push(sql`${start()} >= ${since}`);
  if (until !== undefined) conditions.push(sql`${start()} < ${until}`);
  const columns = [...source.fields.values()].map((field) =>
    aliased(source.dialect.value(field), field.column),
  );
  const where: Sql = conditions.length > 0 ? sql` WHERE ${every(conditions)}` : sql``;
  const logs = inlined(sql`(SELECT ${join(columns, ', ')} FROM ${source.from}${where})`).sql;
  const filled = text.replace(LOGS, () => logs);
  const left = /\{\{.*?\}\}|\{\{/.exec(filled);
  if (left) {
    throw new UsageError(
      `${left[0]} is not a placeholder.`,
      'Only {{logs}} is: it stands for the table of logs.',
    );
  }
  return filled;
}

/** Comments and quoted text, which hold no words of a statement. A comment ends where the engines end it: at a carriage return too. */
const QUIET = /--[^\n\r]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"/g;

/**
 * The one statement in a text, without the semicolon at its end.
 *
 * @throws UsageError when there are none, or several
 */
export function oneStatement(text: string): string {
  const words = text.replace(QUIET, (part) => part.replace(/[^\n]/g, ' '));
  const end = words.indexOf(';');
  if (words.replaceAll(';', '').trim() === '') {
    throw new UsageError(
      'No SQL statement given.',
      "Pass it as an argument, with --file, or on standard input: flowlog query 'SELECT count(*) FROM {{logs}}'.",
    );
  }
  if (
    end >= 0 &&
    words
      .slice(end + 1)
      .replaceAll(';', '')
      .trim() !== ''
  ) {
    throw new UsageError('Only one SQL statement can run at a time.', 'Run them one after another.');
  }
  return end >= 0 ? text.slice(0, end) : text;
}

/** Statements that write nothing begin with one of these, in both engines. */
const READING =
  /^\s*(?:\(\s*)*(?:SELECT|WITH|VALUES|TABLE|SHOW|DESCRIBE|EXPLAIN(?![\s\S]*\bANALYZE\b)|FROM|SUMMARIZE)\b/i;

/** A statement that writes may stand behind the common table expressions. */
const WRITING_WITH = /^\s*WITH\b[\s\S]*\)\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO)\b/i;

/** @throws UsageError for a statement that may write */
export function checkReadOnly(statement: string): void {
  const words = statement.replace(QUIET, ' ');
  if (READING.test(words) && !WRITING_WITH.test(words)) return;
  const [first = ''] = /\S+/.exec(words) ?? [];
  throw new UsageError(
    `Only SELECT statements run by default; got ${first.toUpperCase()}.`,
    'Add --allow-write to run it anyway.',
  );
}

/** A column of an answer to one's own statement: one that has the name and type of a field is shown as that. */
export const ownColumn: OwnColumn = (name, type): Column => {
  const field = findField(name);
  if (field && (field.type === 'text') === (type === 'text') && type !== 'number') return fieldColumn(field);
  return { name, type: type === 'integer' && /(?:^|_)bytes$/.test(name) ? 'bytes' : type };
};

/** A parameter as typed: a number where it looks like one, else a text; `text:443` is a text, `number:443` a number. */
export function ownParameter(typed: string): string | number | bigint {
  const [, kind, value = ''] = /^(?:(text|number):)?([\s\S]*)$/.exec(typed)!;
  const whole = /^-?\d+$/.test(value);
  if (kind === 'number' && !whole) {
    throw new UsageError(`'${value}' is not a whole number.`, 'Write number:443, or leave number: out.');
  }
  if (kind === 'text' || !whole) return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}
