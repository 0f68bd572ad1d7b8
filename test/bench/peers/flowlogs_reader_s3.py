# The question by flowlogs-reader, to which a folder is a bucket: flowlogs_reader_s3.py FOLDER ANSWER CORES
import calendar
import os
import sys
from datetime import datetime

from flowlogs_reader import S3FlowLogsReader


class Folder:
    """As much of an S3 client as the reader asks for, on files."""

    def __init__(self, root):
        self.root = root

    def list_objects_v2(self, Bucket, Prefix, Delimiter=None):
        path = os.path.join(self.root, Prefix)
        names = sorted(os.listdir(path)) if os.path.isdir(path) else []
        if Delimiter:
            return {"CommonPrefixes": [{"Prefix": f"{Prefix}{name}/"} for name in names]}
        return {"Contents": [{"Key": f"{Prefix}{name}"} for name in names]}

    def get_paginator(self, _operation):
        client = self

        class Paginator:
            def paginate(self, **request):
                yield client.list_objects_v2(**request)

        return Paginator()

    def get_object(self, Bucket, Key):
        path = os.path.join(self.root, Key)
        return {"Body": open(path, "rb"), "ContentLength": os.path.getsize(path)}


folder, answer, _cores = sys.argv[1:]
reader = S3FlowLogsReader(
    "bucket",
    boto_client=Folder(folder),
    include_accounts=None,
    start_time=datetime(2026, 5, 31),
    end_time=datetime(2026, 7, 31),
)
with open(answer, "w") as file:
    for r in reader:
        if r.srcaddr and r.srcaddr.startswith("10.10.24.") and not r.dstaddr.startswith("10.10."):
            start, end = (calendar.timegm(time.timetuple()) for time in (r.start, r.end))
            values = (start, end, r.srcaddr, r.srcport, r.dstaddr, r.dstport, r.protocol, r.packets, r.bytes, r.action)
            file.write(",".join(map(str, values)) + "\n")
