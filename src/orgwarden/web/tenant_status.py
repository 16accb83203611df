"""The status of one tenant in words: what it is, why, what to do, what is still being pulled."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from orgwarden.catalog.features import featured, sources_for
from orgwarden.catalog.sources.event_log_file import FAMILY, PREFIX
from orgwarden.core import grants
from orgwarden.core.problems import UNKNOWN_ERROR
from orgwarden.records.models import Org, Run, SourceState
from orgwarden.web import progress, words

ICONS = {
    Org.Status.SUCCESS: "circle-check",
    Org.Status.IN_PROGRESS: "hourglass",
    Org.Status.ERROR: "alert-octagon",
}
PAUSED = ("paused", "player-pause")
# Success of what can be read. Unknown never borrows green: a source that cannot be looked at takes
# the green away, though the word stays (seed Z26).
PARTLY = (("failing", "alert-triangle"), ("dark", "eye-off"))
NOT_READ = "help-circle"  # nor is it green where a source was never looked at
SETTLED = (SourceState.State.CURRENT, SourceState.State.DARK)
_UNLABELLED = "The connection failed; no reason was recorded."


@dataclass(frozen=True)
class Status:
    """A tenant's status in words. `reason` and `fix` are sentences; `since` says since when.
    `grant` is Grant Expired or Contained by Salesforce where that is the error."""

    kind: str  # success, partly (success with sources dark or failing), in_progress, error, paused
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
    tally: str  # 9 of 12 sources, 3 dark
    pulling: tuple[str, ...]  # what is still being pulled, in words
    estimate: str
    grant: str
    unknown: bool  # an error the catalogue does not know: offer the support bundle


def of_org(
    org: Org, states: Sequence[SourceState], running: Sequence[Run], now: datetime
) -> Status:
    """The status cell. A source has finished once when it ever succeeded, or is dark for a stated
    reason; one that is off has nothing to finish and is counted apart."""
    # Log types share the runs of the list of log files: that one stands for them.
    on = [s.id for s in sources_for(org.features, org.tiers)]
    held = {s.source: s for s in states if s.source in on}
    finished = {i for i, s in held.items() if s.last_success_at or s.state in SETTLED}
    kind, icon, label = str(org.status), ICONS[Org.Status(org.status)], ""
    reason, fix, since, left = "", "", org.status_since, ""
    pulling: tuple[str, ...] = ()
    label = Org.Status(org.status).label
    if org.status == Org.Status.ERROR:
        reason = words.sentence(org.problem) or _UNLABELLED
        fix = words.sentence(org.problem_fix) or "Test the connection to see which step fails."
    elif org.status == Org.Status.IN_PROGRESS:
        reason = "The integration is still being processed: its history is being collected."
        pulling, left = _pulling(on, finished, list(states), running, now)
    else:
        bad = {s.state for s in held.values()}
        seen = NOT_READ if len(finished) < len(on) else ""
        if why := next((icon for state, icon in PARTLY if state in bad), seen):
            kind, icon = "partly", why
    if org.paused_at is not None:
        kind, icon = PAUSED
        label, since = "Paused", org.paused_at
        reason = reason if org.status == Org.Status.ERROR else f"By {words.person(org.paused_by)}."
        pulling, left = (), ""
    error = org.status == Org.Status.ERROR
    grant = grants.state_of(org.problem) if error else ""
    return Status(
        kind=kind,
        icon=icon,
        label=label,
        since=since,
        # The label says it already.
        reason=reason.removeprefix(f"{grant}: ") if kind != PAUSED[0] else reason,
        fix=fix,
        code=org.problem_code if error else "",
        waiting=words.sentence(org.waiting_reason),
        done=len(finished),
        total=len(on),
        counted=words.count_of(rows_held(states), "row"),
        tally=_tally(org, on, held, finished) if kind in (Org.Status.SUCCESS, "partly") else "",
        pulling=pulling,
        estimate=left,
        grant=grant if kind != PAUSED[0] else "",
        unknown=error and UNKNOWN_ERROR in (org.problem_fix, words.sentence(org.problem_fix)),
    )


def rows_held(states: Sequence[SourceState]) -> int:
    """Rows in the lake. The list of log files counts its types' rows, which are not added twice."""
    return sum(s.rows for s in states if s.source != FAMILY.id)


def sources_held(states: Sequence[SourceState]) -> str:
    """`6 sources, 26 event log types`: a type is a part of the source event log files."""
    types = sum(s.source.startswith(PREFIX) and s.source != FAMILY.id for s in states)
    families = {s.org_id for s in states if s.source.startswith(PREFIX)}
    single = sum(not s.source.startswith(PREFIX) for s in states)
    told = words.count_of(single + len(families), "source")
    return f"{told}, {words.count_of(types, 'event log type')}" if types else told


def _tally(
    org: Org, on: Sequence[str], held: dict[str, SourceState], finished: Collection[str]
) -> str:
    """`9 of 12 sources, 3 dark`: of all sources of the features, how many are collected."""
    total = len(featured(org.features))
    bad = (SourceState.State.DARK, SourceState.State.FAILING)
    counted = {
        "dark": sum(s.state == SourceState.State.DARK for s in held.values()),
        "failing": sum(s.state == SourceState.State.FAILING for s in held.values()),
        "off": total - len(on),
        "not read yet": sum(
            i not in finished and (i not in held or held[i].state not in bad) for i in on
        ),
    }
    collected = sum(
        s.state not in bad and (s.state == SourceState.State.CURRENT or bool(s.last_success_at))
        for s in held.values()
    )
    told = [f"{collected} of {words.count_of(total, 'source')}"]
    return ", ".join(told + [f"{n} {name}" for name, n in counted.items() if n])


def _pulling(
    on: Sequence[str],
    finished: set[str],
    states: list[SourceState],
    running: Sequence[Run],
    now: datetime,
) -> tuple[tuple[str, ...], str]:
    """What still has to finish once: those that are read now with their counts, then the rest."""
    going = progress.of_sources(states, running, now)
    names = {p.name for p in going}
    missing = [words.source_name(i) for i in on if i not in finished]
    queued = [name for name in missing if name not in names]
    told = [
        f"{p.name}: {p.counted}{f', {p.remaining}' if p.remaining else ''}"
        for p in going
        if p.name in missing
    ]
    waits = [f"{name}: not begun" for name in queued]
    first = [p for p in going if p.name in missing]
    return (*told, *waits), progress.estimate(first, len(queued))
