// The yardstick for writing CSV: DuckDB alone, from the same Parquet file, the same rows in the same order.
//   copy.js make FILE       a million records that all match the egress question
//   copy.js copy FILE CSV   the answer to it, by COPY
import { DuckDBInstance } from '@duckdb/node-api';

const [verb, parquet, csv] = process.argv.slice(2);
const connection = await (await DuckDBInstance.create(':memory:')).connect();
if (verb === 'make') {
  await connection.run(`
    COPY (
      SELECT 2::INTEGER AS version, '123456789012' AS account_id, 'eni-0a' AS interface_id,
        '10.10.24.' || (i * 7 % 250) AS srcaddr, '203.0.113.' || (i * 13 % 250) AS dstaddr,
        (32768 + i * 31 % 28000)::INTEGER AS srcport, 443::INTEGER AS dstport, 6::INTEGER AS protocol,
        (1 + i % 50)::BIGINT AS packets, (60 + i * 17 % 90000)::BIGINT AS bytes,
        (1780000000 + i * 7919 % 1000000)::BIGINT AS start, (1780000030 + i * 7919 % 1000000)::BIGINT AS "end",
        'ACCEPT' AS action, 'OK' AS log_status
      FROM range(1000000) t(i)
    ) TO '${parquet}' (FORMAT parquet)`);
} else {
  await connection.run(`
    COPY (
      SELECT make_timestamp((start + 32400) * 1000000) AS start_time, make_timestamp(("end" + 32400) * 1000000) AS end_time,
        srcaddr, srcport, dstaddr, dstport, protocol, packets, bytes, action
      FROM read_parquet('${parquet}')
      WHERE starts_with(srcaddr, '10.10.24.') AND NOT starts_with(dstaddr, '10.10.')
      ORDER BY start, "end", srcaddr, srcport, dstaddr, dstport, protocol, packets, bytes, action
    ) TO '${csv}' (HEADER)`);
}
