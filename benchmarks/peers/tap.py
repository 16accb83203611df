"""LoginHistory by tap-salesforce: its own `do_sync` over REST, what it writes thrown away.

Signing in and discovering are not timed.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import sys
import time

import tap_salesforce  # type: ignore[import-not-found]
from tap_salesforce.salesforce import Salesforce  # type: ignore[import-not-found]

STREAM = "LoginHistory"

url, token, _ = sys.argv[1:]
logging.disable(logging.CRITICAL)
client = Salesforce(
    refresh_token="",
    sf_client_id="",
    sf_client_secret="",
    quota_percent_per_run=100,
    quota_percent_total=100,
    select_fields_by_default=True,
    default_start_date="2000-01-01T00:00:00Z",
    api_type="REST",
)
client.access_token, client.instance_url = token, url
found = io.StringIO()
described = client.describe
client.describe = lambda name=None: described(name) if name else {"sobjects": [{"name": STREAM}]}
with contextlib.redirect_stdout(found):
    tap_salesforce.do_discover(client)
catalog = json.loads(found.getvalue())
[stream] = catalog["streams"]
[whole] = [m for m in stream["metadata"] if not m["breadcrumb"]]
whole["metadata"] |= {
    "selected": True,
    "replication-method": "INCREMENTAL",
    "replication-key": whole["metadata"]["valid-replication-keys"][0],
}


class Counting(io.TextIOBase):
    """Writes to nowhere, counting records."""

    rows = 0

    def __init__(self) -> None:
        self.out = open(os.devnull, "w")  # noqa: SIM115  to the process's end

    def write(self, text: str) -> int:
        self.rows += text.startswith(('{"type":"RECORD"', '{"type": "RECORD"'))
        return self.out.write(text)

    def flush(self) -> None:
        self.out.flush()


counting = Counting()
begun = time.perf_counter()
with contextlib.redirect_stdout(counting):
    tap_salesforce.do_sync(client, catalog, {})
seconds = time.perf_counter() - begun
changed = "an access token given instead of its sign-in at login.salesforce.com"
print(json.dumps({"rows": counting.rows, "seconds": seconds, "changed": changed}))
