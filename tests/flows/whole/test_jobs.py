"""Bulk jobs of everybody: seen while they live, told when they change and when they go."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orgwarden.records.models import Org, OurJob, Run, SourceState
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

Job = Callable[..., str]
TOLD = (
    'SELECT "EntityId" AS id, action, actor, "Before", "After" FROM entity_changes'
    " WHERE \"Object\" LIKE 'Bulk%' ORDER BY arrived_seq"
)


@pytest.fixture
def sim(orgsim_server: StartOrgsim) -> OrgsimServer:
    """An org of this test's own: jobs come and go."""
    return orgsim_server(users=8, days=1, speed=0, event_monitoring="none")


@pytest.fixture
def org(house: House, sim: OrgsimServer) -> Org:
    house.admit(sim)
    return house.connect(sim)


@pytest.fixture
def job(sim: OrgsimServer) -> Job:
    """`job(user=…, object=…)` makes one, `job(id=…, state=…)` changes it; gives its id."""

    def told(**asked: Any) -> str:
        return str(sim.control("jobs", asked).get("id"))

    return told


def somebody(house: House, sim: OrgsimServer) -> str:
    us = sim.app()["run_as"]
    rows = house.ask('SELECT "Username" FROM users WHERE "IsActive" = \'true\' ORDER BY 1')
    return next(str(r["Username"]) for r in rows if r["Username"] != us)


def listed(sim: OrgsimServer) -> list[dict[str, Any]]:
    answer = sim.session.get(
        f"{sim.url}/services/data/v62.0/jobs/query",
        headers={"Authorization": f"Bearer {sim.token()}"},
        timeout=30,
    )
    found: list[dict[str, Any]] = answer.json()["records"]
    return found


def test_a_job_is_told_when_first_seen_at_each_state_and_when_it_is_gone(
    house: House, org: Org, sim: OrgsimServer, job: Job
) -> None:
    house.collect(org, "users", "bulk_query_jobs")
    assert house.ask(TOLD) == []  # what was there before is known, and nobody did it just now
    thief = somebody(house, sim)
    id = job(list="query", user=thief, object="Contact", state="UploadComplete")
    found = house.outcome(org, "bulk_query_jobs")
    assert (found.outcome, found.calls) == (Run.Outcome.DONE, 1)
    job(id=id, state="InProgress")
    house.collect(org, "bulk_query_jobs")
    house.collect(org, "bulk_query_jobs")
    job(id=id, deleted=True)
    house.collect(org, "bulk_query_jobs")
    first, second, last = house.ask(TOLD)
    assert {first["id"], second["id"], last["id"]} == {id}
    assert (first["action"], first["actor"]) == ("entity.added", thief)
    made = json.loads(first["After"])
    assert (made["Object"], made["State"], made["Ours"]) == ("Contact", "UploadComplete", "false")
    assert second["action"] == "entity.changed"
    assert json.loads(second["After"]) == {"State": "InProgress"}
    assert last["action"] == "entity.removed"
    assert json.loads(last["Before"])["State"] == "InProgress"  # it went without an end
    assert {r["Id"] for r in house.ask("SELECT * FROM bulk_query_jobs")} == {
        j["id"] for j in listed(sim)
    }


@pytest.mark.seed("M14")
def test_a_job_made_between_the_consent_and_the_first_reading_is_told(
    house: House, org: Org, sim: OrgsimServer, job: Job
) -> None:
    sim.control("clock", {"advance": "PT1M"})
    house.collect(org, "users")
    thief = somebody(house, sim)
    stamp = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    ids = {
        job(list="query", user=thief, created=stamp),
        job(list="ingest", user=thief, created=stamp),
    }
    house.collect(org, "bulk_query_jobs", "bulk_ingest_jobs")
    assert {(t["id"], t["action"]) for t in house.ask(TOLD)} == {(i, "entity.added") for i in ids}


def test_what_salesforce_forgets_after_a_week_is_gone_and_not_told(
    house: House, org: Org, sim: OrgsimServer, job: Job
) -> None:
    house.collect(org, "users", "bulk_query_jobs")
    before = house.count("bulk_query_jobs")
    user = somebody(house, sim)
    sim.control("clock", {"advance": "P6DT23H"})
    kept = job(list="query", user=user)
    house.collect(org, "bulk_query_jobs")
    sim.control("clock", {"advance": "PT2H"})
    house.collect(org, "bulk_query_jobs")
    assert before > 0
    assert [r["Id"] for r in house.ask("SELECT * FROM bulk_query_jobs")] == [kept]
    assert [t["action"] for t in house.ask(TOLD)] == ["entity.added"]


def test_while_nobody_else_s_job_is_listed_the_source_is_dark(
    house: House, org: Org, sim: OrgsimServer, job: Job
) -> None:
    job(own_only=True)
    found = house.outcome(org, "bulk_query_jobs")
    assert found.outcome == Run.Outcome.DARK
    assert "whether the org has none or hides them is not known" in found.reason
    state = house.state(org, "bulk_query_jobs")
    assert (state.state, state.coverage) == (SourceState.State.DARK, {})
    job(own_only=False)
    assert house.outcome(org, "bulk_query_jobs").outcome == Run.Outcome.DONE


def test_that_all_jobs_of_others_went_at_once_is_dark_and_told_when_it_is_sure(
    house: House, org: Org, sim: OrgsimServer, job: Job
) -> None:
    house.collect(org, "users", "bulk_query_jobs")
    for old in listed(sim):
        job(id=old["id"], deleted=True)
    found = house.outcome(org, "bulk_query_jobs")
    assert found.outcome == Run.Outcome.DARK
    assert "deleted, or are hidden" in found.reason
    assert house.ask(TOLD) == []
    only = job(list="query", user=somebody(house, sim))
    house.collect(org, "bulk_query_jobs")
    told = [t["action"] for t in house.ask(TOLD)]
    assert sorted(set(told)) == ["entity.added", "entity.removed"]
    job(id=only, deleted=True)  # one alone is asked for, and then told of at once
    assert house.outcome(org, "bulk_query_jobs").calls == 2
    assert house.ask(TOLD)[-1]["id"] == only
    assert house.ask(TOLD)[-1]["action"] == "entity.removed"


def test_our_own_jobs_are_marked_by_their_id_and_not_by_our_user(
    house: House, org: Org, sim: OrgsimServer
) -> None:
    def ask_for_users() -> str:
        answer = sim.session.post(
            f"{sim.url}/services/data/v62.0/jobs/query",
            json={"operation": "query", "query": "SELECT Id FROM User"},
            headers={"Authorization": f"Bearer {sim.token()}"},
            timeout=30,
        )
        return str(answer.json()["id"])

    ours, thief_s = ask_for_users(), ask_for_users()
    OurJob.objects.create(org=org, job_id=ours, made_at=datetime.now(UTC))
    house.collect(org, "bulk_query_jobs")
    marked = {r["Id"]: r["Ours"] for r in house.ask("SELECT * FROM bulk_query_jobs")}
    assert (marked[ours], marked[thief_s]) == ("true", "false")


def test_a_run_of_the_lists_alone_asks_for_nothing_else(
    house: House, org: Org, sim: OrgsimServer
) -> None:
    house.collect(org, "bulk_query_jobs", "bulk_ingest_jobs")
    before = sim.control("calls")
    done = house.collect(org, "bulk_query_jobs", "bulk_ingest_jobs")
    assert [o.calls for o in done.outcomes] == [1, 1]
    made = {c["endpoint"]: c["count"] for c in sim.control("calls")}
    for call in before:
        made[call["endpoint"]] -= call["count"]
    assert sorted(e.rpartition("/")[2] for e, n in made.items() if n) == ["ingest", "query"]
