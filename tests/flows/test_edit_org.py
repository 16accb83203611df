"""Editing a tenant: no consent, nothing half stored, and collecting follows."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orgwarden.core.jitter import next_due
from orgwarden.core.spans import instant_of
from orgwarden.flows.edit_org import edit_org
from orgwarden.flows.tenant_settings import Settings, Wrong
from orgwarden.records.models import AuditEntry, Org, SourceState
from orgwarden.worker import loop
from tests.flows.consented import token_calls
from tests.support.house import House
from tests.support.orgsim import OrgsimServer


def minutes_until_due(org: Org, source: str) -> float:
    state = SourceState.objects.get(org=org, source=source)
    assert state.next_due_at is not None
    assert state.last_run_at is not None
    return (state.next_due_at - state.last_run_at) / timedelta(minutes=1)


def is_due_every(org: Org, source: str, minutes: int) -> bool:
    """At the org's place in the interval after its last run."""
    state = SourceState.objects.get(org=org, source=source)
    assert state.last_run_at is not None
    interval = timedelta(minutes=minutes)
    return state.next_due_at == next_due(state.last_run_at, interval, org=org.key, source=source)


@pytest.mark.seed("Z30", "L18")
@pytest.mark.parametrize("legacy", [False, True])
def test_every_setting_is_changed_without_asking_salesforce(
    at_home: House, sim: OrgsimServer, legacy: bool
) -> None:
    org = at_home.connect(sim)
    Org.objects.filter(pk=org.pk).update(legacy=legacy)
    before = token_calls(sim)
    wanted = Settings("New name", ("app_governance",), (), 90, {"users": 30}, ("a@example.com",))
    changed = edit_org(org, wanted, actor="bob")
    assert set(changed) == {
        "name",
        "features",
        "tiers",
        "backfill_days",
        "cadence_minutes",
        "told_addresses",
    }
    assert Settings.of(org) == wanted
    assert token_calls(sim) == before
    entry = AuditEntry.objects.get(action="org:connection:edited")
    assert entry.detail["before"]["name"] == "prod"
    assert entry.detail["after"]["name"] == "New name"
    assert edit_org(org, wanted, actor="bob") == []
    assert AuditEntry.objects.filter(action="org:connection:edited").count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "TAKEN"}, "name"),
        ({"features": ()}, "features"),
        ({"features": ("threat_detection",)}, "features"),
        ({"tiers": ("all",)}, "tiers"),
        ({"backfill_days": 0}, "backfill_days"),
        ({"backfill_days": 181}, "backfill_days"),
        ({"cadence_minutes": {"users": 1}}, "cadence_minutes"),
        ({"cadence_minutes": {"nothing": 60}}, "cadence_minutes"),
        ({"told_addresses": ("nobody",)}, "told_addresses"),
    ],
)
def test_a_setting_that_does_not_fit_is_named_and_nothing_is_stored(
    at_home: House, sim: OrgsimServer, change: dict[str, Any], field: str
) -> None:
    org = at_home.connect(sim)
    at_home.connect(sim, "taken")
    before = Settings.of(org)
    with pytest.raises(Wrong) as refused:
        edit_org(org, replace(before, **change), actor="bob")
    assert refused.value.field == field
    assert refused.value.fix
    org.refresh_from_db()
    assert Settings.of(org) == before


@pytest.mark.fault("B6")
@pytest.mark.seed("D16", "M22", "M23")
def test_cadences_are_the_seeds_by_default_and_editable(at_home: House, sim: OrgsimServer) -> None:
    org = at_home.connect(sim)
    loop.work_once(threading.Event())
    assert is_due_every(org, "login_history", 15)
    assert is_due_every(org, "setup_audit_trail", 15)
    assert is_due_every(org, "event_log_file", 60)
    wanted = replace(Settings.of(org), cadence_minutes={"login_history": 45, "users": 30})
    edit_org(org, wanted, actor="bob")
    assert 44 < minutes_until_due(org, "login_history") <= 45
    at_home.collect(org, "users")
    assert is_due_every(org, "users", 30)


@pytest.mark.fault("E5", "E7")
def test_a_longer_backfill_reaches_back_further_and_doubles_nothing(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim, backfill_days=1)
    at_home.collect(org)

    def begun() -> datetime:
        held = at_home.state(org, "login_history").backfill_from
        assert held is not None
        return held

    first = begun()
    edit_org(org, replace(Settings.of(org), backfill_days=30), actor="bob")
    at_home.collect(org)
    assert begun() < first - timedelta(days=25)
    complete = at_home.state(org, "login_history").coverage["complete"]
    assert len(complete) == 1
    assert instant_of(complete[0][0]) == begun()
    [row] = at_home.ask("SELECT count(*) AS n, count(DISTINCT Id) AS ids FROM login_history")
    assert row["n"] == row["ids"]
    edit_org(org, replace(Settings.of(org), backfill_days=2), actor="bob")
    at_home.collect(org)
    assert begun() < first - timedelta(days=25)  # fewer days undo nothing


def test_a_feature_that_is_turned_on_makes_the_tenant_in_progress_until_it_has_finished(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim, features=["sspm_scan"])
    at_home.collect(org)
    org.refresh_from_db()
    assert org.status == Org.Status.SUCCESS
    wanted = replace(Settings.of(org), features=("app_governance", "sspm_scan"))
    edit_org(org, wanted, actor="bob")
    assert org.status == Org.Status.IN_PROGRESS
    assert org.next_due_at is not None
    assert org.next_due_at <= datetime.now(UTC)
    loop.work_once(threading.Event())
    org.refresh_from_db()
    assert org.status == Org.Status.SUCCESS
