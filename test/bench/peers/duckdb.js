// The question as a person would put it to DuckDB: duckdb.js FOLDER ANSWER CORES
import { DuckDBInstance } from '@duckdb/node-api';

const [folder, answer, cores] = process.argv.slice(2);
const text = (value) => `'${value.replaceAll("'", "''")}'`;
const types = {
  version: 'INTEGER',
  account_id: 'VARCHAR',
  interface_id: 'VARCHAR',
  srcaddr: 'VARCHAR',
  dstaddr: 'VARCHAR',
  srcport: 'INTEGER',
  dstport: 'INTEGER',
  protocol: 'INTEGER',
  packets: 'BIGINT',
  bytes: 'BIGINT',
  start: 'BIGINT',
  end: 'BIGINT',
  action: 'VARCHAR',
  log_status: 'VARCHAR',
};
const columns = Object.entries(types).map(([name, type]) => `'${name}': '${type}'`);
const connection = await (await DuckDBInstance.create(':memory:', { threads: cores })).connect();
await connection.run(`
  COPY (
    SELECT start, "end", srcaddr, srcport, dstaddr, dstport, protocol, packets, bytes, action
    FROM read_csv(${text(`${folder}/**/*.gz`)}, columns = {${columns}}, auto_detect = false, header = true, delim = ' ', nullstr = '-')
    WHERE starts_with(srcaddr, '10.10.24.') AND NOT starts_with(dstaddr, '10.10.')
    ORDER BY ALL
  ) TO ${text(answer)} (HEADER false)`);
process.exit(0);
