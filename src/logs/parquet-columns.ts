import type { DuckDBValue } from '@duckdb/node-api';
import { FlowlogError } from '../errors.js';
import { fieldByName, isOwnName } from '../flowlog/field-names.js';
import { type FieldType, fieldOf, findField } from '../flowlog/fields.js';
import { parseFlowLogId } from '../flowlog/s3-layout.js';
import { parsePart, SOURCE_COLUMN } from '../flowlog/store-layout.js';
import { quotedText } from '../sql/sql.js';
import type { FoundFile, LogFile } from './log-file.js';
import { NESTED, type ParquetColumn } from './parquet-column.js';

/** A top-level column of a file's schema. */
interface SchemaColumn {
  readonly name: string;
  readonly type: string;
}

type Query = (sql: string) => Promise<DuckDBValue[][]>;

/** Adds their columns to Parquet files. A file that is not a flow log, or too damaged to tell, becomes foreign. */
export async function inspectParquet(files: readonly LogFile[], query: Query): Promise<LogFile[]> {
  const paths = files.filter((file) => file.kind === 'parquet' && !file.fields).map(({ path }) => path);
  if (paths.length === 0) return [...files];
  const schemas = await schemasOf(paths, query);
  return files.map((file): LogFile => {
    if (file.kind !== 'parquet' || file.fields) return file;
    const schema = schemas.get(file.path);
    if (!schema) return foreign(file, { why: 'its Parquet data is damaged', damaged: true });
    const columns = columnsOf(schema);
    // A file of a store may still be on its way to its place.
    const ofStore = schema.some(({ name }) => name === SOURCE_COLUMN);
    const own = ofStore && parsePart(file.path) !== undefined;
    if (ofStore || isAsDelivered(schema, file.name)) return { ...file, columns, own, asDelivered: true };
    const all = [...columns, ...partitionColumns(file.name, columns)];
    if (!isFlowLog(all)) return foreign(file, { why: 'its Parquet columns are not those of a flow log' });
    return { ...file, columns: all, asDelivered: false };
  });
}

/** The names of the columns of each file that can be read, in their order. */
export async function parquetColumns(paths: readonly string[], query: Query): Promise<Map<string, string[]>> {
  const schemas = await schemasOf(paths, query);
  return new Map([...schemas].map(([path, schema]) => [path, schema.map(({ name }) => name)]));
}

const foreign = ({ path, name, size, named }: FoundFile, what: { why: string; damaged?: true }): LogFile => ({
  path,
  name,
  size,
  named,
  kind: 'foreign',
  ...what,
});

/** Whether an error is about the bytes of a file, rather than about the disk, memory or the query. */
export function isDamage(error: unknown): boolean {
  return error instanceof Error && !(error instanceof FlowlogError) && !OTHER_ERRORS.test(error.message);
}

const OTHER_ERRORS =
  /^(?:INTERRUPT|Permission|Binder|Parser|Catalog) Error|No such file|Cannot open file|No files found|No space|Too many open files/i;

/**
 * What a query finds in files, and the files that it fails on because they are damaged.
 *
 * @param query takes some of the paths
 */
export async function readWhatCanBe<T>(
  paths: readonly string[],
  query: (paths: readonly string[]) => Promise<T>,
): Promise<{ found: T[]; damaged: string[] }> {
  try {
    return { found: [await query(paths)], damaged: [] };
  } catch (error) {
    if (!isDamage(error)) throw error;
    if (paths.length === 1) return { found: [], damaged: [...paths] };
  }
  const half = Math.ceil(paths.length / 2);
  const first = await readWhatCanBe(paths.slice(0, half), query);
  const second = await readWhatCanBe(paths.slice(half), query);
  return { found: [...first.found, ...second.found], damaged: [...first.damaged, ...second.damaged] };
}

async function schemasOf(paths: readonly string[], query: Query): Promise<Map<string, SchemaColumn[]>> {
  const schemas = new Map<string, SchemaColumn[]>();
  const { found } = await readWhatCanBe(paths, (some) =>
    query(
      `SELECT file_name, name, num_children, repetition_type, duckdb_type FROM parquet_schema([${some.map(quotedText).join(', ')}])`,
    ),
  );
  // Entries stand in the order of the tree, the schema itself first.
  let path: unknown;
  let below = 0;
  for (const [file, name, children, repetition, type] of found.flat()) {
    if (file !== path) {
      path = file;
      below = 0;
      schemas.set(String(file), []);
      continue;
    }
    const inside = Number(children ?? 0);
    if (below > 0) below += inside - 1;
    else {
      const nested = inside > 0 || repetition === 'REPEATED';
      below = inside;
      schemas.get(String(file))!.push({ name: String(name), type: nested ? NESTED : String(type) });
    }
  }
  return schemas;
}

/** Fields that tell flow logs from other tables that have a region or an account. */
const TELLING = new Set(
  'interface_id srcaddr dstaddr pkt_srcaddr pkt_dstaddr dstport packets bytes start end action log_status flow_direction'.split(
    ' ',
  ),
);

const isFlowLog = (columns: readonly ParquetColumn[]) =>
  columns.filter(({ field }) => TELLING.has(field.column)).length >= 2;

/** The columns by field. Of several for one field, the one with the field's own name holds it. */
function columnsOf(schema: readonly SchemaColumn[]): ParquetColumn[] {
  const held = new Map<string, string>();
  const known = schema.flatMap(({ name }) => {
    const field = fieldByName(name);
    return field
      ? [{ name, column: field.column, rank: name === field.column ? 0 : isOwnName(name) ? 1 : 2 }]
      : [];
  });
  for (const { name, column } of known.sort((a, b) => a.rank - b.rank)) {
    if (!held.has(column)) held.set(column, name);
  }
  const columns = new Map<string, ParquetColumn>();
  for (const { name, type } of schema) {
    if (name === SOURCE_COLUMN) continue;
    const field = fieldByName(name);
    if (field && held.get(field.column) === name) columns.set(field.column, { field, name, type });
    else if (type !== NESTED && type !== 'BLOB' && !findField(name)) {
      const other = fieldOf(name);
      if (!columns.has(other.column)) columns.set(other.column, { field: other, name, type });
    }
  }
  return [...columns.values()];
}

/** Fields that a partition holds, by the names of folders: `region=ap-northeast-1/`. */
function partitionColumns(path: string, columns: readonly ParquetColumn[]): ParquetColumn[] {
  return [...path.matchAll(/(?<=^|\/)([^/=]+)=([^/]*)(?=\/)/g)].flatMap(([, key = '', value = '']) => {
    const field = fieldByName(key);
    if (!field || columns.some((column) => column.field === field)) return [];
    return [{ field, name: undefined, type: decoded(value) }];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The types of AWS's files (Amazon VPC User Guide, "Flow log records"), as DuckDB calls them. */
const DELIVERED: Record<FieldType, string> = { text: 'VARCHAR', integer: 'INTEGER', bigint: 'BIGINT' };

/** Whether AWS itself wrote the file: then its types are right, and its values need not be checked. */
function isAsDelivered(schema: readonly SchemaColumn[], name: string): boolean {
  if (parseFlowLogId(name) === undefined) return false;
  return schema.every(({ name, type }) => {
    const field = findField(name);
    if (!field) return type !== NESTED && type !== 'BLOB';
    return name === field.column && type === DELIVERED[field.type];
  });
}
