import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.js';
import { DEFAULT_FORMAT, parseFormat, VERSION_5_FORMAT } from '../../src/flowlog/log-format.js';
import {
  createDatabase,
  createStatements,
  differences,
  dropTable,
  parseLocation,
  type TableSpec,
  tableDefinition,
} from '../../src/flowlog/table.js';
import { type CreateTable, parseDdl } from '../aws/hive-ddl.js';

const CUSTOM = parseFormat(
  '${start} ${end} ${dstaddr} ${srcaddr} ${region} ${log-status} ${bytes} ${tomorrows-field}',
);
const SPEC: TableSpec = {
  database: 'network',
  table: 'vpc_flow_logs',
  location: { bucket: 'my-logs', prefix: 'closed/' },
  fields: DEFAULT_FORMAT,
  format: 'text',
  layout: 'plain',
  hourly: false,
  accounts: ['123456789012'],
  regions: ['ap-northeast-1'],
  startDate: '2026-06-01',
  partitions: 'projection',
};

const MATRIX = (['text', 'parquet'] as const).flatMap((format) =>
  (['plain', 'hive'] as const).flatMap((layout) =>
    [false, true].flatMap((hourly) =>
      [['123456789012'], ['123456789012', '210987654321']].flatMap((accounts) =>
        [DEFAULT_FORMAT, CUSTOM].map((fields) => ({
          name: [
            format,
            layout,
            hourly ? 'hourly' : 'daily',
            accounts.length > 1 ? 'accounts' : 'account',
            fields === CUSTOM ? 'custom' : 'default',
          ].join('-'),
          spec: { ...SPEC, format, layout, hourly, accounts, fields },
        })),
      ),
    ),
  ),
);

describe('the table definition', () => {
  it.each(MATRIX)('$name: what Hive reads in it is what was meant', async ({ name, spec }) => {
    const [create, ...rest] = createStatements(spec);
    expect(rest).toEqual([]);
    await expect(`${create};\n`).toMatchFileSnapshot(`ddl/${name}.sql`);
    const read = parseDdl(create!) as CreateTable;
    const wanted = tableDefinition(spec);
    const plain = (columns: CreateTable['columns']) =>
      columns.map(({ Name, Type }) => ({ name: Name, type: Type }));
    expect(read.name).toEqual({ database: 'network', table: 'vpc_flow_logs' });
    expect(plain(read.columns)).toEqual(wanted.columns);
    expect(plain(read.partitionKeys)).toEqual(wanted.partitionKeys);
    expect(new Map(Object.entries(read.properties))).toEqual(wanted.properties);
    expect(read.format).toBe(spec.format);
    expect(read.location).toBe('s3://my-logs/closed/AWSLogs/');
  });

  it.each(MATRIX)('$name: every key is projected and has its place in the template', ({ spec }) => {
    const { partitionKeys, properties, columns } = tableDefinition(spec);
    const template = properties.get('storage.location.template')!;
    for (const { name, type } of partitionKeys) {
      expect(type).toBe('string');
      expect(properties.get(`projection.${name}.type`)).toMatch(/^(enum|date|integer)$/);
      expect(template).toContain(`\${${name}}`);
      expect(columns.map((column) => column.name)).not.toContain(name);
    }
    expect(template).toMatch(/\/$/);
    expect(template).not.toMatch(/[^:]\/\//);
  });

  it('has the columns of a text table in the order of the format', () => {
    const { columns } = tableDefinition({ ...SPEC, fields: CUSTOM });
    expect(columns.map(({ name }) => name)).toEqual([
      ...['start', 'end', 'dstaddr', 'srcaddr', 'region', 'log_status', 'bytes', 'tomorrows_field'],
    ]);
  });

  it('registers Hive-compatible folders by the names in their keys', () => {
    const [create, repair] = createStatements({ ...SPEC, layout: 'hive', hourly: true, partitions: 'hive' });
    const read = parseDdl(create!) as CreateTable;
    expect(read.partitionKeys.map(({ Name }) => Name)).toEqual([
      ...['aws-account-id', 'aws-service', 'aws-region', 'year', 'month', 'day', 'hour'],
    ]);
    expect(read.properties).toEqual({ 'skip.header.line.count': '1' });
    expect(parseDdl(repair!)).toEqual({
      kind: 'repair table',
      name: { database: 'network', table: 'vpc_flow_logs' },
    });
    expect(() => createStatements({ ...SPEC, partitions: 'hive' })).toThrow('--partitions hive needs');
  });

  it('reads the whole folder of one region without partitions', () => {
    const [create] = createStatements({ ...SPEC, partitions: 'none' });
    const read = parseDdl(create!) as CreateTable;
    expect(read.partitionKeys).toEqual([]);
    expect(read.location).toBe('s3://my-logs/closed/AWSLogs/123456789012/vpcflowlogs/ap-northeast-1/');
    expect(() =>
      createStatements({ ...SPEC, partitions: 'none', regions: ['us-east-1', 'us-west-2'] }),
    ).toThrow('one account and one region');
  });

  it('makes and drops what it says', () => {
    expect(parseDdl(createDatabase('network'))).toEqual({
      kind: 'create database',
      database: 'network',
      ifNotExists: true,
    });
    expect(parseDdl(dropTable('a', 'b'))).toEqual({
      kind: 'drop table',
      name: { database: 'a', table: 'b' },
      ifExists: true,
    });
  });
});

describe('values that stand in a statement', () => {
  it.each([
    { table: 'a`b' },
    { table: "a'; DROP TABLE x" },
    { location: { bucket: "b'", prefix: '' } },
    { location: { bucket: 'bucket', prefix: "a'b/" } },
    { location: { bucket: 'bucket', prefix: 'a\\/' } },
    { location: { bucket: 'bucket', prefix: 'a;b/' } },
    { location: { bucket: 'bucket', prefix: 'a\nb/' } },
    { location: { bucket: 'bucket', prefix: 'a//b/' } },
    { location: { bucket: 'bucket', prefix: '${x}/' } },
    { accounts: ["1'"] },
    { regions: ['us-east-1,x'] },
    { startDate: "2026-06-01'" },
    { startDate: '2026-02-30' },
  ])('%j is refused', (wrong) => {
    expect(() => createStatements({ ...SPEC, ...wrong })).toThrow(UsageError);
  });

  it('a location ends with one slash however it was written', () => {
    for (const text of ['s3://bucket', 's3://bucket/'])
      expect(parseLocation(text)).toEqual({ bucket: 'bucket', prefix: '' });
    for (const text of ['s3://bucket/a/b', 's3://bucket/a/b/']) {
      expect(parseLocation(text)).toEqual({ bucket: 'bucket', prefix: 'a/b/' });
    }
    for (const text of ['bucket/a', 'https://bucket.s3.amazonaws.com/', 's3:///a']) {
      expect(() => parseLocation(text)).toThrow(UsageError);
    }
  });

  it('whatever is accepted ends no literal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 12 }), (prefix) => {
        let statements: string[];
        try {
          statements = createStatements({ ...SPEC, location: parseLocation(`s3://bucket/${prefix}`) });
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
          return;
        }
        const read = parseDdl(statements[0]!) as CreateTable;
        expect(read.location.startsWith(`s3://bucket/${prefix}`)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe('an existing table', () => {
  const existing = (spec: TableSpec, change: Record<string, string> = {}) => {
    const { columns, partitionKeys, properties, location } = tableDefinition(spec);
    return {
      columns,
      partitionKeys,
      properties: new Map([...properties, ['location', location.slice(0, -1)], ...Object.entries(change)]),
    };
  };

  it('that is the same differs in nothing', () => {
    for (const { spec } of MATRIX) expect(differences(tableDefinition(spec), existing(spec))).toEqual([]);
    expect(differences(tableDefinition(SPEC), existing(SPEC, { transient_lastDdlTime: '1' }))).toEqual([]);
  });

  it('is told apart by columns, keys, place, format and projection', () => {
    const other = { ...SPEC, fields: VERSION_5_FORMAT, accounts: ['123456789012', '210987654321'] };
    expect(differences(tableDefinition(other), existing(SPEC))).toEqual([
      expect.stringMatching(/^columns: version int, .* would be version int, .*traffic_path int$/),
      'projection.log_account.values: 123456789012, would be 123456789012,210987654321',
    ]);
    expect(differences(tableDefinition(SPEC), existing({ ...SPEC, hourly: true }))).toContain(
      'partition keys: log_account string, log_region string, log_hour string, would be log_account string, log_region string, log_day string',
    );
    expect(differences(tableDefinition(SPEC), existing(SPEC, { location: 's3://other/AWSLogs' }))).toEqual([
      'location: s3://other/AWSLogs/, would be s3://my-logs/closed/AWSLogs/',
    ]);
    expect(
      differences(tableDefinition(SPEC), existing(SPEC, { 'serde.serialization.lib': 'x.ParquetHiveSerDe' })),
    ).toEqual(['format: parquet, would be text']);
  });
});
