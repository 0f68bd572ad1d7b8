# The question as a person would put it to polars: polars_csv.py FOLDER ANSWER CORES
import os
import sys

folder, answer, cores = sys.argv[1:]
os.environ["POLARS_MAX_THREADS"] = cores
import polars as pl  # noqa: E402

columns = ["start", "end", "srcaddr", "srcport", "dstaddr", "dstport", "protocol", "packets", "bytes", "action"]
(
    pl.scan_csv(f"{folder}/**/*.gz", separator=" ", infer_schema=False, quote_char=None)
    .filter(pl.col("srcaddr").str.starts_with("10.10.24.") & ~pl.col("dstaddr").str.starts_with("10.10."))
    .select(columns)
    .sink_csv(answer, include_header=False)
)
