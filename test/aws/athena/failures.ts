import { wrapped } from './errors.js';
import type { Script } from './execution.js';

/** A failure of the engine: the reason and ErrorMessage are the same text (measured, result-files.md). */
export function engineFailure(reason: string, ErrorType: number, ErrorCategory = 2): Script {
  return {
    state: 'FAILED',
    reason,
    error: { ErrorCategory, ErrorType, Retryable: false, ErrorMessage: reason },
  };
}

/** A failure of Hive: ErrorMessage is another text than the reason (measured, result-files.md). */
export function hiveFailure(
  reason: string,
  ErrorMessage: string,
  ErrorType: number,
  ErrorCategory = 2,
): Script {
  return {
    state: 'FAILED',
    reason: `FAILED: ${reason}`,
    error: { ErrorCategory, ErrorType, Retryable: false, ErrorMessage },
    hive: true,
  };
}

/** The second half is always there, with rights or without (measured, issue notes 272 and 283; for SELECT public answers). */
export const columnNotFound = (column: string, line = 1, at = 8) =>
  engineFailure(
    `COLUMN_NOT_FOUND: line ${line}:${at}: Column '${column}' cannot be resolved or requester is not authorized to access requested resources`,
    1006,
  );

/** Measured, statements.md. */
export const tableNotFound = (database: string, table: string) =>
  engineFailure(
    `TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.${database}.${table}' does not exist`,
    1301,
  );
export const schemaNotFound = (database: string) =>
  engineFailure(`SCHEMA_NOT_FOUND: line 1:15: Schema '${database}' does not exist`, 1301);
export const catalogNotFound = (catalog: string) =>
  engineFailure(`CATALOG_NOT_FOUND: line 1:15: Catalog '${catalog}' does not exist`, 1006);

/** The name and the type: measured, docs/parameters.md and failure.rs; the text is Trino's. */
export const invalidParameters = (expected: number, found: number) =>
  engineFailure(
    `INVALID_PARAMETER_USAGE: Incorrect number of parameters: expected ${expected} but found ${found}`,
    1100,
  );

/** SHOW TABLES and CREATE TABLE in a database that does not exist (measured, result-files.md). */
export const hiveNoDatabase = (database: string) =>
  hiveFailure(
    `SemanticException [Error 10072]: Database does not exist: ${database}`,
    `com.facebook.presto.spi.PrestoException: ${wrapped(`Database ${database} not found.`)}`,
    1301,
  );

/** DROP TABLE of nothing (measured, result-files.md). */
export const hiveNoTable = (database: string, table: string) =>
  hiveFailure(
    `SemanticException [Error 10001]: Table not found ${database}.${table}`,
    'Query type not supported by DDL engine.',
    1006,
  );

/** CREATE EXTERNAL TABLE of one that exists (measured, result-files.md). */
export const hiveTableExists = (table: string) =>
  hiveFailure(
    `Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. AlreadyExistsException(message:Table ${table} already exist)`,
    `Table ${table} already exists.`,
    1006,
  );

/** CREATE DATABASE of one that exists (measured, result-files.md). */
export const hiveDatabaseExists = (database: string) =>
  hiveFailure(
    `Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. Database ${database} already exists`,
    'Query type not supported by DDL engine.',
    1502,
    1,
  );

/** aws-samples/experimental-programmatic-access-ccft#5. */
export const lakeFormationDatabase = (): Script =>
  hiveFailure(
    `Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. MetaException(message:${wrapped(
      'Insufficient Lake Formation permission(s): Required Create Database on Catalog',
      'AccessDeniedException',
    )})`,
    'Query type not supported by DDL engine.',
    1502,
    1,
  );
