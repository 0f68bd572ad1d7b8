# The question as a person would put it to ClickHouse: chdb_columns.py FOLDER ANSWER CORES
import sys

import chdb

folder, answer, cores = sys.argv[1:]
names = "version account_id interface_id srcaddr dstaddr srcport dstport protocol packets bytes start end action log_status"
columns = ", ".join(f"`{name}` String" for name in names.split())
rows = chdb.query(
    f"""
    SELECT start, `end`, srcaddr, srcport, dstaddr, dstport, protocol, packets, bytes, action
    FROM file('{folder}/**/*.gz', 'CustomSeparated', '{columns}')
    WHERE startsWith(srcaddr, '10.10.24.') AND NOT startsWith(dstaddr, '10.10.')
    SETTINGS format_custom_field_delimiter = ' ', format_custom_escaping_rule = 'CSV', max_threads = {cores}
    """,
    "CSV",
)
with open(answer, "wb") as file:
    file.write(rows.bytes())
