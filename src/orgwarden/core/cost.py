"""What collecting costs in API calls, computed from what the sources declare.

A call holds a page of 2,000 rows, a log file, or the first questions of up to five sources that
are due together. All sources of an org whose interval ends at the same moment are read in one
collection, which also asks what our user may do if any of them depends on that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from orgwarden.core.source import Kind, Source, cadence_of

PAGE = 2_000  # rows a call
TOGETHER = 5  # questions a Composite call
DAY = timedelta(days=1)
# Read by queries of the data API, so that the first pages of several come in one call.
JOINED = (Kind.ROWS, Kind.SNAPSHOT, Kind.LOG_FILES, Kind.EVENT_STORE)


@dataclass(frozen=True, slots=True)
class Volume:
    """How many rows: of a stream in a day, of what is read whole each time."""

    per_user: float = 0.0
    fixed: int = 0

    def rows(self, users: int) -> int:
        return ceil(self.per_user * users) + self.fixed


@dataclass(frozen=True, slots=True)
class Size:
    """An org: how many users, how many log files appear in a day, and whether it keeps real-time
    events: a store that it does not have is asked for once a day."""

    users: int
    files_a_day: int = 0
    licensed: bool = True


@dataclass(frozen=True, slots=True)
class Cost:
    """Calls of a span: those that begin its collections, and by source what it takes more."""

    together: int
    by_source: Mapping[str, int]

    @property
    def total(self) -> int:
        return self.together + sum(self.by_source.values())


def joins(source: Source) -> bool:
    """Whether its first question can be asked together with those of others."""
    return source.kind in JOINED and source.api == "data"


def pages(rows: int) -> int:
    """Calls for so many rows; an empty answer is a call too."""
    return max(1, ceil(rows / PAGE))


def calls_of_a_run(source: Source, cadence: timedelta, volume: Volume, size: Size) -> int:
    """Calls of one reading, a joined first question not among them."""
    first = 0 if joins(source) else 1
    if source.kind is Kind.LIMITS:
        return 1
    if source.kind is Kind.LOG_FILES:
        listed = ceil(size.files_a_day * ((cadence + source.overlap) / DAY))
        return first + pages(listed) - 1
    rows = volume.rows(size.users)
    if source.kind in (Kind.ROWS, Kind.EVENT_STORE):
        rows = ceil(rows * ((cadence + source.overlap) / DAY))
    return first + pages(rows) - 1


def calls(
    sources: Sequence[Source],
    size: Size,
    volumes: Mapping[str, Volume],
    *,
    minutes: Mapping[str, int] | None = None,
    span: timedelta = DAY,
) -> Cost:
    """Calls of a span that begins with everything due. `minutes`: cadences set by hand."""
    read = [s for s in sources if s.kind is not Kind.MADE]
    every = {s.id: cadence_of(s, minutes or {}) for s in read}
    grid = timedelta(minutes=1)
    by_source = {s.id: 0 for s in read}
    together = 0
    for source in read:
        if source.kind is Kind.EVENT_STORE and not size.licensed:
            by_source[source.id] = ceil(span / DAY)
    here = [s for s in read if s.kind is not Kind.EVENT_STORE or size.licensed]
    for minute in range(int(span / grid)):
        due = [s for s in here if not minute % max(1, int(every[s.id] / grid))]
        if not due:
            continue
        allowed = any(not n.refused for s in due for n in s.needs)
        together += ceil((allowed + sum(joins(s) for s in due)) / TOGETHER)
        for source in due:
            volume = volumes.get(source.id, Volume())
            by_source[source.id] += calls_of_a_run(source, every[source.id], volume, size)
    if files := [s for s in read if s.kind is Kind.LOG_FILES]:
        by_source[files[0].id] += ceil(size.files_a_day * (span / DAY))
    return Cost(together, by_source)


def chance(lives: timedelta, cadence: timedelta) -> float:
    """The chance that a list read at this interval shows what exists for so long; 0 to 1."""
    return min(1.0, lives / cadence)
