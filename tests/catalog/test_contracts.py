"""The same questions to every source, answered by an emulated org: does it do what it declares?

That it is dark without its permission, and that the declared ones are enough, is shown in
tests/flows/test_permissions.py for each source as well.
"""

from __future__ import annotations

import re

import pytest

from orgwarden.catalog.sources import SOURCES
from orgwarden.core.source import NORMALISED, Kind, Source
from orgwarden.records.models import Run
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

EACH = pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.id)


def view_of(source: Source) -> str:
    return "event_log_login" if source.kind is Kind.LOG_FILES else source.view


@EACH
def test_rows_arrive_and_reading_twice_adds_none(
    at_home: House, sim: OrgsimServer, source: Source
) -> None:
    org = at_home.connect(sim)
    first = at_home.outcome(org, source.id)
    assert first.outcome == Run.Outcome.DONE
    assert first.stored > 0
    view = view_of(source)
    rows = at_home.count(view)
    assert rows > 0
    second = at_home.outcome(org, source.id)
    assert second.outcome == Run.Outcome.DONE
    if source.kind is Kind.LIMITS:
        return  # each reading is an event of its own
    assert second.stored == 0
    assert at_home.count(view) == rows


@EACH
def test_what_it_declares_is_what_can_be_asked(
    at_home: House, sim: OrgsimServer, source: Source
) -> None:
    org = at_home.connect(sim)
    at_home.outcome(org, source.id)
    view = view_of(source)
    if source.kind is not Kind.LOG_FILES:
        names = ", ".join(f'"{f.name}"' for f in source.fields)
        assert at_home.ask(f"SELECT {names} FROM {view}")
    normal = ", ".join(f"n_{name}" for name in NORMALISED)
    for row in at_home.ask(f"SELECT {normal} FROM {view}"):
        assert row["n_time"] is not None
        assert row["n_event_uid"]
        assert (row["n_org"], row["n_source"]) == (org.key, view)
        assert row["n_arrived_seq"] > 0
        assert row["n_actor_id"] is None or len(row["n_actor_id"]) == 18
    uids = at_home.ask(
        f"SELECT count(*) - count(DISTINCT event_uid) AS twice FROM activity"
        f" WHERE source = '{view}'"
    )
    assert uids == [{"twice": 0}]


@EACH
def test_it_costs_what_it_says(at_home: House, sim: OrgsimServer, source: Source) -> None:
    org = at_home.connect(sim)
    at_home.outcome(org, source.id)
    found = at_home.outcome(org, source.id)  # nothing new: the cost of a run
    promised = re.match(r"(\d+) call a run", source.cost)
    assert promised is not None
    assert found.calls == int(promised[1])
