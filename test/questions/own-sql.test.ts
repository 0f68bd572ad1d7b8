import { describe, expect, it } from 'vitest';
import { checkReadOnly, oneStatement } from '../../src/questions/own-sql.js';

/** What a text is refused for, when it is. */
function refusal(text: string): string | undefined {
  try {
    checkReadOnly(oneStatement(text));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a statement of one’s own', () => {
  it.each([
    'SELECT 1',
    '  select 1 ;  ',
    'WITH a AS (SELECT 1) SELECT * FROM a',
    '(SELECT 1) UNION (SELECT 2)',
    '((SELECT 1))',
    'VALUES 1, 2',
    'FROM {{logs}}',
    'EXPLAIN SELECT 1',
    'EXPLAIN SELECT \'ANALYZE\' AS "analyze" -- ANALYZE',
    'DESCRIBE {{logs}}',
    'SHOW TABLES',
    'SUMMARIZE {{logs}}',
    '-- what it is for\nSELECT 1',
    '/* INSERT; */ SELECT 1',
    "SELECT ';', 'it''s; DROP TABLE x', \"a;b\" -- ; DELETE\n/* ; */",
  ])('is taken when it reads: %s', (text) => {
    expect(refusal(text)).toBeUndefined();
  });

  it.each([
    ['INSERT INTO a SELECT 1', 'Only SELECT statements run by default; got INSERT.'],
    ['update a set b = 1', 'Only SELECT statements run by default; got UPDATE.'],
    ["COPY (SELECT 1) TO 'x.csv'", 'Only SELECT statements run by default; got COPY.'],
    ['DROP TABLE a', 'Only SELECT statements run by default; got DROP.'],
    [
      "UNLOAD (SELECT 1) TO 's3://a/' WITH (format = 'ORC')",
      'Only SELECT statements run by default; got UNLOAD.',
    ],
    ['CREATE TABLE a AS SELECT 1', 'Only SELECT statements run by default; got CREATE.'],
    ["ATTACH 'x.db'", 'Only SELECT statements run by default; got ATTACH.'],
    ['PRAGMA x', 'Only SELECT statements run by default; got PRAGMA.'],
    ['SET threads = 1', 'Only SELECT statements run by default; got SET.'],
    ['EXPLAIN ANALYZE INSERT INTO a SELECT 1', 'Only SELECT statements run by default; got EXPLAIN.'],
    ['EXPLAIN (FORMAT json, ANALYZE) SELECT 1', 'Only SELECT statements run by default; got EXPLAIN.'],
    ['EXPLAIN/**/ANALYZE/**/INSERT INTO a SELECT 1', 'Only SELECT statements run by default; got EXPLAIN.'],
    ['/* SELECT */ -- SELECT\nDELETE FROM a', 'Only SELECT statements run by default; got DELETE.'],
    ['"SELECT" 1; ', 'run by default'],
    // To an engine, a comment ends at a carriage return too.
    ['-- \rINSERT INTO a\nSELECT 1', 'Only SELECT statements run by default; got INSERT.'],
    ['EXPLAIN -- \rANALYZE INSERT INTO a SELECT 1', 'Only SELECT statements run by default; got EXPLAIN.'],
  ])('is refused when it could write: %j', (text, message) => {
    expect(refusal(text)).toContain(message);
  });

  it.each([
    'SELECT 1; DROP TABLE a',
    'SELECT 1;; SELECT 2',
    "SELECT ';'; DROP TABLE a",
    'SELECT 1 -- ;\n; DROP TABLE a',
    'SELECT 1 -- \r; DROP TABLE a',
    'SELECT 1 /* ; */; DROP TABLE a',
    "SELECT 'it''s'; DROP TABLE a --'",
  ])('is refused when there is another one: %j', (text) => {
    expect(refusal(text)).toBe('Only one SQL statement can run at a time.');
  });

  it.each(['', '  ', ';', ' ; ; ', '-- nothing', '/* nothing */;'])('is needed: %j', (text) => {
    expect(refusal(text)).toBe('No SQL statement given.');
  });
});
