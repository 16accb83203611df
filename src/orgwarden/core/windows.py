"""Which spans of a source to read next, and what may be called complete afterwards.

The rules (architecture, "Reading"): each run reads from the cursor less the overlap to the org's
now; after an outage the newest day first. The lag holds back only the word "complete". Backfill
starts at 00:00 UTC of the day N+1 days before the first run and never moves. The newest is read
first, gaps behind it afterwards, newest gap first, so that a backfill never holds up today.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from orgwarden.core.spans import Span, Spans

FIRST_LOOK = timedelta(hours=24)  # how far back the first, fresh window of a new source reaches


@dataclass(frozen=True, slots=True)
class Window:
    """A span to read. `fresh` is the one that ends now; the others fill gaps behind it. `since`:
    where the gap itself begins, when what came late before it is read with it."""

    span: Span
    fresh: bool
    since: datetime | None = None


def backfill_start(first_run: datetime, days: int) -> datetime:
    """00:00 UTC of the day `days` + 1 days before the first run."""
    midnight = first_run.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=days + 1)


def first_whole_day(now: datetime, kept: timedelta) -> datetime:
    """00:00 UTC of the first day whose log files, made after its end and kept so long, were all
    there at `now`: of a day before it some may be gone, though others are not."""
    soonest = (now - kept - timedelta(days=1)).astimezone(UTC)
    midnight = soonest.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if midnight == soonest else midnight + timedelta(days=1)


def plan(
    complete: Spans, *, start: datetime, now: datetime, overlap: timedelta
) -> tuple[Window, ...]:
    """The windows to read, in order. `start` is the backfill's start, `now` the org's clock."""
    whole = Span(start, max(start, now))
    cursor = complete.items[-1].end if complete.items else None
    if cursor is None:
        fresh_from = max(start, now - FIRST_LOOK)
    else:
        fresh_from = max(start, min(cursor, now) - overlap)
        if now - cursor > FIRST_LOOK:
            # After an outage the newest day comes first; the rest is a gap as any other. Else it
            # begins where the cursor says, whatever the time is: it is asked with other sources.
            fresh_from = max(fresh_from, now - max(FIRST_LOOK, overlap))
    fresh = Window(Span(fresh_from, max(fresh_from, now)), fresh=True)
    # A gap may begin where a cursor stood: what came late before it is read with it.
    behind = [
        Window(Span(max(start, gap.start - overlap), gap.end), fresh=False, since=gap.start)
        for gap in reversed(complete.add(fresh.span).gaps(whole))
        if not gap.empty
    ]
    return (fresh, *behind)


def expires_until(now: datetime, kept: timedelta) -> datetime:
    """What is older is deleted within a day, or a quarter of `kept` where that is shorter. By whole
    hours, so that a gap is not cut anew with every look at it."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    return hour - kept + min(timedelta(days=1), kept / 4)


def soonest_lost_first(
    windows: Sequence[Window], *, now: datetime, kept: timedelta | None
) -> tuple[Window, ...]:
    """The same in another order: after the fresh one comes what Salesforce, which keeps everything
    for `kept`, deletes soonest (`expires_until`)."""
    if kept is None:
        return tuple(windows)
    until = expires_until(now, kept)
    fresh, old, rest = [], [], []
    for window in windows:
        begin, end = window.since or window.span.start, window.span.end
        if window.fresh:
            fresh.append(window)
        elif begin >= until:
            rest.append(window)
        else:
            old.append(Window(Span(begin, min(end, until)), fresh=False))
            rest += [Window(Span(until, end), fresh=False)] if end > until else []
    return (*fresh, *old, *rest)


def pieces(window: Window, longest: timedelta) -> Iterator[Window]:
    """A window cut into pieces of at most `longest`, newest first; only the newest can be fresh."""
    start, end, fresh = window.span.start, window.span.end, window.fresh
    while end - start > longest:
        yield Window(Span(end - longest, end), fresh=fresh)
        end, fresh = end - longest, False
    yield Window(Span(start, end), fresh=fresh)


def halves(window: Window) -> tuple[Window, Window]:
    """A window that was too long to answer, as two: the newer one first."""
    span = window.span
    middle = span.start + (span.end - span.start) / 2
    return Window(Span(middle, span.end), window.fresh), Window(Span(span.start, middle), False)


def completed(complete: Spans, window: Span, *, now: datetime, lag: timedelta) -> Spans:
    """What is complete once `window` was read whole: nothing newer than `now` less the lag."""
    end = min(window.end, now - lag)
    if end <= window.start:
        return complete
    return complete.add(Span(window.start, end))
