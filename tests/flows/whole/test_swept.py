"""Tokens: read whole although a query shows 2,500 of them, and by what is new in between."""

from __future__ import annotations

from typing import Any

import pytest

from orgwarden.records.models import Org, Run
from tests.support.allowed import allow_what_is_declared
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

MORE = 3_000  # than a query shows


@pytest.fixture
def sim(orgsim_server: StartOrgsim) -> OrgsimServer:
    """An org of this test's own: it has many tokens."""
    return orgsim_server(users=8, days=2, speed=0, event_monitoring="none")


@pytest.fixture
def org(house: House, sim: OrgsimServer) -> Org:
    house.admit(sim)
    allow_what_is_declared(sim)
    return house.connect(sim, tiers=("sign_ins", "tokens"))


def asked(sim: OrgsimServer, query: str) -> dict[str, Any]:
    found: dict[str, Any] = sim.session.get(
        f"{sim.url}/services/data/v62.0/query",
        params={"q": query},
        headers={"Authorization": f"Bearer {sim.token()}"},
        timeout=30,
    ).json()
    return found


def give(sim: OrgsimServer, users: list[str], app: str, used: str) -> None:
    rows = [
        {"UserId": u, "AppName": app, "CreatedDate": used, "LastUsedDate": used, "UseCount": 1}
        for u in users
    ]
    sim.control("rows", {"object": "OauthToken", "rows": rows})


def test_more_tokens_than_a_query_shows_are_all_read_in_slices(
    house: House, org: Org, sim: OrgsimServer
) -> None:
    users = [r["Id"] for r in asked(sim, "SELECT Id FROM User ORDER BY Id")["records"]]
    for n in range(-(-MORE // len(users))):
        give(sim, users, f"App {n}", "2026-01-02T03:04:05.000+0000")
    house.collect(org, "users")
    done = house.outcome(org, "oauth_tokens")
    counted = asked(sim, "SELECT COUNT() FROM OauthToken")["totalSize"]
    assert counted > MORE
    assert (done.outcome, done.reason) == (Run.Outcome.DONE, "")
    assert house.count("oauth_tokens") == counted
    assert done.calls < 20  # 1 a page of 500, 2 a slice, 2 over all
    columns = house.ask("SELECT * FROM oauth_tokens LIMIT 1")[0]
    assert not {"AccessToken", "RequestToken", "DeleteToken"} & set(columns)


def test_what_is_new_is_read_by_one_call_and_what_went_is_told_after_a_day(
    house: House, org: Org, sim: OrgsimServer
) -> None:
    assert house.outcome(org, "oauth_tokens").outcome == Run.Outcome.DONE
    [first, *_] = asked(
        sim, "SELECT UserId, AppName, DeleteToken FROM OauthToken WHERE DeleteToken != null"
    )["records"]
    before = house.count("oauth_tokens")
    sim.control("clock", {"advance": 3600})
    moment = sim.control("state")["now"]
    give(sim, [first["UserId"]], "Newcomer", moment)
    answer = sim.session.post(
        f"{sim.url}/services/oauth2/revoke", data={"token": first["DeleteToken"]}, timeout=30
    )
    assert answer.status_code == 200
    between = house.outcome(org, "oauth_tokens")
    assert (between.outcome, between.calls) == (Run.Outcome.DONE, 2)  # our rights, the new ones
    assert house.count("oauth_tokens") == before + 1
    sim.control("clock", {"advance": 24 * 3600})
    assert house.outcome(org, "oauth_tokens").outcome == Run.Outcome.DONE
    assert house.count("oauth_tokens") == before
    told = house.ask('SELECT "Name", "Change" FROM entity_changes WHERE "Object" = \'OauthToken\'')
    assert {"Name": "Newcomer", "Change": "added"} in told
    assert {"Name": first["AppName"], "Change": "removed"} in told
