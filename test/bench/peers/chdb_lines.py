# The question to ClickHouse by one who knows where its time goes: only lines that hold the prefix anywhere are split.
# chdb_lines.py FOLDER ANSWER CORES
import sys

import chdb

folder, answer, cores = sys.argv[1:]
rows = chdb.query(
    f"""
    SELECT f[11], f[12], f[4], f[6], f[5], f[7], f[8], f[9], f[10], f[13]
    FROM (
      SELECT splitByChar(' ', line) AS f
      FROM file('{folder}/**/*.gz', 'LineAsString', 'line String')
      WHERE position(line, ' 10.10.24.') > 0
    )
    WHERE startsWith(f[4], '10.10.24.') AND NOT startsWith(f[5], '10.10.')
    SETTINGS max_threads = {cores}
    """,
    "CSV",
)
with open(answer, "wb") as file:
    file.write(rows.bytes())
