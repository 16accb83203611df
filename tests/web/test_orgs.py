"""One org's page, collecting from it now, deleting it."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from orgwarden.flows.status import of_org
from orgwarden.records import audit
from orgwarden.records.models import Org, SourceState
from orgwarden.web import acts
from orgwarden.web.org_page import backfill
from tests.web.conftest import SignedIn


@pytest.fixture
def admin(signed_in: SignedIn, tenants: dict[str, Org]) -> Client:
    return signed_in("admin")


def text_of(client: Client, org: Org, query: str = "") -> str:
    answer = client.get(f"/orgs/{org.key}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_says_what_is_dark_failing_or_quarantined(
    admin: Client, tenants: dict[str, Org]
) -> None:
    text = text_of(admin, tenants["fine"])
    assert "The connected user lacks View Event Log Files." in text
    assert "Add View Event Log Files to its permission set." in text
    assert "Salesforce answered 500 three times." in text
    assert "60 days back" in text
    assert "30 days back because this org has Event Monitoring" in text
    assert "missing. The budget stopped collection here." in text
    assert "00DKa0000001abcMAA" in text


@pytest.mark.seed("M15", "M16")
def test_each_source_of_past_events_says_how_far_back_it_goes(tenants: dict[str, Org]) -> None:
    org = tenants["fine"]

    def told(source: str) -> str:
        return backfill(SourceState(org=org, source=source), org)

    assert told("login_history") == told("setup_audit_trail") == "60 days back"
    assert told("verification_history") == "60 days back"  # identity verification
    assert told("api_events") == "30 days back"
    assert told("async_apex_jobs") == "7 days back"
    assert told("users") == told("bulk_query_jobs") == told("limits") == ""


@pytest.mark.fault("E13")
def test_what_salesforce_will_delete_is_told_while_there_is_time(
    admin: Client, tenants: dict[str, Org]
) -> None:
    org, now = tenants["fine"], datetime.now(UTC)
    trail = org.sources.get(source="setup_audit_trail")
    begun, reached = now - timedelta(days=190), now - timedelta(days=169, hours=12)
    complete = [[begun.isoformat(), reached.isoformat()]]
    trail.coverage = {"complete": complete, "missing": []}
    trail.backfill_from, trail.state = begun, SourceState.State.FAILING
    trail.save()
    at_risk = "At risk in 10 days: then Salesforce deletes what is not collected."
    assert at_risk in text_of(admin, org)
    [shown] = [s for s in of_org(org)["sources"] if s["id"] == "setup_audit_trail"]
    assert datetime.fromisoformat(shown["lost_after"]) == reached + timedelta(days=180)
    trail.coverage = {"complete": [[begun.isoformat(), now.isoformat()]], "missing": []}
    trail.save()
    assert "At risk" not in text_of(admin, org)


def test_an_org_without_event_monitoring_goes_one_day_back_and_says_why(
    admin: Client, tenants: dict[str, Org]
) -> None:
    text = text_of(admin, tenants["busy"])
    assert "1 day back because this org has no Event Monitoring licence" in text


def test_what_runs_now_shows_rows_calls_and_rate(admin: Client, tenants: dict[str, Org]) -> None:
    text = text_of(admin, tenants["busy"])
    assert "48,200 of 120,000 rows" in text
    assert "6 calls" in text
    assert "rows/s" in text
    assert "every 3s" in text


def test_an_unmeasured_budget_is_unknown_and_never_green(
    admin: Client, tenants: dict[str, Org]
) -> None:
    text = text_of(admin, tenants["new"])
    assert "budget-unknown" in text
    assert "budget-fine" not in text


def test_the_live_part_replaces_what_moves(admin: Client, tenants: dict[str, Org]) -> None:
    text = text_of(admin, tenants["busy"], "?part=live")
    assert "<html" not in text
    for part in ("org-status", "org-coverage", "org-budget", "org-sources", "org-runs"):
        assert f'id="{part}"' in text


def test_hostile_names_are_text(admin: Client, tenants: dict[str, Org]) -> None:
    org = tenants["fine"]
    org.name = '"><script>alert(1)</script>'
    org.organization_name = "<img src=x onerror=alert(1)>"
    org.save()
    for address in (f"/orgs/{org.key}/", "/integrations/", "/", f"/orgs/{org.key}/delete/"):
        text = admin.get(address).content.decode()
        assert "<script>alert" not in text
        assert "<img" not in text


def test_a_tenant_shows_what_was_done_under_its_names_while_it_had_them(
    admin: Client, tenants: dict[str, Org]
) -> None:
    def renamed(org: Org, name: str) -> None:
        was, org.name = org.name, name
        org.save(update_fields=["name"])
        told = {"before": {"name": was}, "after": {"name": name}}
        audit.record("root", audit.Action.ORG_EDITED, name, told)

    fine, other = tenants["fine"], tenants["new"]
    audit.record("own", audit.Action.ORG_PAUSED, fine.name)
    audit.record("stranger", audit.Action.ORG_PAUSED, other.name)
    taken = other.name
    renamed(other, "Elsewhere")
    renamed(fine, "Between")
    renamed(fine, taken)
    audit.record("later", audit.Action.ORG_PAUSED, fine.name)
    text = text_of(admin, fine).partition('id="activity-title"')[2]
    assert "own" in text
    assert "later" in text
    assert "Acme Production → Between" in text
    assert "stranger" not in text
    assert "Elsewhere" not in text


def test_a_tenant_called_like_a_person_shows_nothing_of_that_person(
    admin: Client, tenants: dict[str, Org]
) -> None:
    org = tenants["fine"]
    Org.objects.filter(pk=org.pk).update(name="ada")
    audit.record("root", audit.Action.PASSWORD_CHANGED, "ada")
    audit.record("root", audit.Action.ORG_PAUSED, "ada")
    text = text_of(admin, org).partition('id="activity-title"')[2]
    assert "ollection paused" in text
    assert "assword" not in text
    with zipfile.ZipFile(io.BytesIO(acts.support_bundle(org, "admin"))) as bundle:
        told = bundle.read("activity.json").decode()
    assert audit.Action.ORG_PAUSED in told
    assert audit.Action.PASSWORD_CHANGED not in told


def test_collect_now_asks_a_worker_and_returns(
    admin: Client, monkeypatch: pytest.MonkeyPatch, tenants: dict[str, Org]
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(acts, "collect_now", lambda *given: asked.extend(given))
    answer = admin.post(f"/orgs/{tenants['fine'].key}/collect/", follow=True)
    assert asked == [tenants["fine"], "admin"]
    assert "A worker was asked to collect now" in answer.content.decode()


def test_the_overview_lists_what_needs_a_person_worst_first(
    admin: Client, tenants: dict[str, Org]
) -> None:
    text = admin.get("/").content.decode()
    places = [text.index(f"need-{kind}") for kind in ("error", "failing", "stale", "dark")]
    assert places == sorted(places)


def test_only_what_is_known_is_said_of_how_a_tenant_was_connected(
    admin: Client, tenants: dict[str, Org]
) -> None:
    """The command line connects too, and the audit chain says who did."""
    href = f"/orgs/{tenants['fine'].key}/"
    assert "Connected through" not in admin.get(href).content.decode()
    Org.objects.update(legacy=True)
    assert "quick connect (legacy)" in admin.get(href).content.decode()
