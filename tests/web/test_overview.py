"""The overview: what needs a person, who failed to sign in, and where we are blind."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client

from orgwarden.core.problems import Problem
from orgwarden.records.models import Incident, Org
from orgwarden.web import acts, coverage
from orgwarden.web.notifications_page import incidents
from tests.web.conftest import SignedIn


@pytest.fixture
def admin(signed_in: SignedIn) -> Client:
    return signed_in("admin")


def test_every_tenant_shows_its_coverage_and_its_budget(
    admin: Client, tenants: dict[str, Org]
) -> None:
    text = admin.get("/").content.decode()
    for tenant in tenants.values():
        assert f"/orgs/{tenant.key}/#coverage-title" in text
        assert f"/orgs/{tenant.key}/#budget-title" in text
    assert "Of 30 days:" in text
    assert "Salesforce has not said how many calls" in text  # a tenant that was never measured
    assert "Unknown: nothing was collected yet." in text


@pytest.mark.usefixtures("lake")
def test_failed_sign_ins_lead_to_the_rows_they_count(
    admin: Client, tenants: dict[str, Org]
) -> None:
    key = tenants["fine"].key
    text = admin.get(f"/?part=signins&range=7d&tenant={key}").content.decode()
    told = re.search(r'<a class="big" href="([^"]+)">([\d,]+)</a>', text)
    assert told is not None
    failed = int(told[2].replace(",", ""))
    assert failed > 0
    bars = re.findall(r'<a href="([^"]+)" aria-label="[^:]+:\d\d UTC: (\d+) of', text)
    assert sum(int(n) for _, n in bars) == failed
    rows = 0
    for href, number in bars:
        page = admin.get(href.replace("&amp;", "&")).content.decode()
        assert f"{number} event" in page
        rows += page.count('class="row-failed"')
    assert rows == failed


def test_a_lake_that_cannot_be_asked_is_unknown_not_none(
    admin: Client, tenants: dict[str, Org], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Problem("The lake cannot be read.", fix="Look at the disk.")

    monkeypatch.setattr(acts, "open_reader", refuse)
    text = admin.get("/?part=signins").content.decode()
    assert "Unknown." in text
    assert "Look at the disk." in text


def test_a_day_is_complete_for_all_only_if_it_is_complete_for_each(now: datetime) -> None:
    def row(*states: str) -> coverage.Row:
        return coverage.Row("", "", tuple(coverage.Cell(s, f"1 Nov: {s}") for s in states), "")

    joined = coverage.together(
        [
            row("complete", "complete", "complete", "before", "unknown", "before"),
            row("complete", "missing", "arriving", "complete", "unknown", "before"),
        ]
    )
    assert [c.state for c in joined] == [
        "complete",
        "partly",
        "arriving",
        "complete",
        "unknown",
        "before",
    ]
    assert joined[1].words == "1 Nov: 1 complete, 1 missing"
    assert coverage.last_days([], now + timedelta(0)) == ()


def test_event_log_types_are_folded_and_unfold_when_one_needs_a_person(
    admin: Client, tenants: dict[str, Org]
) -> None:
    org = tenants["fine"]
    text = admin.get(f"/orgs/{org.key}/").content.decode()
    assert '<details class="fold" id="log-types" open>' in text
    assert "2 of 5 types need a person" in text
    org.sources.filter(state="dark").update(state="current")
    org.sources.update(quarantined=0)
    text = admin.get(f"/orgs/{org.key}/").content.decode()
    assert '<details class="fold" id="log-types">' in text
    main, _, folded = text.partition('id="log-types"')
    assert "event_log_restapi" not in main
    assert "event_log_restapi" in folded


def test_what_is_switched_off_comes_after_the_folded_log_types(
    admin: Client, tenants: dict[str, Org]
) -> None:
    org = tenants["fine"]
    org.sources.create(source="api_events", state="off")
    text = admin.get(f"/orgs/{org.key}/").content.decode()
    names = re.findall(r'<th scope="row" title="[^"]*">([^<]+)</th>', text)
    folded = next(n for n, name in enumerate(names) if name.startswith("Event log files ("))
    assert names.index("API queries in real time") > folded


@pytest.mark.parametrize(
    ("kind", "subject"), [("stale", ""), ("budget_stop", ""), ("coverage_gap", "login_history")]
)
def test_what_notifications_calls_wrong_now_is_not_calm_on_the_overview(
    admin: Client, tenants: dict[str, Org], now: datetime, kind: str, subject: str
) -> None:
    for name in ("broken", "new"):
        tenants[name].delete()
    org = tenants["fine"]
    org.sources.filter(state__in=("dark", "failing")).update(state="current")
    Org.objects.filter(pk=org.pk).update(last_synced_at=now)
    told = {"words": "It stands still.", "fix": "Look at the worker.", "opened_at": now}
    incident = Incident.objects.create(org=org, kind=kind, subject=subject, **told)
    listed = incidents()
    text = admin.get("/").content.decode()
    assert [f"{i.words} {i.fix}" for i in listed] == ["It stands still. Look at the worker."]
    assert "It stands still." in text
    assert "Look at the worker." in text
    assert listed[0].what in text
    assert "Nothing. No tenant" not in text
    incident.quiet_since = now
    incident.save()
    assert "It stands still." not in admin.get("/").content.decode()


def test_an_incident_that_a_tenants_error_says_already_is_said_once(
    admin: Client, tenants: dict[str, Org], now: datetime
) -> None:
    told = {"words": "Said twice.", "opened_at": now}
    Incident.objects.create(org=tenants["broken"], kind="error", **told)
    Incident.objects.create(org=tenants["broken"], kind="stale", **told)
    assert "Said twice." not in admin.get("/").content.decode()


def test_the_overview_calls_no_sync_recent_that_never_was(
    admin: Client, tenants: dict[str, Org], now: datetime
) -> None:
    for name in ("fine", "broken", "new"):
        tenants[name].delete()
    text = admin.get("/").content.decode()
    assert "1 tenant has not synced yet (N/A)." in text
    assert "every last sync is recent" not in text
    Org.objects.filter(pk=tenants["busy"].pk).update(last_synced_at=now, status="success")
    assert "and every last sync is recent." in admin.get("/").content.decode()


def test_a_success_that_cannot_see_everything_is_not_among_the_green_ones(
    admin: Client, tenants: dict[str, Org]
) -> None:
    for address in ("/", "/integrations/"):
        page = admin.get(address).content.decode()
        counted = dict(re.findall(r'class="tally tally-(\w+)"><svg.*?</svg>([^<]+)<', page))
        assert counted == {
            "error": "1 in error",
            "in_progress": "1 in progress",
            "partly": "2 collecting in part",
        }, address


def test_what_goes_on_says_for_how_long(admin: Client, tenants: dict[str, Org]) -> None:
    page = admin.get("/").content.decode()
    assert re.search(r"for <time [^>]*data-span>9 hours</time>", page)
    assert "since <time" not in page


def test_the_sources_held_are_counted_as_on_the_tenants_page(
    admin: Client, tenants: dict[str, Org]
) -> None:
    page = admin.get(f"/?tenant={tenants['fine'].key}").content.decode()
    assert "from 5 sources, 5 event log types" in page


def test_what_needs_a_person_is_called_as_on_the_other_pages(
    admin: Client, tenants: dict[str, Org]
) -> None:
    page = admin.get("/").content.decode()
    needs = page.split('id="needs-title"')[1].split("</section>")[0]
    assert "<strong>Grant Expired</strong> <span" in needs
    assert "<strong>Dark</strong>" in needs
