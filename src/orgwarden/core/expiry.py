"""What Salesforce deletes while nobody collects it: what is lost, and what will be, and when.

Salesforce keeps a source's data for a while only. Whoever comes later finds nothing there, and an
empty answer must not stand for "nothing happened". Pure functions; all times aware UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from orgwarden.core.ledger import Missing, SourceLedger
from orgwarden.core.retention import REMOVED
from orgwarden.core.spans import Span, Spans
from orgwarden.core.windows import completed, first_whole_day

LOST = "Salesforce had deleted it before it could be collected."
ON_ITS_WAY = timedelta(minutes=30)  # what is younger than this is not left behind


def read_whole(
    was: SourceLedger,
    window: Span,
    *,
    now: datetime,
    lag: timedelta,
    kept: timedelta | None,
    reach: timedelta = timedelta(),
) -> SourceLedger:
    """A source's ledger once `window` was read to its end at `now`: complete up to now less the
    lag, but for what Salesforce no longer kept by then. That is a gap behind something that had
    been collected, older than `kept`; it becomes missing for good. What was never reached since
    the beginning is no such gap: log files begin later then, with the first day of which none can
    have gone. `reach`: how long before a file its events may lie."""
    lost: list[Span] = []
    begun = was.complete.items[0].start if was.complete.items else None
    if kept is not None and begun is not None and window.start < now - kept:
        old = Span(window.start, max(window.start, min(window.end, now - kept)))
        known = left_out(was)
        lost = [gap for gap in known.gaps(old) if gap.start > begun]
    held = was.held_from
    if kept is not None and held is not None:
        sure = first_whole_day(now, kept)
        held = max(held, sure if begun is None else min(sure, first_whole_day(begun, timedelta())))
    complete = completed(was.complete, window, now=now, lag=lag)
    for gap in lost:
        complete = complete.without(gap)
    holes = [Span(gap.start - reach, gap.end) for gap in lost]
    return replace(was, complete=complete, missing=_with(was.missing, holes), held_from=held)


def _with(missing: Sequence[Missing], lost: Sequence[Span]) -> tuple[Missing, ...]:
    """What is missing, with more of it lost; what adjoins is told as one."""
    if not lost:
        return tuple(missing)
    others = [m for m in missing if m.why != LOST]
    whole = Spans.of([*(m.span for m in missing if m.why == LOST), *lost])
    return (*others, *(Missing(span, LOST) for span in whole.items))


def left_out(ledger: SourceLedger) -> Spans:
    """What need not be read any more: what is complete, what is lost, what was removed here."""
    return ledger.complete.add(*(m.span for m in ledger.missing if m.why in (LOST, REMOVED)))


def lost_from(
    complete: Spans,
    missing: Spans,
    *,
    start: datetime | None,
    kept: timedelta | None,
    now: datetime,
) -> datetime | None:
    """When Salesforce begins to delete what is not collected yet, if nothing changes: the oldest
    uncollected instant plus how long it is kept. None when all is collected, or it is kept for
    ever, or nobody knows how long."""
    if kept is None or start is None:
        return None
    done = complete.add(*missing.items)
    gaps = done.gaps(Span(start, max(start, now - ON_ITS_WAY)))
    return gaps[0].start + kept if gaps else None
