"""Tenants through the API say what the pages and `orgwarden status` say."""

from __future__ import annotations

from django.test import Client

from orgwarden.core.roles import Role
from orgwarden.flows.status import of_org
from orgwarden.records import memberships
from orgwarden.records.models import Credential, Org, Run
from tests.web.api.callers import person, token
from tests.web.api.conftest import Ask


def test_everybody_sees_their_tenants_only(ask: Ask, tenants: dict[str, Org]) -> None:
    names = [t["name"] for t in ask("GET", "tenants").json()]
    assert names == sorted(o.name for o in tenants.values())
    bob = person("bob", Role.ANALYST, tenants["busy"])
    memberships.give(bob, Role.RESPONDER, tenants["new"])
    mine = ask("GET", "tenants", as_=token(bob)).json()
    assert {t["key"] for t in mine} == {tenants["busy"].key, tenants["new"].key}


def test_one_tenant_says_how_it_stands_and_holds_no_secret(
    ask: Ask, tenants: dict[str, Org]
) -> None:
    broken = ask("GET", f"tenants/{tenants['broken'].key}").json()
    assert broken["status"] == "error"
    assert broken["problem"].startswith("Grant Expired")
    assert broken["fix"].startswith("Reconnect")
    fine = ask("GET", f"tenants/{tenants['fine'].key}").json()
    assert (fine["problem"], fine["status"]) == (None, "success")
    assert fine["first_connected_at"].endswith("Z")
    assert not [k for k in fine if "secret" in k or "token" in k]
    assert Credential.objects.count() == 0


def test_sources_coverage_and_budget_are_what_the_command_line_shows(
    ask: Ask, tenants: dict[str, Org]
) -> None:
    org = tenants["fine"]
    shown = of_org(org)
    sources = {s["id"]: s for s in ask("GET", f"tenants/{org.key}/sources").json()}
    assert sources.keys() == {s["id"] for s in shown["sources"]}
    dark = sources["event_log_bulkapi"]
    assert dark["state"] == "dark"
    assert dark["reason"].startswith("The connected user lacks")
    coverage = {c["source"]: c for c in ask("GET", f"tenants/{org.key}/coverage").json()}
    [gap] = coverage["setup_audit_trail"]["missing"]
    assert gap["why"] == "The budget stopped collection here"
    assert gap["from"] < gap["to"]
    budget = ask("GET", f"tenants/{org.key}/budget").json()
    assert budget["limit"] == 100_000
    assert budget["own_24h"] == shown["budget"]["own_24h"]
    assert 20 <= len(budget["hours"]) <= 25
    unknown = ask("GET", f"tenants/{tenants['new'].key}/budget").json()
    assert (unknown["used"], unknown["limit"]) == (None, None)


def test_runs_are_filtered_and_come_in_pages(ask: Ask, tenants: dict[str, Org]) -> None:
    address = f"tenants/{tenants['fine'].key}/runs"
    first = ask("GET", f"{address}?limit=100").json()
    second = ask("GET", f"{address}?limit=100&cursor={first['next']}").json()
    assert (
        len(first["items"]) + len(second["items"])
        == Run.objects.filter(org=tenants["fine"]).count()
    )
    assert second["next"] is None
    failed = ask("GET", f"{address}?outcome=failed").json()["items"]
    assert len(failed) == 3
    assert ask("GET", f"{address}?outcome=well").status_code == 422
    assert ask("GET", f"{address}?source=nothing").json()["items"] == []


def test_a_session_of_the_pages_opens_nothing(tenants: dict[str, Org]) -> None:
    client = Client()
    client.force_login(person("ann", Role.ADMINISTRATOR))
    assert client.get("/api/v1/tenants").status_code == 401
