import { HiveSQL } from 'dt-sql-parser';

/** A DDL statement as Hive's grammar reads it. What is not understood is refused, not passed over. */
export type Ddl =
  | { readonly kind: 'create database'; readonly database: string; readonly ifNotExists: boolean }
  | { readonly kind: 'drop table'; readonly name: TableName; readonly ifExists: boolean }
  | { readonly kind: 'repair table'; readonly name: TableName }
  | {
      readonly kind: 'set properties';
      readonly name: TableName;
      readonly properties: Readonly<Record<string, string>>;
    }
  | CreateTable;

export interface CreateTable {
  readonly kind: 'create table';
  readonly name: TableName;
  readonly ifNotExists: boolean;
  readonly columns: readonly ColumnDefinition[];
  readonly partitionKeys: readonly ColumnDefinition[];
  readonly format: 'text' | 'parquet';
  readonly location: string;
  readonly properties: Readonly<Record<string, string>>;
}

export interface TableName {
  readonly database: string;
  readonly table: string;
}

export interface ColumnDefinition {
  readonly Name: string;
  readonly Type: string;
}

/** A node of the parser's tree, as much of it as is looked at. */
interface Node {
  readonly children?: readonly Node[] | null;
  getText(): string;
}

/** Bundled with other grammars, classes of one name are numbered. */
const nameOf = (node: Node) => node.constructor.name.replace(/Context[$_\d]*$/, '');

/** All nodes of that rule below a node, in order; not those inside one that was found. */
function all(node: Node, rule: string): Node[] {
  return (node.children ?? []).flatMap((child) => (nameOf(child) === rule ? [child] : all(child, rule)));
}

const one = (node: Node, rule: string): Node | undefined => all(node, rule)[0];

const hive = new HiveSQL();

/** What a statement means. */
export function parseDdl(text: string): Ddl {
  const errors = hive.validate(text);
  if (errors.length > 0) throw new Error(`no Hive DDL: ${errors[0]!.message}\n${text}`);
  const root = hive.parse(text) as unknown as Node;
  const create = one(root, 'CreateTableStatement');
  if (create) return createTable(create);
  const database = one(root, 'CreateDatabaseStatement');
  if (database) {
    return {
      kind: 'create database',
      database: ids(database)[0]!,
      ifNotExists: one(database, 'IfNotExists') !== undefined,
    };
  }
  const drop = one(root, 'DropTableStatement');
  if (drop)
    return { kind: 'drop table', name: tableName(drop), ifExists: one(drop, 'IfExists') !== undefined };
  const alter = /^alter table (\S+) set tblproperties/i.exec(text);
  if (alter) {
    const [name, base] = alter[1]!.replaceAll('`', '').split('.').reverse();
    return {
      kind: 'set properties',
      name: { database: base!, table: name! },
      properties: propertiesIn(root),
    };
  }
  const repair = /^msck repair table (.+)$/is.exec(text);
  if (repair) {
    const [name, base] = repair[1]!.replaceAll('`', '').split('.').reverse();
    return { kind: 'repair table', name: { database: base!, table: name! } };
  }
  throw new Error(`a kind of DDL that the test server does not know: ${text}`);
}

const unquoted = (text: string) => text.replace(/^[`'"]|[`'"]$/g, '');
const ids = (node: Node) => all(node, 'Id_').map((id) => unquoted(id.getText()));

function tableName(node: Node): TableName {
  const names = ids(one(node, 'TableNameCreate') ?? one(node, 'TableName') ?? node);
  if (names.length !== 2) throw new Error(`a table name without database: ${names.join('.')}`);
  return { database: names[0]!, table: names[1]! };
}

function propertiesIn(node: Node): Record<string, string> {
  const pairs = all(node, 'KeyValueProperty').map((pair) =>
    pair.children!.map((child) => unquoted(child.getText())),
  );
  return Object.fromEntries(pairs.map(([key, , value]) => [key!, value!]));
}

function createTable(node: Node): CreateTable {
  const text = (rule: string) => one(node, rule)?.children?.map((child) => child.getText());
  if (!text('CreateTableStatement') && !/^CREATEEXTERNAL/i.test(node.getText()))
    throw new Error('not EXTERNAL');
  const columns = (within: Node | undefined) =>
    within
      ? all(within, 'ColumnNameTypeConstraint').map((column) => ({
          Name: unquoted(one(column, 'Id_')!.getText()),
          Type: column
            .children!.slice(1)
            .map((child) => child.getText())
            .join(''),
        }))
      : [];
  const delimiter = one(node, 'TableRowFormatFieldIdentifier')?.children?.at(-1)?.getText();
  const stored = unquoted(one(node, 'TableFileFormat')!.children!.at(-1)!.getText()).toUpperCase();
  if (stored === 'TEXTFILE' && delimiter !== "' '") throw new Error(`fields end with ${delimiter}`);
  if (stored !== 'TEXTFILE' && stored !== 'PARQUET') throw new Error(`stored as ${stored}`);
  const location = unquoted(one(node, 'LocationPath')!.children!.at(-1)!.getText());
  if (!/^s3:\/\/[^/]+\/(?:[^/]+\/)*$/.test(location)) throw new Error(`no location of a table: ${location}`);
  return {
    kind: 'create table',
    name: tableName(node),
    ifNotExists: one(node, 'IfNotExists') !== undefined,
    columns: columns(one(node, 'ColumnNameTypeOrConstraintList')),
    partitionKeys: columns(one(node, 'CreateTablePartitionSpec')),
    format: stored === 'PARQUET' ? 'parquet' : 'text',
    location,
    properties: propertiesIn(node),
  };
}
