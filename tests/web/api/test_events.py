"""Events through the API: real rows of a collected org, by filter and in SQL."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from orgwarden.core.roles import Role
from orgwarden.records import audit
from orgwarden.records.models import AuditEntry, Org
from tests.flows.conftest import SMALL
from tests.support.fixtures import StartOrgsim
from tests.support.house import House, house, migrated_records
from tests.web.api.callers import person, token

__all__ = ["house", "migrated_records"]


@dataclass
class Caller:
    org: Org
    other: Org
    admin: str = field(repr=False)
    narrow: str = field(repr=False)  # of an analyst of `other`

    def get(self, as_: str = "", **query: Any) -> Any:
        return self._send("GET", f"events?{urlencode(query, doseq=True)}", "", as_)

    def ask(self, sql: str, as_: str = "", **more: Any) -> Any:
        return self._send("POST", "events/query", json.dumps({"sql": sql, **more}), as_)

    def _send(self, method: str, path: str, body: str, as_: str) -> Any:
        headers = {"Authorization": f"Bearer {as_ or self.admin}"}
        return Client().generic(
            method, f"/api/v1/{path}", body, content_type="application/json", headers=headers
        )


@pytest.fixture
def caller(house: House, shared_orgsim: StartOrgsim) -> Caller:
    sim, second = shared_orgsim(**SMALL), shared_orgsim(**SMALL, seed=5)
    house.admit(sim, second)
    org = house.connect(sim)
    house.collect(org, "login_history", "users")
    other = house.connect(second, "other")
    bob = person("bob", Role.ANALYST, other)
    return Caller(org, other, token(person("ann", Role.ADMINISTRATOR)), token(bob))


def test_events_come_in_pages_each_once_and_only_of_tenants_that_may_be_seen(
    caller: Caller, house: House
) -> None:
    few = 7 + house.count("login_history") // 50  # others may have made the shared org grow
    wide = {"from": "2020-01-01", "source": "login_history", "limit": few}
    found, cursor = [], ""
    for _ in range(60):
        page = caller.get(**wide, **({"cursor": cursor} if cursor else {})).json()
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(found) == len({e["event_uid"] for e in found}) == house.count("login_history") > few
    assert [e["time"] for e in found] == sorted((e["time"] for e in found), reverse=True)
    assert {e["tenant"] for e in found} == {caller.org.key}
    one = found[0]
    same = caller.get(**wide | {"actor": one["actor"], "limit": 1000}).json()["items"]
    assert {e["actor"] for e in same} == {one["actor"]}
    assert caller.get(caller.narrow, **wide).json() == {"items": [], "next": None}
    assert caller.get(caller.narrow, tenant=caller.org.key).status_code == 404
    for wrong in ({"from": "yesterday"}, {"from": "2026-02-01", "to": "2026-01-01"}):
        assert caller.get(**wrong).json()["code"] == "RANGE"


def test_sql_is_answered_recorded_and_bounded_to_the_tenants_of_the_person(
    caller: Caller, house: House
) -> None:
    answer = caller.ask("SELECT count(*) AS n, 'nan'::DOUBLE AS x FROM login_history").json()
    assert answer == {"columns": ["n", "x"], "rows": [[house.count("login_history"), None]],
                      "cut": False}  # fmt: skip
    [said] = AuditEntry.objects.filter(action=audit.Action.EVENTS_QUERIED, actor="ann")
    assert said.detail["sql"].startswith("SELECT count")
    none = caller.ask("SELECT count(*) AS n FROM activity", caller.narrow).json()
    assert none["rows"] == [[0]]
    cut = caller.ask("SELECT * FROM login_history", limit=2).json()
    assert (len(cut["rows"]), cut["cut"]) == (2, True)


@pytest.mark.parametrize(
    "sql",
    [
        "DROP VIEW activity",
        "COPY activity TO '/tmp/x'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT 1; SELECT 2",
        "ATTACH 'x'",
        "SELECT getenv('HOME')",
        "nonsense",
    ],
)
def test_sql_that_is_not_one_select_over_the_views_is_refused(caller: Caller, sql: str) -> None:
    answer = caller.ask(sql)
    assert answer.status_code == 422
    assert answer.json()["fix"]
