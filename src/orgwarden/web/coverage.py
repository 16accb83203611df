"""The heat strip: for each source and UTC day, how complete what we hold is, in one word and why.

Rules: complete is claimed only for time the lake's coverage says is complete; what nobody knows
is `unknown` and never borrows the look of complete; each cell can be read without colour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from orgwarden.catalog.sources import source_of
from orgwarden.core.source import Kind
from orgwarden.records.models import SourceState
from orgwarden.web import words

DAY = timedelta(days=1)
MOST_DAYS = 92
STATES = {
    "complete": "Complete",
    "partly": "Partly",
    "missing": "Missing",
    "dark": "Dark",
    "arriving": "Still arriving",
    "unknown": "Unknown",
    "before": "Not requested",
}
_SLACK = timedelta(seconds=1)
# Of several sources on one day: the first of these that one of them shows stands for all.
_WORST = ("missing", "dark", "partly", "unknown", "arriving", "complete", "before")


@dataclass(frozen=True)
class Cell:
    state: str
    words: str


@dataclass(frozen=True)
class Span:
    """One stretch of the table behind the strip."""

    source: str
    state: str
    since: datetime
    until: datetime
    why: str


@dataclass(frozen=True)
class Row:
    source: str
    name: str
    cells: tuple[Cell, ...]
    summary: str
    off: bool = False  # nobody asks for it; such rows come last


@dataclass(frozen=True)
class Day:
    at: datetime
    label: str  # shown above the strip, for Mondays
    name: str


@dataclass(frozen=True)
class Strip:
    days: tuple[Day, ...]
    rows: tuple[Row, ...]
    spans: tuple[Span, ...]
    legend: tuple[tuple[str, str], ...]


def strip(states: Sequence[SourceState], now: datetime, least_days: int = 30) -> Strip:
    """The strip from the earliest backfill (at most 92 days) to today."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    states = [s for s in states if has_history(s.source)]
    begun = [s.backfill_from for s in states if s.backfill_from is not None]
    first = min([*begun, today - DAY * (least_days - 1)]).astimezone(UTC)
    first = max(first.replace(hour=0, minute=0, second=0, microsecond=0), today - DAY * MOST_DAYS)
    days = tuple(_day(first + DAY * i) for i in range((today - first).days + 1))
    rows = tuple(sorted((_row(s, days, now) for s in states), key=lambda r: r.off))
    spans = tuple(span for s in states for span in _spans(s))
    return Strip(days, rows, spans, tuple(STATES.items()))


def last_days(states: Sequence[SourceState], now: datetime, days: int = 30) -> tuple[Cell, ...]:
    """All sources together for each of the last days, oldest first; empty if none has days."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    shown = tuple(_day(today - DAY * (days - 1 - i)) for i in range(days))
    return together([_row(s, shown, now) for s in states if has_history(s.source)])


def together(rows: Sequence[Row]) -> tuple[Cell, ...]:
    """One row for several: a day is complete only if it is complete for every source."""
    return tuple(_joined(cells) for cells in zip(*(r.cells for r in rows), strict=True))


def _joined(cells: Sequence[Cell]) -> Cell:
    counted = Counter(c.state for c in cells)
    states = [s for s in _WORST if counted[s]]
    asked = [s for s in states if s != "before"] or states
    state = asked[0]
    if "complete" in asked and state not in ("complete", "arriving"):
        state = "partly"  # some of the day is there
    name = cells[0].words.split(":")[0]
    told = ", ".join(f"{counted[s]} {STATES[s].lower()}" for s in reversed(states))
    return Cell(state, f"{name}: {told}" if len(cells) > 1 else cells[0].words)


def in_words(cells: Sequence[Cell]) -> str:
    """The days for a reader who does not see them."""
    counted = Counter(c.state for c in cells)
    told = [f"{counted[s]} {STATES[s].lower()}" for s in reversed(_WORST) if counted[s]]
    return f"Of {len(cells)} days: {', '.join(told)}." if told else "No day was asked for yet."


def has_history(source: str) -> bool:
    """Whether a source is made of past events: a snapshot or a reading of limits has no days."""
    try:
        return source_of(source).kind in (Kind.ROWS, Kind.LOG_FILES, Kind.EVENT_STORE)
    except KeyError:
        return True


def intervals(held: Any) -> list[tuple[datetime, datetime, str]]:
    """`[[from, to], …]` or `[[from, to, why], …]` of the cache as times, in order."""
    found = []
    for part in held or []:
        start, end = (datetime.fromisoformat(p) for p in part[:2])
        found.append((start, end, str(part[2]) if len(part) > 2 else ""))
    return sorted(found)


def _day(at: datetime) -> Day:
    label = words.day(at) if at.weekday() == 0 else ""
    return Day(at, label, words.day(at))


def _row(state: SourceState, days: Sequence[Day], now: datetime) -> Row:
    complete = intervals(state.coverage.get("complete"))
    missing = intervals(state.coverage.get("missing"))
    frontier = max((end for _, end, _ in complete), default=None)
    cells = tuple(_cell(state, d.at, now, complete, missing, frontier) for d in days)
    counted = Counter(c.state for c in cells)
    told = [f"{n} {STATES[s].lower()}" for s, n in counted.items() if s != "before"]
    return Row(
        state.source,
        words.source_name(state.source),
        cells,
        f"Days: {', '.join(told)}." if told else "Nothing requested yet.",
        off=state.state == SourceState.State.OFF,
    )


def _cell(
    state: SourceState,
    day: datetime,
    now: datetime,
    complete: Sequence[tuple[datetime, datetime, str]],
    missing: Sequence[tuple[datetime, datetime, str]],
    frontier: datetime | None,
) -> Cell:
    name = words.day(day)
    if state.backfill_from is None:
        return Cell("unknown", f"{name}: unknown. {state.reason or 'Not collected yet.'}")
    start, end = max(day, state.backfill_from), min(day + DAY, now)
    if start >= end:
        return Cell("before", f"{name}: not requested")
    held = _overlap(complete, start, end)
    if held >= end - start - _SLACK:
        so_far = " so far" if end == now else ""
        return Cell("complete", f"{name}: complete{so_far}")
    share = f"{words.percent(held / (end - start))} complete"
    for since, until, why in missing:
        if min(until, end) > max(since, start):
            because = words.sentence(why) or "No reason was recorded."
            if held:
                return Cell("partly", f"{name}: {share}, the rest missing. {because}")
            return Cell("missing", f"{name}: missing. {because}")
    if state.state in (SourceState.State.DARK, SourceState.State.OFF):
        if held:
            return Cell("partly", f"{name}: {share}, the rest dark. {state.reason}")
        return Cell("dark", f"{name}: dark. {state.reason or 'Could not look.'}")
    if state.state == SourceState.State.CURRENT and complete and complete[0][0] >= end:
        begins = words.day(complete[0][0])
        return Cell("unknown", f"{name}: unknown, what was collected begins on {begins}")
    return _open_cell(state, name, share, start, end, now, bool(held), frontier)


def _open_cell(
    state: SourceState,
    name: str,
    share: str,
    start: datetime,
    end: datetime,
    now: datetime,
    held: bool,
    frontier: datetime | None,
) -> Cell:
    """A day that is neither complete nor known to be missing."""
    if state.state == SourceState.State.FAILING:
        because = state.reason or "The last run failed."
        if held:
            return Cell("partly", f"{name}: {share}, the rest unknown. {because}")
        return Cell("unknown", f"{name}: unknown. {because}")
    if frontier is not None and end > frontier and now - frontier < timedelta(days=5):
        told = f"{share}, the rest may still be arriving" if held else "may still be arriving"
        return Cell("arriving", f"{name}: {told}")
    if held:
        return Cell("partly", f"{name}: {share}, the rest not read yet")
    return Cell("unknown", f"{name}: unknown, not read yet")


def _overlap(
    spans: Sequence[tuple[datetime, datetime, str]], start: datetime, end: datetime
) -> timedelta:
    """How much of [start, end) the spans cover, overlapping spans counted once."""
    total, reached = timedelta(0), start
    for since, until, _ in spans:
        since, until = max(since, reached), min(until, end)
        if until > since:
            total += until - since
            reached = until
    return total


def _spans(state: SourceState) -> list[Span]:
    name = words.source_name(state.source)
    spans = [
        Span(name, kind, since, until, why)
        for kind in ("complete", "missing")
        for since, until, why in intervals(state.coverage.get(kind))
    ]
    if state.state == SourceState.State.DARK and state.since:
        spans.append(Span(name, "dark", state.since, state.since, state.reason))
    return sorted(spans, key=lambda s: s.since)
