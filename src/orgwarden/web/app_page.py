"""`/orgs/<key>/apps/<app>/`: one app: why it is dangerous, what it is put together from, and what
was decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from orgwarden.catalog.sources import source_of
from orgwarden.core.problems import Problem
from orgwarden.core.roles import Right
from orgwarden.records.models import App, AuditEntry
from orgwarden.web import access, acts, app_list, frame, words

DECISIONS = 20  # the newest, as many as a page can hold


@dataclass(frozen=True)
class Trace:
    """What one source says of the app."""

    source: str
    name: str
    rows: int
    first: datetime | None
    last: datetime | None
    how: tuple[str, ...]  # the ids that join it
    hint: bool  # the same name only


@dataclass(frozen=True)
class Decision:
    at: datetime
    who: str
    before: str
    after: str
    why: str


@dataclass(frozen=True)
class AppPage:
    line: app_list.Line
    key: str
    back: str
    reasons: tuple[tuple[int, str], ...]
    unjudged: tuple[str, ...]
    traces: tuple[Trace, ...]
    decisions: tuple[Decision, ...]
    namesakes: int
    others: str  # where those of the same name are shown
    first_seen: datetime | None
    found_at: datetime
    looked_at: datetime
    classification: str
    classifications: tuple[tuple[str, str], ...]
    may_classify: bool
    activity: str  # its events, where they are found by its name


@require_safe
@access.needs(Right.SEE_TENANTS)
def app(request: HttpRequest, key: str, app: str) -> HttpResponse:
    """The page of one app."""
    row = get_object_or_404(App.objects.select_related("org"), key=app, org__key=key)
    what = frame.asked(request, org=row.org)
    here = {"tenant": row.org.key}
    page = AppPage(
        line=app_list.line(row),
        key=row.key,
        back=frame.address(reverse("apps"), here),
        reasons=tuple((r["points"], r["text"]) for r in row.reasons),
        unjudged=tuple(r["text"] for r in row.unjudged),
        traces=tuple(map(_trace, row.evidence)),
        decisions=_decisions(row),
        namesakes=row.namesakes,
        others=frame.address(reverse("apps"), here, {"q": row.name[:100]}),
        first_seen=row.first_seen,
        found_at=row.found_at,
        looked_at=row.looked_at,
        classification=row.classification,
        classifications=tuple(App.Classification.choices),
        may_classify=access.may(request.user, Right.CLASSIFY_APPS, row.org),
        activity=frame.address(reverse("activity"), what.query(), {"app": row.name})
        if row.name
        else "",
    )
    title = page.line.name
    return frame.show(
        request, "web/app.html", page, title=title, here="apps", what=what, with_range=False
    )


@require_POST
@access.needs(Right.CLASSIFY_APPS)
def classify(request: HttpRequest, key: str, app: str) -> HttpResponse:
    """Say what the app is, and why."""
    row = get_object_or_404(App.objects.select_related("org"), key=app, org__key=key)
    wanted, why = request.POST.get("classification", ""), request.POST.get("why", "")[:1000]
    try:
        if wanted not in App.Classification.values:
            raise Problem("That is no classification.", fix="Choose one of the list.")
        if acts.classify_app(row, wanted, why, request.user.get_username()):
            named = App.Classification(wanted).label
            messages.success(request, f"{words.visible(row.name)} is {named} now.")
        else:
            messages.info(request, "It is that already; nothing was changed.")
    except Problem as problem:
        messages.error(request, problem.sentence())
    return redirect("app", key=key, app=app)


def _trace(kept: dict[str, Any]) -> Trace:
    return Trace(
        source=source_of(kept["source"]).title,
        name=words.visible(kept["name"]),
        rows=kept["rows"],
        first=_time(kept["first"]),
        last=_time(kept["last"]),
        how=tuple(words.visible(i) for i in kept["identities"]),
        hint=kept["hint"],
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _decisions(row: App) -> tuple[Decision, ...]:
    found = AuditEntry.objects.filter(action="org:app:classified", detail__app=row.key)
    return tuple(
        Decision(
            at=entry.at,
            who=entry.actor,
            before=entry.detail["before"],
            after=entry.detail["after"],
            why=words.visible(entry.detail["why"]),
        )
        for entry in found.order_by("-pk")[:DECISIONS]
    )
