"""`/`: the tenants, how fresh they are, and what needs a person now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from orgwarden.core.incidents import STOPPED, Kind
from orgwarden.core.roles import Right
from orgwarden.records.models import Incident, Org, SourceState
from orgwarden.web import access, failed_signins, frame, notify_acts, tenants, watch, words


@dataclass(frozen=True)
class Need:
    """One thing only a person can mend."""

    kind: str  # error, failing, dark, stale; the kind of an incident that is none of these
    icon: str
    tenant: str
    href: str
    label: str  # how the tenant is called in this state, as on the other pages
    what: str
    fix: str
    since: datetime | None


@dataclass(frozen=True)
class OverviewPage:
    platform: tenants.Platform
    tenants: tuple[watch.Watched, ...]
    needs: tuple[Need, ...]
    calm: str  # what is said when nothing needs a person: no more than is known
    rows: str
    sources: str
    signins: str  # the address of the part that is read from the lake
    failures: str  # the failed sign-ins as rows


@require_safe
@access.needs(Right.SEE_TENANTS)
def overview(request: HttpRequest) -> HttpResponse:
    what = frame.asked(request)
    if request.GET.get("part") == "signins":
        part = failed_signins.build(what)
        return frame.show(
            request, "web/parts/failed_signins.html", part, title="", here="overview", what=what
        )
    shown = tenants.load(what.meant, what.range, what.now)
    states = list(
        SourceState.objects.filter(org__in=[o.pk for o in what.meant])
        .select_related("org")
        .defer("cursor")
        .order_by("org__name", "source")
    )
    page = OverviewPage(
        platform=tenants.platform(what.meant, shown),
        tenants=watch.load(what.meant, shown, states, what.now),
        needs=(*_needs(shown, states), *_incidents(what.meant, shown, states)),
        calm=_calm(shown),
        rows=f"{tenants.rows_held(states):,}",
        sources=tenants.sources_held(states),
        signins=frame.address(reverse("overview"), what.query(), {"part": "signins"}),
        failures=failed_signins.address(what),
    )
    return frame.show(
        request, "web/overview.html", page, title="Overview", here="overview", what=what
    )


def _calm(shown: tuple[tenants.Tenant, ...]) -> str:
    """What is known to be well. A tenant that never synced, or is paused, is not called recent."""
    paused = sum(t.status.kind == "paused" for t in shown)
    never = sum(t.last_synced.at is None and t.status.kind != "paused" for t in shown)
    told = "Nothing. No tenant is in error, and no source fails or is dark."
    if not never and not paused:
        return f"{told[:-1]}, and every last sync is recent."
    if never:
        verb = "has" if never == 1 else "have"
        told += f" {words.count_of(never, 'tenant')} {verb} not synced yet (N/A)."
    if paused:
        told += f" {words.count_of(paused, 'tenant')} {'is' if paused == 1 else 'are'} paused."
    return told


def _needs(shown: tuple[tenants.Tenant, ...], states: list[SourceState]) -> tuple[Need, ...]:
    """Errors of a tenant first, then failing sources, stale tenants, dark sources."""
    errors = [
        Need(
            "error",
            "alert-octagon",
            t.name,
            t.href,
            t.status.grant or t.status.label,
            t.status.reason,
            t.status.fix,
            t.status.since,
        )
        for t in shown
        if t.status.kind == "error"
    ]
    stale = [
        Need(
            "stale",
            "clock",
            t.name,
            t.href,
            "",
            t.last_synced.note,
            "Look at the last runs to see what holds it up.",
            t.last_synced.at,
        )
        for t in shown
        if t.last_synced.excessive and t.status.kind != "error"
    ]
    sources: dict[str, tuple[str, list[Need]]] = {
        "failing": ("alert-triangle", []),
        "dark": ("eye-off", []),
    }
    for state in states:
        if state.state in sources:
            icon, found = sources[state.state]
            name = words.source_name(state.source)
            reason = words.sentence(state.reason) or "No reason was recorded."
            found.append(
                Need(
                    str(state.state),
                    icon,
                    state.org.name,
                    reverse("org", args=[state.org.key]),
                    state.get_state_display(),
                    f"{name}: {reason}",
                    words.sentence(state.fix),
                    state.since,
                )
            )
    return (*errors, *sources["failing"][1], *stale, *sources["dark"][1])


def _incidents(
    orgs: Collection[Org], shown: tuple[tenants.Tenant, ...], states: list[SourceState]
) -> tuple[Need, ...]:
    """Open incidents that nothing above says in its own words: what Notifications calls wrong now
    is never calm here."""
    rows = Incident.objects.filter(ended_at=None, quiet_since=None, org__in=[o.pk for o in orgs])
    listed = {(t.key, k.value) for t in shown if t.status.kind == "error" for k in STOPPED}
    listed |= {(t.key, Kind.STALE.value) for t in shown if t.last_synced.excessive}
    listed |= {(s.org.key, s.source) for s in states if s.state in ("failing", "dark")}
    found = []
    for row in rows.select_related("org").order_by("opened_at"):
        subject = row.subject if row.kind == Kind.SOURCE_DARK else row.kind
        if row.org is None or (row.org.key, subject) in listed:
            continue
        label = notify_acts.headline(row.kind, row.subject)
        what = words.sentence(row.words.removeprefix(f"{label}: "))
        href = reverse("org", args=[row.org.key])
        fix = words.sentence(row.fix)
        found.append(
            Need(row.kind, "alert-triangle", row.org.name, href, label, what, fix, row.opened_at)
        )
    return tuple(found)
