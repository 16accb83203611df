"""A source whose permission is missing is dark and says why; it is never empty and green."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from orgwarden.catalog.sources import SOURCES
from orgwarden.catalog.tiers import TIER_IDS
from orgwarden.flows.permissions import LABELS
from orgwarden.records.models import Org, Run, SourceState
from tests.support.allowed import DECLARED, allow_what_is_declared
from tests.support.house import House
from tests.support.landed import assert_everything_landed
from tests.support.orgsim import OrgsimServer

TIERS = tuple(t for t in TIER_IDS if t != "real_time")  # the org has no licence for that one
NEEDS = [
    (s.id, n.permission)
    for s in SOURCES
    for n in s.needs
    if n.permission != "ApiEnabled" and not n.refused
]
PERMISSIONS = sorted({p for _, p in NEEDS})
Allow = Callable[[str, bool], None]


@pytest.fixture
def allow(sim: OrgsimServer) -> Iterator[Allow]:
    """`allow(permission, False)` takes it from the connected user, who has all that is declared.
    What was before is given back at the end."""
    user = sim.app()["run_as"]
    allow_what_is_declared(sim)

    def set_to(permission: str, value: bool) -> None:
        sim.control("permission", {"user": user, "permission": permission, "value": value})

    yield set_to
    sim.take_back()


@pytest.mark.fault("C8")
@pytest.mark.parametrize("permission", PERMISSIONS)
def test_without_its_permission_a_source_is_dark_and_says_why(
    at_home: House, sim: OrgsimServer, allow: Allow, permission: str
) -> None:
    org = at_home.connect(sim, tiers=TIERS)
    allow(permission, False)
    done = at_home.collect(org)
    dark = {o.source: o for o in done.outcomes if o.outcome == Run.Outcome.DARK}
    assert set(dark) == {s for s, p in NEEDS if p == permission}
    for source, found in dark.items():
        assert LABELS[permission] in found.reason
        assert org.connected_user in found.fix
        state = at_home.state(org, source)
        assert state.state == SourceState.State.DARK
        assert state.reason == found.reason
        assert state.rows == 0
        assert state.coverage in ({}, {"complete": [], "missing": []})
    org.refresh_from_db()
    assert org.status == Org.Status.SUCCESS  # a stated reason does not hold the others up


def test_a_permission_lost_later_freezes_coverage_and_given_back_nothing_is_missing(
    at_home: House, sim: OrgsimServer, allow: Allow
) -> None:
    org = at_home.connect(sim)
    at_home.collect(org)
    before = {s["id"]: s["complete"] for s in at_home.sources(org)}
    allow("ManageUsers", False)
    sim.control("clock", {"advance": 3600})
    outcome = at_home.outcome(org, "login_history")
    assert outcome.outcome == Run.Outcome.DARK
    after = {s["id"]: s["complete"] for s in at_home.sources(org)}
    assert after["login_history"] == before["login_history"]
    allow("ManageUsers", True)
    at_home.collect(org)
    assert at_home.state(org, "login_history").state == SourceState.State.CURRENT
    assert_everything_landed(sim, at_home.ask, at_home.sources(org))


@pytest.mark.fault("C10")
def test_a_user_with_only_the_declared_permissions_collects_everything(
    at_home: House, sim: OrgsimServer, allow: Allow
) -> None:
    token = sim.token()
    [row] = sim.session.get(
        f"{sim.url}/services/data/v62.0/query",
        params={"q": "SELECT FIELDS(ALL) FROM UserPermissionAccess LIMIT 1"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    ).json()["records"]
    held = {k.removeprefix("Permissions") for k, v in row.items() if v is True}
    assert held >= set(DECLARED)
    for permission in sorted(held - set(DECLARED)):
        allow(permission, False)
    org = at_home.connect(sim, tiers=TIERS)
    done = at_home.collect(org)
    assert [(o.source, o.reason) for o in done.outcomes if o.outcome != Run.Outcome.DONE] == []
    assert_everything_landed(sim, at_home.ask, at_home.sources(org))
