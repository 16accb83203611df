"""Small first readings share a commit: all of them are in it, or none is, and each once."""

from __future__ import annotations

import pytest

from orgwarden.core.problems import LostLease, Stopped
from orgwarden.flows.lakes import lake_of
from orgwarden.lake.table import OrgLake
from orgwarden.records.models import Org, Run, SourceState
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

SMALL = ("profiles", "permission_sets", "package_licenses")


@pytest.fixture
def org(at_home: House, sim: OrgsimServer) -> Org:
    return at_home.connect(sim)


def lake(org: Org) -> OrgLake:
    return OrgLake.open(lake_of(org))


def version(org: Org) -> int:
    """The number of the newest commit."""
    return lake(org).version


def stored_once(home: House, org: Org) -> None:
    """What the ledger, the view, the runs and the pages say of each source is the same."""
    ledger = lake(org).ledger()
    for source in SMALL:
        count = home.count(source)
        assert count > 0
        assert ledger.of(source).stored == count
        assert home.state(org, source).rows == count
        runs = Run.objects.filter(org=org, source=source)
        assert sum(run.rows_stored for run in runs) == count
        assert all(r.rows_read == r.rows_stored + r.rows_duplicate for r in runs)


def test_first_readings_that_are_small_share_one_commit(at_home: House, org: Org) -> None:
    told: list[str] = []
    done = at_home.collect(org, *SMALL, tell=lambda run: told.append(run.source))
    assert version(org) == 3  # made, fenced, their columns, and one for all three
    assert [o.source for o in done.outcomes] == told
    assert all(o.outcome == Run.Outcome.DONE and o.stored == o.rows > 0 for o in done.outcomes)
    stored_once(at_home, org)


@pytest.mark.fault("E4", "F1")
@pytest.mark.parametrize("point", ["landed", "refreshed", "committed", "published"])
def test_a_stop_at_their_commit_loses_and_doubles_none(
    at_home: House, org: Org, point: str
) -> None:
    def stop(reached: str) -> None:
        if reached == point and version(org) > 0:
            raise Stopped("The worker was told to stop.")

    with pytest.raises(LostLease):
        at_home.collect(org, *SMALL, at=stop)
    assert not org.runs.filter(outcome=Run.Outcome.RUNNING).exists()
    if point in ("landed", "refreshed"):
        assert not lake(org).files()
        assert not any(r.rows_read for r in org.runs.all())
    done = at_home.collect(org, *SMALL)
    assert {o.outcome for o in done.outcomes} == {Run.Outcome.DONE}
    ledger = lake(org).ledger()
    for source in SMALL:
        assert at_home.count(source) == ledger.of(source).stored > 0
        assert at_home.state(org, source).rows == ledger.of(source).stored


def test_a_full_disk_at_their_commit_fails_each_and_the_next_collection_stores_them_once(
    at_home: House, org: Org
) -> None:
    def full(reached: str) -> None:
        if reached == "refreshed":
            raise OSError(28, "No space left on device")

    done = at_home.collect(org, *SMALL, at=full)
    assert {(o.outcome, o.code) for o in done.outcomes} == {(Run.Outcome.FAILED, "ENOSPC")}
    assert {at_home.state(org, s).state for s in SMALL} == {SourceState.State.FAILING}
    assert not lake(org).files()
    at_home.collect(org, *SMALL)
    stored_once(at_home, org)


def test_what_asks_for_what_was_found_finds_it(at_home: House, sim: OrgsimServer) -> None:
    user = sim.app()["run_as"]
    sim.control("permission", {"user": user, "permission": "QueryAllFiles", "value": True})
    org = at_home.connect(sim, tiers=("files",))
    sources = ("organization", "users", "content_distributions", "content_document_links")
    done = at_home.collect(org, *sources)
    assert [(o.source, o.outcome) for o in done.outcomes] == [
        (s, Run.Outcome.DONE) for s in sources
    ]


def test_a_job_list_does_not_wait(at_home: House, org: Org) -> None:
    held: list[dict[str, int]] = []

    def look(reached: str) -> None:
        if reached == "published":
            held.append({s: x.stored for s, x in lake(org).ledger().sources.items()})

    at_home.collect(org, "bulk_query_jobs", "bulk_ingest_jobs", at=look)
    assert [sorted(stored) for stored in held] == [
        ["bulk_query_jobs"],
        ["bulk_ingest_jobs", "bulk_query_jobs"],
    ]
