"""The inventory page, its exports, and the page of one app."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

import pytest

from orgwarden.records.models import App, AuditEntry, Org
from orgwarden.web import acts
from tests.web.conftest import SignedIn

HOSTILE = '=cmd|"/c calc"!A1<script>alert(1)</script>\u202e'


@pytest.fixture
def apps(tenants: dict[str, Org], now: datetime) -> dict[str, App]:
    def made(name: str, org: str = "fine", **values: object) -> App:
        usual: dict[str, object] = {
            "org": tenants[org], "name": name, "state": "enabled", "state_since": now,
            "found_at": now - timedelta(days=3), "looked_at": now, "grants": 4, "people": 3,
            "privileged_people": 0, "evidence": [], "risk": 10,
        }  # fmt: skip
        return App.objects.create(**(usual | values))

    reasons = [{"id": "look_alike", "points": 35, "text": "It goes by a name like a tool's."}]
    trace = {"rows": 3, "first": None, "last": "2026-11-01T10:00:00Z"}
    evidence = [
        {"source": "oauth_tokens", "name": "Data Loader", "identities": [], "hint": False, **trace},
        {"source": "login_history", "name": "Data Loader", "identities": [], "hint": True, **trace},
    ]
    return {
        "worst": made(
            "Data Loader", risk=75, state="not_installed", reasons=reasons, evidence=evidence,
            namesakes=1,
        ),
        "hostile": made(HOSTILE, risk=45),
        "dark": made("Sync", grants=None, people=None, privileged_people=None),
        "other": made("Elsewhere", org="busy"),
    }  # fmt: skip


def test_the_most_dangerous_comes_first_and_unknown_is_a_word(
    apps: dict[str, App], signed_in: SignedIn
) -> None:
    page = signed_in("viewer").get("/apps/").content.decode()
    assert page.index("Data Loader") < page.index("cmd|") < page.index("Sync")
    assert "It goes by a name like a tool&#x27;s." in page
    row = page[page.index("Sync") : page.index("Sync") + 1500]
    assert row.count('<span class="unknown-word">unknown</span>') == 3
    assert "<script>alert" not in page
    assert "⟨U+202E⟩" in page


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("q=loader", {"worst"}),
        ("level=medium", {"hostile"}),
        ("state=not_installed", {"worst"}),
        ("band=70", {"worst"}),
        ("classification=sanctioned", set()),
        ("level=none&band=x&page=0", {"worst", "hostile", "dark", "other"}),
    ],
)
def test_a_filter_shows_what_fits(
    asked: str, shown: set[str], apps: dict[str, App], signed_in: SignedIn
) -> None:
    page = signed_in("viewer").get(f"/apps/?{asked}").content.decode()
    assert {name for name, app in apps.items() if f"/apps/{app.key}/" in page} == shown
    if not shown:
        assert "No app fits" in page


def test_without_an_app_the_page_says_what_will_come(signed_in: SignedIn) -> None:
    page = signed_in("viewer").get("/apps/").content.decode()
    assert "No app is known yet" in page
    assert "Look at the tenants" in page


def test_exports_hold_what_is_shown_and_no_formula(
    apps: dict[str, App], signed_in: SignedIn
) -> None:
    client = signed_in("analyst")
    rows = list(csv.DictReader(io.StringIO(client.get("/apps/export.csv").content.decode())))
    assert len(rows) == len(apps)
    [hostile] = [r for r in rows if "cmd" in r["name"]]
    assert hostile["name"].startswith("'=")
    [dark] = [r for r in rows if r["name"] == "Sync"]
    assert dark["grants"] == ""
    told = client.get("/apps/export.json?q=sync").json()
    assert [(t["name"], t["grants"]) for t in told] == [("Sync", None)]
    assert client.get("/apps/export.xml").status_code == 404
    entry = AuditEntry.objects.filter(action="console:events:exported").last()
    assert entry is not None
    assert entry.detail["what"] == "apps"


def test_one_app_shows_its_reasons_and_what_joins_it(
    apps: dict[str, App], signed_in: SignedIn
) -> None:
    app = apps["worst"]
    page = signed_in("viewer").get(f"/orgs/{app.org.key}/apps/{app.key}/").content.decode()
    assert "Risk 75 of 100, high" in page
    assert "Same name, different identity" in page
    assert "The same name only: may be another app's" in page
    assert "Classify" not in page  # a viewer decides nothing
    other = apps["other"]
    there = f"/orgs/{app.org.key}/apps/{other.key}/"
    assert signed_in("viewer").get(there).status_code == 404


def test_a_responder_classifies_with_a_reason(
    apps: dict[str, App], signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str, str]] = []

    def classified(app: App, wanted: str, why: str, actor: str) -> bool:
        asked.append((wanted, why, actor))
        return True

    monkeypatch.setattr(acts, "classify_app", classified)
    app, client = apps["worst"], signed_in("responder")
    there = f"/orgs/{app.org.key}/apps/{app.key}/"
    given = {"classification": "unsanctioned", "why": "Nobody ordered it."}
    answer = client.post(f"{there}classify/", given, follow=True)
    assert "Data Loader is Unsanctioned now." in answer.content.decode()
    wrong = client.post(f"{there}classify/", given | {"classification": "evil"}, follow=True)
    assert "That is no classification." in wrong.content.decode()
    assert asked == [("unsanctioned", "Nobody ordered it.", "responder")]
