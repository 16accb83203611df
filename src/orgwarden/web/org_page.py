"""The view model of one org's page: everything decided and spelled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Sum
from django.urls import reverse

from orgwarden.catalog.sources import BY_ID
from orgwarden.catalog.sources.event_log_file import FAMILY, PREFIX
from orgwarden.core.budget import Rules
from orgwarden.core.burning import told
from orgwarden.core.forecast import Forecast
from orgwarden.flows.backlog import forecast_of
from orgwarden.flows.kept import lost_after
from orgwarden.flows.status import inherit
from orgwarden.records.memberships import NOTHING, Held
from orgwarden.records.models import CallHour, Org, OrgUsage, Run, SourceState
from orgwarden.web import budget, coverage, frame, org_more, progress, tenants, words
from orgwarden.web.ranges import Range

RUNS = 25
LONGEST_CHART = timedelta(days=7)
SHORTEST_CHART = timedelta(hours=24)
_RUN_ICONS = {
    Run.Outcome.RUNNING: "hourglass",
    Run.Outcome.DONE: "circle-check",
    Run.Outcome.WAITING: "player-pause",
    Run.Outcome.DARK: "eye-off",
    Run.Outcome.FAILED: "alert-octagon",
    Run.Outcome.LOST: "arrow-right",
}
_STATE_ICONS = {
    SourceState.State.NEVER: "circle-dashed",
    SourceState.State.RUNNING: "hourglass",
    SourceState.State.CURRENT: "circle-check",
    SourceState.State.WAITING: "player-pause",
    SourceState.State.DARK: "eye-off",
    SourceState.State.FAILING: "alert-triangle",
    SourceState.State.OFF: "minus",
}
_NEED_A_PERSON = (SourceState.State.FAILING, SourceState.State.DARK)
_SOON = timedelta(days=7)  # what is lost so soon is told of any source that is kept for longer
_ORDER = ("login_history", "setup_audit_trail", "event_log_file")


@dataclass(frozen=True)
class RunRow:
    source: str
    started_at: datetime
    took: str
    trigger: str
    read: int
    stored: int
    duplicate: int
    quarantined: int
    calls: int
    kind: str
    icon: str
    label: str
    reason: str
    fix: str


@dataclass(frozen=True)
class SourceRow:
    source: str
    name: str
    rows: int
    rows_href: str
    calls: int
    quarantined: int
    kind: str
    icon: str
    label: str
    since: datetime | None
    reason: str
    fix: str
    last_success_at: datetime | None
    next_due_at: datetime | None
    backfill: str
    at_risk: str  # what Salesforce deletes, and when, if this goes on


@dataclass(frozen=True)
class LogTypes:
    """The event log types, folded: what all of them come to, then each of them."""

    counted: str  # 26 types
    state: SourceRow  # how the list of log files stands, with the totals of its types
    needs: int  # how many of them need a person
    rows: tuple[SourceRow, ...]


@dataclass(frozen=True)
class OrgPage:
    key: str
    tenant: tenants.Tenant
    facts: tuple[tuple[str, str], ...]
    progress: tuple[progress.Progress, ...]
    strip: coverage.Strip
    strip_logs: tuple[coverage.Row, ...]  # the event log types, folded under one row
    backfills: tuple[tuple[str, str], ...]
    gauge: budget.Gauge
    used_by: str
    forecast: Forecast
    forecast_share: str
    limits: str
    calls: dict[str, Any]
    hours: tuple[budget.HourUse, ...]
    calls_span: str
    runs: tuple[RunRow, ...]
    sources: tuple[SourceRow, ...]
    logs: LogTypes | None
    troubles: tuple[org_more.Trouble, ...]
    settings: tuple[tuple[str, str], ...]
    grant: str
    activity: tuple[org_more.Entry, ...]
    test: org_more.LastTest | None
    live: str
    every: str
    may_change: bool


def build(
    org: Org, span: Range, now: datetime, *, may_change: bool, person: Held = NOTHING
) -> OrgPage:
    """Loads what the page needs of one org and decides every word of it."""
    states = sorted(SourceState.objects.filter(org=org), key=_place)
    inherit(states)
    types = any(s.source.startswith(PREFIX) and s.source != FAMILY.id for s in states)
    # Once its types are known, the list of log files would only repeat them.
    shown = [s for s in states if not (types and s.source == FAMILY.id)]
    runs = list(Run.objects.filter(org=org)[:RUNS])
    running = list(Run.objects.filter(org=org, outcome=Run.Outcome.RUNNING))
    rows = [_source(s, org, now) for s in states]
    strip, strip_logs = _folded(coverage.strip(shown, now))
    tenant = tenants.load([org], span, now, person)[0]
    use, gauge = _calls(org, span, now)
    going = progress.of_sources(states, running, now)
    busy = bool(going) or org.status == Org.Status.IN_PROGRESS
    return OrgPage(
        key=org.key,
        tenant=tenant,
        facts=_facts(org),
        progress=going,
        strip=strip,
        strip_logs=strip_logs,
        backfills=_backfills(shown, org),
        gauge=gauge,
        used_by=told(org.burners),
        forecast=(ahead := forecast_of(org, now)),
        forecast_share=words.percent(ahead.share),
        limits=reverse("limits", args=[org.key]) if may_change else "",
        calls=budget.chart(use, gauge.limit, gauge.rules),
        hours=use,
        calls_span=words.span(use[-1].hour - use[0].hour + budget.HOUR) if use else "",
        runs=tuple(_run(r, now) for r in runs),
        sources=tuple(r for r in rows if not (types and r.source.startswith(PREFIX))),
        logs=_logs(rows) if types else None,
        troubles=org_more.troubles(org, states, now),
        settings=org_more.settings(org),
        grant=org_more.grant(org, now),
        activity=org_more.activity(org) if may_change else (),
        test=org_more.last_test(org),
        live=frame.address(reverse("org", args=[org.key]), span.query(), {"part": "live"}),
        every="3s" if busy else "20s",
        may_change=may_change,
    )


def _place(state: SourceState) -> tuple[int, str]:
    if state.source in _ORDER:
        return _ORDER.index(state.source), state.source
    return (len(_ORDER) if state.source.startswith("event_log_") else 99), state.source


def _folded(strip: coverage.Strip) -> tuple[coverage.Strip, tuple[coverage.Row, ...]]:
    """The strip with one row for all event log types, and their own rows apart."""
    logs = tuple(r for r in strip.rows if r.source.startswith(PREFIX) and r.source != FAMILY.id)
    if len(logs) < 2:
        return strip, ()
    cells = coverage.together(logs)
    name = f"{FAMILY.title} ({len(logs)} types)"
    one = coverage.Row(FAMILY.id, name, cells, coverage.in_words(cells))
    rest = [*(r for r in strip.rows if r not in logs), one]
    return replace(strip, rows=tuple(sorted(rest, key=lambda r: r.off))), logs


def _logs(rows: Sequence[SourceRow]) -> LogTypes:
    """The types of one org, those that need a person first."""
    types = [r for r in rows if r.source.startswith(PREFIX) and r.source != FAMILY.id]
    family = next((r for r in rows if r.source == FAMILY.id), None)
    needing = [r for r in types if r.kind in _NEED_A_PERSON or r.quarantined]
    stands = family or types[0]
    total = replace(
        stands,
        name=FAMILY.title,
        rows=sum(r.rows for r in types),
        calls=sum(r.calls for r in [*types, *([family] if family else [])]),
        quarantined=sum(r.quarantined for r in types),
    )
    return LogTypes(
        counted=words.count_of(len(types), "type"),
        state=total,
        needs=len(needing),
        rows=(*needing, *(r for r in types if r not in needing)),
    )


def _facts(org: Org) -> tuple[tuple[str, str], ...]:
    sandbox = {True: "Sandbox", False: "Production", None: ""}[org.is_sandbox]
    told = (
        ("Organization", org.organization_name),
        ("Org id", org.salesforce_id),
        ("Edition", " · ".join(p for p in (org.edition, sandbox) if p)),
        ("Instance", org.instance_name),
        ("Connected as", org.connected_user),
        ("Address", words.host(org.url)),
        ("Sign-in", Org.Flow(org.flow).label if org.flow else ""),
        ("Enabled features", ", ".join(tenants.features_of(org))),
    )
    return tuple((label, value or "not known yet") for label, value in told)


def backfill(state: SourceState, org: Org) -> str:
    """How far back a source goes and why, as one sentence; empty where there is no history."""
    source = state.source
    since = f" (since {words.day(state.backfill_from)})" if state.backfill_from else ""
    if not source.startswith("event_log"):
        known = BY_ID.get(source)
        if known is None or known.backfill is None or not coverage.has_history(source):
            return ""
        return f"{words.count_of(min(org.backfill_days, known.backfill.days), 'day')} back{since}"
    if org.event_monitoring == "licensed":
        return f"30 days back because this org has Event Monitoring{since}"
    if org.event_monitoring == "none":
        return f"1 day back because this org has no Event Monitoring licence{since}"
    return f"30 days or 1 day back: the org has not been asked yet which it holds{since}"


def _backfills(states: Sequence[SourceState], org: Org) -> tuple[tuple[str, str], ...]:
    """One line per distinct reach, with the sources that share it."""
    shared: dict[str, list[str]] = defaultdict(list)
    for state in states:
        if told := backfill(state, org):
            shared[told].append(state.source)
    return tuple((_together(sources), told) for told, sources in shared.items())


def _together(sources: Sequence[str]) -> str:
    if len(sources) <= 3:
        return ", ".join(map(words.source_name, sources))
    logs = all(s.startswith("event_log") for s in sources)
    return f"{len(sources)} {'event log types' if logs else 'sources'}"


def _calls(org: Org, span: Range, now: datetime) -> tuple[tuple[budget.HourUse, ...], budget.Gauge]:
    length = min(max(span.span, SHORTEST_CHART), LONGEST_CHART)
    since = span.until - length
    own: dict[datetime, int] = defaultdict(int)
    # One day more than is shown: others' calls are told from the count of 24 hours before.
    for hour, calls in (
        CallHour.objects.filter(org=org, hour__gte=since - timedelta(hours=25))
        .values_list("hour")
        .annotate(calls=Sum("calls"))
    ):
        own[hour.astimezone(UTC)] = calls
    measures = [
        budget.Measure(u.hour.astimezone(UTC), u.at, u.used, u.limit)
        for u in OrgUsage.objects.filter(org=org, hour__gte=since - timedelta(hours=25)).order_by(
            "hour"
        )
    ]
    latest = OrgUsage.objects.filter(org=org).order_by("-at").first()
    day = sum(n for hour, n in own.items() if hour > now - timedelta(hours=24))
    last = budget.Measure(latest.hour, latest.at, latest.used, latest.limit) if latest else None
    return budget.hours(own, measures, since, span.until), budget.gauge(
        last, day, Rules.of(org.budget)
    )


def _run(run: Run, now: datetime) -> RunRow:
    outcome = Run.Outcome(run.outcome)
    return RunRow(
        source=words.source_name(run.source),
        started_at=run.started_at,
        took=words.took((run.ended_at or now) - run.started_at),
        trigger={"schedule": "on schedule", "command": "by command", "page": "from the page"}.get(
            run.trigger, run.trigger
        ),
        read=run.rows_read,
        stored=run.rows_stored,
        duplicate=run.rows_duplicate,
        quarantined=run.rows_quarantined,
        calls=run.calls,
        kind=str(outcome),
        icon=_RUN_ICONS[outcome],
        label=outcome.label,
        reason=words.sentence(run.reason),
        fix=words.sentence(run.fix),
    )


def _source(state: SourceState, org: Org, now: datetime) -> SourceRow:
    kind = SourceState.State(state.state)
    href = frame.address(
        reverse("activity"), {"tenant": org.key, "source": state.source, "range": "60d"}
    )
    return SourceRow(
        source=state.source,
        name=words.source_name(state.source),
        rows=state.rows,
        rows_href=href if state.rows and state.source != FAMILY.id else "",
        calls=state.calls,
        quarantined=state.quarantined,
        kind=str(kind),
        icon=_STATE_ICONS[kind],
        label=kind.label,
        since=state.since,
        reason=words.sentence(state.reason),
        fix=words.sentence(state.fix),
        last_success_at=state.last_success_at,
        next_due_at=state.next_due_at,
        backfill=backfill(state, org),
        at_risk=_at_risk(state, org, now),
    )


def _at_risk(state: SourceState, org: Org, now: datetime) -> str:
    """That something will be lost, when the source is not collected or time is running out."""
    after = lost_after(state, org, now)
    stuck = state.state in (*_NEED_A_PERSON, SourceState.State.WAITING)
    if after is None or not (stuck or after - now < _SOON < after - (state.last_success_at or now)):
        return ""
    if after <= now:
        return "Salesforce is deleting what is not collected yet."
    return f"At risk in {words.span(after - now)}: then Salesforce deletes what is not collected."
