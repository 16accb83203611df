"""Retention of a tenant: old days go, the ledger says so, nothing of them is fetched again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orgwarden.core.problems import NeedsPerson
from orgwarden.core.retention import REMOVED
from orgwarden.flows.edit_org import edit_org
from orgwarden.flows.prune import prune, prune_due
from orgwarden.flows.tenant_settings import Settings
from orgwarden.flows.usage import usage
from orgwarden.lake import counted
from orgwarden.lake.proof import verify
from orgwarden.lake.table import OrgLake
from orgwarden.records import leases
from orgwarden.records.models import AuditEntry, Org, SourceState
from tests.support.fixtures import StartOrgsim
from tests.support.house import House

STREAMS = ("login_history", "setup_audit_trail", "users")


def edited(org: Org, keep: dict[str, int]) -> Org:
    wanted = Settings.of(org)
    edit_org(org, Settings(**{**vars_of(wanted), "keep_days": keep}), actor="ann")
    org.refresh_from_db()
    return org


def vars_of(settings: Settings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in Settings.__dataclass_fields__}


def test_old_days_go_and_are_not_fetched_again(house: House, shared_orgsim: StartOrgsim) -> None:
    sim = shared_orgsim(users=8, days=20, speed=0, event_monitoring="none")
    house.admit(sim)
    org = house.connect(sim)
    house.collect(org, *STREAMS)
    before = {view: house.count(view) for view in STREAMS}
    newest = datetime.fromisoformat(sim.control("state")["now"])
    age = (datetime.now(UTC) - newest).days  # the org's clock may stand elsewhere than ours
    edited(org, {"login_history": 7 + age})
    lake = OrgLake.open(Path(house.settings.ORGWARDEN_LAKE_URL) / org.key)
    counted.keep(lake, today=newest.date() + timedelta(days=1), least=1)
    held_counts = len(list(lake.place.files(counted.FOLDER)))
    prune_due()
    lake.refresh()
    assert 0 < len(list(lake.place.files(counted.FOLDER))) < held_counts
    org.refresh_from_db()
    assert org.pruned_at is not None
    left = house.count("login_history")
    assert 0 < left < before["login_history"]
    assert house.count("setup_audit_trail") == before["setup_audit_trail"]
    [told] = AuditEntry.objects.filter(action="org:events:expired")
    assert (told.actor, told.subject) == ("worker", org.name)
    assert told.detail["sources"] == {"login_history": before["login_history"] - left}

    [source] = [s for s in house.sources(org) if s["id"] == "login_history"]
    assert [why for _, _, why in source["missing"]] == [REMOVED]
    assert source["rows"] == left
    assert source["complete"][0][0] == source["missing"][0][1]
    house.collect(org, *STREAMS)
    assert house.count("login_history") == left
    lake.refresh()
    assert verify(lake).wrong == ()
    [used] = [s for s in usage(org)["sources"] if s["source"] == "login_history"]
    assert (used["rows"], used["keep_days"]) == (left, 7 + age)
    org.refresh_from_db()
    assert prune(org, actor="ann")["rows"] == 0

    held = leases.take(org, holder=leases.Holder.here())
    Org.objects.filter(pk=org.pk).update(pruned_at=None, keep_days={"setup_audit_trail": 7})
    prune_due()  # it is being collected: later
    org.refresh_from_db()
    assert org.pruned_at is None
    leases.release(held)
    prune_due()
    org.refresh_from_db()
    assert org.pruned_at is not None
    assert SourceState.objects.get(source="setup_audit_trail").rows < before["setup_audit_trail"]


@pytest.mark.django_db
def test_how_long_is_edited_within_limits_and_audited() -> None:
    org = Org.objects.create(
        name="Acme", url="https://a.my.salesforce.com", features=["sspm_scan"],
        next_due_at=datetime.now(UTC) + timedelta(hours=1),
    )  # fmt: skip
    edited(org, {"*": 90, "login_history": 0, "users": 30})
    assert org.keep_days == {"*": 90, "login_history": 0, "users": 30}
    assert AuditEntry.objects.get().detail["after"] == {"keep_days": org.keep_days}
    edited(org, {"login_history": 0})
    assert org.keep_days == {}
    with pytest.raises(NeedsPerson, match="cannot be kept for 6 days"):
        edited(org, {"users": 6})
    with pytest.raises(NeedsPerson, match="no source nobody"):
        edited(org, {"nobody": 30})
