"""Writes the Parquet files of this folder, as other programs write them: python write.py, with these versions:
pyarrow 25.0.1, polars 2.1.0, pandas 3.1.1, fastparquet 2026.9.0, awswrangler 3.17.1 (Python 3).

Each holds the records of RECORDS. What a writer cannot express is left to the others.
"""
import datetime, decimal, os
import numpy, pandas, polars, pyarrow as pa, pyarrow.parquet as pq

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "files")
os.makedirs(FOLDER, exist_ok=True)
NAMES = "version account_id interface_id srcaddr dstaddr srcport dstport protocol packets bytes start end action log_status".split()
RECORDS = [
    (2, "012345678901", "eni-1a", "10.0.1.5", "203.0.113.9", 49152, 443, 6, 20, 4249, 1700000000, 1700000060, "ACCEPT", "OK"),
    (2, "012345678901", "eni-1a", "10.0.1.5", "198.51.100.7", 50000, 22, 6, 3, 180, 1700000060, 1700000120, "REJECT", "OK"),
    (2, "012345678901", "eni-1a", "10.0.1.5", "2001:db8::1", 0, 0, 58, 1, 5_000_000_000, 1700000120, 1700000180, "ACCEPT", "OK"),
    (2, "012345678901", "eni-1a", None, None, None, None, None, None, None, 1700000180, 1700000240, None, "NODATA"),
]
COLUMNS = {name: [record[i] for record in RECORDS] for i, name in enumerate(NAMES)}
TEXT = {"account_id", "interface_id", "srcaddr", "dstaddr", "action", "log_status"}
NUMBERS = [name for name in NAMES if name not in TEXT]
TIMES = ["start", "end"]


def path(name):
    return os.path.join(FOLDER, name + ".parquet")


def arrow(types=None, names=None, values=None, add=None):
    """A table of Arrow with types for columns that are not int64 or string."""
    types, names, values = types or {}, names or {}, values or {}
    arrays, labels = [], []
    for name in NAMES:
        type = types.get(name, pa.string() if name in TEXT else pa.int64())
        column = values.get(name, COLUMNS[name])
        arrays.append(column if isinstance(column, pa.Array) else pa.array(column, type))
        labels.append(names.get(name, name))
    for name, column in (add or {}).items():
        arrays.append(column)
        labels.append(name)
    return pa.table(arrays, labels)


def write(name, table, **options):
    pq.write_table(table, path(name), **{"compression": "snappy", **options})


def utc(value):
    return datetime.datetime.fromtimestamp(value, datetime.timezone.utc)


def all_numbers(type):
    return {name: type for name in NUMBERS}


def written(convert):
    return {name: pa.array([convert(v) for v in COLUMNS[name]], pa.string()) for name in NUMBERS}


def scaled(factor, type=pa.int64()):
    return {name: pa.array([v * factor for v in COLUMNS[name]], type) for name in TIMES}


# --- pyarrow: types of numbers
small = {"version": pa.int8(), "srcport": pa.uint16(), "dstport": pa.uint16(), "protocol": pa.uint8(), "packets": pa.uint32(), "bytes": pa.uint64(), "start": pa.uint32(), "end": pa.uint32()}
write("arrow-unsigned", arrow(small))
write("arrow-float64", arrow(all_numbers(pa.float64())))
write("arrow-float-nan", arrow(values={name: pa.array([numpy.nan if v is None else float(v) for v in COLUMNS[name]], pa.float64()) for name in NUMBERS}))
write("arrow-decimal", arrow(values={name: pa.array([None if v is None else decimal.Decimal(v) for v in COLUMNS[name]], pa.decimal128(38, 0)) for name in NUMBERS}))
write("arrow-decimal-fraction", arrow(values={name: pa.array([None if v is None else decimal.Decimal(v) for v in COLUMNS[name]], pa.decimal128(20, 3)) for name in NUMBERS}))
write("arrow-text-dash", arrow(values=written(lambda v: "-" if v is None else str(v))))
write("arrow-text-none", arrow(values=written(str)))
write("arrow-text-empty", arrow(values=written(lambda v: "" if v is None else str(v))))
write("arrow-text-floats", arrow(values=written(lambda v: "nan" if v is None else f"{v}.0")))
write("arrow-account-number", arrow({"account_id": pa.int64()}, values={"account_id": pa.array([int(v) for v in COLUMNS["account_id"]], pa.int64())}))
write("arrow-dictionary", arrow(values={name: pa.array(COLUMNS[name], pa.string()).dictionary_encode() for name in TEXT}))
write("arrow-large-string", arrow({name: pa.large_string() for name in TEXT}))
write("arrow-binary", arrow(values={name: pa.array([None if v is None else v.encode() for v in COLUMNS[name]], pa.binary()) for name in TEXT}))
write("arrow-zstd-v2-pages", arrow(), compression="zstd", data_page_version="2.0", use_dictionary=False, column_encoding={name: "DELTA_BINARY_PACKED" for name in NUMBERS})
write("arrow-brotli", arrow(), compression="brotli")
write("arrow-lz4", arrow(), compression="lz4")
write("arrow-gzip-checksums", arrow(), compression="gzip", write_page_checksum=True)

# --- times
for unit in ("s", "ms", "us", "ns"):
    stamps = {name: pa.array([utc(v) for v in COLUMNS[name]], pa.timestamp(unit, "UTC")) for name in TIMES}
    write(f"arrow-timestamp-{unit}", arrow(values=stamps))
naive = {name: pa.array([utc(v).replace(tzinfo=None) for v in COLUMNS[name]], pa.timestamp("us")) for name in TIMES}
write("arrow-timestamp-local", arrow(values=naive))
write("arrow-int96", arrow(values=naive), use_deprecated_int96_timestamps=True)
write("arrow-milliseconds", arrow(values=scaled(1000)))
write("arrow-microseconds", arrow(values=scaled(1_000_000)))
write("arrow-nanoseconds", arrow(values=scaled(1_000_000_000)))
write("arrow-milliseconds-float", arrow(values=scaled(1000.0, pa.float64())))
for name, form in {
    "arrow-iso-z": lambda v: utc(v).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "arrow-iso-offset": lambda v: utc(v).astimezone(datetime.timezone(datetime.timedelta(hours=9))).isoformat(),
    "arrow-iso-blank": lambda v: utc(v).strftime("%Y-%m-%d %H:%M:%S.000"),
    "arrow-iso-utc": lambda v: utc(v).strftime("%Y-%m-%d %H:%M:%S.000 UTC"),
    "arrow-text-milliseconds": lambda v: str(v * 1000),
}.items():
    write(name, arrow(values={each: pa.array([form(v) for v in COLUMNS[each]], pa.string()) for each in TIMES}))

# --- names
hyphens = {name: name.replace("_", "-") for name in NAMES}
write("names-hyphens", arrow(names=hyphens))
old = {"account_id": "account", "interface_id": "interfaceid", "srcaddr": "sourceaddress", "dstaddr": "destinationaddress", "srcport": "sourceport", "dstport": "destinationport", "packets": "numpackets", "bytes": "numbytes", "start": "starttime", "end": "endtime", "log_status": "logstatus"}
write("names-old", arrow(names=old))
write("names-together", arrow(names={name: name.replace("_", "") for name in NAMES}))
write("names-upper", arrow(names={name: name.upper() for name in NAMES}))
camel = {"account_id": "accountId", "interface_id": "interfaceId", "srcaddr": "srcAddr", "dstaddr": "dstAddr", "srcport": "srcPort", "dstport": "dstPort", "log_status": "logStatus"}
write("names-camel", arrow(names=camel))
tailpipe = {"srcaddr": "src_addr", "dstaddr": "dst_addr", "srcport": "src_port", "dstport": "dst_port", "start": "start_time", "end": "end_time"}
count = len(RECORDS)
write("names-tailpipe", arrow(
    names=tailpipe,
    values={name: pa.array([utc(v) for v in COLUMNS[name]], pa.timestamp("us")) for name in TIMES},
    add={
        "tp_id": pa.array([f"id{i}" for i in range(count)]),
        "tp_timestamp": pa.array([utc(v) for v in COLUMNS["start"]], pa.timestamp("us")),
        "tp_ips": pa.array([["10.0.1.5"]] * count, pa.list_(pa.string())),
        "tp_tags": pa.array([{"a": 1}] * count, pa.struct([("a", pa.int64())])),
    },
))

# --- other columns beside
write("beside-nested", arrow(add={
    "tags": pa.array([[("k", "v")]] * count, pa.map_(pa.string(), pa.string())),
    "start_struct": pa.array([{"start": 1, "end": {"srcaddr": "x"}}] * count),
    "lists": pa.array([[{"a": 1}]] * count),
    "raw": pa.array([b"\xff\x00"] * count, pa.binary()),
    "partition_0": pa.array(["2023"] * count),
    "__index_level_0__": pa.array(range(count), pa.int64()),
}))
write("null-columns", arrow(add={name: pa.nulls(count) for name in ("vpc_id", "tcp_flags", "pkt_srcaddr")}))
write("partition-columns", arrow(add={
    "aws-account-id": pa.array(["012345678901"] * count),
    "aws-region": pa.array(["ap-northeast-1"] * count),
    "year": pa.array(["2023"] * count), "month": pa.array(["11"] * count), "day": pa.array(["14"] * count),
}))

# --- spellings of values
spelled = {
    "action": pa.array([v and v.lower() for v in COLUMNS["action"]], pa.string()),
    "log_status": pa.array([v.lower() for v in COLUMNS["log_status"]], pa.string()),
    "protocol": pa.array([{6: "TCP", 58: "ipv6-icmp", None: "None"}[v] for v in COLUMNS["protocol"]], pa.string()),
    "dstaddr": pa.array([v and v.replace("2001:db8::1", "2001:0DB8:0:0:0:0:0:0001") for v in COLUMNS["dstaddr"]], pa.string()),
    "srcaddr": pa.array([v and f" {v} " for v in COLUMNS["srcaddr"]], pa.string()),
}
write("spellings", arrow(values=spelled))

# --- pandas, polars, awswrangler, fastparquet
frame = pandas.DataFrame(COLUMNS)
frame.to_parquet(path("pandas"), index=False)
frame.set_index("interface_id").to_parquet(path("pandas-index"))
frame.astype({name: str for name in NUMBERS}).to_parquet(path("pandas-text"), index=False)
frame.to_parquet(path("fastparquet"), index=False, engine="fastparquet")
data = polars.DataFrame(COLUMNS)
data.write_parquet(path("polars"), compression="zstd")
data.with_columns(polars.from_epoch("start"), polars.from_epoch("end"), polars.col("srcport").cast(polars.UInt16), polars.col("action").cast(polars.Categorical)).write_parquet(path("polars-types"))
for name in ("pandas", "polars"):
    print(name, pq.read_schema(path(name)).names)
import awswrangler
from awswrangler._data_types import athena2pyarrow
athena = {"version": "int", "srcport": "int", "dstport": "int", "protocol": "bigint", "packets": "bigint", "bytes": "bigint", "start": "timestamp", "end": "timestamp"}
stamps = {name: pa.array([utc(v).replace(tzinfo=None) for v in COLUMNS[name]], athena2pyarrow("timestamp")) for name in TIMES}
write("awswrangler", arrow({name: athena2pyarrow(type) for name, type in athena.items()}, values=stamps), flavor="spark", version="1.0", coerce_timestamps="ms")
