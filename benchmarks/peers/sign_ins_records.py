"""LoginHistory as New Relic's exporter reads an object, written anew after its published code.

A SOQL query, all its pages as JSON, each record walked field by field into flat names, its time
parsed, and the log entry that would be sent. Sending is left out.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime
from typing import Any

from new_relic import session_with, tell  # type: ignore[import-not-found]

QUERY = (
    "SELECT Id, UserId, LoginTime, LoginType, LoginUrl, SourceIp, Status, Application,"
    " Browser, Platform, ClientVersion, ApiType, CountryIso FROM LoginHistory"
)


def flat(name: str, value: Any, above: tuple[str, ...] = ()) -> list[tuple[str, Any]]:
    if name == "attributes":
        return []
    if not isinstance(value, dict):
        return [(".".join((*above, name)), value)]
    found: list[tuple[str, Any]] = []
    for inner, one in value.items():
        found += flat(inner, one, (*above, name))
    return found


def entry(record: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in record.items():
        values.update(flat(*field))
    at = datetime.strptime(values["LoginTime"], "%Y-%m-%dT%H:%M:%S.%f%z")
    values["EVENT_TYPE"] = record["attributes"]["type"]
    values["timestamp"] = int(at.timestamp() * 1000)
    said = f"{values['EVENT_TYPE']} {values['LoginTime']}"
    return {"message": said, "attributes": values, "timestamp": values["timestamp"]}


url, token, _ = sys.argv[1:]
session = session_with(token)
begun = time.perf_counter()
rows = 0
address = f"{url}/services/data/v60.0/query?q={QUERY}"
while address:
    page = session.get(address, timeout=60).json()
    for record in page["records"]:
        entry(record)
        rows += 1
    address = "" if page["done"] else url + page["nextRecordsUrl"]
tell(rows, time.perf_counter() - begun)
