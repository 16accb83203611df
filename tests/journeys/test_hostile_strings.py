"""Forty hostile strings in every field that Salesforce fills, and every page in a real browser:
nothing runs, nothing is asked of another host, everything is shown as text."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import models
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page

from orgwarden.records import audit, envelope
from orgwarden.records.models import Incident, Org, Run, SourceState
from orgwarden.web import acts
from tests.journeys.test_pages import sign_in
from tests.support.hostile import MARKS, STRINGS
from tests.web import seeds, stub_lake

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("hostile")]

# What Orgwarden itself decides; everything else of a row may come from an org.
_OURS = {
    *("key", "url", "instance_url", "status", "flow", "platform", "environment", "state"),
    *("event_monitoring", "outcome", "trigger", "kind"),
}
_EVENT = ("actor", "ip", "country", "app", "client", "action", "object", "target", "session", "raw")


def texts(model: type[models.Model]) -> list[tuple[str, int]]:
    """Every text column of a model that may hold what an org says, with its length."""
    return [
        (f.name, f.max_length or 2000)
        for f in model._meta.get_fields()
        if isinstance(f, models.CharField | models.TextField) and f.name not in _OURS
    ]


def filled(model: type[models.Model], text: str) -> dict[str, str]:
    return {name: text[:most] for name, most in texts(model)}


@pytest.fixture
def hostile_pages(pages: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The pages over an installation in which every name is an attack."""
    envelope.prepare_key_file()
    now = timezone.now()
    orgs = []
    for n, text in enumerate(STRINGS):
        there = f"https://acme{n}.my.salesforce.com"
        org = seeds.org(f"{text[:70]} {n}", now=now - timedelta(seconds=n), url=there)
        status = (Org.Status.ERROR, Org.Status.SUCCESS, Org.Status.IN_PROGRESS)[n % 3]
        Org.objects.filter(pk=org.pk).update(
            **filled(Org, text) | {"name": f"{text[:70]} {n}", "status": status}
        )
        orgs.append(org)
        for source, state in (("login_history", "dark"), (text[:80], "failing")):
            SourceState.objects.create(
                **filled(SourceState, text)
                | {"org": org, "source": source, "state": state, "since": now}
            )
        Run.objects.create(
            **filled(Run, text)
            | {"org": org, "outcome": "failed", "started_at": now, "ended_at": now}
        )
        Incident.objects.create(
            **filled(Incident, text) | {"org": org, "kind": "error", "opened_at": now}
        )
        audit.record(
            text, audit.Action.ORG_EDITED, text, {"before": {"name": text}, "after": {"name": text}}
        )
    held = stub_lake.make([orgs[0].key], now, rows=60)
    columns = ", ".join(f'"{c}" = ?' for c in _EVENT)
    for n, text in enumerate(STRINGS):
        held.execute(
            f"UPDATE held SET {columns}, time = ?, source = 'login_history' WHERE event_uid = ?",
            [*[text] * len(_EVENT), now - timedelta(seconds=n + 1), f"{orgs[0].key}-{n:08d}"],
        )
    monkeypatch.setattr(acts, "open_reader", lambda keys, *_: stub_lake.StubReader(held, keys))
    return pages


def watch(page: Page, base: str) -> list[str]:
    """Everything that would show that something ran or was asked of somebody else."""
    seen: list[str] = []
    page.on("dialog", lambda d: (seen.append(f"dialog {d.message}"), d.dismiss()))
    page.on("pageerror", lambda e: seen.append(f"error {e}"))
    page.on("console", lambda m: seen.append(m.text) if m.type == "error" else None)
    page.on("popup", lambda p: seen.append(f"popup {p.url}"))

    def asked(request: Any) -> None:
        if "/csp-report/" in request.url or not request.url.startswith((base, "data:image/")):
            seen.append(f"asked {request.url[:120]}")

    page.on("request", asked)
    return seen


def look(page: Page, address: str) -> str:
    """Open a page, unfold what is folded, move over it; what it shows."""
    page.goto(address)
    assert page.url.split("?")[0] == address.split("?")[0]
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert page.evaluate("window.ran") is None, address
    assert page.evaluate("document.cookie").find("ran=") < 0
    shown: str = page.evaluate("document.body.innerText + document.title")
    return shown


def test_forty_hostile_strings_run_nowhere(hostile_pages: str, wide: BrowserContext) -> None:
    page = wide.new_page()
    page.set_default_timeout(60_000)
    seen = watch(page, hostile_pages)
    sign_in(page, hostile_pages)
    everywhere = {
        "/": False,
        "/integrations/?open=salesforce": True,
        "/activity/?range=24h": True,
        "/audit/": True,
        "/settings/": False,
        "/settings/people/": False,
        "/settings/people/add/": True,
        "/settings/notifications/": False,
    }
    for path, all_shown in everywhere.items():
        shown = look(page, hostile_pages + path)
        missing = [mark for mark in MARKS if mark not in shown] if all_shown else []
        assert not missing, f"{path} does not show {missing}"
        assert "zq22{{7*7}}" in shown or not all_shown
        assert seen == [], path
    for n, org in enumerate(Org.objects.filter(name__contains="zq").order_by("pk")):
        shown = look(page, f"{hostile_pages}/orgs/{org.key}/")
        assert shown.count(MARKS[n]) >= 3
        if n % 8 == 0:
            for more in ("delete/", "edit/", "reconnect/"):
                look(page, f"{hostile_pages}/orgs/{org.key}/{more}")
        assert seen == [], f"{STRINGS[n]!r} on the page of its tenant"
    assert Org.objects.filter(name__contains="zq").count() == 40


def test_an_event_full_of_them_is_text_and_no_export_runs_in_a_spreadsheet(
    hostile_pages: str, wide: BrowserContext
) -> None:
    page = wide.new_page()
    page.set_default_timeout(60_000)
    seen = watch(page, hostile_pages)
    sign_in(page, hostile_pages)
    look(page, f"{hostile_pages}/activity/?range=24h")
    links = page.locator("#events a[data-drawer]").evaluate_all("all => all.map(a => a.href)")
    assert len(links) >= 40
    for address in links[:40]:
        assert "zq" in look(page, address)
    for n, text in enumerate(STRINGS):
        query = urlencode({"range": "24h", "actor": text})
        shown = look(page, f"{hostile_pages}/activity/?{query}")
        assert MARKS[n] in shown
    assert seen == []
    for path in ("/activity/export.csv?range=24h", "/audit/export.csv?range=30d"):
        got = page.request.get(hostile_pages + path)
        rows = list(csv.reader(io.StringIO(got.text(), newline="")))
        cells = [cell for row in rows for cell in row]
        assert sum("zq" in cell for cell in cells) >= 40
        risky = [c for c in cells if c[:1] in "=+-@\t\r" and c and not c.lstrip("-").isdigit()]
        assert risky == [], path
