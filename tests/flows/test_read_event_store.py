"""Stored real-time events: bounded windows, and what cannot be seen is dark, never empty."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orgwarden.catalog.sources import EVENT_STORES
from orgwarden.core.jitter import next_due
from orgwarden.core.source import NORMALISED
from orgwarden.flows.read_event_store import LESS, MOST_WINDOWS
from orgwarden.records.models import Org, Run, SourceState
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

NORMAL = ", ".join(f"n_{name}" for name in NORMALISED)
TIERS = ("sign_ins", "real_time")
DAY = timedelta(days=1)


@pytest.fixture
def licensed(shared_orgsim: StartOrgsim) -> OrgsimServer:
    """An org with Event Monitoring that stands still."""
    return shared_orgsim(users=8, days=3, speed=0, event_monitoring="licensed")


@pytest.fixture
def org(house: House, licensed: OrgsimServer) -> Org:
    house.admit(licensed)
    return house.connect(licensed, tiers=TIERS)


def stored(sim: OrgsimServer, object: str, *ago: timedelta) -> None:
    """Events that a store holds, so long before now."""
    now = datetime.fromisoformat(sim.control("state")["now"])
    rows = [{"EventDate": (now - a).isoformat(), "UserId": sim.app()["run_as"]} for a in ago]
    for n, row in enumerate(rows):
        row["EventIdentifier"] = f"{object}-{now.timestamp()}-{n}"
    sim.control("rows", {"object": object, "rows": rows})


IDS = [s.id for s in EVENT_STORES]


def test_each_store_is_dark_while_it_shows_nothing_and_then_keeps_its_promises(
    house: House, org: Org, licensed: OrgsimServer
) -> None:
    Org.objects.filter(pk=org.pk).update(backfill_days=2)
    org.refresh_from_db()
    before = {o.source: o for o in house.collect(org, *IDS).outcomes}
    assert set(before) == set(IDS)
    for source in EVENT_STORES:
        if not licensed.ledger(source.object):
            found = before[source.id]
            assert found.outcome == Run.Outcome.DARK
            assert "whether it is switched off or nothing happened" in found.reason
            assert "Event Manager" in found.fix
            assert house.state(org, source.id).coverage in ({}, {"complete": [], "missing": []})
            stored(licensed, source.object, timedelta(hours=2), timedelta(hours=30))
        stored(licensed, source.object, timedelta())
    assert before["logout_events"].outcome == Run.Outcome.DARK
    first = {o.source: o for o in house.collect(org, *IDS).outcomes}
    second = {o.source: o for o in house.collect(org, *IDS).outcomes}
    assert sum(o.calls for o in second.values()) < len(EVENT_STORES) / 2  # asked together
    for source in EVENT_STORES:
        assert (first[source.id].outcome, first[source.id].reason) == (Run.Outcome.DONE, "")
        assert second[source.id].stored == 0, source.id
        names = ", ".join(f'"{f.name}"' for f in source.fields)
        rows = house.ask(f"SELECT {names}, {NORMAL} FROM {source.view}")
        assert len(rows) >= 2
        assert len({r["n_event_uid"] for r in rows}) == len(rows)
        assert all(r["n_time"] and len(r["n_actor_id"]) == 18 and r["n_action"] for r in rows)
        if source.key == ("Id",):
            assert {r["Id"] for r in rows} <= {e["id"] for e in licensed.ledger(source.object)}


@pytest.mark.seed("M16")
def test_a_run_reads_so_many_windows_and_the_next_one_goes_on(
    house: House, org: Org, licensed: OrgsimServer
) -> None:
    Org.objects.filter(pk=org.pk).update(backfill_days=14)
    org.refresh_from_db()
    ago = [timedelta(days=n, hours=1) for n in range(14)]
    stored(licensed, "FileEventStore", *ago)
    outcome = house.outcome(org, "file_events")
    assert LESS in outcome.reason
    assert outcome.calls == MOST_WINDOWS + 1  # and whether there is anything at all
    state = house.state(org, "file_events")
    [[begin, _]] = state.coverage["complete"]
    held = datetime.now(UTC) - datetime.fromisoformat(begin)
    assert timedelta(days=MOST_WINDOWS - 1) < held < timedelta(days=MOST_WINDOWS + 1)
    before = house.count("file_events")
    while LESS in house.outcome(org, "file_events").reason:
        assert house.count("file_events") > before
    assert house.count("file_events") >= 14
    [[begin, _]] = house.state(org, "file_events").coverage["complete"]
    assert datetime.fromisoformat(begin) == house.state(org, "file_events").backfill_from


def test_a_window_that_times_out_is_halved_and_nothing_is_lost(
    house: House, org: Org, licensed: OrgsimServer
) -> None:
    Org.objects.filter(pk=org.pk).update(backfill_days=2)
    org.refresh_from_db()
    stored(licensed, "UriEvent", *(timedelta(hours=n) for n in range(1, 60, 5)))
    licensed.control("faults", {"endpoint": "FROM.UriEvent.WHERE", "error": "QUERY_TIMEOUT",
                                "status": 400, "nth": [1, 2]})  # fmt: skip
    while LESS in (outcome := house.outcome(org, "uri_events")).reason:
        pass
    assert outcome.outcome == Run.Outcome.DONE
    told = house.ask('SELECT count(*) AS n, count(DISTINCT "EventIdentifier") AS k FROM uri_events')
    happened = len(licensed.ledger("UriEvent"))
    assert told == [{"n": happened, "k": happened}]


def test_without_the_licence_a_store_is_dark_and_asked_once_a_day(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim, tiers=TIERS)
    outcome = at_home.outcome(org, "api_events")
    assert outcome.outcome == Run.Outcome.DARK
    assert "no licence" in outcome.reason
    assert "View Real-Time Event Monitoring Data" in outcome.reason
    state = at_home.state(org, "api_events")
    assert state.state == SourceState.State.DARK
    assert state.next_due_at is not None
    assert state.last_run_at is not None
    again = next_due(state.next_due_at, DAY, org=org.key, source="api_events")
    assert again - state.next_due_at == DAY  # its place of the day, from now on
    assert at_home.outcome(org, "login_history").outcome == Run.Outcome.DONE  # others are not held
    org.refresh_from_db()
    assert org.status != Org.Status.ERROR
