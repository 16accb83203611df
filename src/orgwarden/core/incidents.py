"""Incidents: what stops or blinds collecting, judged from what is recorded.

A sign is what is wrong at one look. An incident is a sign that lasts: it opens when its sign has
been there for its grace, and ends when its sign has been absent for the grace, so that what comes
and goes is told once. What cannot be seen at a look (a source that is just being read) is neither
there nor absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What can be wrong. Pages, messages and metrics use these names."""

    ERROR = "error"
    GRANT_EXPIRED = "grant_expired"
    CONTAINED = "contained"
    SOURCE_DARK = "source_dark"
    COVERAGE_GAP = "coverage_gap"
    BUDGET_STOP = "budget_stop"
    STALE = "stale"
    WORKER = "worker"


TITLES = {
    Kind.ERROR: "Error",
    Kind.GRANT_EXPIRED: "Grant Expired",
    Kind.CONTAINED: "Contained by Salesforce",
    Kind.SOURCE_DARK: "Source gone dark",
    Kind.COVERAGE_GAP: "Coverage gap",
    Kind.BUDGET_STOP: "Stopped by the API budget",
    Kind.STALE: "Nothing collected",
    Kind.WORKER: "No worker running",
}
# With one of these open nothing of the tenant is collected; a heartbeat is not called.
STOPPED = frozenset({Kind.ERROR, Kind.GRANT_EXPIRED, Kind.CONTAINED, Kind.STALE})
# Certain at the first sign: only a person can mend them, or they are facts already.
AT_ONCE = frozenset(
    {Kind.GRANT_EXPIRED, Kind.CONTAINED, Kind.SOURCE_DARK, Kind.COVERAGE_GAP, Kind.BUDGET_STOP}
)
GAP_IS_NEWS = timedelta(days=7)  # older gaps are history, which the coverage strip shows


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """One source that is on. `moving`: it is being read or was never read, so it says nothing."""

    id: str
    title: str
    dark: bool = False
    moving: bool = False
    ever_current: bool = False
    reason: str = ""
    fix: str = ""
    missing: tuple[tuple[datetime, datetime, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OrgFacts:
    """What is recorded of one tenant. `collected_at` is when anything was last collected whole, or
    when it was connected if nothing was."""

    in_error: bool = False
    expired: bool = False
    contained: bool = False
    problem: str = ""
    fix: str = ""
    paused: bool = False
    waiting: str = ""  # why the budget stopped it; "" when it did not
    waiting_fix: str = ""
    tried: str = ""  # why the last try came to nothing, where that may pass
    collected_at: datetime | None = None
    sources: Sequence[SourceFacts] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that is wrong now. `subject` is a source id where it has one."""

    kind: Kind
    subject: str
    words: str
    fix: str

    @property
    def key(self) -> tuple[str, str]:
        return self.kind.value, self.subject


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a tenant showed. `unseen` are the keys it could say nothing about."""

    signs: tuple[Sign, ...]
    unseen: frozenset[tuple[str, str]] = frozenset()


def look(org: OrgFacts, *, now: datetime, stale_after: timedelta) -> Look:
    """The signs of one tenant. A paused one has none: a person stopped it and knows."""
    if org.paused:
        return Look(())
    found: list[Sign] = []
    unseen: set[tuple[str, str]] = set()
    if org.in_error:
        kind = Kind.ERROR
        if org.contained:
            kind = Kind.CONTAINED
        elif org.expired:
            kind = Kind.GRANT_EXPIRED
        found.append(Sign(kind, "", org.problem, org.fix))
        # One trouble that becomes another has not ended.
        unseen |= {(k.value, "") for k in STOPPED if k is not kind}
    if org.waiting:
        found.append(Sign(Kind.BUDGET_STOP, "", org.waiting, org.waiting_fix))
    for source in org.sources:
        found += _of_source(source, now)
        if source.moving:
            unseen.add((Kind.SOURCE_DARK.value, source.id))
    if org.waiting:
        unseen.add((Kind.STALE.value, ""))
    stopped = org.in_error or bool(org.waiting)
    if not stopped and org.collected_at and now - org.collected_at >= stale_after:
        found.append(
            Sign(
                Kind.STALE,
                "",
                f"Nothing was collected for {_length(now - org.collected_at)}"
                + (f": {org.tried}" if org.tried else ", and no reason is recorded."),
                "Test the connection, and check that a worker is running and is not overloaded.",
            )
        )
    return Look(tuple(found), frozenset(unseen))


def _length(span: timedelta) -> str:
    """In minutes up to two hours, then in hours."""
    minutes = span // timedelta(minutes=1)
    if minutes < 120:
        return f"{minutes} minute{'' if minutes == 1 else 's'}"
    return f"{minutes // 60:,} hours"


def _of_source(source: SourceFacts, now: datetime) -> Iterable[Sign]:
    # What was dark from the start is no news: the preflight said so and the pages do.
    if source.dark and source.ever_current:
        yield Sign(
            Kind.SOURCE_DARK,
            source.id,
            f"{source.title} went dark: {source.reason or 'no reason was recorded.'}",
            source.fix,
        )
    gaps = [gap for gap in source.missing if gap[1] > now - GAP_IS_NEWS]
    if gaps:
        first = min(gap[0] for gap in gaps)
        last = max(gap[1] for gap in gaps)
        count = "One span is" if len(gaps) == 1 else f"{len(gaps)} spans are"
        yield Sign(
            Kind.COVERAGE_GAP,
            source.id,
            f"{count} missing in {source.title}, between {first:%Y-%m-%d %H:%M} and"
            f" {last:%Y-%m-%d %H:%M} UTC: {gaps[0][2]}",
            "See the coverage strip of the tenant's page; what Salesforce no longer holds cannot"
            " be collected.",
        )


class Step(StrEnum):
    """What becomes of an incident at one look."""

    NOTHING = "nothing"
    OPEN = "open"  # a row, nothing told yet
    TELL = "tell"  # its sign has lasted
    QUIET = "quiet"  # its sign is absent: since now
    BACK = "back"  # its sign is there again
    END = "end"  # its sign has been absent long enough
    FORGET = "forget"  # it was never told and its sign is gone


@dataclass(frozen=True, slots=True)
class Open:
    """An incident that has not ended."""

    opened_at: datetime
    told_at: datetime | None = None
    quiet_since: datetime | None = None


def step(
    incident: Open | None, kind: str, *, present: bool, now: datetime, grace: timedelta
) -> Step:
    """What to do about one possible incident. After OPEN, look again at once: it may be told in
    the same look."""
    if incident is None:
        return Step.OPEN if present else Step.NOTHING
    wait = timedelta() if kind in AT_ONCE else grace
    if present:
        if incident.quiet_since is not None:
            return Step.BACK
        if incident.told_at is None and now - incident.opened_at >= wait:
            return Step.TELL
        return Step.NOTHING
    if incident.told_at is None:
        return Step.FORGET
    if incident.quiet_since is None:
        return Step.END if grace <= timedelta() else Step.QUIET
    return Step.END if now - incident.quiet_since >= grace else Step.NOTHING
