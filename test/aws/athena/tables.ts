import type { Ddl } from '../hive-ddl.js';
import { invalid, wrapped } from './errors.js';
import type { Rows, Script } from './execution.js';
import { hiveDatabaseExists, hiveNoDatabase, hiveNoTable, hiveTableExists } from './failures.js';

export interface TableFixture {
  readonly Columns: ReadonlyArray<{ Name: string; Type: string }>;
  readonly PartitionKeys?: ReadonlyArray<{ Name: string; Type: string }>;
  readonly Parameters?: Readonly<Record<string, string>>;
  readonly TableType?: string;
}

type Folders = readonly string[] | undefined;

/** The databases and tables of the default catalog. */
export class Tables {
  readonly databases = new Set(['default']);
  readonly tables = new Map<string, TableFixture>();
  /** Registered partitions by table, `year=2026/month=06`. */
  readonly partitions = new Map<string, Set<string>>();
  /** The partition folders below the location of a table; undefined where there is no such place. */
  folders: (table: TableFixture, database: string, name: string) => Folders | Promise<Folders> = () => [];

  /** Does what a statement of DDL says, and answers as Hive does. */
  async run(ddl: Ddl): Promise<Script> {
    switch (ddl.kind) {
      case 'create database':
        if (this.databases.has(ddl.database) && !ddl.ifNotExists) return hiveDatabaseExists(ddl.database);
        this.databases.add(ddl.database);
        return {};
      case 'drop table': {
        const key = `${ddl.name.database}.${ddl.name.table}`;
        if (!this.tables.has(key) && !ddl.ifExists) return hiveNoTable(ddl.name.database, ddl.name.table);
        this.tables.delete(key);
        this.partitions.delete(key);
        return {};
      }
      case 'repair table':
        return { result: oneColumn(await this.repair(ddl.name.database, ddl.name.table)) };
      case 'set properties': {
        const key = `${ddl.name.database}.${ddl.name.table}`;
        const table = this.tables.get(key);
        // Seen of DROP TABLE; of ALTER TABLE it was not measured.
        if (!table) return hiveNoTable(ddl.name.database, ddl.name.table);
        this.tables.set(key, { ...table, Parameters: { ...table.Parameters, ...ddl.properties } });
        return {};
      }
      case 'create table': {
        const { name, columns, partitionKeys, location, properties, format } = ddl;
        const key = `${name.database}.${name.table}`;
        if (!this.databases.has(name.database)) return hiveNoDatabase(name.database);
        if (this.tables.has(key)) return ddl.ifNotExists ? {} : hiveTableExists(name.table);
        const serde =
          format === 'parquet'
            ? 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
            : 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe';
        const own = {
          EXTERNAL: 'TRUE',
          location: location.replace(/\/$/, ''),
          'serde.serialization.lib': serde,
        };
        this.tables.set(key, {
          Columns: columns,
          PartitionKeys: partitionKeys,
          Parameters: { ...properties, ...own },
        });
        return {};
      }
    }
  }

  /** SUCCEEDED in every case (measured, statements.md); the lines for what was found are Hive's own. */
  private async repair(database: string, name: string): Promise<string[]> {
    const key = `${database}.${name}`;
    const table = this.tables.get(key);
    if (!table) return [`Tables not in metastore:\t${name}`];
    const folders = await this.folders(table, database, name);
    if (!folders) return [`Tables missing on filesystem:\t${name}`];
    const known = this.partitions.get(key) ?? new Set();
    this.partitions.set(key, known);
    const found = folders.filter((folder) => !known.has(folder));
    for (const folder of found) known.add(folder);
    if (found.length === 0) return [];
    return [
      `Partitions not in metastore:\t${found.map((folder) => `${name}:${folder}`).join('\t')}`,
      ...found.map((folder) => `Repair: Added partition to metastore ${name}:${folder}`),
    ];
  }

  /** What a statement of the kind UTILITY answers; some are refused at start where their table does not exist. */
  show(text: string, subtype: string, context: string): Script {
    const words = text.replaceAll('`', '').trim();
    if (subtype === 'SHOW_DATABASES')
      return { result: oneColumn([...this.databases].sort(), 'database_name') };
    const name = /([\w$.-]+)\s*(?:\(.*\)|'.*')?\s*$/.exec(words)?.[1]?.toLowerCase() ?? '';
    if (subtype === 'SHOW_TABLES') {
      const database = /\b(?:IN|FROM)\s+([\w-]+)/i.exec(words)?.[1] ?? context;
      if (!this.databases.has(database)) return hiveNoDatabase(database);
      const names = [...this.tables.keys()].filter((key) => key.startsWith(`${database}.`));
      return { result: oneColumn(names.map((key) => key.slice(database.length + 1)).sort(), 'tab_name') };
    }
    const [short = '', database = context] = name.split('.').reverse();
    const table = this.tables.get(`${database}.${short}`);
    if (subtype === 'SHOW_TABLE_PROPERTIES') {
      // Measured, result-files.md: types; the text is Hive's.
      if (!table) return hiveNoTable(database, short);
      const rows = Object.entries(table.Parameters ?? {}).map(([key, value]) => [`${key}\t${value}`]);
      return { result: { columns: columnsOf('prpt_name', 'prpt_value'), rows } };
    }
    // DESCRIBE and SHOW COLUMNS (measured, statements.md).
    if (!table) throw invalid(wrapped('Entity Not Found'));
    const columns = [...table.Columns, ...(table.PartitionKeys ?? [])];
    if (subtype === 'SHOW_COLUMNS')
      return {
        result: oneColumn(
          columns.map(({ Name }) => Name.padEnd(20)),
          'field',
        ),
      };
    if (subtype === 'SHOW_PARTITIONS') {
      const registered = [...(this.partitions.get(`${database}.${short}`) ?? [])];
      return { result: oneColumn(registered.sort(), 'partition') };
    }
    if (subtype !== 'DESCRIBE_TABLE')
      throw new Error(`a statement that the test server does not play: ${text}`);
    const line = (...fields: string[]) => [fields.map((field) => field.padEnd(20)).join('\t')];
    const keys = table.PartitionKeys ?? [];
    const partitioned =
      keys.length === 0
        ? []
        : [
            ['\t \t '],
            ['# Partition Information\t \t '],
            line('# col_name', 'data_type', 'comment'),
            ['\t \t '],
            ...keys.map(({ Name, Type }) => line(Name, Type, '')),
          ];
    return {
      result: {
        columns: columnsOf('col_name', 'data_type', 'comment'),
        rows: [...columns.map(({ Name, Type }) => line(Name, Type, '')), ...partitioned],
      },
    };
  }
}

const columnsOf = (...names: string[]) => names.map((Name) => ({ Name, Type: 'varchar' }));

/** Rows of one value; without a name MSCK's, which has no column at all. */
const oneColumn = (lines: readonly string[], name?: string): Rows => ({
  columns: name === undefined ? [] : columnsOf(name),
  rows: lines.map((line) => [line]),
});
