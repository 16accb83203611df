"""The lists of Bulk jobs: everybody's, page by page, for seven days."""

from __future__ import annotations

from typing import Any

from orgsim.joblist import PAGE
from orgsim.server import OrgServer
from tests.orgsim import worlds
from tests.orgsim.conftest import Caller

QUERY = {"operation": "query", "query": "SELECT Id FROM User"}


def told(anna: Caller, **job: Any) -> str:
    answer = anna.http.post(f"{anna.url}/_sim/jobs", json=job, timeout=10)
    answer.raise_for_status()
    return str(answer.json().get("id"))


def listed(anna: Caller, which: str = "query", **params: str) -> dict[str, dict[str, Any]]:
    return {j["id"]: j for j in anna.get(f"jobs/{which}", params=params).json()["records"]}


def test_everybody_s_jobs_are_listed_and_those_of_this_api_among_them(
    anna: Caller, bert: Caller
) -> None:
    ours = anna.post("jobs/query", QUERY).json()["id"]
    theirs = told(anna, list="query", user="bert@example.org", object="Contact")
    loaded = told(anna, list="ingest", user="bert@example.org", object="Lead")
    assert set(listed(anna)) == set(listed(bert)) == {ours, theirs}
    assert set(listed(anna, "ingest")) == {loaded}
    job = anna.get(f"jobs/query/{theirs}").json()
    assert (job["state"], job["object"], job["jobType"]) == ("InProgress", "Contact", "V2Query")
    assert anna.get(f"jobs/ingest/{loaded}").json()["operation"] == "insert"
    assert anna.get(f"jobs/ingest/{theirs}").status_code == 404
    assert set(listed(anna, jobType="Classic")) == set()


def test_where_others_jobs_are_hidden_each_sees_their_own(anna: Caller, bert: Caller) -> None:
    ours = anna.post("jobs/query", QUERY).json()["id"]
    theirs = told(anna, list="query", user="bert@example.org")
    told(anna, own_only=True)
    assert set(listed(anna)) == {ours}
    assert set(listed(bert)) == {theirs}
    assert anna.get(f"jobs/query/{theirs}").status_code == 404


def test_a_job_moves_on_and_when_deleted_it_is_nowhere(anna: Caller) -> None:
    id = told(anna, list="query", user="bert@example.org")
    told(anna, id=id, state="JobComplete")
    assert listed(anna)[id]["state"] == "JobComplete"
    told(anna, id=id, deleted=True)
    assert listed(anna) == {}
    assert anna.get(f"jobs/query/{id}").status_code == 404


def test_a_list_comes_in_pages_and_forgets_after_seven_days(
    anna: Caller, server: OrgServer
) -> None:
    ids = {told(anna, list="query", user="bert@example.org") for _ in range(3)}
    shown = server.lists.told[min(ids)]
    for n in range(PAGE):
        more = f"750{n:012d}AAA"
        server.lists.told[more] = type(shown)(**{**vars(shown), "id": more})
    first = anna.get("jobs/query").json()
    assert (first["done"], len(first["records"])) == (False, PAGE)
    last = anna.get(first["nextRecordsUrl"]).json()
    assert (last["done"], len(last["records"]), last["nextRecordsUrl"]) == (True, 3, None)
    assert len({j["id"] for j in first["records"] + last["records"]}) == PAGE + 3
    assert anna.get("jobs/query?queryLocator=01gNONE-1000").status_code == 400
    server.org.clock.advance(8 * 86_400_000)
    assert list(server.lists._others("query")) == []


def test_a_living_org_runs_jobs_of_its_own_and_they_end() -> None:
    org = worlds.make(users=30, days=2, speed=1.0)
    lists = OrgServer(org, "http://127.0.0.1:1").lists
    before = {j.id: j.state for j in lists._others("query")}
    assert len(before) > 50
    org.clock.advance(6 * worlds.HOUR)
    after = {j.id: j.state for j in lists._others("query")}
    assert len(set(after) - set(before)) >= 3
    assert {after[id] for id in set(before) & set(after)} <= {"JobComplete", "Closed"}


def test_an_org_that_stands_still_lists_the_same_jobs_as_time_passes() -> None:
    org = worlds.make(users=8, days=2, speed=0)
    lists = OrgServer(org, "http://127.0.0.1:1").lists
    before = list(lists._others("query")), list(lists._others("ingest"))
    assert all(before)
    org.clock.advance(worlds.HOUR)
    assert (list(lists._others("query")), list(lists._others("ingest"))) == before
