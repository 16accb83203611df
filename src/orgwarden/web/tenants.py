"""The tenants as the Integrations and Overview pages show them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from orgwarden.catalog.features import FEATURES as DECLARED
from orgwarden.records import preferences
from orgwarden.records.memberships import NOTHING, Held
from orgwarden.records.models import Org, Run, SourceState
from orgwarden.web import frame, freshness, menu, tenant_status, words
from orgwarden.web.ranges import Range
from orgwarden.web.tenant_status import ICONS, rows_held, sources_held

__all__ = ["FEATURES", "Platform", "Tenant", "load", "platform", "rows_held", "sources_held"]

FEATURES = {f.id: f.title for f in DECLARED}


@dataclass(frozen=True)
class Tenant:
    key: str
    name: str
    href: str
    salesforce_id: str
    host: str
    features: tuple[str, ...]
    first_connected_at: datetime | None
    added_by: str
    last_synced: freshness.LastSynced
    status: tenant_status.Status
    is_new: bool
    legacy: bool
    worst: bool  # stands for all in the roll-up, and is what its link leads to
    menu: tuple[menu.Item, ...]
    bars: tuple[freshness.FreshBar, ...]
    bars_words: str
    dark: int
    failing: int


@dataclass(frozen=True)
class Platform:
    """The row Salesforce: what stands for all its tenants."""

    count: int
    counted: str
    worst: Tenant | None  # of those without a rank, where none has one
    unranked: str  # why it has none: new or paused
    worst_href: str  # expands the row and leads to the worst tenant
    apart: str  # 1 new, 1 paused: those that have no rank
    tallies: tuple[tuple[str, str, str], ...]  # kind, icon, words
    busy: bool


def load(
    orgs: Sequence[Org], span: Range, now: datetime, person: Held = NOTHING
) -> tuple[Tenant, ...]:
    """The tenants with their freshness over the range: few questions, however many there are.
    `person` is who looks: the menu holds what they may do."""
    wanted = [o.pk for o in orgs]
    ended: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    for pk, at, outcome in Run.objects.filter(
        org__in=wanted, ended_at__gte=span.since, ended_at__lt=span.until
    ).values_list("org_id", "ended_at", "outcome"):
        if at is not None:
            ended[pk].append((at, outcome))
    states: dict[int, list[SourceState]] = defaultdict(list)
    for state in SourceState.objects.filter(org__in=wanted).defer("coverage", "cursor"):
        states[state.org_id].append(state)
    running: dict[int, list[Run]] = defaultdict(list)
    for run in Run.objects.filter(org__in=wanted, outcome=Run.Outcome.RUNNING):
        running[run.org_id].append(run)
    multiple = preferences.value(preferences.EXCESSIVE_SYNC)
    first = freshness.worst(orgs, now)
    return tuple(
        _tenant(
            org,
            states[org.pk],
            ended[org.pk],
            span,
            synced=freshness.last_synced(org, now, multiple),
            status=tenant_status.of_org(org, states[org.pk], running[org.pk], now),
            is_new=freshness.is_new(org, now),
            worst=first is not None and org.pk == first.pk,
            items=menu.of_org(org, person),
        )
        for org in orgs
    )


def _tenant(
    org: Org,
    states: Sequence[SourceState],
    ended: Sequence[tuple[datetime, str]],
    span: Range,
    *,
    synced: freshness.LastSynced,
    status: tenant_status.Status,
    is_new: bool,
    worst: bool,
    items: tuple[menu.Item, ...],
) -> Tenant:
    drawn = freshness.bars(ended, span.since, span.until, org.first_connected_at)
    return Tenant(
        key=org.key,
        name=org.name,
        href=reverse("org", args=[org.key]),
        salesforce_id=org.salesforce_id,
        host=words.host(org.url),
        features=features_of(org),
        first_connected_at=org.first_connected_at,
        added_by=words.person(org.added_by),
        last_synced=synced,
        status=status,
        is_new=is_new,
        legacy=org.legacy,
        worst=worst,
        menu=items,
        bars=drawn,
        bars_words=freshness.bars_in_words(drawn),
        dark=sum(s.state == SourceState.State.DARK for s in states),
        failing=sum(s.state == SourceState.State.FAILING for s in states),
    )


def features_of(org: Org) -> tuple[str, ...]:
    return tuple(FEATURES.get(f, str(f)) for f in org.features)


# In the order they are shown: kind of status, icon, and what so many tenants are. A success
# that cannot see everything is counted apart: unknown never borrows green.
_TALLIES = (
    ("error", ICONS[Org.Status.ERROR], "in error"),
    ("in_progress", ICONS[Org.Status.IN_PROGRESS], "in progress"),
    ("partly", "eye-off", "collecting in part"),
    ("success", ICONS[Org.Status.SUCCESS], "collecting"),
)


def platform(
    orgs: Sequence[Org], shown: Sequence[Tenant], kept: dict[str, str] | None = None
) -> Platform:
    """The roll-up: the count, the worst last sync, and how many stand how. `kept` is what the
    link to the worst tenant keeps of the page's address."""
    first, unranked = next((t for t in shown if t.worst), None), ""
    if first is None and shown:
        first = min(shown, key=lambda t: t.last_synced.at.timestamp() if t.last_synced.at else 0)
        unranked = "paused" if first.status.kind == "paused" else "new"
    counted = [
        (kind, icon, f"{n:,} {told}")
        for kind, icon, told in _TALLIES
        if (n := sum(t.status.kind == kind for t in shown))
    ]
    new = sum(t.is_new and t.status.kind != "paused" for t in shown)
    paused = sum(o.paused_at is not None for o in orgs)
    apart = [f"{n} {name}" for n, name in ((new, "new"), (paused, "paused")) if n]
    href = ""
    if first is not None:
        here = frame.address(reverse("integrations"), kept or {}, {"open": "salesforce"})
        href = f"{here}#tenant-{first.key}"
    return Platform(
        count=len(orgs),
        counted=words.count_of(len(orgs), "tenant"),
        worst=first,
        unranked=unranked,
        worst_href=href,
        apart=", ".join(apart),
        tallies=tuple(counted),
        busy=any(o.status == Org.Status.IN_PROGRESS and o.paused_at is None for o in orgs),
    )
