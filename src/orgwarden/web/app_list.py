"""`/apps/`: who can touch the orgs through an app, how dangerous, decided or not."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from orgwarden.core.app_risk import HIGH, MEDIUM, MOST, Level, level_of
from orgwarden.core.apps import STATES
from orgwarden.core.roles import Right
from orgwarden.core.spreadsheets import harmless
from orgwarden.records import audit
from orgwarden.records.models import App, AppStock, Org, SourceState
from orgwarden.web import access, frame, words
from orgwarden.web.typed import whole

A_PAGE = 100
BAND = 10  # points of risk in one bar of the picture
LEVELS = {Level.HIGH: (HIGH, MOST), Level.MEDIUM: (MEDIUM, HIGH - 1), Level.LOW: (0, MEDIUM - 1)}
ICONS = {Level.HIGH: "alert-octagon", Level.MEDIUM: "alert-triangle", Level.LOW: "circle-dashed"}
EXPORTED = (
    "key", "name", "org", "state", "classification", "risk", "reasons", "grants", "people",
    "privileged_people", "first_seen", "last_seen", "looked_at", "unjudged",
)  # fmt: skip


@dataclass(frozen=True)
class Risk:
    """A score as it is shown: a number, a word and a shape."""

    value: int
    level: str
    icon: str


@dataclass(frozen=True)
class Line:
    """One app of the list, spelled. Numbers are empty where they are not known."""

    name: str
    href: str
    tenant: str
    risk: Risk
    state: str
    state_kind: str
    since: datetime
    classification: str
    grants: int | None
    people: int | None
    privileged: int | None
    last: datetime | None
    why: str
    more: int  # further reasons
    unjudged: int  # factors that could not be judged


@dataclass(frozen=True)
class Bar:
    """One bar of the picture, ten points wide. Lengths are of its drawing of 100 by 40."""

    x: int
    y: float
    height: float
    level: str
    words: str
    href: str
    chosen: bool


@dataclass(frozen=True)
class AppsPage:
    lines: tuple[Line, ...]
    bars: tuple[Bar, ...]
    counts: tuple[tuple[str, str, int, str], ...]  # level, icon, how many, where they are shown
    shown: int
    everything: int
    asked: Mapping[str, str]
    states: tuple[tuple[str, str], ...]
    classifications: tuple[tuple[str, str], ...]
    levels: tuple[tuple[str, str], ...]
    filtered: bool
    older: str
    newer: str
    clear: str
    csv: str
    json: str
    as_of: datetime | None
    dark: tuple[str, ...]  # tenants whose grants cannot be read
    unlisted: tuple[str, ...]  # tenants whose installed apps cannot
    failed: tuple[tuple[str, str], ...]  # tenants of which no stock could be taken, and why


@require_safe
@access.needs(Right.SEE_TENANTS)
def apps(request: HttpRequest) -> HttpResponse:
    """The inventory, the most dangerous first."""
    what = frame.asked(request)
    asked = _asked(request)
    every = App.objects.filter(org__in=what.meant)
    found = _fitting(every, asked)
    number = max(1, whole(request.GET.get("page", ""), 4) or 1)
    rows = list(found.select_related("org")[(number - 1) * A_PAGE : number * A_PAGE + 1])
    here, tenant = reverse("apps"), {"tenant": what.chosen.key if what.chosen else ""}
    kept = {**tenant, **asked}

    def at(page: int) -> str:
        return frame.address(here, kept, {"page": str(page) if page > 1 else ""})

    risks = Counter(every.values_list("risk", flat=True))
    page = AppsPage(
        lines=tuple(map(line, rows[:A_PAGE])),
        bars=_bars(risks, asked["band"], lambda band: frame.address(here, kept, {"band": band})),
        counts=tuple(
            (
                level.capitalize(),
                ICONS[level],
                sum(n for risk, n in risks.items() if least <= risk <= most),
                frame.address(here, tenant, {"level": level}),
            )
            for level, (least, most) in LEVELS.items()
        ),
        shown=found.count(),
        everything=sum(risks.values()),
        asked=asked,
        states=tuple(STATES.items()),
        classifications=tuple(App.Classification.choices),
        levels=tuple((level, level.capitalize()) for level in LEVELS),
        filtered=any(asked.values()),
        older=at(number + 1) if len(rows) > A_PAGE else "",
        newer=at(number - 1) if number > 1 else "",
        clear=frame.address(here, tenant),
        csv=frame.address(reverse("apps-export", args=["csv"]), kept),
        json=frame.address(reverse("apps-export", args=["json"]), kept),
        as_of=every.order_by("looked_at").values_list("looked_at", flat=True).first(),
        dark=_dark(what.meant, "oauth_tokens"),
        unlisted=_dark(what.meant, "connected_applications", "external_client_apps"),
        failed=tuple(
            AppStock.objects.filter(org__in=what.meant)
            .exclude(problem="")
            .values_list("org__name", "problem")
            .order_by("org__name")
        ),
    )
    return frame.show(
        request, "web/apps.html", page, title="Apps", here="apps", what=what, with_range=False
    )


def line(app: App) -> Line:
    """One app as lists show it."""
    first, *others = app.reasons or [{"text": ""}]
    return Line(
        name=words.visible(app.name) or "(no name)",
        href=reverse("app", args=[app.org.key, app.key]),
        tenant=app.org.name,
        risk=risk_of(app.risk),
        state=STATES[app.state],
        state_kind=app.state,
        since=app.state_since,
        classification=app.get_classification_display(),
        grants=app.grants,
        people=app.people,
        privileged=app.privileged_people,
        last=app.last_seen,
        why=first["text"],
        more=len(others),
        unjudged=len(app.unjudged),
    )


def risk_of(value: int) -> Risk:
    """A score with its word and shape."""
    level = level_of(value)
    return Risk(value, level, ICONS[level])


@require_safe
@access.needs(Right.EXPORT_EVENTS)
def export(request: HttpRequest, form: str) -> HttpResponse:
    """`/apps/export.csv` and `.json` with the same filter as the page."""
    if form not in ("csv", "json"):
        raise Http404("Exports are csv and json.")
    what = frame.asked(request, right=Right.EXPORT_EVENTS)
    found = _fitting(App.objects.filter(org__in=what.meant), _asked(request))
    rows = [_exported(app) for app in found.select_related("org")]
    audit.record(
        request.user.get_username(),
        audit.Action.EVENTS_EXPORTED,
        what.chosen.name if what.chosen else "all tenants",
        {"what": "apps", "rows": len(rows), "form": form},
    )
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/json"
    body = _as_csv(rows) if form == "csv" else json.dumps(rows, ensure_ascii=False)
    response = HttpResponse(body, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="apps.{form}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _asked(request: HttpRequest) -> dict[str, str]:
    def typed(name: str) -> str:
        return request.GET.get(name, "").replace("\x00", "").strip()[:100]

    return {name: typed(name) for name in ("q", "state", "classification", "level", "band")}


def _fitting(apps: QuerySet[App], asked: Mapping[str, str]) -> QuerySet[App]:
    for word in asked["q"].split():
        apps = apps.filter(name__icontains=word) | apps.filter(key=word)
    if asked["state"]:
        apps = apps.filter(state=asked["state"])
    if asked["classification"]:
        apps = apps.filter(classification=asked["classification"])
    if asked["level"] in LEVELS:
        apps = apps.filter(risk__range=LEVELS[Level(asked["level"])])
    band = whole(asked["band"], 3)
    if band is not None:
        apps = apps.filter(risk__range=(band, _end(band)))
    return apps


def _end(band: int) -> int:
    """The last score of a bar; the last bar has 100 as well."""
    return MOST if band >= MOST - BAND else band + BAND - 1


def _bars(risks: Counter[int], chosen: str, href: Callable[[str], str]) -> tuple[Bar, ...]:
    bands = range(0, MOST, BAND)
    counted = [sum(n for r, n in risks.items() if band <= r <= _end(band)) for band in bands]
    most = max([*counted, 1])
    return tuple(
        Bar(
            x=band,
            y=40 - 40 * count / most,
            height=40 * count / most,
            level=level_of(band),
            words=f"Risk {band} to {_end(band)}: {words.count_of(count, 'app')}",
            href=href("" if chosen == str(band) else str(band)),
            chosen=chosen == str(band),
        )
        for band, count in zip(bands, counted, strict=True)
    )


def _dark(orgs: Sequence[Org], *sources: str) -> tuple[str, ...]:
    """Tenants that were collected, in which one of these sources cannot be read now."""
    states = SourceState.objects.filter(org__in=orgs, source__in=sources)
    read = states.filter(last_success_at__isnull=False).exclude(
        state__in=(SourceState.State.DARK, SourceState.State.OFF, SourceState.State.FAILING)
    )
    seen = Counter(read.values_list("org", flat=True))
    return tuple(o.name for o in orgs if o.last_synced_at and seen[o.pk] < len(sources))


def _exported(app: App) -> dict[str, object]:
    told: dict[str, object] = {"org": app.org.name}
    told |= {n: [r["text"] for r in getattr(app, n)] for n in ("reasons", "unjudged")}
    values = {name: told[name] if name in told else getattr(app, name) for name in EXPORTED}
    return {
        name: value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        if isinstance(value, datetime)
        else value
        for name, value in values.items()
    }


def _as_csv(rows: Iterable[Mapping[str, object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(EXPORTED)
    for row in rows:
        joined = {n: " ".join(v) for n, v in row.items() if isinstance(v, list)}
        cells = {**row, **joined}
        writer.writerow(
            ["" if v is None else harmless(v) if isinstance(v, str) else v for v in cells.values()]
        )
    return out.getvalue()
