import { describe, expect, it } from 'vitest';
import { grammarErrors } from '../aws/grammar.js';
import { answerOf, world } from '../aws/world.js';
import { FOREIGN_TABLES, foreignFixture, QUESTIONS, SAID } from './foreign-tables.js';

const DAY = ['--since', '2026-06-01', '--until', '2026-06-02'];

/** What a link points to, as the information schema lists it. */
const LINKED = {
  columns: ['column_name', 'data_type', 'extra_info'].map((Name) => ({ Name, Type: 'varchar' })),
  rows: [
    ...['interface_id', 'srcaddr', 'dstaddr', 'action', 'log_status'].map((name) => [name, 'varchar', null]),
    ...['srcport', 'dstport', 'protocol'].map((name) => [name, 'integer', null]),
    ...['packets', 'bytes', 'start', 'end'].map((name) => [name, 'bigint', null]),
    ['day', 'varchar', 'partition key'],
  ],
};

describe.each(Object.entries(FOREIGN_TABLES))('the table %s', (name, table) => {
  const keys = name === 'resource_link' ? ['day:varchar'] : table.keys;

  it.each(QUESTIONS)('is asked %s', async (...question) => {
    const { aws, run } = await world();
    aws.athena.tables.set('other-db.flows', foreignFixture(table));
    aws.athena.databases.add('other-db');
    aws.athena.script = (statement) => ({
      result: statement.includes('information_schema') ? LINKED : answerOf([], []),
    });
    const asked = [...question, ...DAY, '--table', '"other-db"."flows"', ...(SAID[name] ?? []), '--sql'];
    const { code, stdout, stderr } = await run(asked);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [statement] = stdout.split(';\n') as [string];
    expect(grammarErrors(statement)).toEqual([]);
    expect(statement).toContain('"other-db"."flows"');
    if (keys.length > 0) expect(statement).toMatch(pruned(keys));
  });
});

/** A condition on one of the keys. */
function pruned(keys: readonly string[]): RegExp {
  const names = keys.map((key) => key.split(':')[0]!.toLowerCase()).join('|');
  return new RegExp(
    `"(?:${names})"(?:, '[^']*', 1\\)| (?:=|>=|<=|>|<|BETWEEN|IN) )|regexp_extract\\("(?:${names})"`,
  );
}

describe('a table by other hands', () => {
  const ask = ['egress', '--subnet', '10.10.24.0/24', '--table', 'd.t', ...DAY];
  const withTable = async (cols: readonly string[], keys: readonly string[] = [], props = {}) => {
    const { aws, run } = await world();
    aws.athena.databases.add('d');
    aws.athena.tables.set('d.t', foreignFixture({ cols, keys, props }));
    return { aws, run };
  };
  const RENAMED = ['src_ip:string', 'dst_ip:string', 'first:bigint', 'last:bigint'];

  it('needs columns for what a flow log is', async () => {
    const { run } = await withTable(RENAMED);
    const { code, stderr } = await run(ask);
    expect(code).toBe(1);
    expect(stderr).toContain('d.t is not a table of flow logs: no column for srcaddr, dstaddr, start.');
    expect(stderr).toContain('--column srcaddr=NAME');
  });

  it('is asked by the columns and the time key that the user names, in flowlog.toml too', async () => {
    const { run } = await withTable([...RENAMED, 'out:bigint'], ['slice:string']);
    const options = [
      '--column',
      'srcaddr=src_ip,dstaddr=dst_ip',
      '--column',
      'start=first',
      '--column',
      'end=LAST',
    ];
    const { code, stdout } = await run([
      ...ask,
      ...options,
      '--time-key',
      'slice:yyyy-MM-dd',
      '--columns',
      'srcaddr',
      '--sql',
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('"src_ip" AS "srcaddr"');
    expect(stdout).toContain(`"slice" >= '2026-05-31' AND "slice" <= '2026-06-01'`);
    const env = {
      FLOWLOG_COLUMN: 'srcaddr=src_ip,dstaddr=dst_ip,start=first,end=last',
      FLOWLOG_TIME_KEY: 'slice:yyyy-MM-dd',
    };
    expect(await run([...ask, '--columns', 'srcaddr', '--sql'], { env })).toMatchObject({ code: 0, stdout });
  });

  it.each([
    [['--column', 'srcaddr'], 'Write FIELD=COLUMN'],
    [['--column', 'sorcaddr=a'], 'The fields are version, account_id'],
    [['--column', 'srcaddr=nope'], 'd.t has no column nope'],
    [['--time-key', 'slice:dd-MM-yyyy'], 'Write KEY:FORMAT'],
    [['--time-key', 'nope:yyyy'], 'd.t has no partition key nope'],
  ])('%s is refused', async (options, message) => {
    const { run } = await withTable(RENAMED, ['slice:string']);
    const { code, stderr } = await run([...ask, ...options]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('names the option for a key that it does not know as a time', async () => {
    const { aws, run } = await withTable(
      ['srcaddr:string', 'dstaddr:string', 'start:int', 'end:int'],
      ['region:string', 'slice:string'],
    );
    aws.athena.script = () => ({ result: answerOf(['srcaddr'], []) });
    const { stderr } = await run([...ask, '--columns', 'srcaddr']);
    expect(stderr).toContain('--time-key slice:yyyy-MM-dd');
  });

  it('without columns is said to have none', async () => {
    const { aws, run } = await withTable([]);
    aws.athena.script = () => ({ result: { columns: LINKED.columns, rows: [] } });
    const { code, stderr } = await run(ask);
    expect(code).toBe(1);
    expect(stderr).toContain('d.t has no columns.');
  });

  it('of columns without names shows how to name them', async () => {
    const { run } = await withTable(FOREIGN_TABLES.crawler_col!.cols);
    const { code, stderr } = await run(ask);
    expect(code).toBe(1);
    expect(stderr).toContain(`--column ${SAID.crawler_col![1]}`);
  });

  it('that keeps whole records in one column is refused', async () => {
    const { run } = await withTable(['@timestamp:timestamp', '@message:string']);
    expect((await run(ask)).stderr).toContain('keeps whole records as text in one column');
  });
});

describe('accounts and regions', () => {
  const ask = ['egress', '--subnet', '10.10.24.0/24', ...DAY, '--sql'];
  const two = { accounts: ['123456789012', '210987654321'], regions: ['ap-northeast-1', 'us-east-1'] };

  it('are literal conditions beside the time, outside what is set aside', async () => {
    const { run } = await world(two);
    const { stdout } = await run([
      ...ask,
      '--account',
      '123456789012',
      '--aws-region',
      'us-east-1',
      '--aws-region',
      'ap-northeast-1',
    ]);
    expect(stdout).toContain(
      `WHERE "log_day" >= '2026/05/31' AND "log_day" <= '2026/06/01'\n  AND "log_account" = '123456789012'\n  AND "log_region" IN ('us-east-1', 'ap-northeast-1')\n`,
    );
  });

  it('that the projection does not list are refused', async () => {
    const { run } = await world(two);
    const { code, stderr } = await run([...ask, '--account', '111111111111']);
    expect(code).toBe(2);
    expect(stderr).toContain('default.vpc_flow_logs has no partitions for account 111111111111.');
  });

  it('are asked of columns where no key has them', async () => {
    const { aws, run } = await world();
    aws.athena.tables.set('default.t', foreignFixture(FOREIGN_TABLES.aws_date!));
    const { stdout } = await run([...ask, '--table', 't', '--account', '123456789012']);
    expect(stdout).toContain(`nullif("account_id", '-') IN ('123456789012')`);
  });

  it('must be given for injected keys', async () => {
    const { aws, run } = await world();
    aws.athena.tables.set('default.t', foreignFixture(FOREIGN_TABLES.injected!));
    const { code, stderr } = await run([...ask, '--table', 't']);
    expect(code).toBe(2);
    expect(stderr).toContain('--account 123456789012');
    const { stdout } = await run([...ask, '--table', 't', '--account', '123456789012']);
    expect(stdout).toContain(`"account" = '123456789012'`);
  });
});
