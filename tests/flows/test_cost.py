"""The computed cost of collecting, held against what an emulated org counted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orgwarden.catalog.features import sources_for
from orgwarden.core.cost import Size, calls
from orgwarden.flows.collect import collect
from orgwarden.records.models import Run, SourceState
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

QUARTER = timedelta(minutes=15)


def made(sim: OrgsimServer) -> int:
    return sum(c["count"] for c in sim.control("calls"))


@pytest.mark.seed("M17")
@pytest.mark.parametrize("hours", [2, pytest.param(24, marks=pytest.mark.long)])
def test_the_org_counts_what_was_computed(
    house: House, orgsim_server: StartOrgsim, hours: int
) -> None:
    sim = orgsim_server(users=8, days=2, speed=0, event_monitoring="none")
    house.admit(sim)
    org = house.connect(sim)
    house.collect(org)  # the backfill is not part of the cost of a day
    org.refresh_from_db()
    read = SourceState.objects.filter(org=org, state=SourceState.State.CURRENT)
    seen = set(read.values_list("source", flat=True))
    # What is read more often than the clock is moved here is left out.
    on = sources_for(org.features, org.tiers)
    sources = [s for s in on if s.id in seen and s.cadence >= QUARTER]
    began = made(sim)
    for quarter in range(hours * 4):
        sim.control("clock", {"advance": "PT15M"})
        due = [s for s in sources if not quarter * QUARTER % s.cadence]
        outcomes = collect(org, sources=due, trigger="schedule").outcomes
        assert {o.outcome for o in outcomes} == {Run.Outcome.DONE}
    counted = made(sim) - began
    files = org.landed_files.count()
    span = timedelta(hours=hours)
    computed = calls(sources, Size(8, 0), {}, span=span).total
    assert computed * 0.9 <= counted <= computed + files, f"{counted} of {computed}"
