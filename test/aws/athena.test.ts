import { describe, expect, it } from 'vitest';
import { columnNotFound } from './athena/failures.js';
import { classified } from './athena/parameters.js';
import { statementKind } from './athena/statements.js';
import { type FakeAws, fakeAws } from './server.js';
import { SPEC, tableFixture } from './world.js';

/** What was measured on the real service (aoyagikouhei/athena-local, docs/dev/measurements) holds for the stand-in. */

let tokens = 0;

async function service() {
  const aws = await fakeAws();
  aws.bucket('results');
  aws.athena.tables.set('default.t', tableFixture(SPEC));
  const call = (operation: string, input: Record<string, unknown>) =>
    aws.athena.call(operation, input) as Promise<Record<string, unknown>>;
  const start = (QueryString: unknown, more: Record<string, unknown> = {}) =>
    call('StartQueryExecution', {
      QueryString,
      ClientRequestToken: `${++tokens}`.padStart(32, '0'),
      ...more,
    }).then(({ QueryExecutionId }) => QueryExecutionId as string);
  const describe = async (id: string) =>
    (await call('GetQueryExecution', { QueryExecutionId: id })).QueryExecution as Described;
  return { aws, call, start, describe };
}

interface Described {
  readonly Query: string;
  readonly QueryExecutionContext: unknown;
  readonly ResultConfiguration: { readonly OutputLocation: string };
  readonly Status: {
    readonly State: string;
    readonly StateChangeReason?: string;
    readonly AthenaError?: Record<string, unknown>;
  };
}

const objects = (aws: FakeAws) => [...aws.bucket('results').objects].map(([key, body]) => [key, `${body}`]);

describe('errors', () => {
  it('have __type, AthenaErrorCode, ErrorCode and Message on the wire, and no header for the type', async () => {
    const { aws } = await service();
    const post = (body: string, target = 'GetQueryExecution') =>
      fetch(aws.url, {
        method: 'POST',
        headers: {
          'x-amz-target': `AmazonAthena.${target}`,
          authorization: 'AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE',
        },
        body,
      });
    const missing = await post('{"QueryExecutionId":"x"}');
    expect(missing.status).toBe(400);
    expect(missing.headers.get('x-amzn-errortype')).toBeNull();
    expect(await missing.json()).toEqual({
      __type: 'InvalidRequestException',
      AthenaErrorCode: 'QUERY_EXECUTION_NOT_FOUND',
      ErrorCode: 'QUERY_EXECUTION_NOT_FOUND',
      Message: 'QueryExecution x was not found',
    });
    expect(await (await post('{')).json()).toEqual({ __type: 'SerializationException' });
    expect(await (await post('{}', 'Nothing')).json()).toEqual({ __type: 'UnknownOperationException' });
  });

  it('of types and missing members come first; null is absent, fractions are cut, unknown members ignored', async () => {
    const { call, start } = await service();
    await expect(call('GetQueryResults', { MaxResults: 'ten' })).rejects.toThrow(
      'STRING_VALUE can not be converted to an Integer',
    );
    await expect(call('StartQueryExecution', {})).rejects.toThrow(
      "1 validation error detected: Value null at 'queryString' failed to satisfy constraint: Member must not be null",
    );
    await expect(start('SELECT 1', { ExecutionParameters: 'a' })).rejects.toThrow('Expected list or null');
    const id = await start('SELECT 1', { Unknown: 1, WorkGroup: null });
    expect(await call('GetQueryResults', { QueryExecutionId: id, MaxResults: 1.5 })).toBeDefined();
  });

  it.each([
    [{ ClientRequestToken: 'short' }, 'SELEC 1', 'clientRequestToken'],
    [
      { ResultConfiguration: { OutputLocation: 'nowhere' } },
      'SELEC 1',
      'outputLocation is not a valid S3 path.',
    ],
    [{}, 'SELECT 1; SELECT 2', 'Only one sql statement is allowed. Got: SELECT 1; SELECT 2'],
    [{}, 'SELECT 1; -- c', 'Only one sql statement is allowed'],
    [{}, ';', 'Empty sql statement: ;'],
    [{}, 'SELEC 1', 'Queries of this type are not supported'],
    [{}, 'SELECT 1 FROM FROM', 'line 1:15: '],
    [
      {},
      'DESCRIBE nothing',
      'Entity Not Found (Service: AmazonDataCatalog; Status Code: 400; Error Code: EntityNotFoundException;',
    ],
  ])('of a start, in the order of the service: %j %s', async (more, text, message) => {
    const { start } = await service();
    await expect(start(text, more)).rejects.toThrow(message);
  });

  it('of the catalog are wrapped', async () => {
    const { call } = await service();
    const names = { CatalogName: 'AwsDataCatalog', DatabaseName: 'd', TableName: 't' };
    await expect(call('GetTableMetadata', names)).rejects.toThrow(
      /^Entity Not Found \(Service: AmazonDataCatalog;/,
    );
    await expect(call('GetDatabase', names)).rejects.toThrow(
      /^Database d not found\. \(Service: AmazonDataCatalog;/,
    );
    await expect(call('GetDataCatalog', { Name: 'AwsDataCatalog' })).rejects.toThrow('was not found');
  });
});

it.each([
  ["'abc'", "'abc'"],
  ['1 + 1', '1 + 1'],
  ["DATE '2020-01-01'", "DATE '2020-01-01'"],
  ["IPADDRESS '10.0.0.1'", "IPADDRESS '10.0.0.1'"],
  ['NULL', 'NULL'],
  ['now()', 'now()'],
  ['1 OR 1=1', '1 OR 1=1'],
  ["it's", "'it''s'"],
  ['abc def', "'abc def'"],
  ['abc', "'abc'"],
  ['x + 1', "'x + 1'"],
])('the parameter %s is %s', (given, taken) => {
  expect(classified(given)).toBe(taken);
});

it.each([
  ['-- a\nSELECT 1', 'DML', 'SELECT', 'id.csv'],
  ['/* a */ (SELECT 1)', 'DML', 'SELECT', 'id.csv'],
  ['EXPLAIN SELECT 1', 'DML', 'EXPLAIN', 'id.txt'],
  ['INSERT INTO t SELECT 1', 'DML', 'INSERT', 'id'],
  ['CREATE TABLE t AS SELECT 1', 'DDL', 'CREATE_TABLE_AS_SELECT', 'tables/id'],
  ['SHOW /* c */ TBLPROPERTIES t', 'UTILITY', 'SHOW_TABLE_PROPERTIES', 'id.txt'],
  ['DESC t', 'UTILITY', 'DESCRIBE_TABLE', 'id.txt'],
  ['SHOW FUNCTIONS', 'UTILITY', 'SHOW_FUNCTIONS', 'id.csv'],
  ['MSCK REPAIR TABLE t', 'DDL', 'MSCK_REPAIR', 'id.txt'],
])('%s is %s/%s, its result %s', (text, type, subtype, path) => {
  const kind = statementKind(text);
  expect(kind).toMatchObject({ type, subtype });
  expect(kind.file('id').path).toBe(path);
});

describe('executions', () => {
  it('show the statement without outer blanks and semicolons, and the catalog in lower case', async () => {
    const { start, describe } = await service();
    const QueryExecutionContext = { Catalog: 'AwsDataCatalog', Database: 'Default' };
    const shown = await describe(await start('\n -- c\nSELECT 1 ;; ', { QueryExecutionContext }));
    expect(shown.Query).toBe('-- c\nSELECT 1');
    expect(shown.QueryExecutionContext).toEqual({ Catalog: 'awsdatacatalog', Database: 'Default' });
  });

  it('fail for a wrong number of parameters, and ignore values where there is no question mark', async () => {
    const { start, describe } = await service();
    const wrong = await describe(await start('SELECT ? AS v', { ExecutionParameters: ['1', '2'] }));
    expect(wrong.Status).toMatchObject({
      State: 'FAILED',
      StateChangeReason: expect.stringContaining('INVALID_PARAMETER_USAGE'),
      AthenaError: { ErrorType: 1100 },
    });
    const none = await describe(await start("SELECT '?' -- ?", { ExecutionParameters: ['1'] }));
    expect(none.Status.State).toBe('SUCCEEDED');
  });

  it('of the engine leave no file when they fail, those of Hive their reason', async () => {
    const { aws, start, describe } = await service();
    aws.athena.script = () => columnNotFound('x');
    const engine = await describe(await start('SELECT x FROM t'));
    expect(engine.Status.AthenaError).toMatchObject({
      ErrorType: 1006,
      ErrorMessage: engine.Status.StateChangeReason,
    });
    expect(objects(aws)).toEqual([]);
    const hive = await describe(await start('DROP TABLE `default`.`u`'));
    expect(hive.Status.StateChangeReason).toBe(
      'FAILED: SemanticException [Error 10001]: Table not found default.u',
    );
    expect(hive.Status.AthenaError!.ErrorMessage).not.toBe(hive.Status.StateChangeReason);
    expect(objects(aws)).toEqual([[expect.stringMatching(/\.txt$/), hive.Status.StateChangeReason]]);
  });

  it('under a catalog that does not exist: DDL runs in the default one, a SELECT fails', async () => {
    const { aws, start, describe } = await service();
    const QueryExecutionContext = { Catalog: 'mistyped' };
    await describe(await start('CREATE DATABASE `d`', { QueryExecutionContext }));
    expect(aws.athena.databases.has('d')).toBe(true);
    const select = await describe(await start('SELECT 1', { QueryExecutionContext }));
    expect(select.Status.StateChangeReason).toContain("Catalog 'mistyped' does not exist");
  });
});

describe('tokens', () => {
  const ClientRequestToken = 't'.repeat(32);
  it('compare statement, context and location, not parameters or workgroup', async () => {
    const { aws, start } = await service();
    aws.athena.workgroups.set('other', { OutputLocation: 's3://results/' });
    const first = await start('SELECT ?', { ClientRequestToken, ExecutionParameters: ['1'] });
    const same = { ClientRequestToken, ExecutionParameters: ['2'], WorkGroup: 'other' };
    expect(await start('SELECT ?', same)).toBe(first);
    await expect(start('SELECT ? ', { ClientRequestToken })).rejects.toThrow(
      'Idempotent parameters do not match',
    );
  });

  it('are not used up by a refusal', async () => {
    const { start } = await service();
    await expect(start('SELEC', { ClientRequestToken })).rejects.toThrow();
    expect(await start('SELECT 1', { ClientRequestToken })).toBeTypeOf('string');
  });
});

describe('results', () => {
  const result = { columns: [{ Name: 'a', Type: 'integer' }], rows: [['1'], ['2']] };
  const page = (answer: unknown) => {
    const { ResultSet, NextToken } = answer as {
      ResultSet: { Rows: Array<{ Data: Array<{ VarCharValue: string }> }> };
      NextToken?: string;
    };
    return [ResultSet.Rows.map(({ Data }) => Data.map(({ VarCharValue }) => VarCharValue)), NextToken];
  };

  it('have a header row for DML only, and a token after every full page', async () => {
    const { aws, call, start } = await service();
    aws.athena.script = () => ({ result });
    const get = async (id: string, more: object = {}) =>
      page(await call('GetQueryResults', { QueryExecutionId: id, ...more }));
    const id = await start('SELECT a FROM t');
    expect(await get(id)).toEqual([[['a'], ['1'], ['2']], undefined]);
    expect(await get(id, { MaxResults: 3 })).toEqual([[['a'], ['1'], ['2']], '3']);
    expect(await get(id, { MaxResults: 3, NextToken: '3' })).toEqual([[], undefined]);
    expect(await get(await start('SHOW TABLES'))).toEqual([[['t']], undefined]);
    expect(await get(await start('SHOW TBLPROPERTIES t'))).toEqual([
      expect.arrayContaining([['EXTERNAL\tTRUE']]),
      undefined,
    ]);
    await expect(get(id, { MaxResults: 1001 })).rejects.toThrow(
      'MaxResults is more than maximum allowed length 1000',
    );
    await expect(get(id, { NextToken: 'x' })).rejects.toThrow('Malformed nextPageToken x');
  });

  it('are refused in each state with its own text', async () => {
    const { aws, call, start } = await service();
    const get = async (id: string) => call('GetQueryResults', { QueryExecutionId: id });
    aws.athena.script = () => ({ running: 60_000 });
    const running = await start('SELECT a FROM t');
    await expect(get(running)).rejects.toThrow('Query has not yet finished. Current state: RUNNING');
    await call('StopQueryExecution', { QueryExecutionId: running });
    await expect(get(running)).rejects.toThrow('Could not find results');
    aws.athena.script = () => columnNotFound('a');
    await expect(get(await start('SELECT a FROM t'))).rejects.toThrow('Final query state: FAILED');
    const hive = await start('DROP TABLE `default`.`u`');
    expect(await get(hive)).toEqual({ ResultSet: { Rows: [], ResultSetMetadata: null } });
  });

  it('of a bucket that does not exist: the query is reported SUCCEEDED', async () => {
    const { aws, start, describe } = await service();
    aws.buckets.delete('results');
    expect((await describe(await start('SELECT 1'))).Status.State).toBe('SUCCEEDED');
  });

  it('of MSCK are one row, SUCCEEDED even where there is no such table', async () => {
    const { call, start } = await service();
    const id = await start('MSCK REPAIR TABLE `default`.`nothing`');
    expect(page(await call('GetQueryResults', { QueryExecutionId: id }))[0]).toEqual([
      ['Tables not in metastore:\tnothing'],
    ]);
  });
});
