"""Pause and resume: nothing is collected meanwhile, and the grant is still there afterwards."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from orgwarden.core.problems import NeedsPerson, Stopped
from orgwarden.flows.collect_now import collect_now
from orgwarden.flows.due import due_sources
from orgwarden.flows.pause import grant_dies_at, keep_grants_alive, pause, resume
from orgwarden.records import credentials
from orgwarden.records.models import AuditEntry, Org, Run, SourceState
from orgwarden.worker import loop
from tests.flows.consented import all_calls, by_consent, is_honoured, token_calls
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

DAY = timedelta(days=1)


def test_a_paused_tenant_is_not_collected_until_it_is_resumed(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    pause(org, actor="ann")
    pause(org, actor="bob")  # nothing more
    assert (org.paused_by, AuditEntry.objects.filter(action__contains="paused").count()) == (
        "ann",
        1,
    )
    before = all_calls(sim)
    assert not loop.work_once(threading.Event())
    with pytest.raises(NeedsPerson, match="paused"):
        at_home.collect(org)
    with pytest.raises(NeedsPerson, match="paused"):
        collect_now(org, "ann")
    assert all_calls(sim) == before
    resume(org, actor="ann")
    assert loop.work_once(threading.Event())
    org.refresh_from_db()
    assert org.status == Org.Status.SUCCESS


def test_all_that_is_on_is_due_once_a_tenant_is_resumed(at_home: House, sim: OrgsimServer) -> None:
    org = at_home.connect(sim)
    later = datetime.now(UTC) + DAY
    SourceState.objects.create(org=org, source="users", next_due_at=later)
    SourceState.objects.create(org=org, source="limits", state="off", next_due_at=later)
    pause(org, actor="ann")
    resume(org, actor="ann")
    due = {s.id for s in due_sources(org)}
    assert "users" in due
    assert SourceState.objects.get(source="limits").next_due_at == later


def test_a_run_in_progress_ends_after_its_next_commit(at_home: House, sim: OrgsimServer) -> None:
    org = at_home.connect(sim)
    run = Run.objects.create(org=org, source="users", started_at=datetime.now(UTC))
    loop._go_on(threading.Event(), run)
    pause(org, actor="ann")
    with pytest.raises(Stopped, match="paused"):
        loop._go_on(threading.Event(), run)


def test_the_grant_of_a_paused_tenant_is_used_before_it_would_idle_out(
    house: House, orgsim_server: StartOrgsim
) -> None:
    sim = orgsim_server(users=4, days=1, speed=0)
    house.admit(sim)
    sim.control("app", {"refresh_idle": "P30D", "rotate_refresh_token": True})
    org = by_consent(sim)
    pause(org, actor="ann")
    assert grant_dies_at(org) == org.grant_used_at + 30 * DAY  # type: ignore[operator]
    calls = token_calls(sim)
    assert keep_grants_alive() == []
    assert token_calls(sim) == calls  # just used
    for _ in range(4):
        sim.control("clock", {"advance": "P11D"})
        Org.objects.filter(pk=org.pk).update(grant_used_at=datetime.now(UTC) - 11 * DAY)
        assert keep_grants_alive() == []
        org.refresh_from_db()
        assert org.grant_used_at is not None
        assert datetime.now(UTC) - org.grant_used_at < timedelta(minutes=5)
    assert token_calls(sim) == calls + 4
    assert is_honoured(sim, credentials.need(org, "refresh_token"))
    resume(org, actor="ann")
    assert house.collect(org, "users").outcomes[0].outcome == Run.Outcome.DONE


def test_a_grant_that_cannot_be_used_is_tried_once_an_hour_and_its_date_is_known(
    at_home: House, sim: OrgsimServer
) -> None:
    org = by_consent(sim)
    pause(org, actor="ann")
    used = datetime.now(UTC) - 15 * DAY
    Org.objects.filter(pk=org.pk).update(grant_used_at=used)
    sim.control("faults", {"prefix": "/services/oauth2/token", "html": True})
    assert keep_grants_alive() == ["prod"]
    before = all_calls(sim)
    assert keep_grants_alive() == []
    assert all_calls(sim) == before
    org.refresh_from_db()
    assert org.status != Org.Status.ERROR  # Salesforce was away, the grant may be well
    assert grant_dies_at(org) == used + 30 * DAY


def test_a_paused_tenant_in_error_for_another_reason_keeps_its_grant(
    at_home: House, sim: OrgsimServer
) -> None:
    org = by_consent(sim)
    pause(org, actor="ann")
    used = datetime.now(UTC) - 15 * DAY
    ill = {"status": Org.Status.ERROR, "grant_used_at": used}
    Org.objects.filter(pk=org.pk).update(problem="Sign-ins cannot be read.", **ill)
    assert keep_grants_alive() == []
    org.refresh_from_db()
    assert org.grant_used_at is not None
    assert org.grant_used_at > used
    Org.objects.filter(pk=org.pk).update(problem="Contained by Salesforce: frozen.", **ill)
    before = all_calls(sim)
    assert keep_grants_alive() == []
    assert all_calls(sim) == before  # each try could freeze it anew


def test_ways_without_a_refresh_token_have_nothing_that_dies(
    at_home: House, sim: OrgsimServer
) -> None:
    assert grant_dies_at(at_home.connect(sim)) is None


@pytest.mark.seed("C26")
def test_collect_now_makes_everything_due_and_joins_a_run_in_progress(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    loop.work_once(threading.Event())
    runs = Run.objects.count()
    assert collect_now(org, "ann") is False
    loop.work_once(threading.Event())
    assert Run.objects.count() == 2 * runs
    joined: list[bool] = []
    at_home.collect(org, "limits", tell=lambda _: joined.append(collect_now(org, "ann")))
    assert joined
    assert all(joined)
    assert Run.objects.count() == 2 * runs + 1
    assert not loop.work_once(threading.Event())  # nothing is started a second time
    started = AuditEntry.objects.filter(action="org:collection:started")
    assert started.count() == 1 + len(joined)
