"""LoginHistory by simple-salesforce's Bulk 2.0 download: CSV to disk, not looked into.

Timed from the first page on: how long Salesforce takes to prepare the job is not the client's.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from plain_http import to_plain_http  # type: ignore[import-not-found]
from simple_salesforce.api import Salesforce

QUERY = (
    "SELECT Id, UserId, LoginTime, LoginType, LoginUrl, SourceIp, Status, Application,"
    " Browser, Platform, ClientVersion, ApiType, CountryIso FROM LoginHistory"
)

url, token, folder = sys.argv[1:]
client = Salesforce(instance_url=url, session_id=token, session=to_plain_http())
job: Any = client.bulk2.LoginHistory  # type: ignore[union-attr]
download = job._client.download_job_data
began: list[float] = []


def timed(*given: Any, **named: Any) -> Any:
    began.append(time.perf_counter())
    return download(*given, **named)


job._client.download_job_data = timed
pages = job.download(QUERY, path=folder, max_records=50_000, wait=1)
seconds = time.perf_counter() - began[0]
rows = sum(int(page["number_of_records"]) for page in pages)
print(json.dumps({"rows": rows, "seconds": seconds, "changed": "https sent as http"}))
