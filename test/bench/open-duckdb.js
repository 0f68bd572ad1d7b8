// The yardstick for starting: DuckDB opened, as every question needs it, and nothing asked.
import { DuckDBInstance } from '@duckdb/node-api';

await (await DuckDBInstance.create(':memory:')).connect();
