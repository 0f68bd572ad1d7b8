import { invalid, malformedQuery } from './errors.js';

/** Quoted text, quoted names and comments: what stands in them parts no statements and names no kind. */
const QUIET = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`/g;
const COMMENT = /^(?:--|\/\*)/;

/** The text with comments as blanks. */
export const withoutComments = (text: string) =>
  text.replace(QUIET, (part) => (COMMENT.test(part) ? ' ' : part));

/** What the service says of a statement, and what kind of file its result is. */
export interface StatementKind {
  readonly type: 'DML' | 'DDL' | 'UTILITY';
  readonly subtype: string;
  /** The path of the result below the location, and whether a file is written there. */
  readonly file: (id: string) => { readonly path: string; readonly written: boolean };
}

const csv = (id: string) => ({ path: `${id}.csv`, written: true });
const noCsv = (id: string) => ({ path: `${id}.csv`, written: false });
const bare = (id: string) => ({ path: id, written: false });
const tables = (id: string) => ({ path: `tables/${id}`, written: false });
const txt = (id: string) => ({ path: `${id}.txt`, written: true });

type Entry = readonly [
  pattern: RegExp,
  type: StatementKind['type'],
  subtype: string,
  file: StatementKind['file'],
];

/** Types: measured, statements.md and result-files.md, from 2026-09-16 to 2026-09-27; files: result-files.md. */
const KINDS: readonly Entry[] = [
  [/^(?:\(\s*)*(?:SELECT|WITH|VALUES|TABLE)\b/i, 'DML', 'SELECT', csv],
  [/^EXPLAIN\b/i, 'DML', 'EXPLAIN', txt],
  [/^INSERT\b/i, 'DML', 'INSERT', bare],
  [/^UPDATE\b/i, 'DML', 'UPDATE', noCsv],
  [/^DELETE\b/i, 'DML', 'DELETE', noCsv],
  [/^MERGE\b/i, 'DML', 'MERGE', noCsv],
  [/^SHOW\s+FUNCTIONS\b/i, 'UTILITY', 'SHOW_FUNCTIONS', csv],
  [/^SHOW\s+TABLES\b/i, 'UTILITY', 'SHOW_TABLES', txt],
  [/^SHOW\s+(?:DATABASES|SCHEMAS)\b/i, 'UTILITY', 'SHOW_DATABASES', txt],
  [/^SHOW\s+COLUMNS\b/i, 'UTILITY', 'SHOW_COLUMNS', txt],
  [/^SHOW\s+PARTITIONS\b/i, 'UTILITY', 'SHOW_PARTITIONS', txt],
  [/^SHOW\s+TBLPROPERTIES\b/i, 'UTILITY', 'SHOW_TABLE_PROPERTIES', txt],
  [/^SHOW\s+CREATE\s+TABLE\b/i, 'UTILITY', 'SHOW_CREATE_TABLE', txt],
  [/^SHOW\s+CREATE\s+VIEW\b/i, 'UTILITY', 'SHOW_CREATE_VIEW', txt],
  [/^DESC(?:RIBE)?\b/i, 'UTILITY', 'DESCRIBE_TABLE', txt],
  [/^CREATE\s+(?:DATABASE|SCHEMA)\b/i, 'DDL', 'CREATE_DATABASE', txt],
  [/^DROP\s+(?:DATABASE|SCHEMA)\b/i, 'DDL', 'DROP_DATABASE', txt],
  [/^CREATE\s+TABLE\b[\s\S]*\bAS\b/i, 'DDL', 'CREATE_TABLE_AS_SELECT', tables],
  [/^CREATE\s+(?:EXTERNAL\s+)?TABLE\b/i, 'DDL', 'CREATE_TABLE', txt],
  [/^DROP\s+TABLE\b/i, 'DDL', 'DROP_TABLE', txt],
  [/^CREATE\s+(?:OR\s+REPLACE\s+)?VIEW\b/i, 'DDL', 'CREATE_VIEW', txt],
  [/^DROP\s+VIEW\b/i, 'DDL', 'DROP_VIEW', txt],
  [/^MSCK\b/i, 'DDL', 'MSCK_REPAIR', txt],
  [/^ALTER\s+TABLE\b[\s\S]*\bSET\s+TBLPROPERTIES\b/i, 'DDL', 'ALTER_TABLE_PROPERTIES', txt],
  [/^ALTER\s+TABLE\b[\s\S]*\bADD\b[\s\S]*\bPARTITION\b/i, 'DDL', 'ALTER_TABLE_ADD_PARTITION', txt],
];

/** The kind of a statement; leading comments and those between keywords do not count. */
export function statementKind(text: string): StatementKind {
  const words = withoutComments(text).trim();
  const found = KINDS.find(([pattern]) => pattern.test(words));
  // An incomplete or unknown statement (measured, statements.md).
  if (!found) throw malformedQuery('Queries of this type are not supported');
  const [, type, subtype, file] = found;
  return { type, subtype, file };
}

/** Whether the first row of the first page holds the names (measured on 130 answers, query-results.md). */
export const hasHeaderRow = ({ type, subtype }: StatementKind) =>
  type === 'DML' || subtype === 'SHOW_FUNCTIONS';

/** As GetQueryExecution shows it: outer blanks and semicolons cut, comments kept (measured, statements.md). */
export const shownQuery = (text: string) => text.replace(/^\s+|[\s;]+$/g, '');

/** Refuses more than one statement, and none (measured, statements.md). */
export function checkOneStatement(text: string): void {
  const blank = text.replace(QUIET, (part) => part.replace(/[^\n]/g, COMMENT.test(part) ? 'c' : 'q'));
  const end = blank.indexOf(';');
  if (blank.replace(/[\s;]/g, '') === '') throw invalid(`Empty sql statement: ${text.trim()}`);
  // A comment after the semicolon counts as a second statement.
  if (end >= 0 && blank.slice(end).replace(/[\s;]/g, '') !== '') {
    throw invalid(`Only one sql statement is allowed. Got: ${text.trim()}`);
  }
}
