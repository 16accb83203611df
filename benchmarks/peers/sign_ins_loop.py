"""LoginHistory as a script reads it with simple-salesforce: page by page, nothing kept."""

from __future__ import annotations

import json
import sys
import time

from plain_http import to_plain_http  # type: ignore[import-not-found]
from simple_salesforce.api import Salesforce

QUERY = (
    "SELECT Id, UserId, LoginTime, LoginType, LoginUrl, SourceIp, Status, Application,"
    " Browser, Platform, ClientVersion, ApiType, CountryIso FROM LoginHistory ORDER BY LoginTime"
)

url, token, _ = sys.argv[1:]
client = Salesforce(instance_url=url, session_id=token, session=to_plain_http())
begun = time.perf_counter()
rows = 0
page = client.query(QUERY)
while True:
    rows += len(page["records"])
    if page["done"]:
        break
    page = client.query_more(page["nextRecordsUrl"], identifier_is_url=True)
seconds = time.perf_counter() - begun
print(json.dumps({"rows": rows, "seconds": seconds, "changed": "https sent as http"}))
