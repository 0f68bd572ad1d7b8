import { UsageError } from '../errors.js';

/** The name of a table, as far as it was given. */
export interface TableName {
  readonly catalog: string | undefined;
  readonly database: string | undefined;
  readonly table: string;
}

/** Of a catalog, database or table: Athena User Guide, "Name databases, tables, and columns". */
const LONGEST = 255;

/**
 * Reads a table's name as people paste it: `table`, `database.table` or `catalog.database.table`, each part bare, in double
 * quotes as in a SELECT, or in backquotes as in DDL. Athena ignores case, and its catalog keeps lower case.
 *
 * @throws UsageError
 */
export function parseTableName(text: string): TableName {
  const parts = partsOf(text);
  if (parts.length > 3) {
    throw new UsageError(
      `'${text}' is not a table name: it has ${parts.length} parts.`,
      'Write table, database.table or catalog.database.table. Quote a part that has a dot in it.',
    );
  }
  const [table, database, catalog] = [...parts].reverse() as [string, string?, string?];
  return { catalog, database: database?.toLowerCase(), table: table.toLowerCase() };
}

/**
 * Reads a database's name: `database` or `catalog.database`, with or without quotes.
 *
 * @throws UsageError
 */
export function parseDatabaseName(text: string): { catalog: string | undefined; database: string } {
  const parts = partsOf(text);
  if (parts.length > 2) {
    throw new UsageError(
      `'${text}' is not a database name: it has ${parts.length} parts.`,
      'Write database or catalog.database. Quote a part that has a dot in it.',
    );
  }
  const [database, catalog] = [...parts].reverse() as [string, string?];
  return { catalog, database: database.toLowerCase() };
}

const PART = /"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|([^."`]+)/y;

function partsOf(text: string): string[] {
  const whole = text.trim();
  const parts: string[] = [];
  for (let at = 0; at <= whole.length; at++) {
    PART.lastIndex = at;
    const match = PART.exec(whole);
    at = PART.lastIndex;
    const next = whole[at];
    if (!match || (next !== undefined && next !== '.')) {
      throw new UsageError(
        `'${text}' is not a name.`,
        'Write database.table, or with quotes: \'"my-database"."vpc_flow_logs"\'.',
      );
    }
    const [, quoted, backquoted, bare] = match;
    parts.push(checked(quoted?.replaceAll('""', '"') ?? backquoted?.replaceAll('``', '`') ?? bare!.trim()));
  }
  return parts;
}

function checked(name: string): string {
  if (name === '' || /\p{Cc}/u.test(name)) {
    throw new UsageError(`'${name}' is not a name.`, 'A name has at least one character and no line breaks.');
  }
  const bytes = Buffer.byteLength(name);
  if (bytes > LONGEST) {
    throw new UsageError(
      `'${name.slice(0, 40)}…' has ${bytes} bytes.`,
      `The name of a catalog, database or table has at most ${LONGEST}.`,
    );
  }
  return name;
}

/** The catalog, database and table that options name together: what stands in the table's own name counts first. */
export function namesOf(given: {
  readonly table?: string | undefined;
  readonly database: string;
  readonly catalog: string;
}): { catalog: string; database: string; table: string } {
  const table: Partial<TableName> = given.table === undefined ? {} : parseTableName(given.table);
  const database = parseDatabaseName(given.database);
  const catalog = table.catalog ?? database.catalog ?? given.catalog;
  return {
    catalog: /^(["`]).+\1$/.test(catalog) ? catalog.slice(1, -1) : catalog,
    database: table.database ?? database.database,
    table: table.table ?? '',
  };
}
