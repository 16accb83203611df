"""What of a stretch of time is not held, so that no picture of events and no empty answer is
taken for all that happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.urls import reverse

from orgwarden.catalog.sources import SOURCES
from orgwarden.catalog.sources.entity_changes import SOURCE as CHANGES
from orgwarden.catalog.sources.event_log_file import FAMILY, PREFIX
from orgwarden.core.source import Kind
from orgwarden.records.models import Org, SourceState
from orgwarden.web import coverage, words

_VISIBLE = 0.01  # of the stretch: what ends so near its edge is no gap a picture could show
_NAMED = 3  # more sources of which the same is said are counted
_BY_THE_DAY = timedelta(days=2)  # stretches longer than this are told by days
_WHOLE = {s.id for s in SOURCES if s.kind is Kind.SNAPSHOT}
_UNREAD = {
    SourceState.State.NEVER: "not read yet",
    SourceState.State.DARK: "could not be read",
    SourceState.State.FAILING: "failing, nothing read",
    SourceState.State.OFF: "switched off",
}


@dataclass(frozen=True)
class Gap:
    """One tenant's: `words` such as "26 event log types before 22 Oct". `href` is its coverage."""

    tenant: str
    href: str
    words: str


@dataclass(frozen=True)
class _Hole:
    """One source's: in what way it is not complete, and from or until when."""

    kind: str  # unread, before, after, between
    at: datetime | None
    why: str


def of(
    orgs: Sequence[Org], sources: Sequence[str], since: datetime, until: datetime, now: datetime
) -> tuple[Gap, ...]:
    """What is not complete of [since, until); of these sources only, if any are named."""
    states: dict[int, list[SourceState]] = defaultdict(list)
    blind: dict[int, list[SourceState]] = defaultdict(list)
    changes = not sources or CHANGES.id in sources
    for state in SourceState.objects.filter(org__in=[o.pk for o in orgs]).defer("cursor"):
        if changes and state.source in _WHOLE and state.state in _UNREAD:
            blind[state.org_id].append(state)
        if coverage.has_history(state.source) and (not sources or state.source in sources):
            states[state.org_id].append(state)
    found = []
    for org in orgs:
        parts = (_tenant(states[org.pk], since, min(until, now)), _unseen(blind[org.pk]))
        if told := "; ".join(filter(None, parts)):
            href = f"{reverse('org', args=[org.key])}#coverage-title"
            found.append(Gap(org.name, href, told))
    return tuple(found)


def _unseen(blind: Sequence[SourceState]) -> str:
    """Whose changes are not told, because the things themselves could not be looked at."""
    names = sorted(words.source_name(state.source) for state in blind)
    return f"changes of {', '.join(names)} not seen" if names else ""


def _tenant(states: Sequence[SourceState], since: datetime, until: datetime) -> str:
    types = [s for s in states if s.source.startswith(PREFIX) and s.source != FAMILY.id]
    # Once its types are known, the list of log files only repeats them.
    single = [s for s in states if s not in types and not (types and s.source == FAMILY.id)]
    groups = [(words.source_name(s.source), [s]) for s in single]
    if len(types) == 1:
        groups.append((words.source_name(types[0].source), types))
    elif types:
        groups.append((f"{len(types)} event log types", types))
    told: dict[str, list[str]] = {}
    for name, group in groups:
        holes = [h for s in group for h in _holes(s, since, until)]
        if said := _said(holes, by_the_day=until - since > _BY_THE_DAY, of=len(group)):
            told.setdefault(said, []).append(name)
    return "; ".join(
        part
        for said, names in told.items()
        for part in (
            [f"{len(names)} sources {said}, {names[0]} among them"]
            if len(names) > _NAMED
            else [f"{name} {said}" for name in names]
        )
    )


def _holes(state: SourceState, since: datetime, until: datetime) -> list[_Hole]:
    complete = coverage.intervals(state.coverage.get("complete"))
    held = [(max(a, since), min(b, until)) for a, b, _ in complete if a < until and b > since]
    if not held:
        late = complete and complete[-1][1] <= since  # rows may be there, and more may come
        why = "not complete yet" if late else "not read"
        return [_Hole("unread", None, _UNREAD.get(SourceState.State(state.state), why))]
    slack, found = (until - since) * _VISIBLE, []
    if held[0][0] - since > slack:
        found.append(_Hole("before", held[0][0], ""))
    reached = held[0][1]
    for start, end in held[1:]:
        if start - reached > timedelta(minutes=1):
            found.append(_Hole("between", None, ""))
        reached = max(reached, end)
    if until - reached > slack:
        found.append(_Hole("after", reached, ""))
    return found


def _said(holes: Sequence[_Hole], *, by_the_day: bool, of: int) -> str:
    """The holes of one source, or of all log types together: then the widest of each kind."""

    def spelled(at: datetime) -> str:
        return words.day(at) if by_the_day else f"{words.day(at)} {at.astimezone(UTC):%H:%M} UTC"

    before = [h.at for h in holes if h.kind == "before" and h.at]
    after = [h.at for h in holes if h.kind == "after" and h.at]
    unread = [h.why for h in holes if h.kind == "unread"]
    parts = []
    if unread:
        why = unread[0] if len(set(unread)) == 1 else "not read"
        parts.append(why if len(unread) == of else f"({len(unread)} of them {why})")
    if before:
        parts.append(f"before {spelled(max(before).astimezone(UTC))}")
    if after:
        parts.append(f"from {spelled(min(after).astimezone(UTC))} on")
    if any(h.kind == "between" for h in holes):
        parts.append("with gaps between")
    return " and ".join(parts)
