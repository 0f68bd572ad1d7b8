import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testFolder, writeFiles } from '../folder.js';
import { flow, ICMP, page } from '../page.js';
import { statusRecord } from '../records.js';
import { flowlog, type RunSettings } from './bin.js';

const PAGE = [
  flow(['10.10.24.5', 40_000], ['203.0.113.9', 443], '00:01:00', { bytes: 500 }),
  flow(['10.10.24.5', 40_001], ['203.0.113.9', 443], '00:02:00', { bytes: 501 }),
  flow(['10.10.24.6', 0], ['198.51.100.7', 0], '00:03:00', { ...ICMP, bytes: '9007199254740993' }),
  flow(['10.10.24.5', 40_002], ['203.0.113.9', 22], '00:04:00', { bytes: 60, action: 'REJECT' }),
  statusRecord('NODATA'),
];

/** Asks of the page, with what else is typed. */
async function query(typed: readonly string[], settings: RunSettings = {}) {
  return flowlog(['query', ...typed, '--logs', ...(await page(PAGE))], settings);
}

const BY_DESTINATION = `
  SELECT dstaddr, dstport, protocol, count(*) AS flows, sum(bytes) AS bytes, avg(packets) AS average, min(action) AS action
  FROM {{logs}} WHERE dstaddr IS NOT NULL GROUP BY dstaddr, dstport, protocol ORDER BY flows DESC, dstport`;

describe('flowlog query', () => {
  it('writes CSV: what is absent is nothing, numbers are whole at any size', async () => {
    const { code, stdout, stderr } = await query([BY_DESTINATION]);
    expect(stdout).toBe(
      'dstaddr,dstport,protocol,flows,bytes,average,action\n' +
        '203.0.113.9,443,6,2,1001,10,ACCEPT\n' +
        '198.51.100.7,0,1,1,9007199254740993,10,ACCEPT\n' +
        '203.0.113.9,22,6,1,60,10,REJECT\n',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const absent = await query(['SELECT srcaddr, srcport FROM {{logs}} ORDER BY start, srcaddr LIMIT 1']);
    expect(absent.stdout).toBe('srcaddr,srcport\n,\n');
  });

  it('writes JSON: numbers are numbers, text is text', async () => {
    const statement =
      "SELECT 1 AS a, 1.5e0 AS b, '1' AS c, NULL AS d, sum(bytes) AS bytes, 10.50 AS e FROM {{logs}}";
    expect((await query([statement, '--format', 'json'])).stdout).toBe(
      '[\n{"a":1,"b":1.5,"c":"1","d":null,"bytes":9007199254742054,"e":"10.50"}\n]\n',
    );
  });

  it('draws a table, in which protocols have names and bytes are as people read them', async () => {
    const { stdout } = await query([BY_DESTINATION, '--format', 'table']);
    expect(stdout).toMatchInlineSnapshot(`
      "dstaddr       dstport  protocol  flows   bytes  average  action
      ────────────  ───────  ────────  ─────  ──────  ───────  ──────
      203.0.113.9       443  TCP           2  1.0 kB       10  ACCEPT
      198.51.100.7        0  ICMP          1  9.0 PB       10  ACCEPT
      203.0.113.9        22  TCP           1    60 B       10  REJECT
      "
    `);
  });

  it('takes parameters, which are never part of the text', async () => {
    const statement = 'SELECT count(*) AS n FROM {{logs}} WHERE dstport = ? AND srcaddr = ?';
    const asked = await query([statement, '--param', '443', '--param', '10.10.24.5']);
    expect(asked.stdout).toBe('n\n2\n');
    const sly = await query([statement, '--param', '443', '--param', "' OR 1=1 --"]);
    expect(sly.stdout).toBe('n\n0\n');
    // A number is one, which a text that looks like one is not.
    const typed = await query([
      "SELECT repeat('a', ?) AS a, typeof(?) AS b, substr(srcaddr, ?, 2) AS c FROM {{logs}} ORDER BY start DESC LIMIT ?",
      ...params('3', 'text:443', '-1', '1'),
    ]);
    expect(typed.stdout).toBe('a,b,c\naaa,VARCHAR,5\n');
  });

  it('is of a range of time: --since belongs to it, --until does not', async () => {
    const range = ['--since', '2026-06-01T00:02:00Z', '--until', '2026-06-01T00:04:00Z'];
    expect((await query(['SELECT count(*) AS n FROM {{ logs }}', ...range])).stdout).toBe('n\n2\n');
  });

  it('comes from a file, or from standard input', async () => {
    const file = join(
      await writeFiles(testFolder(), { 'count.sql': 'SELECT count(*) AS n FROM {{logs}}\n' }),
      'count.sql',
    );
    expect((await query(['--file', file])).stdout).toBe('n\n5\n');
    expect((await query([], { input: 'SELECT count(*) AS n\nFROM {{logs}}; -- all\n' })).stdout).toBe(
      'n\n5\n',
    );
    expect((await query(['-'], { input: 'SELECT 1 AS n' })).stdout).toBe('n\n1\n');
  });

  it('writes when that is allowed', async () => {
    const file = join(testFolder(), 'count.csv');
    const statement = `COPY (SELECT count(*) AS n FROM {{logs}}) TO '${file}'`;
    expect(await query([statement])).toMatchObject({ code: 2, stdout: '' });
    expect(existsSync(file)).toBe(false);
    expect(await query([statement, '--allow-write'])).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toBe('n\n5\n');
  });

  it('shows the statement and its parameters with --sql, and runs nothing', async () => {
    const { code, stdout } = await query([
      ...['SELECT srcaddr FROM {{logs}} WHERE dstport = ?', '--param', '443', '--sql'],
      ...['--since', '2026-06-01T00:00:00Z'],
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('"start" >= 1780272000');
    expect(stdout).toContain('WHERE dstport = ?;\n-- parameter 1: "443"\n');
  });

  it('says so when nothing is found', async () => {
    const { code, stdout, stderr } = await query(['SELECT srcaddr FROM {{logs}} WHERE dstport = 1']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'srcaddr\n' });
    expect(stderr).toContain('Nothing found.');
  });
});

const params = (...values: string[]) => values.flatMap((value) => ['--param', value]);

describe('what flowlog query refuses', () => {
  it.each<[what: string, code: number, message: string, hint: string, typed: string[]]>([
    [
      'one that writes',
      2,
      'The statement may read the logs only: Cannot access file "x.csv".',
      '--allow-write',
      ["COPY (SELECT 1) TO 'x.csv'"],
    ],
    [
      'one that writes behind a comment',
      2,
      'got DROP',
      '--allow-write',
      ['/* SELECT */ DROP TABLE flow_logs'],
    ],
    ['one more', 2, 'Only one SQL statement can run at a time.', 'one after another', ['SELECT 1; SELECT 2']],
    [
      'one more that quotes hide',
      2,
      'There are 2 statements.',
      'one at a time',
      ["SELECT $$'$$; COPY (SELECT 1) TO 'x.csv' --'"],
    ],
    [
      'one more, even when it could write',
      2,
      'Only one SQL statement',
      'one after another',
      ['SELECT 1; SELECT 2', '--allow-write'],
    ],
    [
      'writing from WITH',
      1,
      'Table with name b does not exist',
      '{{logs}}',
      ['WITH a AS (SELECT 1) INSERT INTO b FROM a'],
    ],
    ...[
      ['CREATE', 'CREATE TABLE a AS SELECT 1'],
      ['SET', 'SET threads = 1'],
      ['LOAD', 'INSTALL inet'],
      ['ATTACH', "ATTACH 'x.csv'"],
      ['CALL', 'CALL checkpoint()'],
      ['PREPARE', 'PREPARE a AS SELECT 1'],
      ['TRANSACTION', 'BEGIN'],
      ['EXPLAIN', 'EXPLAIN ANALYZE SELECT 1'],
    ].map(([kind, sql]): [string, number, string, string, string[]] => [
      sql!,
      2,
      `Only SELECT statements run by default; got ${kind}.`,
      '--allow-write',
      [sql!],
    ]),
    ...[
      ["FROM enable_logging(level = 'trace')", 'ENABLE_LOGGING'],
      ['SELECT (SELECT count(*) FROM force_checkpoint())', 'FORCE_CHECKPOINT'],
      ["SELECT * FROM query('FROM checkpoint()')", 'CHECKPOINT'],
    ].map(([sql, name]): [string, number, string, string, string[]] => [
      sql!,
      2,
      `this calls ${name}.`,
      '--allow-write',
      [sql!],
    ]),
    ...[
      ["SELECT * FROM read_text('/etc/hostname')", '/etc/hostname'],
      ["SELECT * FROM glob('/etc/*')", '/etc/*'],
      ["SELECT * FROM query('FROM read_blob(''/proc/self/environ'')')", '/proc/self/environ'],
      ["/* /* */ SELECT 1 */ COPY (SELECT 1) TO 'x.csv'", 'x.csv'],
      ["EXPLAIN ANALYZE COPY (SELECT 1) TO 'x.csv'", 'x.csv'],
    ].map(([sql, path]): [string, number, string, string, string[]] => [
      sql!,
      2,
      `The statement may read the logs only: Cannot access file "${path}".`,
      '--allow-write',
      [sql!],
    ]),
    ['none', 2, 'No SQL statement given.', 'flowlog query', [' -- nothing']],
    ['none from standard input', 2, 'No SQL statement given.', 'flowlog query', []],
    ['two places', 2, 'Both an argument and --file', 'only one', ['SELECT 1', '--file', 'a.sql']],
    ['no such file', 1, 'nowhere.sql cannot be read (ENOENT).', '--file', ['--file', 'nowhere.sql']],
    ['a wrong name for the logs', 2, '{{log}} is not a placeholder.', '{{logs}}', ['SELECT 1 FROM {{log}}']],
    [
      'a column that is not there',
      1,
      '"srcadr" not found',
      'flowlog fields',
      ['SELECT srcadr FROM {{logs}}'],
    ],
    ['no SQL', 1, 'SQL error: ', '--sql', ['SELECT FROM WHERE']],
    ['too few parameters', 1, 'SQL error', '--sql', ['SELECT ? AS a, ? AS b', '--param', '1']],
    [
      'a number that is none',
      2,
      "'many' is not a whole number.",
      'number:443',
      ['SELECT ?', '--param', 'number:many'],
    ],
    [
      '--columns, which the statement says itself',
      2,
      "unknown option '--columns'",
      '--help',
      ['SELECT 1', '--columns', 'a'],
    ],
  ])('%s', async (_what, code, message, hint, typed) => {
    const folder = testFolder();
    const outcome = await query(typed, { cwd: folder });
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toContain(message);
    expect(outcome.stderr).toContain(hint);
    expect(outcome.stderr).not.toMatch(/\n\s+at |internal error/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('the statement and the logs from the same standard input', async () => {
    const { code, stderr } = await flowlog(['query', '--logs', '-'], { input: 'SELECT 1' });
    expect(code).toBe(2);
    expect(stderr).toContain('Standard input cannot hold both');
  });
});
