"""Caches in the records are made anew from the newest commit alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from orgwarden.flows import publish, upkeep
from orgwarden.lake import counted
from orgwarden.lake.table import OrgLake
from orgwarden.records.models import Org, SourceState
from tests.lake.ground import advance, csv_bytes, land, row


def shown(org: Org) -> list[Any]:
    fields = ("source", "rows", "quarantined", "coverage", "cursor", "backfill_from")
    return list(SourceState.objects.filter(org=org).order_by("source").values(*fields))


@pytest.mark.django_db
def test_rebuilt_caches_are_what_they_were_before_they_were_lost(
    tmp_path: Path, settings: Any
) -> None:
    settings.ORGWARDEN_LAKE_URL = str(tmp_path)
    org = Org.objects.create(
        name="Acme", url="https://acme.my.salesforce.com", flow=Org.Flow.CLIENT_CREDENTIALS,
        added_by="ann", connected_at=datetime(2026, 3, 1, tzinfo=UTC),
    )  # fmt: skip
    lake = OrgLake.open_or_create(tmp_path / org.key)
    lake.take(1)
    land(lake, [csv_bytes([row(1), row(1)])])
    lake.commit([], advance(lake.ledger()), 1)
    publish.ledger(org, lake.ledger())
    before = shown(org)
    assert {s["source"] for s in before} == {"event_log_api", "login_history"}
    DeltaTable(str(lake.folder)).create_checkpoint()
    SourceState.objects.filter(source="login_history").delete()
    SourceState.objects.update(rows=99, cursor=None, coverage={})
    assert upkeep.rebuild(org)["sources"] == 2
    assert shown(org) == before
    assert upkeep.verify(org)["wrong"] == []


@pytest.mark.django_db
def test_a_scheduled_tidying_counts_closed_days_for_the_pages(tmp_path: Path) -> None:
    lake = OrgLake.open_or_create(tmp_path / "0123456789ab")
    lake.take(1)
    land(lake, [csv_bytes([row(n) for n in range(counted.LEAST)])])
    upkeep.tidy(lake, 1, datetime(2026, 3, 18, 23, tzinfo=UTC))
    assert counted.read(lake.place, lake.files()) == {}  # the day is not over
    upkeep.tidy(lake, 1, datetime(2026, 3, 19, tzinfo=UTC))
    [counts] = counted.read(lake.place, lake.files()).values()
    assert counts.rows == counted.LEAST
