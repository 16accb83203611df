"""Connects many orgs in a process of its own: `python -m tests.worker.prepare_fleet`.

Standard input is a JSON object: `orgs`, a list of {name, url, key, secret}; `only`, the sources
that are read, the others being put off for good; `cadence`, minutes by source. Standard output is
the key of each org.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime

import django

from orgwarden.site import home

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orgwarden.site.settings")
home.prepare()
django.setup()

from orgwarden.catalog.sources import SOURCES  # noqa: E402
from orgwarden.flows.connecting.connect import connect_org  # noqa: E402
from orgwarden.records.envelope import prepare_key_file  # noqa: E402
from orgwarden.records.models import Org, SourceState  # noqa: E402
from orgwarden.records.setup import prepare_database  # noqa: E402

NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def main() -> None:
    prepare_database()
    prepare_key_file()
    keys = []
    told = json.load(sys.stdin)
    for asked in told["orgs"]:
        org = connect_org(
            name=asked["name"],
            url=asked["url"],
            client_id=asked["key"],
            client_secret=asked["secret"],
            flow=Org.Flow.CLIENT_CREDENTIALS,
            actor="test",
            backfill_days=1,
            tiers=("sign_ins",),
        )
        Org.objects.filter(pk=org.pk).update(cadence_minutes=told.get("cadence", {}))
        for source in SOURCES:
            if source.id not in told.get("only", [source.id]):
                SourceState.objects.update_or_create(
                    org=org, source=source.id, defaults={"next_due_at": NEVER}
                )
        keys.append(org.key)
    json.dump(keys, sys.stdout)


if __name__ == "__main__":
    main()
