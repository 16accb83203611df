"""The tenants as the Integrations and Overview pages show them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from orgwarden.catalog.features import sources_for
from orgwarden.catalog.sources.event_log_file import FAMILY
from orgwarden.records.models import Org, Run, SourceState
from orgwarden.web import freshness, words
from orgwarden.web.ranges import Range

FEATURES = {"app_governance": "App Governance", "sspm_scan": "SSPM Scan"}
STATUS_ICONS = {
    Org.Status.SUCCESS: "circle-check",
    Org.Status.IN_PROGRESS: "hourglass",
    Org.Status.ERROR: "alert-octagon",
}


@dataclass(frozen=True)
class Status:
    """A tenant's status in words. `reason` and `fix` are sentences; `since` says since when."""

    kind: str  # success, in_progress, error
    icon: str
    label: str
    since: datetime | None
    reason: str
    fix: str
    code: str
    waiting: str
    done: int
    total: int
    counted: str  # 48,211 rows so far


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
    status: Status
    bars: tuple[freshness.FreshBar, ...]
    bars_words: str
    dark: int
    failing: int


@dataclass(frozen=True)
class Platform:
    """The row Salesforce: what stands for all its tenants."""

    count: int
    counted: str
    worst: Tenant | None
    tallies: tuple[tuple[str, str, str], ...]  # kind, icon, words
    busy: bool


def load(orgs: Sequence[Org], span: Range, now: datetime) -> tuple[Tenant, ...]:
    """The tenants with their freshness over the range: three questions, however many there are."""
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
    return tuple(_tenant(org, states[org.pk], ended[org.pk], span, now) for org in orgs)


def _tenant(
    org: Org,
    states: Sequence[SourceState],
    ended: Sequence[tuple[datetime, str]],
    span: Range,
    now: datetime,
) -> Tenant:
    drawn = freshness.bars(ended, span.since, span.until, org.first_connected_at)
    return Tenant(
        key=org.key,
        name=org.name,
        href=reverse("org", args=[org.key]),
        salesforce_id=org.salesforce_id,
        host=host_of(org),
        features=features_of(org),
        first_connected_at=org.first_connected_at,
        added_by=words.person(org.added_by),
        last_synced=freshness.last_synced(org, now),
        status=status_of(org, states),
        bars=drawn,
        bars_words=freshness.bars_in_words(drawn),
        dark=sum(s.state == SourceState.State.DARK for s in states),
        failing=sum(s.state == SourceState.State.FAILING for s in states),
    )


def host_of(org: Org) -> str:
    """The My Domain host, without the scheme."""
    return org.url.removeprefix("https://").removeprefix("http://").rstrip("/")


def features_of(org: Org) -> tuple[str, ...]:
    return tuple(FEATURES.get(f, str(f)) for f in org.features)


def status_of(org: Org, states: Sequence[SourceState]) -> Status:
    """The status cell. In progress counts the sources that have finished once."""
    # Log types share the runs of the list of log files: that one stands for them; what is off
    # has no say.
    on = {s.id for s in sources_for(org.features, org.tiers)}
    settled = (SourceState.State.CURRENT, SourceState.State.DARK)
    finished = sum(
        s.last_success_at is not None or s.state in settled for s in states if s.source in on
    )
    reason, fix = "", ""
    if org.status == Org.Status.ERROR:
        reason = words.sentence(org.problem) or "The connection failed; no reason was recorded."
        fix = words.sentence(org.problem_fix) or "Test the connection to see which step fails."
    elif org.status == Org.Status.IN_PROGRESS:
        reason = "Connected. The history is being collected; this may take a while in a large org."
        if not org.first_connected_at:
            reason = "Waiting for the first connection."
    return Status(
        kind=str(org.status),
        icon=STATUS_ICONS.get(Org.Status(org.status), "help-circle"),
        label=Org.Status(org.status).label,
        since=org.status_since,
        reason=reason,
        fix=fix,
        code=org.problem_code if org.status == Org.Status.ERROR else "",
        waiting=words.sentence(org.waiting_reason),
        done=finished,
        total=len(on),
        counted=words.count_of(rows_held(states), "row"),
    )


def rows_held(states: Sequence[SourceState]) -> int:
    """Rows in the lake. The list of log files counts its types' rows, which are not added twice."""
    return sum(s.rows for s in states if s.source != FAMILY.id)


def platform(orgs: Sequence[Org], shown: Sequence[Tenant]) -> Platform:
    """The roll-up: the count, the worst last sync, and how many stand how."""
    first = freshness.worst(orgs)
    tallies = tuple(
        (str(kind), STATUS_ICONS[kind], f"{n} {kind.label.lower()}")
        for kind in (Org.Status.ERROR, Org.Status.IN_PROGRESS, Org.Status.SUCCESS)
        if (n := sum(o.status == kind for o in orgs))
    )
    return Platform(
        count=len(orgs),
        counted=words.count_of(len(orgs), "tenant"),
        worst=next((t for t in shown if first is not None and t.key == first.key), None),
        tallies=tallies,
        busy=any(o.status == Org.Status.IN_PROGRESS for o in orgs),
    )
