"""What is off is never called, says why, and holds up nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from orgwarden.catalog.features import FEATURES, sources_for
from orgwarden.catalog.sources import SOURCES
from orgwarden.catalog.tiers import TIER_IDS
from orgwarden.flows.due import due_sources
from orgwarden.flows.edit_org import edit_org
from orgwarden.flows.enabled import enabled_sources, why_off
from orgwarden.flows.tenant_settings import Settings
from orgwarden.records.models import Credential, Org, Run, SourceState
from tests.support.allowed import allow_what_is_declared
from tests.support.house import House
from tests.support.orgsim import OrgsimServer


def watch(sim: OrgsimServer, *names: str) -> None:
    """Count the calls whose address has one of these names; nothing is done to them."""
    asked = {"endpoint": "|".join(names), "error": "INVALID_TYPE", "after": 99_999}
    sim.control("faults", asked)


def asked_of_us(permission: str) -> str:
    """A look at whether our own user has the permission, not at who else has."""
    return f"Permissions{permission}.*UserPermissionAccess"


def met(sim: OrgsimServer) -> int:
    return sum(f["met"] for f in sim.control("faults"))


@pytest.mark.seed("Z8", "Z17")
def test_a_source_of_a_tier_not_opted_in_to_is_not_called_and_counts_as_finished(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim, tiers=())
    off = {s.id for s in SOURCES if s.tier}
    assert off >= {"login_history", "verification_history", "user_logins"}
    of_tiers = [f"FROM.{{1,3}}{s.object}\\b" for s in SOURCES if s.tier]
    watch(sim, *of_tiers, asked_of_us("ManageUsers"))
    done = at_home.collect(org)
    assert not off & {o.source for o in done.outcomes}
    assert met(sim) == 0
    state = at_home.state(org, "login_history")
    assert state.state == SourceState.State.OFF
    assert "Sign-ins of all users was not opted in to" in state.reason
    assert "Manage Users" in state.fix
    org.refresh_from_db()
    assert org.status == Org.Status.SUCCESS
    assert set(at_home.status(org)["partial"]) == off
    assert "login_history" not in {s.id for s in due_sources(org)}


@pytest.mark.seed("M1", "D1")
def test_one_connection_feeds_every_feature(at_home: House, sim: OrgsimServer) -> None:
    allow_what_is_declared(sim)
    tiers = [tier for tier in TIER_IDS if tier != "real_time"]  # this org stores no such events
    org = at_home.connect(sim, tiers=tiers)
    assert {o.outcome for o in at_home.collect(org).outcomes} == {Run.Outcome.DONE}
    for feature in FEATURES:
        states = {at_home.state(org, s.id).state for s in sources_for([feature.id], tiers)}
        assert states == {SourceState.State.CURRENT}, feature.title
    assert Credential.objects.filter(org=org, kind="access_token").count() == 1


@pytest.mark.seed("Z8")
def test_a_feature_that_is_off_has_none_of_its_sources_called(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim, features=["sspm_scan"])
    from_list, from_files = "FROM.{1,3}EventLogFile", "sobjects/EventLogFile"
    watch(sim, from_list, from_files, "LoginHistory", asked_of_us("ViewEventLogFiles"))
    done = at_home.collect(org)
    scan = {s.id for s in sources_for(["sspm_scan"], org.tiers)}
    assert {o.source for o in done.outcomes} == scan
    assert not scan & {"event_log_file", "login_history", "package_licenses"}
    assert met(sim) == 0
    assert not SourceState.objects.filter(org=org, source="event_log_file").exists()


@pytest.mark.seed("Z8", "Z30")
def test_opting_out_keeps_what_was_collected_and_opting_in_again_goes_on(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    watch(sim, "LoginHistory", asked_of_us("ManageUsers"))
    at_home.collect(org)
    assert met(sim) > 1  # so the other tests' nothing is something
    rows = at_home.state(org, "login_history").rows
    assert rows
    _opt(org, tiers=[])
    at_home.collect(org)
    state = at_home.state(org, "login_history")
    assert (state.state, state.rows) == (SourceState.State.OFF, rows)
    _opt(org, tiers=["sign_ins"])
    assert "login_history" in {s.id for s in due_sources(org)} | {
        s.id for s in enabled_sources(org)
    }
    at_home.collect(org)
    assert at_home.state(org, "login_history").state == SourceState.State.CURRENT


def test_a_tier_opted_in_to_while_it_is_collected_stays_on(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim, tiers=())
    at_home.collect(org)  # so that one source alone would make it a success again

    def edit(_: Run) -> None:
        other = Org.objects.get(pk=org.pk)
        edit_org(other, replace(Settings.of(other), tiers=("sign_ins",)), actor="ann")

    at_home.collect(org, "limits", tell=edit)
    assert at_home.state(org, "login_history").state == SourceState.State.NEVER
    org.refresh_from_db()
    assert org.status == Org.Status.IN_PROGRESS
    assert org.next_due_at is not None
    assert org.next_due_at <= datetime.now(UTC)


def test_a_tier_opted_out_of_while_it_is_collected_is_not_called_any_more(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    watch(sim, "LoginHistory")

    def edit(_: Run) -> None:
        other = Org.objects.get(pk=org.pk)
        edit_org(other, replace(Settings.of(other), tiers=()), actor="ann")

    done = at_home.collect(org, "organization", "login_history", tell=edit)
    assert [o.source for o in done.outcomes] == ["organization"]
    assert met(sim) == 0
    assert at_home.state(org, "login_history").state == SourceState.State.OFF


def test_a_log_type_goes_off_and_on_with_its_family(at_home: House, sim: OrgsimServer) -> None:
    org = at_home.connect(sim)
    at_home.collect(org)
    types = SourceState.objects.filter(org=org, source__startswith="event_log_")
    assert types.count() > 1
    _opt(org, features=["sspm_scan"])
    at_home.collect(org)
    assert {s.state for s in types.all()} == {SourceState.State.OFF}
    _opt(org, features=["app_governance"])
    at_home.collect(org)
    assert SourceState.State.OFF not in {s.state for s in types.all()}


def test_without_a_feature_nothing_is_called_and_nothing_is_green(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    _opt(org, features=[])
    assert enabled_sources(org) == ()
    at_home.collect(org)
    org.refresh_from_db()
    assert org.status != Org.Status.SUCCESS


def test_why_off_says_what_would_turn_it_on(at_home: House, sim: OrgsimServer) -> None:
    from orgwarden.catalog.sources import BY_ID

    org = at_home.connect(sim, tiers=())
    told = why_off(org, BY_ID["login_history"])
    assert told is not None
    assert told[0].startswith("Off: ")
    assert why_off(org, BY_ID["users"]) is None


def _opt(org: Org, **values: Any) -> None:
    Org.objects.filter(pk=org.pk).update(**values)
    org.refresh_from_db()
