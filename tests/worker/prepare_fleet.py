"""Connects many orgs in a process of its own: `python -m tests.worker.prepare_fleet`.

Standard input is a JSON list of {name, url, key, secret}; standard output the key of each. All
sources but a few are put off for good, so that a round over all orgs is short.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

import django

from orgwarden.site import home

home.prepare()
django.setup()

from orgwarden.catalog.sources import SOURCES  # noqa: E402
from orgwarden.flows.connecting.connect import connect_org  # noqa: E402
from orgwarden.records.envelope import prepare_key_file  # noqa: E402
from orgwarden.records.models import Org, SourceState  # noqa: E402
from orgwarden.records.setup import prepare_database  # noqa: E402

READ = ("login_history", "setup_audit_trail")
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def main() -> None:
    prepare_database()
    prepare_key_file()
    keys = []
    for asked in json.load(sys.stdin):
        org = connect_org(
            name=asked["name"],
            url=asked["url"],
            client_id=asked["key"],
            client_secret=asked["secret"],
            flow=Org.Flow.CLIENT_CREDENTIALS,
            actor="test",
            backfill_days=2,
            tiers=("sign_ins",),
        )
        for source in SOURCES:
            if source.id not in READ:
                SourceState.objects.update_or_create(
                    org=org, source=source.id, defaults={"next_due_at": NEVER}
                )
        keys.append(org.key)
    json.dump(keys, sys.stdout)


if __name__ == "__main__":
    main()
