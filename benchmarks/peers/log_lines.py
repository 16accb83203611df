"""Event log files as New Relic's exporter reads them, written anew after its published code.

Query EventLogFile, stream each file by lines in chunks of 4 KiB, csv.DictReader, and for each row a
copy of it, its time parsed, and the log entry that would be sent. Sending is left out.
"""

from __future__ import annotations

import csv
import sys
import time
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from new_relic import session_with, tell  # type: ignore[import-not-found]

QUERY = "SELECT Id,EventType,CreatedDate,LogDate,Interval,LogFile,Sequence FROM EventLogFile"
CHUNK = 4096  # its default


def entry(file: str, number: int, row: dict[str, Any]) -> dict[str, Any]:
    values = deepcopy(row)
    text = values.pop("TIMESTAMP")
    at = datetime.strptime(text, "%Y%m%d%H%M%S.%f").replace(tzinfo=UTC, microsecond=0)
    values["LogFileId"] = file
    values["EVENT_TYPE"] = values.pop("EVENT_TYPE", "SFEvent")
    values["timestamp"] = int(at.timestamp())
    said = f"LogFile {file} row {number}"
    return {"message": said, "attributes": values, "timestamp": values["timestamp"]}


url, token, _ = sys.argv[1:]
session = session_with(token)
begun = time.perf_counter()
rows = 0
found = session.get(f"{url}/services/data/v60.0/query", params={"q": QUERY}, timeout=60).json()
for record in found["records"]:
    with session.get(url + record["LogFile"], stream=True, timeout=60) as answer:
        answer.encoding = answer.encoding or "utf-8"
        lines = answer.iter_lines(chunk_size=CHUNK, decode_unicode=True)
        for number, row in enumerate(csv.DictReader(lines)):
            entry(record["Id"], number, row)
            rows += 1
tell(rows, time.perf_counter() - begun)
