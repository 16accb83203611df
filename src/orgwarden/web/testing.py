"""Test Connectivity: a test is queued, a worker runs it, this page shows it line by line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from orgwarden.core.roles import Right
from orgwarden.records.models import ConnectionTest, Org
from orgwarden.web import access, acts, frame, words

LOOKS = {
    "pass": ("ok", "circle-check", "Pass"),
    "warn": ("warn", "alert-triangle", "Warning"),
    "fail": ("failed", "alert-octagon", "Fail"),
    "unknown": ("unknown", "help-circle", "Not known"),
    "works": ("ok", "circle-check", "Works"),
    "partly": ("warn", "alert-triangle", "Works partly"),
    "dark": ("dark", "eye-off", "Dark"),
    "off": ("unknown", "minus", "Off"),
}
TYPES = {"json": "application/json", "txt": "text/plain; charset=utf-8"}


@dataclass(frozen=True)
class TestLine:
    kind: str
    icon: str
    verdict: str
    name: str
    words: str
    fix: str
    cost: str  # "0.2 s, 1 call"; "" where it has none of its own


@dataclass(frozen=True)
class TestPage:
    tenant: str
    href: str
    again: str  # where a new test is asked for
    live: str  # where this result is asked again; "" once it is done
    title: str
    verdict: str
    kind: str
    asked_at: datetime
    asked_by: str
    cost: str
    sources: tuple[TestLine, ...]
    worst: tuple[TestLine, ...]  # failed, warned, not known
    passed: tuple[TestLine, ...]
    downloads: tuple[tuple[str, str], ...]


@require_POST
@access.needs(Right.TEST)
def test(request: HttpRequest, key: str) -> HttpResponse:
    """Queue a test and show it; nothing waits for it."""
    org = get_object_or_404(Org, key=key)
    made = acts.test_org(org, request.user.get_username())
    return redirect("test-result", key=org.key, number=made.pk)


@require_safe
@access.needs(Right.SEE_TENANTS)
def result(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One test, as far as it is; with `part=live` what moves while it runs."""
    org, found = _found(key, number)
    page = page_of(org, found, acts.told_test(found))
    part = request.GET.get("part") == "live"
    return frame.show(
        request,
        "web/parts/test_result.html" if part else "web/test_result.html",
        page,
        title=page.title,
        here="integrations",
        may_test=access.may(request.user, Right.TEST, org),
    )


@require_safe
@access.needs(Right.SEE_TENANTS)
def download(request: HttpRequest, key: str, number: int, form: str) -> HttpResponse:
    """One test as a file to keep: JSON or text."""
    org, found = _found(key, number)
    if form not in TYPES:
        raise Http404("A test can be had as json or txt.")
    told = acts.told_test(found)
    body = json.dumps(told, indent=1) if form == "json" else acts.told_test_text(found)
    name = f"test-{org.key}-{found.asked_at:%Y%m%d-%H%M}.{form}"
    return HttpResponse(
        body,
        content_type=TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _found(key: str, number: int) -> tuple[Org, ConnectionTest]:
    acts.lose_abandoned_tests()
    found = get_object_or_404(ConnectionTest.objects.select_related("org"), pk=number, org__key=key)
    return found.org, found


def page_of(org: Org, test: ConnectionTest, told: dict[str, Any]) -> TestPage:
    """Everything the page prints. `told` is the test as `acts.told_test` gives it."""
    lines = [(e, _line(e)) for e in told["entries"]]
    tests = [line for e, line in lines if e["kind"] == "test"]
    here = reverse("test-result", args=[org.key, test.pk])
    open_still = told["state"] in (ConnectionTest.State.WAITING, ConnectionTest.State.RUNNING)
    done = told["state"] == ConnectionTest.State.DONE
    kind = "waiting" if open_still else "unknown"
    if done:
        kind = "ok" if told["connected"] else "failed"
    seconds = None
    if test.started_at and test.ended_at:
        seconds = words.took(test.ended_at - test.started_at)
    return TestPage(
        tenant=org.name,
        href=reverse("org", args=[org.key]),
        again=reverse("test", args=[org.key]),
        live=here if open_still else "",
        title=f"Test of {org.name}",
        verdict=told["headline"],
        kind=kind,
        asked_at=test.asked_at,
        asked_by=words.person(test.asked_by),
        cost=f"{seconds}, {words.count_of(test.calls, 'call')}" if done and seconds else "",
        sources=tuple(line for e, line in lines if e["kind"] == "source"),
        worst=tuple(line for line in tests if line.kind != "ok"),
        passed=tuple(line for line in tests if line.kind == "ok"),
        downloads=tuple(
            (label, reverse("test-download", args=[org.key, test.pk, form]))
            for label, form in (("JSON", "json"), ("text", "txt"))
        )
        if done
        else (),
    )


def _line(entry: dict[str, Any]) -> TestLine:
    kind, icon, verdict = LOOKS[entry["verdict"]]
    cost = ""
    if entry["calls"]:  # what was asked together with others has none of its own
        cost = f"{entry['seconds']:.1f} s, {words.count_of(entry['calls'], 'call')}"
    said = "" if entry["verdict"] == "works" else entry["words"]  # the verdict says it
    return TestLine(
        kind, icon, verdict, words.visible(entry["name"]),
        words.sentence(words.visible(said)),
        words.sentence(words.visible(entry["fix"])), cost,
    )  # fmt: skip
