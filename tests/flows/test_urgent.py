"""A backfill gives way: to what is fresh and more urgent in its org, and to other orgs."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orgwarden.catalog.sources import BY_ID
from orgwarden.core.problems import Stopped
from orgwarden.flows.collect import collect
from orgwarden.flows.due import others_due
from orgwarden.flows.means import REAL
from orgwarden.flows.turns import Turn
from orgwarden.records import leases
from orgwarden.records.models import Org, Run, SourceState
from orgwarden.worker import loop
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.landed import assert_everything_landed
from tests.support.orgsim import OrgsimServer

SOURCES = ("login_history", "event_log_file")
SOON = timedelta(0)


@pytest.fixture
def backlog(orgsim_server: StartOrgsim) -> OrgsimServer:
    """An org with some days of log files."""
    return orgsim_server(users=3, days=2, speed=0, event_monitoring="licensed")


@pytest.fixture
def home(house: House, backlog: OrgsimServer) -> House:
    house.admit(backlog)
    return house


def only(org: Org, *sources: str) -> None:
    """Nothing but these is due."""
    later = datetime.now(UTC) + timedelta(days=1)
    for source in BY_ID.values():
        due = None if source.id in sources else later
        SourceState.objects.update_or_create(
            org=org, source=source.id, defaults={"next_due_at": due, "since": later}
        )


def order_of(*orgs: Org) -> list[tuple[str, str]]:
    runs = Run.objects.filter(org__in=orgs).order_by("started_at", "pk")
    return [(r.org.name, r.source) for r in runs]


def test_a_backfill_is_left_for_other_orgs_and_taken_up_again(
    home: House, backlog: OrgsimServer
) -> None:
    first, second = (home.connect(backlog, name, backfill_days=2) for name in ("first", "second"))
    for org in (first, second):
        only(org, *SOURCES)
    rounds = 0
    while loop.work_once(threading.Event(), turn=SOON):
        rounds += 1
        if rounds == 1:
            state = home.state(first, "event_log_file")
            assert state.state == SourceState.State.WAITING
            assert "other tenants" in state.reason
            first.refresh_from_db()
            assert (first.status, first.waiting_reason) == (Org.Status.IN_PROGRESS, "")
            fresh = home.state(first, "login_history").coverage["complete"]
            assert fresh, "what is fresh is there before the backfill is"
    assert rounds > 1
    names = [name for name, source in order_of(first, second) if source == "event_log_file"]
    assert names[:2] == ["first", "second"]
    for org in (first, second):
        assert home.state(org, "event_log_file").state == SourceState.State.CURRENT
    assert not Run.objects.filter(outcome=Run.Outcome.LOST).exists()
    # Both tenants are the same org: every row is there once for each.
    rows = home.ask("SELECT row_sha256, count(*) AS n FROM event_log_login GROUP BY 1")
    assert rows
    assert {r["n"] % 2 for r in rows} == {0}


def test_a_turn_has_no_end_while_nobody_else_is_due(home: House, backlog: OrgsimServer) -> None:
    org = home.connect(backlog, backfill_days=3)
    only(org, *SOURCES)
    assert loop.work_once(threading.Event(), turn=SOON)
    assert home.state(org, "event_log_file").state == SourceState.State.CURRENT
    assert Run.objects.filter(org=org).count() == len(SOURCES)


def test_an_org_that_is_held_or_paused_ends_nobodys_turn(
    home: House, backlog: OrgsimServer
) -> None:
    org, other = home.connect(backlog, "one"), home.connect(backlog, "other")
    now = datetime.now(UTC)
    assert others_due(org, now)
    held = leases.take(other, holder=leases.Holder.here())
    assert not others_due(org, now)
    leases.release(held)
    Org.objects.filter(pk=other.pk).update(paused_at=now)
    assert not others_due(org, now)


def test_every_turn_gets_on(home: House) -> None:
    seconds = iter(range(100, 200))
    turn = Turn(SOON, lambda: True, replace(REAL, seconds=lambda: float(next(seconds))))
    assert [turn.over() for _ in range(3)] == [False, True, True]


def test_signins_that_become_due_are_read_in_the_middle_of_a_backfill(
    home: House, backlog: OrgsimServer
) -> None:
    org = home.connect(backlog, backfill_days=3)
    home.collect(org, "login_history")
    only(org, *SOURCES)
    user = backlog.app()["run_as"]
    commits: list[str] = []
    passed = [0.0]

    def told(run: Run) -> None:
        commits.append(run.source)
        passed[0] += 60  # each commit takes a minute
        if commits.count("event_log_file") == 2 and "again" not in commits:
            commits.append("again")
            backlog.control("rows", {"object": "LoginHistory", "rows": [{"UserId": user}]})
            SourceState.objects.filter(org=org, source="login_history").update(
                next_due_at=datetime.now(UTC)
            )

    means = replace(REAL, seconds=lambda: time.monotonic() + passed[0])
    sources = [BY_ID[s] for s in SOURCES]
    done = collect(org, sources=sources, tell=told, means=means)
    at = commits.index("again")
    assert commits[at + 1] == "login_history"
    assert "event_log_file" in commits[at + 2 :]
    found: dict[str, list[Any]] = {}
    for outcome in done.outcomes:
        found.setdefault(outcome.source, []).append(outcome)
    assert [o.outcome for o in found["login_history"]] == [Run.Outcome.DONE] * 2
    assert found["login_history"][1].stored == 1
    assert found["login_history"][1].calls == 1
    [files] = found["event_log_file"]
    downloads = sum(c["count"] for c in backlog.control("calls") if "LogFile" in c["endpoint"])
    assert downloads <= files.calls <= downloads + 40  # a list for every day of the backfill
    home.collect(org)
    assert_everything_landed(backlog, home.ask, home.sources(org))


def test_after_an_outage_the_newest_is_collected_first_and_the_gap_closes_behind_it(
    home: House, backlog: OrgsimServer
) -> None:
    org = home.connect(backlog, backfill_days=3)
    home.collect(org, "event_log_file")
    user = backlog.app()["run_as"]
    home.collect(org, "login_history")
    backlog.control("clock", {"advance": "P5D"})
    now = datetime.fromisoformat(backlog.control("state")["now"])
    rows = [
        {"UserId": user, "LoginTime": (now - timedelta(hours=n)).isoformat()}
        for n in range(1, 120, 6)
    ]
    backlog.control("rows", {"object": "LoginHistory", "rows": rows})

    def stop_after_first(run: Run) -> None:
        raise Stopped("The worker was told to stop.")

    with pytest.raises(Stopped):
        home.collect(org, "login_history", tell=stop_after_first)
    newest = home.ask("SELECT max(time) AS t FROM login_history")[0]["t"]
    assert now - newest < timedelta(hours=2)
    assert len(home.state(org, "login_history").coverage["complete"]) == 2  # a gap, and seen
    home.collect(org, "login_history")
    assert len(home.state(org, "login_history").coverage["complete"]) == 1
    home.collect(org)
    assert_everything_landed(backlog, home.ask, home.sources(org))
