import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, inject, it } from 'vitest';
import { parseDdl } from '../aws/hive-ddl.js';
import { NotTranslated, trinoStatements } from './hive-on-trino.js';
import { Moto } from './moto.js';
import { Trino } from './trino.js';

const services = inject('services');
const FOLDER = new URL('../flowlog/ddl/', import.meta.url);

describe.skipIf(!services)('table definitions on Trino', () => {
  const trino = new Trino(services?.trino ?? '');

  it('takes each that flowlog writes', async () => {
    await new Moto(services!.moto).bucket('my-logs').catch(() => {});
    await trino.run('CREATE SCHEMA IF NOT EXISTS definitions');
    const files = await readdir(FOLDER);
    expect(files).toHaveLength(32);
    for (const file of files) {
      const ddl = parseDdl((await readFile(new URL(file, FOLDER), 'utf8')).split(/;\s*\n/, 1)[0]!);
      if (ddl.kind !== 'create table') throw new Error(`${file} creates no table`);
      const name = { database: 'definitions', table: file.replace(/\.sql$/, '').replaceAll('-', '_') };
      for (const statement of trinoStatements({ ...ddl, name })) await trino.run(statement);
      const { rows } = await trino.run(`DESCRIBE definitions.${name.table}`);
      const declared = [...ddl.columns, ...ddl.partitionKeys].map(({ Name }) => Name);
      expect(rows.map(([column]) => column)).toEqual(declared);
    }
  });
});

describe('what Trino has no equal for is refused', () => {
  const create = (change: (text: string) => string) =>
    trinoStatements(
      parseDdl(
        change(
          "CREATE EXTERNAL TABLE `d`.`t` (`a` int)\nPARTITIONED BY (`p` string)\nSTORED AS PARQUET\nLOCATION 's3://bucket/p/'\n" +
            "TBLPROPERTIES ('projection.enabled'='true', 'projection.p.type'='enum', 'projection.p.values'='x,y', " +
            "'storage.location.template'='s3://bucket/p/${p}/')",
        ),
      ),
    );
  it('and what it has is written', () => expect(create((text) => text)).toHaveLength(1));
  it.each([
    ['a type', (text: string) => text.replace('`a` int', '`a` double')],
    ['a property', (text: string) => text.replace("('projection", "('no.such.property'='1', 'projection")],
    ['a kind of projection', (text: string) => text.replace("'enum'", "'injected'")],
    ['projection without a template', (text: string) => text.replace(/, 'storage[^)]+/, '')],
    ['projection of no key', (text: string) => text.replace(/'projection\.p\.values'='x,y', /, '')],
  ])('%s', (_what, change) => expect(() => create(change)).toThrow(NotTranslated));
});
