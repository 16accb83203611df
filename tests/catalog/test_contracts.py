"""The same questions to every source, answered by an emulated org: does it do what it declares?

All sources are read together, twice, and each is then asked. That a source is dark without its
permissions, and that the declared ones are enough, is shown in tests/flows/test_permissions.py;
that a cut anywhere loses nothing, in tests/flows/test_exactly_once.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from orgwarden.catalog.sources import EVENT_STORES, SOURCES
from orgwarden.catalog.tiers import TIER_IDS
from orgwarden.core.source import NORMALISED, Kind, Source
from orgwarden.flows.outcomes import Outcome
from orgwarden.records.models import Org, Run
from tests.support.allowed import allow_what_is_declared
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

PAGE_ROWS = 2000  # of a REST query
# Stored real-time events need a licensed org: tests/flows/test_read_event_store.py asks them.
ASKED = [s for s in SOURCES if s not in EVENT_STORES]


def with_what_is_rare(sim: OrgsimServer) -> None:
    """What an org of a few days and without licences has none of, or not at every hour."""
    day = datetime.fromisoformat(sim.control("state")["now"]) - timedelta(days=1)
    user = sim.app()["run_as"]
    rows = (
        '"EVENT_TYPE","TIMESTAMP","REQUEST_ID","USER_ID"',
        f'"Login","{day:%Y%m%d%H%M%S}.000","4Yx","{user[:15]}"',
    )
    named = {"type": "Login", "date": f"{day:%Y-%m-%dT00:00:00Z}"}
    sim.control("logfile", "\n".join(rows).encode(), params=named)
    policy = {"DeveloperName": "Exports", "State": "Enabled"}
    sim.control("rows", {"object": "TransactionSecurityPolicy", "rows": [policy]})
    sim.control("app", {"name": "Postal Lookup", "blocked": True})
    query = "SELECT Id, LatestPublishedVersionId, OwnerId FROM ContentDocument LIMIT 1"
    [file] = sim.session.get(
        f"{sim.url}/services/data/v62.0/query",
        params={"q": query},
        headers={"Authorization": f"Bearer {sim.token()}"},
        timeout=30,
    ).json()["records"]
    link = {
        "Name": "Prices",
        "OwnerId": file["OwnerId"],
        "ContentDocumentId": file["Id"],
        "ContentVersionId": file["LatestPublishedVersionId"],
    }
    [made] = sim.control("rows", {"object": "ContentDistribution", "rows": [link]})["ids"]
    visit = {"DistributionId": made, "IsDownload": True}
    sim.control("rows", {"object": "ContentDistributionView", "rows": [visit]})


@pytest.mark.fault("D2", "E5")
@pytest.mark.seed("M15", "M22")
def test_every_source_keeps_its_promises(at_home: House, sim: OrgsimServer) -> None:
    allow_what_is_declared(sim)
    with_what_is_rare(sim)
    org = at_home.connect(sim, tiers=TIER_IDS)
    first = {o.source: o for o in at_home.collect(org).outcomes}
    counts = {s.id: at_home.count(view_of(s)) for s in ASKED}
    second = {o.source: o for o in at_home.collect(org).outcomes}
    broken = []
    for source in ASKED:
        found = [
            *rows_arrive_and_twice_adds_none(source, first[source.id], second[source.id]),
            *it_costs_what_it_says(source, second[source.id]),
        ]
        if not found:
            found += what_it_declares_can_be_asked(at_home, org, source)
        if source.kind is not Kind.LIMITS and at_home.count(view_of(source)) != counts[source.id]:
            found.append("a second reading changed how many rows there are")
        broken += [f"{source.id}: {words}" for words in found]
    assert broken == []


def view_of(source: Source) -> str:
    return "event_log_login" if source.kind is Kind.LOG_FILES else source.view


def rows_arrive_and_twice_adds_none(
    source: Source, first: Outcome, second: Outcome
) -> Iterator[str]:
    for outcome in (first, second):
        if outcome.outcome != Run.Outcome.DONE:
            yield f"{outcome.outcome}: {outcome.reason}"
        if outcome.reason:
            yield f"a remark: {outcome.reason}"
    if not first.stored:
        yield "no row arrived"
    if second.stored and source.kind is not Kind.LIMITS:  # each reading of them is an event
        yield f"reading it again stored {second.stored} rows"


def what_it_declares_can_be_asked(home: House, org: Org, source: Source) -> Iterator[str]:
    view = view_of(source)
    if source.kind is not Kind.LOG_FILES:
        names = ", ".join(f'"{f.name}"' for f in source.fields)
        if not home.ask(f"SELECT {names} FROM {view}"):
            yield "its view shows no row"
    normal = ", ".join(f"n_{name}" for name in NORMALISED)
    for row in home.ask(f"SELECT {normal} FROM {view}"):
        if row["n_time"] is None or not row["n_event_uid"] or row["n_arrived_seq"] <= 0:
            yield f"a row without time, identity or arrival: {row}"
        if (row["n_org"], row["n_source"]) != (org.key, view):
            yield f"a row of another org or source: {row}"
        if row["n_actor_id"] is not None and len(row["n_actor_id"]) != 18:
            yield f"an actor that is no id: {row['n_actor_id']}"
    [uids] = home.ask(
        f"SELECT count(*) - count(DISTINCT event_uid) AS twice FROM activity"
        f" WHERE source = '{view}'"
    )
    if uids["twice"]:
        yield f"{uids['twice']} events are there twice"


def it_costs_what_it_says(source: Source, second: Outcome) -> Iterator[str]:
    """Nothing is new: the cost of a run. Less where it was asked together with another, more where
    the rows read once more fill several pages, as after many sign-ins within the overlap."""
    promised = re.match(r"(\d+) calls? a run", source.cost)
    if promised is None:
        yield f"its cost begins with no number: {source.cost}"
        return
    most = int(promised[1]) + second.rows // PAGE_ROWS
    if second.calls > most or (second.calls == 0 and source.api != "data"):
        yield f"it made {second.calls} calls for {second.rows} rows and says: {source.cost}"
