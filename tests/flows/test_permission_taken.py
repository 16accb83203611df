"""A permission taken from the integration user darkens its sources within one cycle, by name."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from orgwarden.catalog.permissions import label_of
from orgwarden.records.models import Org, SourceState
from orgwarden.worker.loop import work_once
from tests.support.house import House
from tests.support.opted import ON
from tests.support.orgsim import OrgsimServer

PERMISSIONS = sorted({n.permission for s in ON for n in s.needs})


@pytest.fixture
def whole(sim: OrgsimServer) -> Iterator[OrgsimServer]:
    sim.control("reset", {})
    yield sim
    sim.control("reset", {})


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_exactly_the_sources_that_need_it_go_dark_in_the_next_cycle_and_none_is_empty(
    at_home: House, whole: OrgsimServer, permission: str
) -> None:
    org = at_home.connect(whole)
    at_home.collect(org)
    before = {s["id"]: (s["rows"], s["complete"]) for s in at_home.sources(org)}
    whole.control(
        "permission",
        {"user": whole.app()["run_as"], "permission": permission, "value": False},
    )
    SourceState.objects.filter(org=org).update(next_due_at=None)
    Org.objects.filter(pk=org.pk).update(next_due_at=None)
    assert work_once(threading.Event())
    org.refresh_from_db()
    found = {s["id"]: s for s in at_home.sources(org)}
    if permission == "ApiEnabled":  # nothing can be asked: the tenant is in error, with the reason
        assert org.status == Org.Status.ERROR
        assert "API" in org.problem
        assert org.problem_fix
        assert org.last_synced_at is not None
    else:
        affected = {s.id for s in ON for n in s.needs if n.permission == permission}
        dark = {i for i, s in found.items() if s["state"] == "dark"}
        types = {i for i in dark if i.startswith("event_log_") and i != "event_log_file"}
        assert dark - types == affected
        assert bool(types) == ("event_log_file" in affected)
        assert all(label_of(permission) in found[i]["reason"] for i in dark)
        assert all(found[i]["fix"] for i in dark)
        for name in affected:
            assert found[name]["complete"] == before[name][1]  # nothing is called complete
    for name, state in found.items():
        assert state["rows"] >= before[name][0]  # and nothing is empty
