import { describe, expect, it } from 'vitest';
import { namesOf, parseTableName } from '../../src/flowlog/table-name.js';

describe('a table name', () => {
  it.each([
    ['vpc_flow_logs', [undefined, undefined, 'vpc_flow_logs']],
    ['db-xxxx.vpc_flow_logs', [undefined, 'db-xxxx', 'vpc_flow_logs']],
    ['"db-xxxx"."vpc_flow_logs"', [undefined, 'db-xxxx', 'vpc_flow_logs']],
    ['`db-xxxx`.`vpc flow logs`', [undefined, 'db-xxxx', 'vpc flow logs']],
    ['AwsDataCatalog.Network.VPC_Flow_Logs', ['AwsDataCatalog', 'network', 'vpc_flow_logs']],
    [
      '"s3tablescatalog/aws-cloudwatch".logs.amazon_vpc__flow',
      ['s3tablescatalog/aws-cloudwatch', 'logs', 'amazon_vpc__flow'],
    ],
    ['"dotted.name"."a ""quoted"" one"', [undefined, 'dotted.name', 'a "quoted" one']],
    [' network.flows ', [undefined, 'network', 'flows']],
    [`db.${'t'.repeat(255)}`, [undefined, 'db', 't'.repeat(255)]],
  ])('%s', (text, [catalog, database, table]) => {
    expect(parseTableName(text)).toEqual({ catalog, database, table });
  });

  it.each(['', 'a..b', '.b', 'a.', '"a', 'a"b"', '"a"b', 'a.b.c.d', 'a\nb', `${'日'.repeat(86)}`])(
    '%j is refused',
    (text) => expect(() => parseTableName(text)).toThrow(/name|bytes/),
  );
});

describe('options that name a table', () => {
  const defaults = { database: 'default', catalog: 'AwsDataCatalog' };
  it.each([
    [{ table: 'c.d.t' }, { catalog: 'c', database: 'd', table: 't' }],
    [
      { table: 'd.t', database: 'other' },
      { catalog: 'AwsDataCatalog', database: 'd', table: 't' },
    ],
    [
      { table: 't', database: '"DB-xxxx"' },
      { catalog: 'AwsDataCatalog', database: 'db-xxxx', table: 't' },
    ],
    [
      { table: 't', database: 'c.d' },
      { catalog: 'c', database: 'd', table: 't' },
    ],
    [
      { table: 't', catalog: '"my-catalog"' },
      { catalog: 'my-catalog', database: 'default', table: 't' },
    ],
  ])('%j', (given, names) => expect(namesOf({ ...defaults, ...given })).toEqual(names));
});
