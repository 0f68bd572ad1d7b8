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
    ['INSERT INTO a SELECT 1', 'A statement that begins with INSERT may write.'],
    ['update a set b = 1', 'A statement that begins with UPDATE may write.'],
    ["COPY (SELECT 1) TO 'x.csv'", 'A statement that begins with COPY may write.'],
    ['DROP TABLE a', 'A statement that begins with DROP may write.'],
    [
      "UNLOAD (SELECT 1) TO 's3://a/' WITH (format = 'ORC')",
      'A statement that begins with UNLOAD may write.',
    ],
    ['CREATE TABLE a AS SELECT 1', 'A statement that begins with CREATE may write.'],
    ["ATTACH 'x.db'", 'A statement that begins with ATTACH may write.'],
    ['PRAGMA x', 'A statement that begins with PRAGMA may write.'],
    ['SET threads = 1', 'A statement that begins with SET may write.'],
    ['EXPLAIN ANALYZE INSERT INTO a SELECT 1', 'A statement that begins with EXPLAIN may write.'],
    ['EXPLAIN (FORMAT json, ANALYZE) SELECT 1', 'A statement that begins with EXPLAIN may write.'],
    ['EXPLAIN/**/ANALYZE/**/INSERT INTO a SELECT 1', 'A statement that begins with EXPLAIN may write.'],
    ['/* SELECT */ -- SELECT\nDELETE FROM a', 'A statement that begins with DELETE may write.'],
    ['"SELECT" 1; ', 'may write'],
    // To an engine, a comment ends at a carriage return too.
    ['-- \rINSERT INTO a\nSELECT 1', 'A statement that begins with INSERT may write.'],
    ['EXPLAIN -- \rANALYZE INSERT INTO a SELECT 1', 'A statement that begins with EXPLAIN may write.'],
  ])('is refused when it may write: %j', (text, message) => {
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
    expect(refusal(text)).toBe('There is more than one statement.');
  });

  it.each(['', '  ', ';', ' ; ; ', '-- nothing', '/* nothing */;'])('is needed: %j', (text) => {
    expect(refusal(text)).toBe('There is no statement.');
  });
});
