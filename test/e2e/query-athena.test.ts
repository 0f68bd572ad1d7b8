import { describe, expect, it } from 'vitest';
import { columnNotFound } from '../aws/athena/failures.js';
import { wrapped } from '../aws/athena.js';
import { AwsError } from '../aws/server.js';
import { world } from '../aws/world.js';

const query = (...words: string[]) => ['query', ...words, '--since', '2026-06-01', '--until', '2026-06-02'];

describe('query on Athena only reads', () => {
  it.each([
    'CREATE TABLE t AS SELECT 1 AS a',
    "create /* SELECT */ table t with (format = 'PARQUET') as select 1 AS a",
    "CREATE EXTERNAL TABLE t (a int) LOCATION 's3://b/'",
    'CREATE OR REPLACE VIEW v AS SELECT 1 AS a',
    'INSERT INTO t SELECT 1',
    "UNLOAD (SELECT 1) TO 's3://b/' WITH (format = 'PARQUET')",
    'EXECUTE prepared USING 1',
    "EXECUTE IMMEDIATE 'DROP TABLE t'",
    'PREPARE p FROM DELETE FROM t',
    'DELETE FROM t',
    'UPDATE t SET a = 1',
    'MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE',
    'DROP TABLE t',
    "ALTER TABLE t SET TBLPROPERTIES ('a'='b')",
    'MSCK REPAIR TABLE t',
    'OPTIMIZE t REWRITE DATA USING BIN_PACK',
    'VACUUM t',
    'CALL system.register_partition()',
    'EXPLAIN ANALYZE INSERT INTO t SELECT 1',
    'EXPLAIN ANALYZE SELECT 1',
    '-- SELECT\nDROP TABLE t',
    '-- SELECT\rDROP TABLE t',
    '/* SELECT 1 */ INSERT INTO t SELECT 1',
    'WITH a AS (SELECT 1 AS x) INSERT INTO t SELECT x FROM a',
    'WITH a AS (SELECT 1 AS x) /* SELECT */ DELETE FROM t',
  ])('%j is refused, and nothing is started', async (text) => {
    const { aws, run } = await world();
    const { code, stdout, stderr } = await run(query('-'), { input: text });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('--allow-write');
    expect(aws.operations('StartQueryExecution')).toEqual([]);
  });

  it.each([
    'SELECT 1 AS a',
    '-- INSERT\nSELECT 1 AS a',
    "/* DROP */ WITH a AS (SELECT 'INSERT INTO t' AS x) SELECT x FROM a",
    '(SELECT 1 AS a)',
    'VALUES 1',
    'TABLE vpc_flow_logs',
    'EXPLAIN SELECT 1',
    'SHOW TABLES',
    'DESCRIBE vpc_flow_logs',
  ])('%j runs', async (text) => {
    const { aws, run } = await world();
    aws.athena.script = () => ({ result: { columns: [{ Name: 'a', Type: 'integer' }], rows: [['1']] } });
    expect(await run(query('-'), { input: text })).toMatchObject({ code: 0 });
    expect(aws.operations('StartQueryExecution')).toHaveLength(1);
  });
});

describe('statements of Hive', () => {
  it('DESCRIBE has its three columns, without padding', async () => {
    const { run } = await world();
    const { code, stdout } = await run([...query('DESCRIBE vpc_flow_logs'), '--format', 'csv']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^col_name,data_type,comment\nversion,int,\naccount_id,string,\n/);
    expect(stdout).toContain('"# col_name",data_type,comment\n');
  });

  it('SHOW TBLPROPERTIES has a name and a value', async () => {
    const { aws, run } = await world();
    const table = aws.athena.tables.get('default.vpc_flow_logs')!;
    aws.athena.tables.set('default.vpc_flow_logs', {
      ...table,
      Parameters: { ...table.Parameters, note: 'a\tb' },
    });
    const { stdout } = await run([...query('SHOW TBLPROPERTIES vpc_flow_logs'), '--format', 'csv']);
    expect(stdout).toMatch(/^prpt_name,prpt_value\n/);
    expect(stdout).toContain('EXTERNAL,TRUE\n');
    expect(stdout).toContain('note,a\\x09b\n');
  });

  it('SHOW COLUMNS and MSCK REPAIR TABLE have one', async () => {
    const { run } = await world();
    expect((await run([...query('SHOW COLUMNS FROM vpc_flow_logs'), '--format', 'csv'])).stdout).toMatch(
      /^field\nversion\n/,
    );
    const repair = query('MSCK REPAIR TABLE `default`.`nothing`', '--allow-write');
    expect((await run([...repair, '--format', 'csv'])).stdout).toBe(
      'result\nTables not in metastore:\\x09nothing\n',
    );
  });
});

describe('errors are those of the text that was given', () => {
  it('a syntax error has the line of the user', async () => {
    const { run } = await world();
    const { code, stderr } = await run(query('SELECT 1\nFROM FROM'));
    expect(code).toBe(1);
    expect(stderr).toContain('SQL error: line 2:');
  });

  it('an error of the engine too, and a wrong column is not taken for missing rights', async () => {
    const { aws, run } = await world();
    // The statement that Athena gets has a line before the user's.
    aws.athena.script = () => columnNotFound('srcadr', 2, 8);
    const { stderr } = await run(query('SELECT srcadr FROM vpc_flow_logs'));
    expect(stderr).toContain("line 1:8: Column 'srcadr' cannot be resolved");
    expect(stderr).toContain("'flowlog fields' lists");
    expect(stderr).not.toMatch(/s3:GetObject|kms/);
  });

  it('a table that does not exist is refused at start by DESCRIBE', async () => {
    const { run } = await world();
    const { code, stderr } = await run(query('DESCRIBE nothing'));
    expect(code).toBe(1);
    expect(stderr).toContain('names a database or a table that does not exist');
  });
});

describe('a result is printed only when it is that of the query', () => {
  const result = { columns: ['a', 'b'].map((Name) => ({ Name, Type: 'varchar' })), rows: [['1', '2']] };
  const ask = [...query('SELECT a, b FROM vpc_flow_logs'), '--format', 'csv'];

  it.each([
    ['columns in another order', '"b","a"\n"2","1"\n'],
    ['ciphertext', '\x9b\x01\xfe\x00,\n\xaa'],
    ['an empty file', ''],
  ])('%s', async (_what, text) => {
    const { aws, run } = await world();
    aws.athena.script = () => ({ result });
    aws.athena.store = (bucket, key) => {
      aws.bucket(bucket).put(key, Buffer.from(text, 'latin1'));
    };
    const { code, stdout, stderr } = await run(ask);
    expect({ code, rows: stdout.replace(/^a,b\n/, '') }).toEqual({ code: 1, rows: '' });
    expect(stderr).toContain('Run the question again');
  });

  it('a file encrypted at the client is left alone: the rows come from Athena', async () => {
    const { aws, run } = await world();
    aws.athena.script = () => ({ result });
    aws.athena.store = (bucket, key) => {
      aws.bucket(bucket).put(key, Buffer.from('\x9b\x01', 'latin1'));
    };
    const key = ['--encryption', 'CSE_KMS', '--kms-key', 'arn:aws:kms:ap-northeast-1:123456789012:key/k'];
    expect(await run([...ask, ...key])).toMatchObject({ code: 0, stdout: 'a,b\n1,2\n' });
    expect(aws.operations('GetObject')).toEqual([]);
  });

  it('a bucket that does not exist is named', async () => {
    const { aws, run } = await world();
    aws.athena.script = () => ({ result });
    aws.buckets.delete('results');
    const { code, stdout, stderr } = await run(ask);
    expect({ code, rows: stdout.replace(/^a,b\n/, '') }).toEqual({ code: 1, rows: '' });
    expect(stderr).toContain('The result bucket results does not exist');
    aws.denied.add('s3:GetObject');
    aws.faults.push({
      operation: 'GetQueryResults',
      times: 9,
      kind: new AwsError('InvalidRequestException', 'Could not find results'),
    });
    expect((await run(ask)).stderr).toContain('at s3://results/athena/');
  });
});

it('the throttling of the catalog is retried until it ends', async () => {
  const { aws, run } = await world();
  aws.athena.script = () => ({ result: { columns: [], rows: [] } });
  aws.faults.push({
    operation: 'GetTableMetadata',
    times: 2,
    kind: new AwsError('MetadataException', wrapped('Rate exceeded', 'ThrottlingException')),
  });
  expect((await run(['fields', '--table', 'default.vpc_flow_logs'])).code).toBe(0);
  expect(aws.operations('GetTableMetadata')).toHaveLength(3);
});
